// The two ways to serve: everybody on the user's socket, or one client alone on stdio.
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { wireVersion } from '../shared/protocol/version.ts';
import { thisBuild } from './base/build.ts';
import { recordBug, UserError } from './base/errors.ts';
import { type Lock, takeLock } from './base/lock.ts';
import { type Paths, resolvePaths } from './base/paths.ts';
import { DescriptorReserve } from './base/process/descriptors.ts';
import { removeAbandonedFolders } from './base/process/temporary-folder.ts';
import { checkFolders, prepareRunFolder } from './base/run-folder.ts';
import { ensureToken } from './base/token.ts';
import { compose } from './compose.ts';
import { openSession } from './rpc/connection.ts';
import type { StartReport } from './rpc/join.ts';
import { listen } from './rpc/listener.ts';
import type { Services } from './services.ts';

/** Serves one client on stdio in this process, for debugging. Resolves with the exit code when it has left. */
export async function serveAlone(): Promise<0 | 1> {
  const paths = resolvePaths(wireVersion);
  checkFolders(paths);
  using reserve = new DescriptorReserve();
  const { promise: left, resolve: leave } = Promise.withResolvers<void>();
  const daemon = compose({ paths, reserve, shared: false, onShutdown: leave });
  const end = (): void => {
    process.stdin.destroy(); // the client may never close its side
    leave();
  };
  const session = openSession({ input: process.stdin, output: process.stdout, end }, daemon.services);
  session.onClose(leave);
  await left;
  if (!(await isDisposedInTime(daemon))) process.kill(process.pid, 'SIGKILL');
  return session.exitCode;
}

/** Serves everybody on the user's socket until idle or told to stop. Throws UserError when it cannot begin. */
export async function serveShared(report: (report: StartReport) => void): Promise<void> {
  const paths = resolvePaths(wireVersion);
  prepareRunFolder(paths);
  const lock = takeDaemonLock(paths);
  using reserve = new DescriptorReserve();
  const { promise: toldToLeave, resolve: leave } = Promise.withResolvers<void>();
  process.once('SIGTERM', leave).once('SIGINT', leave);
  const daemon = compose({ paths, reserve, shared: true, onShutdown: () => setImmediate(leave) }); // after the reply has been written
  const { services } = daemon;
  let isDisposed: Promise<boolean> | undefined;
  const dispose = (): Promise<boolean> => (isDisposed ??= isDisposedInTime(daemon));
  try {
    const token = ensureToken(paths);
    const server = await listen({
      paths,
      token,
      wire: wireVersion,
      log: services.log,
      reserve,
      onConnection(socket, rest, { path }) {
        const session = openSession({ input: socket, output: socket, rest, end: () => socket.destroy() }, services);
        session.path = path;
      },
      onNewerBuild: () => services.sessions.makeWay(),
    });
    watchForBugs(services);
    services.log.info({ pid: process.pid, version: thisBuild.version, dataDir: paths.data }, 'daemon ready');
    report({ ready: true });
    void removeAbandonedFolders();
    await toldToLeave;
    services.log.info({ pid: process.pid }, 'daemon leaves');
    server.close();
    reserve[Symbol.dispose](); // what is stored now may need them
    await dispose();
    if (lock.isOurs() && process.platform !== 'win32') rmSync(paths.socket, { force: true });
  } finally {
    await dispose();
    lock.release();
  }
  // All is done and stored, as far as the disk took it. A thread that waits for one which never answers would keep even process.exit
  // from ending the process.
  const isStuck = !(await dispose()) || services.requestLog.state.waiting > 0;
  if (isStuck) process.kill(process.pid, 'SIGKILL');
}

const maxDisposeMs = 8000; // `switchyard stop` waits for a little longer

/** False where something of the daemon has not ended by then, as with a disk that never answers. What is stored survives any end. */
async function isDisposedInTime(daemon: { dispose(): Promise<void> }): Promise<boolean> {
  const { promise: tooLate, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(resolve, maxDisposeMs, false);
  try {
    return await Promise.race([daemon.dispose().then(() => true), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

function takeDaemonLock(paths: Paths): Lock {
  if (!existsSync(paths.data)) makeDataFolder(paths.data);
  const result = takeLock(paths.lockFile, thisBuild.version);
  if ('held' in result) return result.held;
  throw new UserError(
    'already-running',
    `A daemon is already running (process ${result.heldBy.pid}). To see what it's doing, run \`switchyard status\`. To stop it, run \`switchyard stop\`.`,
  );
}

function makeDataFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch {
    // Storage says why with its first use; reviews and models work without it.
  }
}

function watchForBugs({ log }: Services): void {
  process.on('unhandledRejection', (error) => recordBug(error, 'unhandled rejection', log));
  process.on('uncaughtException', (error) => {
    recordBug(error, 'uncaught exception', log);
    process.exitCode = 1;
    setImmediate(() => process.exit(1)); // its state can no longer be trusted; forwarders start a new daemon
  });
}
