// The two ways to serve: everybody on the user's socket, or one client alone on stdio.
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { wireVersion } from '../shared/protocol/version.ts';
import { thisBuild } from './base/build.ts';
import { recordBug, UserError } from './base/errors.ts';
import { type Lock, takeLock } from './base/lock.ts';
import { type Paths, resolvePaths } from './base/paths.ts';
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
  const { promise: left, resolve: leave } = Promise.withResolvers<void>();
  const daemon = compose({ paths, shared: false, onShutdown: leave });
  const end = (): void => {
    process.stdin.destroy(); // the client may never close its side
    leave();
  };
  const session = openSession({ input: process.stdin, output: process.stdout, end }, daemon.services);
  session.onClose(leave);
  await left;
  await daemon.dispose();
  return session.exitCode;
}

/** Serves everybody on the user's socket until idle or told to stop. Throws UserError when it cannot begin. */
export async function serveShared(report: (report: StartReport) => void): Promise<void> {
  const paths = resolvePaths(wireVersion);
  prepareRunFolder(paths);
  const lock = takeDaemonLock(paths);
  const { promise: toldToLeave, resolve: leave } = Promise.withResolvers<void>();
  process.once('SIGTERM', leave).once('SIGINT', leave);
  const daemon = compose({ paths, shared: true, onShutdown: () => setImmediate(leave) }); // after the reply has been written
  const { services } = daemon;
  try {
    const token = ensureToken(paths);
    const server = await listen({
      paths,
      token,
      wire: wireVersion,
      log: services.log,
      onConnection(socket, rest, { path }) {
        const session = openSession({ input: socket, output: socket, rest, end: () => socket.destroy() }, services);
        session.path = path;
      },
      onNewerBuild: () => services.sessions.makeWay(),
    });
    watchForBugs(services);
    services.log.info({ pid: process.pid, version: thisBuild.version, dataDir: paths.data }, 'daemon ready');
    report({ ready: true });
    await toldToLeave;
    services.log.info({ pid: process.pid }, 'daemon leaves');
    server.close();
    await daemon.dispose();
    if (lock.isOurs() && process.platform !== 'win32') rmSync(paths.socket, { force: true });
  } finally {
    await daemon.dispose();
    lock.release();
  }
  // All is done and stored. A thread that waits for a disk which never answers would keep even process.exit from ending the process.
  if (services.requestLog.state.waiting > 0) process.kill(process.pid, 'SIGKILL');
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
