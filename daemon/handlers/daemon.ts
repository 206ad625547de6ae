// Wire <-> domain for the daemon itself.
import { homedir } from 'node:os';
import { pathToFileURL } from 'node:url';
import type { DaemonDoctor, DaemonShutdown, DaemonStatus, GatewayOpen } from '../../shared/protocol/daemon.ts';
import { thisBuild } from '../base/build.ts';
import { UserError } from '../base/errors.ts';
import { diskUsage } from '../base/process/disk-usage.ts';
import type { Handler } from './handler.ts';

export const handleDaemonStatus: Handler<typeof DaemonStatus> = async (_params, { services }) => {
  const { sessions, paths, inference, embedder, storage: memory, egress, requestLog: history } = services;
  const [{ natives, recovery }, disk] = await Promise.all([memory.health(), diskUsage(paths)]);
  return {
    version: thisBuild.version,
    pid: process.pid,
    uptimeMs: Math.round(process.uptime() * 1000),
    clients: sessions.all.map(({ id, name, connectedAt }) => ({ id, name, connectedAt })),
    models: inference.loaded().map(({ path, bytes }) => {
      const id = services.models.idOf(path);
      const embedding = [embedder.model, `local/${embedder.model}`].includes(id);
      return { id, loaded: true, bytes, ...(embedding && { embedding }) };
    }),
    running: sessions.all
      .flatMap((session) => [...session.running.values()])
      .filter((method) => !method.startsWith('switchyard/daemon/')),
    answering: services.turns.list(),
    natives,
    ...(recovery !== undefined && { notices: [recovery] }),
    dataDir: paths.data,
    configFile: paths.configFile,
    logFile: paths.logFile,
    memoryBytes: process.memoryUsage.rss(),
    disk,
    hosts: egress.hosts(),
    history: history.state,
  };
};

export const handleDaemonDoctor: Handler<typeof DaemonDoctor> = async (_params, { services }) => ({
  checks: await services.doctor(),
});

export const handleDaemonShutdown: Handler<typeof DaemonShutdown> = ({ force }, { services, session }) => {
  const atWork = services.sessions.all.filter((other) => other !== session && other.running.size > 0);
  if (atWork.length > 0 && !force) {
    throw new UserError(
      'daemon-busy',
      `The daemon is answering ${atWork.map((other) => other.name).join(', ')}. Stop that first, or use \`switchyard stop --force\`.`,
      { retryable: true },
    );
  }
  services.shutdown();
  return {};
};

export const handleGatewayOpen: Handler<typeof GatewayOpen> = async ({ view }, { session, services }) => {
  await services.sessionProfiles.profileOrNone(session); // the view shows what its opener sees
  const { profile, roots, isIndexed } = session;
  return {
    url: await services.gateway.open(
      { profile, roots: roots.filter((root) => !isAboveProjects(root)), isIndexed },
      view,
    ),
  };
};

/** The home folder and those above it are where a terminal happens to be, and nothing to look through for a question. */
function isAboveProjects(root: string): boolean {
  return `${pathToFileURL(homedir()).href}/`.startsWith(`${root.replace(/\/$/, '')}/`);
}
