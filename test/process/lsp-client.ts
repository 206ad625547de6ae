// An editor's end of the wire in tests: typed calls, parts and notifications awaited by what they say.
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  CancellationTokenSource,
  createMessageConnection,
  type MessageConnection,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import type { ClientOptions } from '../../shared/protocol/daemon.ts';
import type { AnyRequest, ParamsInput, Part, Result } from '../../shared/protocol/define.ts';
import { type Home, program } from './home.ts';

/** What came in so far, and a way to wait for more. */
export class Inbox<T> {
  readonly items: T[] = [];
  readonly #listeners = new Set<() => void>();

  push(item: T): void {
    this.items.push(item);
    for (const listener of this.#listeners) listener();
  }

  /** The first item that matches, past or to come. */
  async find(what: string, matches: (item: T) => boolean = () => true, limitMs = 60_000): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      const timer = setTimeout(
        () =>
          finish(() =>
            reject(
              new assert.AssertionError({
                message: `waited ${limitMs / 1000} seconds for ${what}; came: ${JSON.stringify(this.items).slice(-2000)}`,
              }),
            ),
          ),
        limitMs,
      );
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        this.#listeners.delete(look);
        settle();
      };
      const look = (): void => {
        const found = this.items.find(matches);
        if (found !== undefined) finish(() => resolve(found));
      };
      this.#listeners.add(look);
      look();
    });
  }
}

/** A request under way. */
export interface Asked<M extends AnyRequest> {
  result: Promise<Result<M>>;
  parts: Inbox<Part<M>>;
  cancel(): void;
}

export interface Failure {
  code: number;
  message: string;
  data?: { code: string; retryable: boolean };
}

export interface EditorOptions {
  name?: string;
  switchyard?: ClientOptions;
  capabilities?: object;
  folder?: string;
}

interface Notification {
  method: string;
  params: unknown;
}

/** Lives as long as the server process that it speaks to. */
export class LspClient {
  readonly child: ChildProcess;
  readonly connection: MessageConnection;
  readonly notifications = new Inbox<Notification>();
  readonly #streams = new Map<unknown, (value: unknown) => void>();
  #nextToken = 1;

  constructor(child: ChildProcess) {
    this.child = child;
    assert.ok(child.stdout && child.stdin);
    this.connection = createMessageConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
    this.connection.onNotification((method, params) => this.notifications.push({ method, params }));
    this.connection.onNotification('$/progress', (params: { token: unknown; value: unknown }) => {
      const stream = this.#streams.get(params.token);
      if (stream) stream(params.value);
      else this.notifications.push({ method: '$/progress', params });
    });
    this.connection.onError(() => {});
    child.stderr?.resume();
    this.connection.listen();
  }

  async initialize({
    name = 'test editor',
    switchyard = {},
    capabilities = {},
    folder,
  }: EditorOptions = {}): Promise<{ pid: number; capabilities: Record<string, unknown> }> {
    const { capabilities: offered } = (await this.connection.sendRequest('initialize', {
      processId: process.pid,
      clientInfo: { name },
      rootUri: null,
      capabilities,
      ...(folder !== undefined && { workspaceFolders: [{ uri: folder, name: 'folder' }] }),
      initializationOptions: { switchyard },
    })) as { capabilities: { experimental: { switchyard: { pid: number } } } };
    await this.connection.sendNotification('initialized', {});
    return { pid: offered.experimental.switchyard.pid, capabilities: offered };
  }

  async call<M extends AnyRequest>(message: M, params: ParamsInput<M>): Promise<Result<M>> {
    return await this.ask(message, params).result;
  }

  /** A client that isn't shown what happens gets no parts. */
  ask<M extends AnyRequest>(message: M, params: ParamsInput<M>, { isShown = true } = {}): Asked<M> {
    const partialResultToken = `test-${this.#nextToken++}`;
    const parts = new Inbox<Part<M>>();
    this.#streams.set(partialResultToken, (value) => parts.push(value as Part<M>));
    const cancellation = new CancellationTokenSource();
    const result = this.connection.sendRequest<Result<M>>(
      message.method,
      { ...(params as object), ...(message.part && isShown && { partialResultToken }) },
      cancellation.token,
    );
    result.finally(() => this.#streams.delete(partialResultToken)).catch(() => {});
    return { result, parts, cancel: () => cancellation.cancel() };
  }

  notify(method: string, params: object): void {
    void this.connection.sendNotification(method, params);
  }

  /** The params of the first notification of a method that match. */
  async notified<T>(method: string, matches: (params: T) => boolean = () => true): Promise<T> {
    const found = await this.notifications.find(
      method,
      (notification) => notification.method === method && matches(notification.params as T),
    );
    return found.params as T;
  }

  open(uri: string, text: string, languageId = 'plaintext'): void {
    this.notify('textDocument/didOpen', { textDocument: { uri, languageId, version: 1, text } });
  }

  change(uri: string, version: number, ...contentChanges: object[]): void {
    this.notify('textDocument/didChange', { textDocument: { uri, version }, contentChanges });
  }

  /** Leaves as an editor does. */
  async leave(): Promise<void> {
    const exit = once(this.child, 'exit');
    await this.connection.sendRequest('shutdown');
    await this.connection.sendNotification('exit');
    await exit;
    this.connection.dispose();
  }
}

/** An editor whose language server is the built program's forwarder; not initialized yet. */
export function startEditor(home: Home): LspClient {
  return new LspClient(home.spawn([program, '--stdio']));
}

export async function openEditor(
  home: Home,
  options: EditorOptions = {},
): Promise<LspClient & { readonly daemon: number }> {
  const editor = startEditor(home);
  const { pid } = await editor.initialize(options);
  return Object.assign(editor, { daemon: pid });
}

/** How a request failed; fails itself when the request did not. */
export async function failureOf(result: Promise<unknown>): Promise<Failure> {
  try {
    const value = await result;
    assert.fail(`expected an error, got ${JSON.stringify(value)?.slice(0, 500)}`);
  } catch (error) {
    if (!(error instanceof ResponseError)) throw error;
    return {
      code: error.code,
      message: error.message,
      data: error.data as Failure['data'] as NonNullable<Failure['data']>,
    };
  }
}

/** A sentence: something a person can read, with an end. */
export function assertSentence(text: string): void {
  assert.match(text.trim(), /^[^\n{}]{15,600}[.!)]$/s, text);
  assert.doesNotMatch(text, /\bat \S+ \(|node:internal|undefined|\[object/, text);
}
