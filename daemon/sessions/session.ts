// Session: lives as long as one client connection. Owns its documents, what the client said about itself, and what it is shown.
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { ClientOptions } from '../../shared/protocol/daemon.ts';
import type { Params } from '../../shared/protocol/define.ts';
import type { Initialize } from '../../shared/protocol/lsp.ts';
import { CancelledError, UserError } from '../base/errors.ts';
import type { Range, Snippet } from '../base/snippet.ts';
import type { SessionView } from './session-view.ts';

/** The other end, whatever carries it. */
interface Peer {
  notify(method: string, params: unknown): void;
  ask(method: string, params: unknown): Promise<unknown>;
}

type ClientCapabilities = NonNullable<Params<typeof Initialize>['capabilities']>;

const maxDocumentChars = 50_000_000;

export class Session implements SessionView {
  readonly id: number;
  readonly connectedAt: number;
  readonly peer: Peer;
  name = 'unknown';
  initialized = false;
  options: ClientOptions = {};
  capabilities: ClientCapabilities = {};
  /** Folders the client works in, as URIs. */
  roots: readonly string[] = [];
  /** The id of its profile, once that was looked up. */
  profile: string | undefined;
  /** Methods being answered now. */
  readonly running = new Map<number, string>();
  /** The diagnostics it was last sent, as JSON, by document. */
  readonly sentDiagnostics = new Map<string, string>();
  /** Documents that have changed since their diagnostics were last compared. */
  readonly changedDocuments = new Set<string>();
  readonly #documents = new Map<string, TextDocument>();
  readonly #closed = new AbortController();
  readonly #forsaken = new AbortController();
  readonly #onClose: (() => void)[] = [];
  #nextRun = 1;
  #nextToken = 1;

  constructor(id: number, peer: Peer, connectedAt: number) {
    this.id = id;
    this.peer = peer;
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
  get documents(): readonly TextDocument[] {
    return [...this.#documents.values()];
  }

  onClose(action: () => void): void {
    this.#onClose.push(action);
  }

  close(): void {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort(new CancelledError());
    for (const action of this.#onClose) action();
    this.#documents.clear();
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

  open(document: { uri: string; languageId: string; version: number; text: string }): void {
    if (document.text.length > maxDocumentChars) return; // nothing we do can use it; reviews say that it is not open
    this.#documents.set(
      document.uri,
      TextDocument.create(document.uri, document.languageId, document.version, document.text),
    );
  }

  change(uri: string, version: number, changes: { range?: Range | undefined; text: string }[]): void {
    const document = this.#documents.get(uri);
    if (!document) return;
    const events = changes.map(({ range, text }) => (range ? { range, text } : { text }));
    this.#documents.set(uri, TextDocument.update(document, events, version));
  }

  forget(uri: string): void {
    this.#documents.delete(uri);
  }

  document(uri: string): TextDocument | undefined {
    return this.#documents.get(uri);
  }

  /** The text of a document as the client last sent it. Throws UserError when it is not open, or has moved on. */
  snippet(textDocument: { uri: string; version?: number | null | undefined }, range?: Range): Snippet {
    const document = this.#documents.get(textDocument.uri);
    if (!document)
      throw new UserError(
        'document-not-open',
        `${nameOf(textDocument.uri)} is not open here. Open the file and try again.`,
      );
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

  /** Shows work in the client's own way: under its token, or under one of ours where it allows that. */
  async workDone(token: string | number | undefined, title: string): Promise<WorkDone> {
    const own =
      token ?? (this.capabilities.window?.workDoneProgress ? `switchyard-${this.id}-${this.#nextToken++}` : undefined);
    if (token === undefined && own !== undefined)
      await this.peer.ask('window/workDoneProgress/create', { token: own }).catch(() => {});
    const send = this.progress(own);
    send({ kind: 'begin', title, cancellable: token !== undefined });
    return { report: (message) => send({ kind: 'report', message }), end: (message) => send({ kind: 'end', message }) };
  }
}

interface WorkDone {
  report(message: string): void;
  end(message: string): void;
}

function nameOf(uri: string): string {
  try {
    return decodeURIComponent(uri.split('/').at(-1) ?? uri);
  } catch {
    return uri;
  }
}
