// A command's connection to the daemon: typed calls, parts as they come, Ctrl+C as cancellation.
import { pathToFileURL } from 'node:url';
import { CancellationTokenSource, type MessageConnection, ResponseError } from 'vscode-jsonrpc/node';
import { type ClientOptions, documentRead } from '../../../shared/protocol/daemon.ts';
import type { AnyRequest, ParamsInput, Part, Result } from '../../../shared/protocol/define.ts';
import { wireVersion } from '../../../shared/protocol/version.ts';
import { thisBuild } from '../../base/build.ts';
import { CancelledError, throwIfCancelled, UserError } from '../../base/errors.ts';
import { type Paths, resolvePaths } from '../../base/paths.ts';
import { type DaemonConnection, joinDaemon } from '../../rpc/join.ts';
import { createTransport } from '../../rpc/transport.ts';
import { type AwaitedPart, Waiting, waitForNext } from './waiting.ts';

export interface DaemonClient {
  readonly paths: Paths;
  readonly pid: number;
  /** Whether this command started the daemon. */
  readonly started: boolean;
  /** Aborted by Ctrl+C. */
  readonly interrupted: AbortSignal;
  /** Throws UserError, and CancelledError when `signal` is aborted; it is `interrupted` where left out. */
  call<M extends AnyRequest>(
    message: M,
    params: ParamsInput<M>,
    onPart?: (part: Part<M>) => void,
    signal?: AbortSignal,
  ): Promise<Result<M>>;
  notify(method: string, params: unknown): void;
  close(): void;
}

const cancelledCode = -32800; // LSP ErrorCodes.RequestCancelled

/** The current folder as a URI. A command works in that folder's profile. */
export function workingFolder(): string {
  return pathToFileURL(process.cwd()).href;
}

export interface DaemonClientOptions {
  start?: boolean;
  root?: string;
  /** Several folders, or none, instead of `root`. */
  roots?: readonly string[];
  /** Whether the folders may be indexed. */
  index?: boolean;
  /** The id or name of a profile. */
  profile?: string;
  /** How code is completed for this client. */
  completion?: ClientOptions['completion'];
  /** Whether the folder's own tools may be used: one that the command has made. */
  trusted?: true;
  /** Whether the command itself heeds Ctrl+C; `interrupted` is then never aborted. */
  heedsInterrupt?: boolean;
  /** The text of a document as the user sees it; undefined where it's as on the disk. Takes a URI. */
  readDocument?(uri: string): Promise<string | undefined>;
  /** Called when the connection has ended, whoever ended it. */
  onClose?(): void;
}

/**
 * Joins the daemon from the folder `root` (a URI; the current folder when left out), in its profile or the named one,
 * runs the work, and leaves. Starts the daemon unless `start` is false.
 */
export async function withDaemon<T>(
  work: (client: DaemonClient) => Promise<T>,
  options: DaemonClientOptions = {},
): Promise<T> {
  const client = await connect(options);
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

/** For those who stay: whoever connects closes. */
export async function connect(options: DaemonClientOptions): Promise<DaemonClient> {
  const { start = true, root = workingFolder(), roots = [root], profile, trusted, heedsInterrupt = false } = options;
  const paths = resolvePaths(wireVersion);
  const interrupted = new AbortController();
  if (!heedsInterrupt) process.once('SIGINT', () => interrupted.abort());
  const { socket, rest, pid, started } = await join(paths, start, interrupted.signal);
  const connection = createTransport({ input: socket, output: socket, rest, onBroken: () => socket.destroy() });
  connection.onError(() => {});
  const { readDocument } = options;
  if (readDocument)
    connection.onRequest(documentRead, async ({ uri }: { uri: string }) => ({ text: await readDocument(uri) }));
  connection.listen();
  const lost = new Promise<never>((_, reject) => {
    connection.onClose(() => {
      options.onClose?.();
      reject(new UserError('daemon-lost', 'The daemon stopped before it finished. Try again.', { retryable: true }));
    });
  });
  lost.catch(() => {});
  const client = createClient({ connection, interrupted: interrupted.signal, lost });
  const ownOptions: ClientOptions = {
    ...(profile !== undefined && { profile }),
    ...(trusted && { workspaceTrusted: true }),
    ...(options.index === false && { index: false }),
    ...(options.completion && { completion: options.completion }),
    ...(readDocument && { readsDocuments: true }),
  };
  await client.call(initializeMessage, {
    clientInfo: { name: 'switchyard CLI', version: thisBuild.version },
    capabilities: {},
    workspaceFolders: roots.map((uri) => ({ uri, name: 'root' })),
    initializationOptions: { switchyard: ownOptions },
  });
  return {
    ...client,
    paths,
    pid,
    started,
    interrupted: interrupted.signal,
    close() {
      connection.dispose();
      socket.destroy();
    },
  };
}

async function join(paths: Paths, start: boolean, signal: AbortSignal): Promise<DaemonConnection> {
  using _waiting = new Waiting('the daemon to start');
  return await joinDaemon({ paths, wire: wireVersion, program: process.argv[1] ?? '', start, signal });
}

/** Only the method's name is needed, since the daemon checks the params. */
const initializeMessage = { method: 'initialize' } as unknown as AnyRequest;

function createClient({
  connection,
  interrupted,
  lost,
}: {
  connection: MessageConnection;
  interrupted: AbortSignal;
  lost: Promise<never>;
}): Pick<DaemonClient, 'call' | 'notify'> {
  let nextToken = 1;
  return {
    async call(message, params, onPart, signal = interrupted) {
      throwIfCancelled(signal);
      const partialResultToken = `cli-${nextToken++}`;
      using waiting = new Waiting('Switchyard');
      const awaited: AwaitedPart = {};
      const listener =
        onPart &&
        connection.onNotification('$/progress', (progress: { token: unknown; value: unknown }) => {
          if (progress.token !== partialResultToken) return;
          waitForNext(waiting, progress.value, awaited);
          onPart(progress.value as Parameters<typeof onPart>[0]);
        });
      const cancellation = new CancellationTokenSource();
      const onInterrupt = (): void => cancellation.cancel();
      signal.addEventListener('abort', onInterrupt);
      try {
        const paramsWithToken = onPart ? { ...(params as object), partialResultToken } : params;
        return (await Promise.race([
          connection.sendRequest(message.method, paramsWithToken, cancellation.token),
          lost,
        ])) as Result<typeof message>;
      } catch (error) {
        throw toUserError(error, signal);
      } finally {
        signal.removeEventListener('abort', onInterrupt);
        listener?.dispose();
      }
    },
    notify: (method, params) => void connection.sendNotification(method, params),
  };
}

function toUserError(error: unknown, signal: AbortSignal): unknown {
  if (!(error instanceof ResponseError)) return error;
  if (error.code === cancelledCode)
    return signal.aborted ? new CancelledError() : new UserError('stopped', 'Another window stopped this request.');
  const data = error.data as { code?: string; retryable?: boolean } | undefined;
  return new UserError(data?.code ?? 'failed', error.message, { retryable: data?.retryable ?? false });
}
