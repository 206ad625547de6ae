// What a forwarder knows of its editor, to introduce it to a new daemon: the handshake, open documents, requests under way.
import { changedFolders, introducedFolders } from '../sessions/folders.ts';
import { type DocumentChange, OpenDocuments } from '../sessions/open-documents.ts';
import { frame } from './frames.ts';

export type Message = Record<string, unknown> & { jsonrpc: '2.0' };
type Id = string | number;

type MirroredDocument = {
  uri?: string;
  languageId?: string | null;
  version?: number | null;
  text?: string;
};
type FolderParams = { workspaceFolders?: unknown; rootUri?: unknown; rootPath?: unknown };

/** A frame's message as either end may have sent it. */
interface UncheckedMessage {
  id?: Id;
  method?: string;
  result?: { profile?: { id?: unknown } };
  params?: {
    event?: { added?: unknown; removed?: unknown };
    textDocument?: MirroredDocument;
    contentChanges?: unknown;
    initializationOptions?: { switchyard?: unknown };
  };
}

const profileUse = 'switchyard/profile/use';
const replayId = 'switchyard-replay';
/** The beginning of a part of an answer, as the daemon writes it. */
const partPrefix = Buffer.from('{"jsonrpc":"2.0","method":"$/progress",');
const mirrored = new Set([
  'initialize',
  'initialized',
  'workspace/didChangeConfiguration',
  'workspace/didChangeWorkspaceFolders',
  'textDocument/didOpen',
  'textDocument/didChange',
  'textDocument/didClose',
]);

/** Lives as long as one editor. Pure bookkeeping: it reads frames and never writes any. */
export class ClientMirror {
  #initialize: { id: Id; message: Message; answered: boolean } | undefined;
  #initialized: Message | undefined;
  #configuration: Message | undefined;
  /** The profile that the editor has switched to. A new daemon must begin with it. */
  #profile: string | undefined;
  readonly #switching = new Set<Id>();
  #exiting = false;
  #shutDown = false;
  readonly #documents = new OpenDocuments();
  readonly #pending = new Set<Id>();
  /** Requests of the daemon that the editor has not answered. */
  readonly #daemonRequests = new Set<Id>();
  /** Those whose daemon is gone. */
  readonly #orphaned = new Set<Id>();
  /** How many answers to our own replays have not come. */
  #replays = 0;

  get isExiting(): boolean {
    return this.#exiting;
  }
  /** What LSP says that the process ends with: 1 when the editor left without a word. */
  get exitCode(): 0 | 1 {
    return this.#exiting && !this.#shutDown ? 1 : 0;
  }
  /** Whether the editor has introduced itself. */
  get hasBegun(): boolean {
    return this.#initialize !== undefined;
  }
  get isInitialized(): boolean {
    return this.#initialize?.answered ?? false;
  }
  get knowsSwitchyard(): boolean {
    return (
      (this.#initialize?.message as UncheckedMessage | undefined)?.params?.initializationOptions?.switchyard !==
      undefined
    );
  }

  get mayDropFromEditor(): boolean {
    return this.#orphaned.size > 0;
  }
  get mayDropFromDaemon(): boolean {
    return this.#replays > 0;
  }

  /**
   * Notes a frame from the editor. `drop`: it answers a daemon that is gone. `mirrored`: `replay()` tells it to a new daemon, so
   * it must not be sent once more.
   */
  fromEditor(body: Buffer): 'pass' | 'mirrored' | 'drop' {
    const message = parse(body);
    if (!message) return 'pass'; // the daemon answers what is not JSON
    if (message.method === undefined) return this.#onAnswer(message.id);
    if (message.id !== undefined && message.method !== 'initialize') this.#pending.add(message.id);
    if (message.id !== undefined && message.method === profileUse) this.#switching.add(message.id);
    this.#note(message);
    return mirrored.has(message.method) ? 'mirrored' : 'pass';
  }

  #onAnswer(id: Id | undefined): 'pass' | 'drop' {
    if (id === undefined) return 'pass';
    this.#daemonRequests.delete(id);
    return this.#orphaned.delete(id) ? 'drop' : 'pass';
  }

  #note(message: UncheckedMessage): void {
    const document = message.params?.textDocument;
    switch (message.method) {
      case 'initialize':
        this.#initialize = { id: message.id ?? 0, message: message as Message, answered: false };
        break;
      case 'initialized':
        this.#initialized = message as Message;
        break;
      case 'workspace/didChangeConfiguration':
        this.#configuration = message as Message;
        break;
      case 'workspace/didChangeWorkspaceFolders':
        this.#changeFolders(message.params?.event);
        break;
      case 'shutdown':
        this.#shutDown = true;
        break;
      case 'exit':
        this.#exiting = true;
        break;
      case 'textDocument/didOpen':
        this.#open(document);
        break;
      case 'textDocument/didChange':
        this.#change(document, message.params?.contentChanges);
        break;
      case 'textDocument/didClose':
        this.#documents.close(document?.uri ?? '');
        break;
    }
  }

  /** A new daemon's handshake names the folders of now. */
  #changeFolders(event: { added?: unknown; removed?: unknown } = {}): void {
    const params = (this.#initialize?.message as { params?: FolderParams } | undefined)?.params;
    if (!params) return;
    params.workspaceFolders = changedFolders(introducedFolders(params), event).map((uri) => ({ uri, name: uri }));
    params.rootUri = null;
    params.rootPath = null;
  }

  #open({ uri, languageId, version, text }: MirroredDocument = {}): void {
    if (typeof uri !== 'string') return;
    if (typeof text === 'string') this.#documents.open({ uri, languageId, version, text });
    else this.#documents.close(uri);
  }

  /** A change that can't be read or doesn't fit: forget the text rather than replay a wrong one. */
  #change({ uri, version }: MirroredDocument = {}, changes: unknown): void {
    if (typeof uri !== 'string') return this.#documents.clear();
    this.#documents.change(uri, version, changes as DocumentChange[]);
  }

  /** Notes a frame from the daemon; `drop` when it answers our own replay. */
  fromDaemon(body: Buffer): 'pass' | 'drop' {
    if (body.subarray(0, partPrefix.length).equals(partPrefix)) return 'pass'; // there are many, and none needs a note
    const message = parse(body);
    if (message?.id === undefined) return 'pass';
    if (message.method !== undefined) {
      this.#daemonRequests.add(message.id);
      this.#orphaned.delete(message.id);
      return 'pass';
    }
    if (message.id === replayId) {
      this.#replays = Math.max(0, this.#replays - 1);
      return 'drop';
    }
    if (this.#initialize && message.id === this.#initialize.id && !this.#initialize.answered)
      this.#initialize.answered = true;
    this.#pending.delete(message.id);
    if (this.#switching.delete(message.id) && typeof message.result?.profile?.id === 'string')
      this.#profile = message.result.profile.id;
    return 'pass';
  }

  /** The requests that a lost daemon leaves unanswered, without the handshake, which is replayed. */
  takePending(): Id[] {
    const ids = [...this.#pending];
    this.#pending.clear();
    this.#switching.clear();
    for (const id of this.#daemonRequests) this.#orphaned.add(id);
    this.#daemonRequests.clear();
    return ids;
  }

  /** The id of a handshake that was never answered. */
  takeInitializing(): Id | undefined {
    if (!this.#initialize || this.#initialize.answered) return undefined;
    this.#initialize.answered = true;
    return this.#initialize.id;
  }

  #inProfile(initialize: Message): Message {
    if (this.#profile === undefined) return initialize;
    const params = (initialize as UncheckedMessage).params ?? {};
    const options = params.initializationOptions;
    const switchyard = { ...(options?.switchyard as object | undefined), profile: this.#profile };
    return { ...initialize, params: { ...params, initializationOptions: { ...options, switchyard } } };
  }

  /** The frames for a new daemon: the handshake as the editor sent it, its settings since, and each document as it is now. */
  replay(): Buffer[] {
    if (!this.#initialize) return [];
    if (!this.#initialize.answered) return [frame(this.#initialize.message)];
    this.#replays = 1; // a daemon that died does not answer its replay
    const frames = [frame({ ...this.#inProfile(this.#initialize.message), id: replayId })];
    if (this.#initialized) frames.push(frame(this.#initialized));
    if (this.#configuration) frames.push(frame(this.#configuration));
    for (const document of this.#documents.all) {
      const textDocument = {
        uri: document.uri,
        languageId: document.languageId,
        version: document.version,
        text: document.getText(),
      };
      frames.push(frame({ jsonrpc: '2.0', method: 'textDocument/didOpen', params: { textDocument } }));
    }
    return frames;
  }
}

function parse(body: Buffer): UncheckedMessage | undefined {
  try {
    const message: unknown = JSON.parse(body.toString('utf8'));
    return typeof message === 'object' && message !== null && !Array.isArray(message)
      ? (message as UncheckedMessage)
      : undefined;
  } catch {
    return undefined;
  }
}
