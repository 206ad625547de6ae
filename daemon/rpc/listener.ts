// The daemon's socket: accepts connections, checks their token, and hands them on as plain byte streams.
import { lstatSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { compareBuilds, thisBuild } from '../base/build.ts';
import { errnoCode, UserError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Paths } from '../base/paths.ts';
import { type DescriptorReserve, noDescriptors } from '../base/process/descriptors.ts';
import { isToken } from '../base/token.ts';
import { type Hello, takeLine, type Welcome } from './hello.ts';

const helloTimeoutMs = 5000; // a silent peer must not hold a descriptor forever
/** Far more than editors and terminals of one user. The descriptors beyond it are for files, models and the database. */
export const maxClients = 256;
const maxVisitors = 8; // beyond them: `switchyard stop` and `status` are to get through
const maxGreeting = 64; // connections whose first line has not come; further ones are closed at once

interface ListenerOptions {
  paths: Paths;
  token: string;
  wire: number;
  log: Log;
  reserve: DescriptorReserve;
  /** Takes a welcomed client: its socket, and the bytes that came after its first line. */
  onConnection(socket: Socket, rest: Buffer, hello: Hello): void;
  /** Called when a newer build asks for our place. True when no client is connected, and we leave. */
  onNewerBuild(): boolean;
}

/** Listens on the user's socket. Throws UserError when another program does. */
export async function listen(options: ListenerOptions): Promise<Server> {
  const { socket: path } = options.paths;
  if (process.platform !== 'win32') await clearStaleSocket(path);
  const clients = new Set<Socket>();
  const server = createServer((socket) => greet(socket, clients, options));
  server.maxConnections = maxClients + maxVisitors + maxGreeting;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(inUse(path, error)));
    // The folder is 0700, so the socket's own mode is a second lock, not the first.
    server.listen({ path, backlog: 511 }, resolve);
  });
  server.on('error', (error) => options.log.error({ error: String(error) }, 'listener'));
  return server;
}

function inUse(path: string, error: unknown): UserError {
  const reason = errnoCode(error) === 'EADDRINUSE' ? 'another program uses it' : String(error);
  return new UserError(
    'socket-in-use',
    `Switchyard can't listen on ${path}: ${reason}. End that program or remove the file, then try again.`,
    { cause: error },
  );
}

/** Removes a socket that does not answer. We hold the lock, so no daemon of ours is behind it. */
async function clearStaleSocket(path: string): Promise<void> {
  const answer = await new Promise<string>((resolve) => {
    const probe = createConnection(path, () => resolve('answered'));
    probe.once('error', (error) => resolve(errnoCode(error) ?? 'error'));
    probe.once('connect', () => probe.destroy());
  });
  if (answer === 'ENOENT') return;
  const isSocket = lstatSync(path, { throwIfNoEntry: false })?.isSocket() ?? true; // a plain file refuses connections too
  if (answer === 'ECONNREFUSED' && isSocket) return rmSync(path, { force: true });
  throw new UserError(
    'foreign-socket',
    `There's something at ${path} that isn't the Switchyard daemon. Remove it, or set SWITCHYARD_HOME to another folder.`,
  );
}

function greet(socket: Socket, clients: Set<Socket>, options: ListenerOptions): void {
  let buffered: Buffer = Buffer.alloc(0);
  const hasSpare = options.reserve.hasSpare();
  socket.on('error', () => socket.destroy());
  const timer = setTimeout(() => socket.destroy(), helloTimeoutMs);
  const onData = (chunk: Buffer): void => {
    buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk]);
    const taken = takeLine(buffered);
    if (taken === undefined) return;
    clearTimeout(timer);
    socket.off('data', onData);
    socket.pause();
    const hello = taken ? parseHello(taken.line) : undefined;
    const welcome = welcomeFor(hello, options, hello && noRoom(hello, clients.size, hasSpare));
    socket.write(`${JSON.stringify(welcome)}\n`);
    if (!welcome.ok || !taken || !hello) return socket.destroySoon(); // even if the peer never closes its side
    clients.add(socket);
    options.onConnection(socket, taken.rest, hello);
  };
  socket.on('data', onData);
  socket.once('close', () => {
    clearTimeout(timer);
    clients.delete(socket);
  });
}

function parseHello(line: string): Hello | undefined {
  try {
    const { token, wire, build, path, visits } = JSON.parse(line) as Partial<Hello>;
    if (typeof token !== 'string' || typeof wire !== 'number' || typeof build?.version !== 'string') return undefined;
    return {
      token,
      wire,
      build: { version: build.version, stamp: Number(build.stamp) || 0 },
      ...(typeof path === 'string' && { path }),
      ...(visits === true && { visits }),
    };
  } catch {
    return undefined;
  }
}

type Refusal = Extract<Welcome, { ok: false }>;

/** Why a client is not taken, however well it greets. */
function noRoom(hello: Hello, clients: number, hasSpare: boolean): Refusal | undefined {
  if (hello.visits && clients < maxClients + maxVisitors) return undefined;
  if (!hasSpare) return { ok: false, code: 'too-many-files', message: noDescriptors };
  if (clients < maxClients) return undefined;
  return {
    ok: false,
    code: 'too-many-clients',
    message: `The daemon already serves ${maxClients} clients. Close some editor windows or terminals, then try again.`,
  };
}

function welcomeFor(
  hello: Hello | undefined,
  { token, wire, onNewerBuild }: ListenerOptions,
  refusal: Refusal | undefined,
): Welcome {
  if (!hello) return { ok: false, code: 'bad-hello', message: 'The first line was not a Switchyard greeting.' };
  if (!isToken(hello.token, token)) return { ok: false, code: 'wrong-token', message: 'The token is wrong.' };
  if (hello.wire !== wire)
    return {
      ok: false,
      code: 'wrong-wire',
      message: `This daemon speaks wire version ${wire}, and the client version ${hello.wire}. Update the older one.`,
    };
  if (compareBuilds(hello.build, thisBuild) > 0 && onNewerBuild()) {
    return { ok: false, code: 'retiring', message: 'A newer build is taking over.' };
  }
  return refusal ?? { ok: true, pid: process.pid, build: thisBuild };
}
