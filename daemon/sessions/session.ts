// Session: lives as long as one client connection. Owns its documents, what the client said about itself, and what it is shown.
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { withoutHidden } from '../../shared/hidden-characters.ts';
import { type ClientOptions, documentRead } from '../../shared/protocol/daemon.ts';
import type { Params } from '../../shared/protocol/define.ts';
import type { Initialize } from '../../shared/protocol/lsp.ts';
import { CancelledError, UserError } from '../base/errors.ts';
import type { Range, Snippet } from '../base/snippet.ts';
import { OpenDocuments } from './open-documents.ts';
import type { SessionView } from './session-view.ts';

/** The other end, whatever carries it. */
interface Peer {
  notify(method: string, params: unknown): void;
  ask(method: string, params: unknown): Promise<unknown>;
}

const maxReadMs = 3000;

type ClientCapabilities = NonNullable<Params<typeof Initialize>['capabilities']>;

export class Session implements SessionView {
  readonly id: number;
  readonly connectedAt: number;
  readonly peer: Peer;
  name = 'unknown';
  initialized = false;
  /** Whether the client has said that it needs nothing more. */
  isShutDown = false;
  /** What a process that serves this client alone ends with. */
  exitCode: 0 | 1 = 0;
  options: ClientOptions = {};
  capabilities: ClientCapabilities = {};
  /** The PATH of the client's process, where it has said it: on it are the tools that its user can run. */
  path: string | undefined;
  /** Folders the client works in, as URIs. */
  roots: readonly string[] = [];
  /** Until when it wants no completion but where it asks for it, in milliseconds since the epoch. */
  snoozedUntil = 0;
  /** The id of its profile, once that was looked up. */
  profile: string | undefined;
  /** Methods being answered now. */
  readonly running = new Map<number, string>();
  /** How many of these wait for the user alone. */
  #waits = 0;
  /** The diagnostics it was last sent, as JSON, by document. */
  readonly sentDiagnostics = new Map<string, string>();
  /** Documents that have changed since their diagnostics were last compared. */
  readonly changedDocuments = new Set<string>();
  readonly documents = new OpenDocuments();
  /** How to stop the work that is shown, by its token. */
  readonly #cancels = new Map<string | number, () => void>();
  /** How to stop all work that can be stopped, shown or not. */
  readonly #stops = new Set<() => void>();
  readonly #closed = new AbortController();
  readonly #forsaken = new AbortController();
  readonly #onClose: (() => void)[] = [];
  #nextRun = 1;
  #nextToken = 1;

  constructor(id: number, peer: Peer, connectedAt: number) {
    this.id = id;
    this.peer = {
      notify: (method, params) => peer.notify(method, safeToShow(params)),
      ask: (method, params) => peer.ask(method, params),
    };
    this.connectedAt = connectedAt;
  }

  /** Aborted when the connection ends: everything asked for on it stops. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }
  /** Aborted once it is certain that the client is gone for good. What it would come back for goes on until then. */
  get forsaken(): AbortSignal {
    return this.#forsaken.signal;
  }
  /** Whether the client works on documents, as editors do; commands in a terminal and views do not. */
  get isEditor(): boolean {
    return this.capabilities.textDocument !== undefined;
  }
  /** Whether its folders may be indexed. */
  get isIndexed(): boolean {
    return this.options.index !== false && this.options.workspaceTrusted !== false;
  }

  onClose(action: () => void): void {
    this.#onClose.push(action);
  }

  close(): void {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort(new CancelledError());
    for (const action of this.#onClose) action();
    this.documents.clear();
  }

  /** Stops what had been left running for the client to come back to. */
  forsake(): void {
    if (!this.#forsaken.signal.aborted) this.#forsaken.abort(new CancelledError());
  }

  /** Notes that a method is being answered; returns how to say that it was. */
  begin(method: string): () => void {
    const run = this.#nextRun++;
    this.running.set(run, method);
    return () => this.running.delete(run);
  }

  /** Whether something is done for the client that ends with the daemon. */
  get isBusy(): boolean {
    return this.running.size > this.#waits;
  }

  /** Notes that what was begun waits for the user; returns how to say that it does no more. */
  beginWait(): () => void {
    this.#waits++;
    return () => void this.#waits--;
  }

  document(uri: string): TextDocument | undefined {
    return this.documents.get(uri);
  }

  cellsBeside(uri: string): readonly TextDocument[] {
    return this.documents.cellsBeside(uri);
  }

  async refresh(uri: string): Promise<void> {
    if (this.options.readsDocuments !== true) return;
    const text = await this.#textOf(uri);
    if (text === undefined) this.documents.close(uri);
    else this.documents.open({ uri, text });
  }

  /** Undefined where it's as on the disk, and where the client doesn't say. */
  async #textOf(uri: string): Promise<string | undefined> {
    const { promise: late, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => resolve(undefined), maxReadMs);
    try {
      const answer = await Promise.race([this.peer.ask(documentRead, { uri }), late]);
      const { text } = (answer ?? {}) as { text?: unknown };
      return typeof text === 'string' ? text : undefined;
    } catch {
      return undefined; // it can't be read there
    } finally {
      clearTimeout(timer);
    }
  }

  /** The text of a document as the client last sent it. Throws UserError when it is not open, or has moved on. */
  snippet(textDocument: { uri: string; version?: number | null | undefined }, range?: Range): Snippet {
    const document = this.document(textDocument.uri);
    if (!document)
      throw new UserError('document-not-open', `Open ${nameOf(textDocument.uri)} in the editor and try again.`);
    const wanted = textDocument.version;
    if (wanted !== undefined && wanted !== null && wanted !== document.version) {
      throw new UserError('document-moved', `${nameOf(textDocument.uri)} changed in the meantime. Try again.`, {
        retryable: true,
      });
    }
    return {
      uri: document.uri,
      languageId: document.languageId,
      version: document.version,
      text: document.getText(),
      ...(range && { range }),
    };
  }

  /** Sends values under a token as `$/progress`; nowhere when there is no token. */
  progress(token: string | number | undefined): (value: unknown) => void {
    return (value) => {
      if (token !== undefined && !this.closed.aborted) this.peer.notify('$/progress', { token, value });
    };
  }

  /**
   * Shows work in the client's own way: under its token, or under one of ours where it allows that and has no commands, and so no progress,
   * of its own. `cancel` is called when the user stops the work there. Nothing waits for a client that doesn't answer: what is shown begins when it has agreed.
   */
  workDone(token: string | number | undefined, title: string, cancel: () => void): WorkDone {
    const allowsOurs = this.capabilities.window?.workDoneProgress === true && this.options.ownCommands !== true;
    const isOurs = token === undefined && allowsOurs;
    const shown = isOurs ? `switchyard-${this.id}-${this.#nextToken++}` : token;
    const progress = new WorkProgress(title, shown === undefined ? () => {} : this.progress(shown));
    const stop = (): void => cancel(); // its own, since one function may stop several works
    this.#stops.add(stop);
    progress.onEnd = () => this.#stops.delete(stop);
    if (shown === undefined) return progress;
    this.#cancels.set(shown, cancel);
    progress.onEnd = () => {
      this.#stops.delete(stop);
      this.#cancels.delete(shown);
    };
    if (isOurs)
      this.peer.ask('window/workDoneProgress/create', { token: shown }).then(
        () => progress.begin(),
        () => {}, // the client refused: it is shown nothing
      );
    else progress.begin();
    return progress;
  }

  /** Stops all work that the client asked for. Returns how much that was. */
  stopWork(): number {
    const stops = [...this.#stops];
    for (const stop of stops) stop();
    return stops.length;
  }

  /** Stops the work that is shown under a token. */
  cancelWork(token: string | number): void {
    this.#cancels.get(token)?.();
  }
}

interface WorkDone {
  report(message: string): void;
  end(message: string): void;
}

/** Lives as long as the work. */
class WorkProgress implements WorkDone {
  readonly #title: string;
  readonly #send: (value: unknown) => void;
  #state: 'waiting' | 'begun' | 'ended' = 'waiting';
  /** What was reported while nothing could be shown. */
  #last: string | undefined;
  onEnd = (): void => {};

  constructor(title: string, send: (value: unknown) => void) {
    this.#title = title;
    this.#send = send;
  }

  begin(): void {
    if (this.#state !== 'waiting') return;
    this.#state = 'begun';
    this.#send({ kind: 'begin', title: this.#title, cancellable: true });
    if (this.#last !== undefined) this.report(this.#last);
  }

  report(message: string): void {
    if (this.#state === 'begun') this.#send({ kind: 'report', message: oneLine(withoutHidden(message)) });
    else this.#last = message;
  }

  end(message: string): void {
    if (this.#state === 'begun') this.#send({ kind: 'end', message: withoutHidden(message) });
    this.#state = 'ended';
    this.onEnd();
  }
}

/** Editors show progress in a line. */
function oneLine(message: string): string {
  return message.replace(/\s+/g, ' ');
}

/** A message that an editor shows or logs as it is. */
function safeToShow(params: unknown): unknown {
  const message = (params as { message?: unknown } | null | undefined)?.message;
  return typeof message === 'string' ? { ...(params as object), message: withoutHidden(message) } : params;
}

/** The name of a document for the user. */
export function nameOf(uri: string): string {
  try {
    return decodeURIComponent(uri.split('/').at(-1) ?? uri);
  } catch {
    return uri;
  }
}
