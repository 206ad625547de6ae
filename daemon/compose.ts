// Composition root: the only list of what depends on what.
import { dirname } from 'node:path';
import type { WebSocket } from 'ws';
import { secretsIn } from './base/config/secrets.ts';
import { ConfigFile } from './base/config.ts';
import { createLog, Redactor } from './base/log.ts';
import type { Paths } from './base/paths.ts';
import { forbidReports } from './base/process/diagnostics.ts';
import { programFiles } from './base/program-files.ts';
import { CodeIndex } from './code-index/code-index.ts';
import { examine } from './doctor/doctor.ts';
import { createEgress } from './egress/egress.ts';
import { createChat } from './features/chat/chat.ts';
import { estimateTokens } from './features/chat/fit.ts';
import { createOlderTurns } from './features/chat/history-window/older-turns.ts';
import { RunningTurns } from './features/chat/running-turns.ts';
import { createActions } from './features/code-actions/perform.ts';
import { createMemories } from './features/memories/memories.ts';
import { Contexts } from './features/mentions/contexts.ts';
import { createAnalysers } from './features/pipeline/analysers/analysers.ts';
import { gitDiff } from './features/pipeline/diff/git.ts';
import { FindingBoard } from './features/pipeline/finding-board.ts';
import { createModels } from './features/pipeline/models.ts';
import { createReview } from './features/pipeline/review.ts';
import { createProfileAdmin } from './features/profiles/admin.ts';
import { EmbeddingLoop } from './features/search/embedding-loop.ts';
import { createFind, type Find } from './features/search/search.ts';
import { createGateway, type Opener } from './gateway/gateway.ts';
import { serveView } from './gateway/view-socket.ts';
import { createIgnore, type Ignore } from './ignore/ignore.ts';
import { createKeystore } from './keys/keystore.ts';
import { createAnswerCache } from './models/cache/cache.ts';
import { createCosts, type FinishedRequest } from './models/costs/costs.ts';
import { mergeBudgets } from './models/costs/merge-budgets.ts';
import { createMeteredRouter } from './models/costs/metered-router.ts';
import { chooseEmbedder } from './models/embedding/choose.ts';
import type { ExaminedEmbedder } from './models/embedding/embedder.ts';
import { createInference } from './models/inference/client.ts';
import { createLocalProvider } from './models/providers/local.ts';
import { createRegistry } from './models/providers/registry.ts';
import { createResilience } from './models/resilience/resilience.ts';
import { createRouter } from './models/router/create.ts';
import type { EmbeddingSource } from './models/router/recent-requests.ts';
import { createPromptGuard, guarded } from './models/secrets/prompt-guard.ts';
import { redacted } from './models/secrets/redacted.ts';
import { localModelFiles } from './models/setup/local-files.ts';
import { createModelSetup } from './models/setup/setup.ts';
import { RequestLog } from './request-log/request-log.ts';
import { answer } from './server.ts';
import type { DaemonShapes, Services } from './services.ts';
import { createNetwork } from './sessions/network-settings.ts';
import { RequestContext } from './sessions/request-context.ts';
import { Session } from './sessions/session.ts';
import { createSessionProfiles } from './sessions/session-profile.ts';
import { Sessions } from './sessions/sessions.ts';
import { openStorage } from './storage/sqlite/client.ts';

export interface Daemon {
  services: Services;
  /** Ends everything that was started, in order; what is stored is stored. */
  dispose(): Promise<void>;
}

/** What everything else stands on: settings, sessions, storage, keys, and the one way out. */
function layFoundations({ paths, onShutdown }: { paths: Paths; onShutdown(): void }) {
  forbidReports();
  const files = programFiles();
  const redactor = new Redactor();
  const logSink = createLog({ file: paths.logFile, redactor });
  const { log } = logSink;
  const config = new ConfigFile(paths.configFile);
  hideSecrets(config, redactor);
  const requestContext = new RequestContext();
  const sessions = new Sessions(() => config.config.daemon.idleExitMinutes * 60_000, onShutdown);
  const network = createNetwork({ config: () => config.config, sessions, requestContext, redactor });
  const storage = openStorage<DaemonShapes>({
    database: paths.database,
    workerPath: files.storageWorker,
    log,
    onNotice: (notice) => sessions.tell(notice),
  });
  return {
    paths,
    files,
    redactor,
    logSink,
    log,
    config,
    requestContext,
    sessions,
    network,
    egress: createEgress({ localOnly: network.localOnly, log, network: network.settings }),
    storage,
    keys: createKeystore({ dataDir: paths.data, redactor, log, witness: storage.keyFile }),
    history: new RequestLog({ folder: dirname(paths.logFile), redactor, log, now: Date.now }),
  };
}

type Foundations = ReturnType<typeof layFoundations>;

/** The models there are, each behind its limits, the guard over prompts, and the way out. */
function openProviders({ paths, files, redactor, log, config, requestContext, egress, keys }: Foundations) {
  const inference = createInference({ hostPath: files.inferenceHost });
  const guard = createPromptGuard({ mode: () => config.config.network.secrets ?? 'redact' });
  const modelFiles = (): Promise<string[]> => localModelFiles(config.config.localModels, paths.models);
  const resilience = createResilience({ config: () => config.config, workspace: () => requestContext.workspace, log });
  const registry = createRegistry({
    wrap: (provider, key) => resilience.wrap(redacted(guarded(provider, guard), redactor), { key }),
    config: () => config.config,
    apiKey: (provider) => keys.get(provider, requestContext.workspace),
    keyScope: (provider) => keys.scopeOf(provider, requestContext.workspace),
    fetchFor: egress.fetchFor,
    extra: [
      resilience.wrap(
        createLocalProvider({ name: 'local', inference, files: modelFiles, owner: () => requestContext.owner }),
      ),
    ],
    log,
  });
  return { inference, resilience, registry };
}

/** What a change of keys or of the configuration makes new. */
function followSettings(
  { config, keys, egress }: Foundations,
  {
    resilience,
    registry,
    index,
  }: Pick<ReturnType<typeof openProviders>, 'resilience' | 'registry'> & { index: CodeIndex },
): void {
  keys.onChange((provider) => {
    resilience.reset(provider);
    registry.reset();
  });
  config.onChange(() => {
    index.reconsider();
    egress.refresh();
    resilience.reset();
    registry.reset();
  });
  config.watch();
}

const maxMeant = 2000; // characters of a request that are embedded, as of a search's query
const maxEmbeddingMs = 60_000;

/** What requests mean, for the router: it waits for none of it. */
function meaningsOf(embedder: ExaminedEmbedder): EmbeddingSource {
  return {
    get model() {
      return embedder.model;
    },
    known: (text) => embedder.known(text),
    embed: async (text) =>
      (
        await embedder.embed([text.slice(0, maxMeant)], {
          signal: AbortSignal.timeout(maxEmbeddingMs),
          priority: 'background',
        })
      )[0],
  };
}

/** What questions may mention, and where it is looked up. */
function createContexts(
  { storage }: Foundations,
  { index, ignore, find, board }: { index: CodeIndex; ignore: Ignore; find: Find; board: FindingBoard },
): Contexts {
  return new Contexts({
    storage,
    index,
    ignore,
    find,
    diff: (root, signal) => gitDiff('unstaged', { root, ignore }, signal),
    problems: (profile) =>
      board
        .in(profile)
        .all()
        .map(({ uri, range, severity, message }) => `${uri}:${range.start.line + 1}: ${severity}: ${message}`),
  });
}

export function compose({ paths, shared, onShutdown }: { paths: Paths; shared: boolean; onShutdown(): void }): Daemon {
  const foundations = layFoundations({ paths, onShutdown });
  const {
    files,
    logSink,
    log,
    config,
    requestContext,
    sessions,
    network,
    egress,
    storage,
    keys,
    history: requestLog,
  } = foundations;
  const { inference, resilience, registry } = openProviders(foundations);
  const onOutcome = (modelId: string, error?: unknown): void =>
    error === undefined ? registry.reportSuccess(modelId) : registry.reportFailure(modelId, error);
  const newId = (): string => crypto.randomUUID();
  const onFinished = (request: FinishedRequest): void => {
    requestLog.write(request);
    if (request.task !== 'embedding') embeddings.wake(); // what was said is to be found by its meaning as well
  };
  const costs = createCosts({
    storage,
    onBegun: ({ task }) => older.giveWay(task),
    budgets: () =>
      mergeBudgets(
        config.config.budgets,
        sessions.all.map(({ options }) => options.budgets),
      ),
    onFinished,
    newId,
    now: Date.now,
    log,
  });
  const embedder = chooseEmbedder({
    configured: () => config.config.embedding?.model,
    inference,
    path: files.embeddingModel,
    registry,
    costs,
  });
  const router = createRouter({
    models: (signal) => registry.models(signal),
    routing: () => config.config.routing,
    decisions: (profile) => storage.in(profile).decisions,
    meanings: meaningsOf(embedder),
    onUnsaved: (error) => log.warn({ error: String(error) }, 'a decision was not stored, or past ones were not read'),
  });
  const neverSwitch = (): boolean => config.config.resilience.neverSwitch;
  const asked = createModels({
    router: createMeteredRouter({ router, costs, onOutcome, now: Date.now }),
    neverSwitch,
    now: Date.now,
  });
  const models = createModelSetup({
    config,
    inference,
    folder: paths.models,
    fetch: egress.fetch,
    hasKey: (provider) => keys.has(provider, requestContext.workspace),
    hasModels: async (signal) => (await registry.models(signal)).length > 0,
    onChange: () => registry.reset(),
  });
  const cache = createAnswerCache({ now: Date.now });
  const find = createFind({ searchOf: (profile) => storage.in(profile).search, embedder, log });
  const memories = createMemories({
    memoriesOf: (profile) => storage.in(profile).memories,
    find,
    embedder,
    estimateTokens,
    onChange: (profile) => cache.clear(profile),
    now: Date.now,
    log,
  });
  const older = createOlderTurns({
    olderOf: (profile) => storage.in(profile).older,
    find,
    router,
    costs,
    mode: () => config.config.chat.summaries,
    onOutcome,
    log,
  });
  const board = new FindingBoard();
  const turns = new RunningTurns();
  const ownFolders = [paths.config, dirname(paths.configFile), paths.data, paths.run, dirname(paths.logFile)];
  const ignore = createIgnore({ ownFolders });
  const indexChanges = new Set([() => embeddings.wake()]);
  const index = new CodeIndex({
    hostPath: files.codeIndexer,
    ownFolders,
    settings: () => config.config.index,
    log,
    onChange: () => indexChanges.forEach((tell) => void tell()),
  });
  const embeddings = new EmbeddingLoop({
    index: storage.searchIndex,
    embedder,
    log,
    quiet: () => turns.quiet().then(() => index.quiet()),
  });
  const gateway = createGateway({
    assets: files.views,
    onView: (socket, opener) => openView(socket, { opener, services, indexChanges }),
  });
  const services: Services = {
    shared,
    paths,
    log,
    logSink,
    config,
    sessions,
    requestContext,
    storage,
    board,
    keys,
    registry,
    inference,
    embedder,
    models,
    gateway,
    costs,
    routing: router,
    egress,
    requestLog,
    resilience,
    localOnly: network.localOnly,
    turns,
    ignore,
    index,
    contexts: createContexts(foundations, { index, ignore, find, board }),
    chat: createChat({ storage, memories, older, router, costs, cache, onOutcome, now: Date.now, neverSwitch }),
    review: createReview({
      analysers: createAnalysers({ log }),
      models: asked,
      findings: (profile) => storage.in(profile).findings,
      newId,
      log,
    }),
    actions: createActions({ models: asked, log }),
    find,
    memories,
    sessionProfiles: createSessionProfiles({ storage, log }),
    profiles: createProfileAdmin({ storage, holders: [router, board, { forget: (profile) => cache.clear(profile) }] }),
    doctor: () => examine(services),
    shutdown: onShutdown,
  };
  followSettings(foundations, { resilience, registry, index });
  return {
    services,
    async dispose() {
      gateway[Symbol.dispose]();
      for (const session of sessions.all) session.close();
      sessions[Symbol.dispose]();
      config[Symbol.dispose]();
      embeddings[Symbol.dispose]();
      await older[Symbol.asyncDispose]();
      await index[Symbol.asyncDispose](); // before the storage that it writes to
      await Promise.allSettled([
        storage[Symbol.asyncDispose](),
        inference[Symbol.asyncDispose](),
        requestLog[Symbol.asyncDispose](),
        egress[Symbol.asyncDispose](),
      ]);
    },
  };
}

/** Keeps what a configuration holds out of logs and failures. Before its first use, and before that of a changed one. */
function hideSecrets(config: ConfigFile, redactor: Redactor): void {
  const hide = (): void => {
    for (const secret of secretsIn(config.config)) redactor.add(secret);
  };
  hide();
  config.onChange(hide);
}

/** A browser's view is a session like any other: it keeps the daemon here, sees what who opened it sees, and what it asked for stops when it leaves. */
function openView(
  socket: WebSocket,
  { opener, services, indexChanges }: { opener: Opener; services: Services; indexChanges: Set<() => void> },
): void {
  const session = new Session(
    services.sessions.takeId(),
    { notify() {}, ask: () => Promise.reject(new Error('a view answers nothing')) },
    Date.now(),
  );
  session.name = 'browser';
  session.profile = opener.profile;
  session.roots = opener.roots;
  session.options = { index: opener.isIndexed };
  session.initialized = true;
  services.sessions.add(session);
  socket.on('close', () => {
    services.sessions.delete(session);
    session.close();
  });
  serveView(socket, {
    session,
    answer: (method, params, call) => answer(method, params, { ...call, services }),
    onIndexChange(listener) {
      indexChanges.add(listener);
      return () => void indexChanges.delete(listener);
    },
    onSwitched() {
      opener.profile = session.profile; // where the same browser comes again
    },
  });
}
