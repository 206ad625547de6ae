// The extension's line to the daemon: starts the forwarder, starts it again with back-off, and offers typed calls.
// The language client and the protocol's schemas are heavy: they are loaded only when the first connection is made.
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { DecidedChanges } from '../shared/notifications.ts';
import type { AnyRequest, ParamsInput, Part, Result } from '../shared/protocol/define.ts';
import { wireVersion } from '../shared/protocol/version.ts';
import type { CallOptions, Connection, ConnectOptions } from './language-client.ts';
import { countFailure, type ForwarderExit, nextDelayMs } from './logic/back-off.ts';
import type { DaemonState } from './logic/status-text.ts';
import { window } from './window.ts';

/** A request that did not succeed. The message is for the user; `cancelled` and `daemon-lost` are the codes to tell apart. */
export class DaemonError extends Error {
  readonly code: string;
  readonly retryable: boolean;
  constructor(code: string, message: string, retryable = false) {
    super(message);
    this.name = 'DaemonError';
    this.code = code;
    this.retryable = retryable;
  }

  /** Each bundle has its own copy of this class, and their errors count as the same. */
  static override [Symbol.hasInstance](error: unknown): boolean {
    return error instanceof Error && error.name === 'DaemonError';
  }
}

export interface DaemonClientOptions {
  /** The program whose `--stdio` role is the forwarder. */
  program: string;
  log: vscode.LogOutputChannel;
  /** By a document's URI, whether completion is on there in this window. */
  fileSwitches: ReadonlyMap<string, boolean>;
}

/** Lives as long as the extension is active; the connections it makes live shorter. */
export class DaemonClient implements vscode.Disposable {
  readonly #options: DaemonClientOptions;
  readonly #stateChanged = new vscode.EventEmitter<DaemonState>();
  readonly #workChanged = new vscode.EventEmitter<void>();
  /** Fires with each new state. */
  readonly onDidChangeState = this.#stateChanged.event;
  readonly #modelsChanged = new vscode.EventEmitter<void>();
  /** Fires when models or keys changed, in this window or anywhere else. */
  readonly onDidChangeModels = this.#modelsChanged.event;
  readonly #historyChanged = new vscode.EventEmitter<void>();
  /** Fires when chats or reviews of this window's profile changed, in this window or anywhere else. */
  readonly onDidChangeHistory = this.#historyChanged.event;
  readonly #jobsChanged = new vscode.EventEmitter<void>();
  /** Fires when a job of this window's profile changed. */
  readonly onDidChangeJobs = this.#jobsChanged.event;
  readonly #changesDecided = new vscode.EventEmitter<DecidedChanges>();
  /** Fires when something that a run changed was kept or undone, in this window or anywhere else. */
  readonly onDidDecideChanges = this.#changesDecided.event;
  /** Fires when a request begins or ends. */
  readonly onDidChangeWork = this.#workChanged.event;
  #state: DaemonState = { kind: 'starting' };
  #connection: Connection | undefined;
  /** Aborted when this window wants no connection any more. */
  #life: AbortController | undefined;

  constructor(options: DaemonClientOptions) {
    this.#options = options;
  }

  get state(): DaemonState {
    return this.#state;
  }

  /** Connects, and stays connected until `stop`. Returns at once; calls wait for the connection. */
  start(): void {
    if (this.#life && !this.#life.signal.aborted) return;
    this.#life = new AbortController();
    this.#setState({ kind: 'starting' });
    void this.#stayConnected(this.#life.signal);
  }

  async stop(): Promise<void> {
    this.#life?.abort();
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.stop();
  }

  /** Ends this window's connection and makes another, with the settings as they are now. */
  async restart(): Promise<void> {
    await this.stop();
    this.start();
  }

  /** The settings changed that need no new connection. */
  tellSettings(): void {
    this.#connection?.tellSettings();
    this.#workChanged.fire(); // the budgets shown may have changed
  }

  /** Sends a request. Throws DaemonError. */
  call<M extends AnyRequest>(
    message: M,
    params: ParamsInput<M>,
    options: CallOptions<Part<M>> = {},
  ): Promise<Result<M>> {
    return this.request(message.method, params, options as CallOptions<unknown>) as Promise<Result<M>>;
  }

  /** The same for a method known only by its name, such as one that a view asks for. Throws DaemonError. */
  async request(method: string, params: unknown, options: CallOptions<unknown> = {}): Promise<unknown> {
    const connection = await this.#connected(options.signal);
    const isWork = !requestsForShow.has(method);
    const { onPart } = options;
    const notify = (part: unknown): void => {
      onPart?.(part);
      if ((part as { kind?: unknown }).kind === 'decision') this.#workChanged.fire(); // who answers is known now
    };
    try {
      const answer = connection.request(method, params, onPart ? { ...options, onPart: notify } : options);
      if (isWork) this.#workChanged.fire();
      return await answer;
    } catch (error) {
      throw toDaemonError(error, options.signal);
    } finally {
      if (isWork) this.#workChanged.fire();
    }
  }

  dispose(): void {
    void this.stop();
    vscode.Disposable.from(this.#stateChanged, this.#workChanged).dispose();
  }

  async #stayConnected(life: AbortSignal): Promise<void> {
    for (let failures = 0; !life.aborted; ) {
      const ended = await this.#connectOnce(life);
      if (life.aborted) return;
      failures = countFailure(failures, ended);
      const delayMs = nextDelayMs(failures, ended);
      if (delayMs === undefined) return this.#giveUp(ended.reason);
      this.#options.log.warn(`Lost the connection to the daemon: ${ended.reason} Trying again in ${delayMs} ms.`);
      this.#setState({ kind: 'reconnecting', detail: ended.reason });
      await delay(delayMs, undefined, { signal: life }).catch(() => {}); // aborted: the loop ends
    }
  }

  /** Resolves when the connection that it made, or could not make, has ended. */
  async #connectOnce(life: AbortSignal): Promise<ForwarderExit> {
    const connection = await connect({
      ...this.#options,
      signal: life,
      onModelsChanged: () => this.#modelsChanged.fire(),
      onHistoryChanged: () => this.#historyChanged.fire(),
      onJobsChanged: () => this.#jobsChanged.fire(),
      onChangesDecided: (decided) => this.#changesDecided.fire(decided),
      onDaemonState: (state) => {
        if (!life.aborted && this.#connection) this.#setState(state);
      },
    });
    if ('reason' in connection) return connection;
    if (life.aborted) {
      await connection.stop();
      return { reason: 'Stopped.', isFinal: true, livedMs: 0 };
    }
    this.#connection = connection;
    this.#setState({ kind: 'connected' });
    const ended = await connection.ended;
    if (this.#connection === connection) this.#connection = undefined;
    return ended;
  }

  /** The connection, as soon as there is one. */
  async #connected(signal: AbortSignal | undefined): Promise<Connection> {
    while (!this.#connection) {
      if (this.#state.kind === 'lost') {
        throw new DaemonError(
          'daemon-lost',
          `The Switchyard daemon isn't running. ${this.#state.detail} Run "Switchyard: Restart Daemon" to try again.`,
          true,
        );
      }
      await this.#nextState(signal);
    }
    return this.#connection;
  }

  #nextState(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void) => () => {
        subscription.dispose();
        signal?.removeEventListener('abort', onAbort);
        finish();
      };
      const onAbort = settle(() => reject(new DaemonError('cancelled', 'Cancelled.')));
      const subscription = this.onDidChangeState(settle(resolve));
      if (signal?.aborted) onAbort();
      else signal?.addEventListener('abort', onAbort);
    });
  }

  #giveUp(reason: string): void {
    this.#options.log.error(`Couldn't connect to the daemon: ${reason}`);
    this.#setState({ kind: 'lost', detail: reason });
    void window
      .showErrorMessage(vscode.l10n.t("The Switchyard daemon isn't running. {0}", reason), 'Restart', 'Show Log')
      .then((choice) => {
        if (choice === 'Restart') void this.restart();
        else if (choice === 'Show Log') this.#options.log.show();
      });
  }

  #setState(state: DaemonState): void {
    this.#state = state;
    this.#stateChanged.fire(state);
  }
}

/** Requests that only show the state of others, so they do not change what is shown. */
const requestsForShow: ReadonlySet<string> = new Set([
  'switchyard/daemon/status',
  'switchyard/costs/summary',
  'switchyard/profile/list',
  'switchyard/index/status',
  'switchyard/context/suggest',
  'switchyard/models/list',
  'switchyard/models/downloads',
  'switchyard/gpu/status',
  'textDocument/inlineCompletion',
  'switchyard/completion/outcome',
]);

/** Version first: half-working with another wire would be worse than not working. */
async function connect(options: ConnectOptions): Promise<Connection | ForwarderExit> {
  const languageClient = await import('./language-client.ts');
  const connection = await languageClient.connect(options);
  if ('reason' in connection || connection.wire === wireVersion) return connection;
  await connection.stop();
  const reason = `It speaks version ${connection.wire ?? 'unknown'} of the wire and this extension version ${wireVersion}: reload the window after an update, then restart the daemon.`;
  return { reason, isFinal: true, livedMs: 0 };
}

const requestFailed = -32803; // LSP 3.17 ErrorCodes.RequestFailed: the daemon's sentence for the user
const requestCancelled = -32800; // LSP ErrorCodes.RequestCancelled
const bugs: unknown[] = [-32601, -32602, -32603]; // JSON-RPC: method not found, invalid params, internal error

function toDaemonError(error: unknown, signal: AbortSignal | undefined): DaemonError {
  const {
    code,
    data,
    message = 'It did not work.',
  } = error as { code?: unknown; data?: { code?: unknown; retryable?: unknown }; message?: string };
  if (signal?.aborted || code === requestCancelled) return new DaemonError('cancelled', 'Cancelled.');
  if (code === requestFailed) return new DaemonError(String(data?.code ?? 'failed'), message, data?.retryable === true);
  if (bugs.includes(code)) return new DaemonError('bug', message);
  return new DaemonError(
    'daemon-lost',
    'Lost the connection to the Switchyard daemon. Try again once it reconnects.',
    true,
  );
}
