// Joins the user's daemon, and starts it if there is none. Twenty clients that do so at once share one daemon.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { homedir } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { thisBuild } from '../base/build.ts';
import { errnoCode, throwIfCancelled, UserError } from '../base/errors.ts';
import { isAlive, readRecord, takeLock } from '../base/lock.ts';
import type { Paths } from '../base/paths.ts';
import { withoutDiagnostics } from '../base/process/diagnostics.ts';
import { cannotWrite, prepareRunFolder, readToken } from '../base/run-folder.ts';
import { type Hello, maxPathBytes, takeLine, type Welcome } from './hello.ts';

/** A connection that the daemon has welcomed. */
export interface DaemonConnection {
  socket: Socket;
  /** Bytes that came behind the welcome. */
  rest: Buffer;
  pid: number;
  /** Whether this call started the daemon. */
  started: boolean;
}

interface JoinOptions {
  paths: Paths;
  wire: number;
  /** Path of this program, which is also the daemon's. */
  program: string;
  /** Whether to start a daemon when there is none; without it, a missing daemon is UserError `no-daemon`. */
  start: boolean;
  signal: AbortSignal;
}

/** How a starting daemon reports to the process that started it, over the child's IPC channel. */
export type StartReport = { ready: true } | { ready: false; code: string; message: string };

const joinTimeoutMs = 20_000; // a cold start takes a fraction of a second; a loaded machine may need many times that
const welcomeTimeoutMs = 5000;
const pollMs = 20;

/** Connects to the daemon. Throws UserError that says what to do where that fails. */
export async function joinDaemon(options: JoinOptions): Promise<DaemonConnection> {
  const { paths, signal } = options;
  const deadline = Date.now() + joinTimeoutMs;
  if (options.start) prepareRunFolder(paths);
  let started = false;
  while (Date.now() < deadline) {
    throwIfCancelled(signal);
    const attempt = await connect(options);
    if (attempt) return { ...attempt, started };
    if (!options.start)
      throw new UserError(
        'no-daemon',
        "The daemon isn't running. Start it with `switchyard serve`, or let any editor start it.",
      );
    const startedNow = await startUnlessStarting(options);
    started ||= startedNow;
    if (!startedNow) await delay(pollMs, undefined, { signal }).catch(() => {});
  }
  throw new UserError(
    'daemon-unreachable',
    `The daemon didn't respond within ${joinTimeoutMs / 1000} seconds. Its log is ${paths.logFile}.`,
    { retryable: true },
  );
}

/** Tries once. Undefined where no daemon listens, or it is leaving. */
async function connect({ paths, wire, start }: JoinOptions): Promise<Omit<DaemonConnection, 'started'> | undefined> {
  const token = readToken(paths);
  if (!token) return undefined;
  const socket = createConnection(paths.socket);
  // A client that may not start a daemon must not make an older one leave, so it claims the oldest build.
  const { PATH: path = '' } = process.env;
  const hello: Hello = {
    token,
    wire,
    build: start ? thisBuild : { version: '0.0.0', stamp: 0 },
    ...(!start && { visits: true }),
    ...(path !== '' && Buffer.byteLength(JSON.stringify(path)) <= maxPathBytes && { path }),
  };
  try {
    const { line, rest } = await firstLine(socket, `${JSON.stringify(hello)}\n`);
    const welcome = parseWelcome(line, paths);
    if (welcome.ok) return { socket, rest, pid: welcome.pid };
    socket.destroy();
    if (welcome.code === 'retiring') return undefined;
    throw new UserError(welcome.code, refusal(welcome, paths));
  } catch (error) {
    socket.destroy();
    const code = errnoCode(error) ?? '';
    const wasClosed = code === 'ECONNRESET' || code === 'EPIPE';
    if (wasClosed && !start && hasHolder(paths)) throw closedEarly(paths);
    if (wasClosed || code === 'ENOENT' || code === 'ECONNREFUSED') return undefined;
    throw cannotAsk(code) ?? error;
  }
}

function hasHolder(paths: Paths): boolean {
  const holder = readRecord(paths.lockFile);
  return holder !== undefined && isAlive(holder);
}

function closedEarly(paths: Paths): UserError {
  return new UserError(
    'daemon-unreachable',
    `The daemon closed the connection before responding. It is stopping, or has no room for another client. Try again. Its log is ${paths.logFile}.`,
    { retryable: true },
  );
}

/** The sentence where the daemon may well be running, but this process could not ask it. */
export function cannotAsk(code: string): UserError | undefined {
  const reason = {
    EMFILE: 'this program has too many files open',
    ENFILE: 'too many files are open on this machine',
    EAGAIN: 'too many clients are waiting for it',
    ENOBUFS: 'the system is out of memory for connections',
    ENOMEM: 'the system is out of memory',
    EACCES: 'its socket belongs to another user',
    EPERM: "the system doesn't allow it",
  }[code];
  if (reason === undefined) return undefined;
  const message = `Couldn't check whether the daemon is running: ${reason}. Close some programs, then try again.`;
  return new UserError('daemon-unreachable', message, { retryable: true });
}

function firstLine(socket: Socket, greeting: string): Promise<{ line: string; rest: Buffer }> {
  return new Promise((resolve, reject) => {
    let buffered: Buffer = Buffer.alloc(0);
    const silent = new UserError(
      'daemon-silent',
      "Something listens on the daemon's socket but doesn't respond. If `switchyard status` fails too, end that process and try again.",
      { retryable: true },
    );
    const timer = setTimeout(() => reject(silent), welcomeTimeoutMs);
    const onData = (chunk: Buffer): void => {
      buffered = Buffer.concat([buffered, chunk]);
      const taken = takeLine(buffered);
      if (taken === undefined) return;
      clearTimeout(timer);
      socket.off('data', onData);
      socket.pause();
      if (taken) resolve(taken);
      else
        reject(
          new UserError('foreign-socket', "A different program responds on the daemon's socket. End it and try again."),
        );
    };
    socket.on('data', onData);
    socket.once('error', reject);
    socket.once('close', () => {
      clearTimeout(timer);
      reject(Object.assign(new Error('closed before the welcome'), { code: 'ECONNRESET' }));
    });
    socket.once('connect', () => socket.write(greeting));
  });
}

function parseWelcome(line: string, paths: Paths): Welcome {
  try {
    const welcome = JSON.parse(line) as Welcome;
    if (typeof welcome.ok === 'boolean') return welcome;
  } catch {
    // Not JSON: the error below says so.
  }
  throw new UserError(
    'foreign-socket',
    `The program at ${paths.socket} isn't the Switchyard daemon. End it, or set SWITCHYARD_HOME to another folder.`,
  );
}

function refusal(welcome: Extract<Welcome, { ok: false }>, paths: Paths): string {
  const pid = readRecord(paths.lockFile)?.pid;
  return welcome.code === 'wrong-token'
    ? `The running daemon${pid ? ` (process ${pid})` : ''} doesn't accept the token in ${paths.tokenFile}. End that process and try again.`
    : welcome.message;
}

/** Starts a daemon, unless another client is doing so. Throws the daemon's own sentence when it cannot start. */
async function startUnlessStarting(options: JoinOptions): Promise<boolean> {
  const { paths } = options;
  if (hasHolder(paths)) return false; // it is starting, or leaving
  const lock = takeStartLock(paths);
  if (!lock) return false;
  try {
    // Another client may have started one before we took the lock.
    if (hasHolder(paths)) return false;
    await spawnDaemon(options);
    return true;
  } finally {
    lock.release();
  }
}

function takeStartLock(paths: Paths): { release(): void } | undefined {
  try {
    const result = takeLock(`${paths.lockFile}.starting`, thisBuild.version);
    return 'held' in result ? result.held : undefined;
  } catch (error) {
    throw cannotWrite(paths.run, error);
  }
}

const youngGeneration = '--max-semi-space-size=4'; // MB; V8 takes up to 32 by itself, and keeps three of them while nobody works

function spawnDaemon({ paths, program }: JoinOptions): Promise<void> {
  const stderrFile = `${paths.logFile}.stderr`; // what native code prints when it dies
  const stderr = openForWriting(stderrFile);
  const options = process.env['NODE_OPTIONS'];
  const flags = [youngGeneration, ...withoutDiagnostics(process.execArgv)]; // the user's own flags come last, and win
  const child = spawn(process.execPath, [...flags, program, 'serve', '--quiet'], {
    detached: true,
    windowsHide: true,
    cwd: homedir(), // the daemon outlives the folder it was started from
    stdio: ['ignore', 'ignore', stderr ?? 'ignore', 'ipc'],
    env: {
      ...process.env,
      ...(options !== undefined && { NODE_OPTIONS: withoutDiagnostics(options.split(/\s+/)).join(' ') }),
      ELECTRON_RUN_AS_NODE: '1',
    },
  });
  if (stderr !== undefined) closeSync(stderr);
  return new Promise<void>((resolve, reject) => {
    child.once('message', (report: StartReport) => {
      if (report.ready || report.code === 'already-running') resolve();
      else reject(new UserError(report.code, report.message));
    });
    child.once('error', (error) =>
      reject(new UserError('daemon-failed', `Couldn't start the daemon: ${error.message}`)),
    );
    child.once('exit', (code, signal) => {
      reject(
        new UserError(
          'daemon-failed',
          `The daemon stopped before it was ready (${signal ?? `exit code ${code}`}). ${firstLineOf(stderrFile)}Its log is ${paths.logFile}.`,
          { retryable: true },
        ),
      );
    });
  }).finally(() => {
    if (child.connected) child.disconnect();
    child.unref();
  });
}

function openForWriting(file: string): number | undefined {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    return openSync(file, 'w', 0o600);
  } catch {
    return undefined; // the daemon itself will say that nothing can be written
  }
}

function firstLineOf(file: string): string {
  try {
    const line = readFileSync(file, 'utf8').trim().split('\n', 1)[0] ?? '';
    return line === '' ? '' : `It said: ${line.slice(0, 300)} `;
  } catch {
    return '';
  }
}
