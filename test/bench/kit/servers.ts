// Programs that speak JSON-RPC, started and asked: the built program's forwarder, its daemon's socket, the bare echo beside it.
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import { joinDaemon } from '../../../daemon/rpc/join.ts';
import { createTransport } from '../../../daemon/rpc/transport.ts';
import { wireVersion } from '../../../shared/protocol/version.ts';
import { type Home, program } from '../../process/home.ts';

export const echo = fileURLToPath(new URL('../peers/echo.mjs', import.meta.url));

/** Lives until it is ended, or its home is. */
export interface Server {
  child: ChildProcess;
  connection: MessageConnection;
}

/** The reply to `initialize`, as far as it is of interest here. */
interface InitializeResult {
  capabilities: { experimental: { switchyard: { pid: number } } };
}

const initializeParams = { processId: null, rootUri: null, capabilities: {}, clientInfo: { name: 'benchmark' } };

/** Starts a server that speaks on its stdin and stdout. */
export function startServer(home: Home, args: readonly string[]): Server {
  const child = home.spawn(args);
  assert.ok(child.stdout && child.stdin);
  child.stderr?.resume();
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  connection.onError(() => {});
  connection.listen();
  return { child, connection };
}

/** A file of `peers/` that prints its address when it listens. It ends with the home. */
export async function startPeer(
  home: Home,
  file: string,
  ...args: string[]
): Promise<{ address: string; pid: number | undefined }> {
  const child = home.spawn([fileURLToPath(new URL(`../peers/${file}`, import.meta.url)), ...args]);
  child.stderr?.pipe(process.stderr);
  const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
  return { address: line.toString().trim(), pid: child.pid };
}

/** The built program as an editor starts it. */
export function startForwarder(home: Home): Server {
  return startServer(home, [program, '--stdio']);
}

/** Resolves with the process that answered: the daemon, even through a forwarder. */
export async function initialize(connection: MessageConnection): Promise<number> {
  const { capabilities } = await connection.sendRequest<InitializeResult>('initialize', initializeParams);
  await connection.sendNotification('initialized', {});
  return capabilities.experimental.switchyard.pid;
}

/** Ends a server and waits for its end. */
export async function end({ child, connection }: Server): Promise<void> {
  connection.dispose();
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** A client of the running daemon in this very process; not initialized yet. */
export async function connect(home: Home): Promise<MessageConnection & { close(): void }> {
  const { socket, rest } = await joinDaemon({
    paths: home.paths,
    wire: wireVersion,
    program,
    start: false,
    signal: new AbortController().signal,
  });
  const connection = createTransport({ input: socket, output: socket, rest, onBroken: () => socket.destroy() });
  connection.onError(() => {});
  connection.listen();
  const close = (): void => {
    connection.dispose();
    socket.destroy();
  };
  return Object.assign(connection, { close });
}
