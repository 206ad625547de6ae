// Wire <-> domain for the daemon itself.
import type { DaemonDoctor, DaemonShutdown, DaemonStatus, GatewayOpen } from '../../shared/protocol/daemon.ts';
import { thisBuild } from '../base/build.ts';
import { diskUsage } from '../base/process/disk-usage.ts';
import type { Handler } from './handler.ts';

type StatusSubject =
  | 'sessions'
  | 'paths'
  | 'inference'
  | 'embedder'
  | 'models'
  | 'storage'
  | 'egress'
  | 'requestLog'
  | 'turns'
  | 'completions'
  | 'mcpServers'
  | 'checkpoints'
  | 'config';

export const handleDaemonStatus: Handler<typeof DaemonStatus, StatusSubject, 'none'> = async (
  { textDocument },
  { services, session, signal },
) => {
  const document = textDocument && session.document(textDocument.uri);
  const { sessions, paths, inference, embedder, storage, egress, requestLog } = services;
  const [{ natives, recovery }, disk, completion, search, mcpServers, checkpoints] = await Promise.all([
    storage.health(),
    diskUsage(paths),
    services.completions.state(
      session.options.completion,
      signal,
      document && { uri: document.uri, languageId: document.languageId, roots: session.roots },
    ),
    storage.searchIndex.status().catch(() => undefined), // what is wrong with storage is told otherwise
    services.mcpServers.status(),
    services.checkpoints.kept(),
  ]);
  const notices = [...(recovery === undefined ? [] : [recovery]), ...mistakesIn(services.config, paths.configFile)];
  return {
    version: thisBuild.version,
    pid: process.pid,
    uptimeMs: Math.round(process.uptime() * 1000),
    clients: sessions.all.map(({ id, name, connectedAt }) => ({ id, name, connectedAt })),
    models: inference.loaded().map(({ path, ...facts }) => {
      const id = services.models.idOf(path);
      const embedding = [embedder.model, `local/${embedder.model}`].includes(id);
      return { id, loaded: true, ...facts, ...(embedding && { embedding }) };
    }),
    running: sessions.all
      .flatMap((session) => [...session.running.values()])
      .filter((method) => !method.startsWith('switchyard/daemon/')),
    answering: services.turns.list(),
    natives,
    ...(notices.length > 0 && { notices }),
    dataDir: paths.data,
    configFile: paths.configFile,
    logFile: paths.logFile,
    memoryBytes: process.memoryUsage.rss(),
    disk,
    checkpoints,
    hosts: egress.hosts(),
    ...(search && { search: { documents: search.documents, embedded: search.vectors, queued: search.queued } }),
    policy: services.config.config.routing.policy,
    completion,
    mcpServers,
    history: requestLog.state,
  };
};

const maxMistakes = 5; // `doctor` names all

function mistakesIn({ problems }: { problems: readonly string[] }, file: string): string[] {
  const some = problems.slice(0, maxMistakes).join('; ');
  return problems.length === 0
    ? []
    : [`The configuration has mistakes: ${some}. Correct ${file}; the rest of it applies.`];
}

export const handleDaemonDoctor: Handler<typeof DaemonDoctor, 'doctor', 'none'> = async (
  _params,
  { services, session },
) => ({
  checks: await services.doctor({ path: session.path }),
});

export const handleDaemonShutdown: Handler<typeof DaemonShutdown, 'sessions', 'none'> = (
  { force = false },
  { services, session },
) => {
  services.sessions.end(session, { force });
  return {};
};

/** The view shows what its opener sees, so the opener's profile is looked up first. */
export const handleGatewayOpen: Handler<typeof GatewayOpen, 'gateway', 'own-or-none'> = async (
  { view },
  { session, services },
) => services.gateway.open(session, view);
