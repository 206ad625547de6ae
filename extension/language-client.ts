// One connection to the daemon: the forwarder as a child process, and VS Code's language client over its stdio.
// Built as a file of its own and loaded by the daemon client after activation; that one decides what happens when a connection ends.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { homedir } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import * as vscode from 'vscode';
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  LSPErrorCodes,
  ProgressType,
  ResponseError,
  RevealOutputChannelOn,
} from 'vscode-languageclient/node';
import {
  changesDecided,
  type DecidedChanges,
  historyChanged,
  jobsChanged,
  modelsChanged,
} from '../shared/notifications.ts';
import type { ClientOptions } from '../shared/protocol/daemon.ts';
import type { ForwarderExit } from './logic/back-off.ts';
import type { DaemonState } from './logic/status-text.ts';
import { cellScheme, isSynced, syncedSchemes } from './places.ts';
import { editorNetwork, isIndexEnabled, isLocalOnly, namedProfile, nodeProgram, sessionSettings } from './settings.ts';
import { ShownFindings } from './shown-findings.ts';

export interface ConnectOptions {
  program: string;
  log: vscode.LogOutputChannel;
  /** By a document's URI, whether completion is on there in this window. */
  fileSwitches: ReadonlyMap<string, boolean>;
  /** Ends a connection that is still being made. */
  signal: AbortSignal;
  /** The forwarder changed daemons; requests under way were failed by it. */
  onDaemonState(state: DaemonState): void;
  /** Models or keys changed, whoever changed them. */
  onModelsChanged(): void;
  /** Chats or reviews of this window's profile changed, whoever changed them. */
  onHistoryChanged(): void;
  /** One of this window's profile's jobs changed. */
  onJobsChanged(): void;
  /** Something that a run changed was kept or undone, here or elsewhere. */
  onChangesDecided(decided: DecidedChanges): void;
}

export interface Connection {
  /** The version of the wire that the daemon speaks. */
  readonly wire: number | undefined;
  /** Fails with the language client's errors, whose codes are LSP's. */
  request(method: string, params: unknown, options: CallOptions<unknown>): Promise<unknown>;
  /** Tells the settings that may change while the connection lasts. */
  tellSettings(): void;
  /** Says goodbye, and ends the forwarder. */
  stop(): Promise<void>;
  /** Resolves, never rejects, when the forwarder has ended. */
  readonly ended: Promise<ForwarderExit>;
}

export interface CallOptions<P> {
  signal?: AbortSignal;
  /** Called for each part before the result, in order. */
  onPart?: ((part: P) => void) | undefined;
}

/** Makes a connection, or says why there is none. */
export async function connect(options: ConnectOptions): Promise<Connection | ForwarderExit> {
  const forwarder = startForwarder(options);
  const client = new QuietLanguageClient(
    'switchyard',
    'Switchyard',
    async () => forwarder.child,
    clientOptions(options, forwarder),
  );
  client.onNotification('$/switchyard/connection', ({ state }: { state: string }) => {
    if (state === 'connected') options.onDaemonState({ kind: 'connected' });
    if (state === 'reconnecting')
      options.onDaemonState({ kind: 'reconnecting', detail: 'The daemon stopped. Restarting…' });
  });
  client.onNotification(modelsChanged, () => options.onModelsChanged());
  client.onNotification(historyChanged, () => options.onHistoryChanged());
  client.onNotification(jobsChanged, () => options.onJobsChanged());
  client.onNotification(changesDecided, (decided: DecidedChanges) => options.onChangesDecided(decided));
  const onAbort = (): void => void forwarder.child.kill();
  options.signal.addEventListener('abort', onAbort, { once: true });
  try {
    await forwarder.spawned;
    await client.start();
  } catch (error) {
    forwarder.child.kill();
    const ended = await forwarder.ended;
    const isAnswer = error instanceof ResponseError && error.code === LSPErrorCodes.RequestFailed; // no daemon can be had, and why
    return isAnswer ? { ...ended, reason: error.message, isFinal: error.data?.retryable === false } : ended;
  } finally {
    options.signal.removeEventListener('abort', onAbort); // from here on `stop` says goodbye first
  }
  const { wire } = (client.initializeResult?.capabilities.experimental?.switchyard ?? {}) as { wire?: number };
  return {
    wire,
    request: (method, params, callOptions) => request(client, { method, params }, callOptions),
    tellSettings: () =>
      void client
        .sendNotification('workspace/didChangeConfiguration', {
          settings: { switchyard: sessionSettings(options.fileSwitches) },
        })
        .catch(() => {}), // a connection that ends is made again, with them
    stop: () => stop(client, forwarder),
    ended: forwarder.ended,
  };
}

interface Forwarder {
  readonly child: ChildProcess;
  readonly spawned: Promise<unknown>;
  readonly ended: Promise<ForwarderExit>;
  /** Takes what the forwarder says about itself: its last line is the reason if it ends. */
  listen(stderr: Readable): void;
}

const exitForAReason = 3; // the program's exit code for "failed, and the reason is on stderr": another try would fail too

function startForwarder({ program, log }: ConnectOptions): Forwarder {
  const started = performance.now();
  let lastLine = '';
  const child = spawn(nodeProgram(), [program, '--stdio'], {
    cwd: homedir(), // the daemon that it may start outlives the workspace folder
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    stdio: 'pipe',
    windowsHide: true,
  });
  const { promise: ended, resolve } = Promise.withResolvers<ForwarderExit>();
  const finish = (reason: string, isFinal: boolean): void =>
    resolve({ reason, isFinal, livedMs: performance.now() - started });
  child.once('error', (error) =>
    finish(`${nodeProgram()} couldn't be started (${error.message}). Check the "switchyard.node" setting.`, true),
  );
  child.once('close', (code, signalName) =>
    finish(lastLine || `Its process ended (${signalName ?? `exit code ${code}`}).`, code === exitForAReason),
  );
  const spawned = once(child, 'spawn');
  spawned.catch(() => {}); // `ended` reports it
  return {
    child,
    ended,
    spawned,
    listen(stderr) {
      createInterface({ input: stderr }).on('line', (line) => {
        log.info(line);
        if (line.trim() !== '') lastLine = line.replace(/^switchyard: /, '').slice(0, 500);
      });
    },
  };
}

/** Writes errors to the log only. The daemon client shows the user what matters, once and with a button. */
class QuietLanguageClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

function clientOptions({ log, fileSwitches }: ConnectOptions, forwarder: Forwarder): LanguageClientOptions {
  const shownFindings = new ShownFindings();
  void forwarder.ended.then(() => shownFindings.dispose());
  const network = editorNetwork();
  const profile = namedProfile();
  if (network.strictCertificates === false)
    log.warn('"http.proxyStrictSSL" is off. Switchyard ignores that setting and checks every certificate.');
  const switchyard: ClientOptions = {
    ...(isLocalOnly() && { localOnly: true }),
    ...(profile && { profile }),
    ...(!isIndexEnabled() && { index: false }),
    ...network,
    ...sessionSettings(fileSwitches),
    workspaceTrusted: vscode.workspace.isTrusted,
    resumes: true,
    log: true,
    ownCommands: true,
  };
  return {
    documentSelector: [...syncedSchemes(), cellScheme].map((scheme) => ({ scheme })),
    initializationOptions: { switchyard },
    outputChannel: log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        forwarder.child.kill(); // a forwarder without its stdio is of no use
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    },
    middleware: {
      provideInlineCompletionItems: () => null, // `completion/` asks, which tells what became of a suggestion
      provideCodeActions: (document, ...[range, context, token, next]) =>
        isSynced(document) ? next(document, range, context, token) : [],
      // Only the edits module changes documents, after a preview.
      handleDiagnostics: (uri, diagnostics, next) => shownFindings.publish(uri, diagnostics, next),
      workspace: {
        handleApplyEdit: async () => ({ applied: false, failureReason: 'Your editor shows its own preview.' }),
      },
    },
    stdioOptions: { stdout: () => {}, stderr: (input) => forwarder.listen(input) },
  };
}

async function stop(client: LanguageClient, { child, ended }: Forwarder): Promise<void> {
  await client.stop().catch(() => {}); // it may be gone already
  child.kill();
  await ended;
}

const anyProgress = new ProgressType<unknown>();

async function request(
  client: LanguageClient,
  { method, params }: { method: string; params: unknown },
  { signal, onPart }: CallOptions<unknown>,
): Promise<unknown> {
  const cancellation = new vscode.CancellationTokenSource();
  const onAbort = (): void => cancellation.cancel();
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  const partialResultToken = randomUUID();
  const parts = onPart && client.onProgress(anyProgress, partialResultToken, onPart);
  try {
    return await client.sendRequest(
      method,
      parts ? { ...(params as object), partialResultToken } : params,
      cancellation.token,
    );
  } finally {
    signal?.removeEventListener('abort', onAbort);
    parts?.dispose();
    cancellation.dispose();
  }
}
