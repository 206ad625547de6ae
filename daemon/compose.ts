// Composition root: the only list of what depends on what. It reads top-down: what a part is given exists before it.
import { dirname, join } from 'node:path';
import { historyChanged, jobsChanged, modelsChanged } from '../shared/notifications.ts';
import { ConfigFile } from './base/config/config.ts';
import { hideSecrets } from './base/config/secrets.ts';
import { SerialQueues } from './base/fair-queue.ts';
import { Listeners } from './base/listeners.ts';
import { createLog, Redactor } from './base/log.ts';
import type { Paths } from './base/paths.ts';
import type { DescriptorReserve } from './base/process/descriptors.ts';
import { forbidReports } from './base/process/diagnostics.ts';
import { programFiles } from './base/program-files.ts';
import { estimateTokens } from './base/tokens.ts';
import { CodeIndex } from './code-index/code-index.ts';
import { SyntaxChecker } from './code-index/syntax-checker.ts';
import { type DoctorSubject, examine } from './doctor/doctor.ts';
import { createEgress } from './egress/egress.ts';
import { createCheckpoints } from './features/agent/checkpoints/checkpoints.ts';
import { type CreateAgentDeps, createAgent } from './features/agent/create.ts';
import { createAnswers } from './features/answers/answers.ts';
import { createChangeSets } from './features/change-sets/change-sets.ts';
import { createOlderTurns } from './features/chat/history-window/older-turns.ts';
import { IdleWork } from './features/chat/idle-work.ts';
import { RunningTurns } from './features/chat/running-turns.ts';
import { createChat } from './features/chat/send.ts';
import { Titles } from './features/chat/titles.ts';
import { createActions } from './features/code-actions/perform.ts';
import { createCommitMessages } from './features/commit/commit.ts';
import { createCompletions } from './features/completion/create.ts';
import { type JobKind, Jobs } from './features/jobs/jobs.ts';
import { McpServers } from './features/mcp-servers/mcp-servers.ts';
import { createMemories } from './features/memories/memories.ts';
import { Contexts, type ContextsDeps } from './features/mentions/contexts.ts';
import { toolsOnPath } from './features/pipeline/analysers/analysers.ts';
import { gitDiff } from './features/pipeline/changes/git-diff.ts';
import { createPipeline } from './features/pipeline/create.ts';
import { FindingBoard, problemLine } from './features/pipeline/finding-board.ts';
import type { WriteContext } from './features/pipeline/write/write.ts';
import { createProfileAdmin } from './features/profiles/admin.ts';
import { EmbeddingLoop } from './features/search/embedding-loop.ts';
import { machineLoad } from './features/search/machine-load.ts';
import { createFind } from './features/search/search.ts';
import { createSettled } from './features/search/settled.ts';
import { createTools } from './features/tools/tools.ts';
import { createVision } from './features/vision/create.ts';
import { createGateway } from './gateway/gateway.ts';
import { openView } from './gateway/open-view.ts';
import { createModelGate } from './ignore/gate.ts';
import { createIgnore } from './ignore/ignore.ts';
import { createKeystore } from './keys/keystore.ts';
import { createModels } from './models/ask.ts';
import { createAnswerCache } from './models/cache/cache.ts';
import { createCosts } from './models/costs/costs.ts';
import { mergeBudgets } from './models/costs/merge-budgets.ts';
import { chooseEmbedder } from './models/embedding/choose.ts';
import { embeddingSourceOf } from './models/embedding/embedding-source.ts';
import { createReranker } from './models/embedding/reranker.ts';
import { createPictureMaker } from './models/make-pictures.ts';
import { createLocalProvider } from './models/providers/local.ts';
import { createRegistry } from './models/providers/registry.ts';
import { createResilience } from './models/resilience/resilience.ts';
import { createRouter } from './models/router/create.ts';
import { createPromptGuard, guarded } from './models/secrets/guard.ts';
import { createLocalModels } from './models/seeing/create.ts';
import { localModelFiles } from './models/setup/local-files.ts';
import { createModelSetup } from './models/setup/setup.ts';
import { RequestLog } from './request-log/request-log.ts';
import { answer } from './server.ts';
import type { DaemonShapes, JobContext, Services } from './services.ts';
import { createNetwork } from './sessions/network-settings.ts';
import { RequestContext } from './sessions/request-context.ts';
import { SessionProfiles } from './sessions/session-profiles.ts';
import { Sessions } from './sessions/sessions.ts';
import { Trust } from './sessions/trust.ts';
import { openStorage } from './storage/sqlite/client.ts';

interface Daemon {
  services: Services;
  /** Ends everything that was started, in order; what is stored is stored. */
  dispose(): Promise<void>;
}

interface ComposeOptions {
  paths: Paths;
  reserve: DescriptorReserve;
  /** Whether other clients may join. */
  shared: boolean;
  onShutdown(): void;
}

const prepareMs = 500; // the first client has been greeted by then, and a user has hardly typed a question

export function compose({ paths, reserve, shared, onShutdown }: ComposeOptions): Daemon {
  const foundations = layFoundations({ paths, onShutdown });
  const models = openModels(foundations);
  const features = openFeatures(foundations, models);
  const shell = openShell({ shared, reserve, foundations, models, features });
  followSettings({ foundations, models, features });
  const preparing = setTimeout(() => void foundations.egress.prepare(), prepareMs).unref();
  return {
    services: shell.services,
    async dispose() {
      const { sessions, config, storage, requestLog, egress } = foundations;
      clearTimeout(preparing);
      shell.gateway[Symbol.dispose]();
      sessions[Symbol.dispose]();
      config[Symbol.dispose]();
      features.embeddings[Symbol.dispose]();
      await features.mcpServers[Symbol.asyncDispose]();
      await features.idle[Symbol.asyncDispose]();
      await Promise.all([features.syntax[Symbol.asyncDispose](), features.vision[Symbol.asyncDispose]()]);
      await features.index[Symbol.asyncDispose](); // before the storage that it writes to
      await Promise.allSettled([
        storage[Symbol.asyncDispose](),
        models.inference[Symbol.asyncDispose](),
        requestLog[Symbol.asyncDispose](),
        egress[Symbol.asyncDispose](),
      ]);
    },
  };
}

/** What everything else stands on: settings, sessions, storage, keys, and the one way out. */
function layFoundations({ paths, onShutdown }: Pick<ComposeOptions, 'paths' | 'onShutdown'>) {
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
  const indexed = new Listeners<[]>();
  const storage = openStorage<DaemonShapes>({
    database: paths.database,
    workerPath: files.storageWorker,
    log,
    onNotice: (notice) => sessions.tell(notice),
    onListed: (profile) => sessions.notifySoon(historyChanged, profile),
    onIndexed: () => indexed.notify(),
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
    indexed,
    trust: new Trust({ dataDir: paths.data, log }),
    keys: createKeystore({ dataDir: paths.data, redactor, log, witness: storage.keyFile }),
    requestLog: new RequestLog({ folder: dirname(paths.logFile), redactor, log, now: Date.now }),
  };
}

type Foundations = ReturnType<typeof layFoundations>;

/** The providers of models, each behind its limits, the guard over prompts, and the way out. */
function openProviders(foundations: Foundations) {
  const { paths, redactor, log, config, sessions, requestContext, egress, keys } = foundations;
  const { inference, gpu, speeds } = createLocalModels(foundations);
  const promptGuard = createPromptGuard({ mode: () => config.config.network.secrets ?? 'redact' });
  const modelFiles = (): Promise<string[]> => localModelFiles(config.config.localModels, paths.models);
  const resilience = createResilience({ config: () => config.config, workspace: () => requestContext.workspace, log });
  const local = createLocalProvider({
    name: 'local',
    inference,
    files: modelFiles,
    owner: () => requestContext.owner,
    stop: () => requestContext.stop,
    settings: () => config.config.localSettings,
    onAnswer: (model, timing) => speeds.add(`local/${model}`, timing),
  });
  const registry = createRegistry({
    wrap: (provider, key) => resilience.wrap(guarded(provider, { promptGuard, redactor }), { key }),
    config: () => config.config,
    apiKey: (provider) => keys.get(provider, requestContext.workspace),
    keyScope: (provider) => keys.scopeOf(provider, requestContext.workspace),
    fetchFor: egress.fetchFor,
    extra: [resilience.wrap(local)],
    log,
    onReset: () => sessions.notifyAll(modelsChanged),
  });
  const reranker = createReranker({ configured: () => config.config.rerank?.model, files: modelFiles, inference, log });
  return { inference, gpu, resilience, registry, reranker, speeds };
}

/** How a model is chosen, asked and paid for. */
function openModels(foundations: Foundations) {
  const { paths, files, log, config, sessions, requestContext, egress, storage, keys, requestLog } = foundations;
  const { inference, gpu, resilience, registry, reranker, speeds } = openProviders(foundations);
  const costs = createCosts({
    storage,
    budgets: () =>
      mergeBudgets(
        config.config.budgets,
        sessions.served.map(({ options }) => options.budgets),
      ),
    newId: () => crypto.randomUUID(),
    now: Date.now,
    log,
  });
  costs.onFinish((request) => requestLog.write(request));
  const embedder = chooseEmbedder({
    configured: () => config.config.embedding?.model,
    inference,
    path: files.embeddingModel,
    registry,
    costs,
  });
  const router = createRouter({
    models: (signal, options) => registry.models(signal, options),
    listNotes: () => registry.notes(),
    configProblems: () => config.problems,
    routing: () => config.config.routing,
    decisions: (profile) => storage.in(profile).decisions,
    embeddings: embeddingSourceOf(embedder),
    onUnsaved: (error) => log.warn({ error: String(error) }, 'a decision was not stored, or past ones were not read'),
  });
  const models = createModels({
    router,
    costs,
    onOutcome: (modelId, error) =>
      error === undefined ? registry.reportSuccess(modelId) : registry.reportFailure(modelId, error),
    neverSwitch: () => config.config.resilience.neverSwitch,
    now: Date.now,
  });
  const setup = createModelSetup({
    config,
    inference,
    folder: paths.models,
    fetch: egress.fetch,
    speeds,
    hasKey: (provider) => keys.has(provider, requestContext.workspace),
    hasModels: async (signal) => (await registry.models(signal)).length > 0,
    onChange: () => registry.reset(),
  });
  return { inference, gpu, resilience, registry, costs, embedder, reranker, router, models, setup, speeds };
}

type ModelLayer = ReturnType<typeof openModels>;

/** The index of code, and the loop that embeds what was stored: both at work only while there is time for it. */
function openIndexes(
  { paths, files, log, config, storage, indexed }: Foundations,
  { embedder }: ModelLayer,
  turns: RunningTurns,
) {
  const ownFolders = [paths.config, dirname(paths.configFile), paths.data, paths.run, dirname(paths.logFile)];
  const ignore = createIgnore({ ownFolders });
  const index = new CodeIndex({ hostPath: files.codeIndexer, ownFolders, settings: () => config.config.index, log });
  const embeddings = new EmbeddingLoop({
    index: storage.searchIndex,
    embedder,
    log,
    load: machineLoad(turns, index),
  });
  indexed.add(() => embeddings.wake());
  return { ignore, ownFolders, index, embeddings };
}

/** What a chat turn stands on. */
function openMemory({ storage, config, log }: Foundations, { embedder, costs, models }: ModelLayer) {
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
  const idle = new IdleWork({ log });
  costs.onBegin(({ task }) => idle.giveWay(task));
  const older = createOlderTurns({
    olderOf: (profile) => storage.in(profile).older,
    find,
    models,
    mode: () => config.config.chat.summaries,
    idle,
    log,
  });
  const titles = new Titles({ chatsOf: (profile) => storage.in(profile).chats, models, idle, log });
  return { cache, find, memories, idle, older, titles };
}

function openFeatures(foundations: Foundations, layer: ModelLayer) {
  const { files, storage, config, paths, log } = foundations;
  const { router, models, costs, speeds, embedder, registry, reranker } = layer;
  const turns = new RunningTurns();
  const { ignore, ownFolders, index, embeddings } = openIndexes(foundations, layer, turns);
  const memory = openMemory(foundations, layer);
  const syntax = new SyntaxChecker({ hostPath: files.codeIndexer, log });
  const vision = createVision({ files, config, log });
  const parts = { models, ignore, gate: createModelGate(ignore), log };
  const board = new FindingBoard();
  const contexts = openContexts(foundations, { index, ignore, board, reranker, ...memory, ...vision });
  const { edits, forms, review, writeKind } = createPipeline({
    ...parts,
    speeds,
    syntax,
    embedder,
    storage,
    cacheFolder: paths.cache,
    config: () => config.config.pipeline,
  });
  const work = openWork(foundations, { ...parts, ownFolders, edits, contexts, running: turns, writeKind });
  const { mcpServers, jobs, checkpoints, agent } = work;
  const sessionProfiles = new SessionProfiles({ storage, log });
  const chat = createChat({
    ...parts,
    ...memory,
    storage,
    now: Date.now,
    contexts,
    pictures: vision.attached,
    projectOf: (sender) => sessionProfiles.projectOf(sender),
    running: turns,
    modes: (name) => agent.talkingMode(name),
  });
  const completions = createCompletions({ ...parts, registry, costs, storage, syntax, config });
  const cached = { forget: (profile: string) => memory.cache.clear(profile) };
  const holders = [router, board, jobs, checkpoints, completions, vision.attached, mcpServers, cached];
  return {
    turns,
    index,
    syntax,
    vision,
    embeddings,
    ...memory,
    chat,
    board,
    contexts,
    tools: createTools({ ...parts, ...memory, storage, contexts, routing: router }),
    review,
    forms,
    actions: createActions({ ...parts, edits, forms }),
    completions,
    changeSets: createChangeSets({ ignore, edits, outlines: syntax }),
    commits: createCommitMessages(parts),
    ...work,
    profiles: createProfileAdmin({ storage, holders }),
    sessionProfiles,
  };
}

type WorkDeps = Omit<CreateAgentDeps, 'storage' | 'config' | 'trust' | 'checkpoints' | 'extraTools'> & {
  writeKind: JobKind<WriteContext>;
};

/** The agent, the servers of tools that it calls, and the jobs: their kinds are the rows of a table. */
function openWork(foundations: Foundations, { writeKind, ...parts }: WorkDeps) {
  const { paths, storage, sessions, config, trust, log } = foundations;
  const mcpServers = new McpServers(foundations);
  const checkpoints = createCheckpoints({ folder: join(paths.data, 'checkpoints'), jobs: () => jobs, log });
  const extraTools = mcpServers.tools.bind(mcpServers);
  const agent = createAgent({ ...parts, storage, config, trust, checkpoints, extraTools });
  const jobs = new Jobs<JobContext>({
    jobsOf: (profile) => storage.in(profile).jobs,
    kinds: [writeKind, agent.kind],
    newId: () => crypto.randomUUID(),
    onChange: (profile, job) => sessions.notifyProfile(jobsChanged, profile, job),
    log,
  });
  return { mcpServers, checkpoints, agent, jobs };
}

function openContexts(
  { storage, indexed }: Foundations,
  {
    ignore,
    board,
    ...parts
  }: Omit<ContextsDeps, 'storage' | 'settled' | 'diff' | 'problems'> & { board: FindingBoard },
): Contexts {
  return new Contexts({
    ...parts,
    storage,
    ignore,
    settled: createSettled({ index: storage.searchIndex, indexed }),
    diff: (root, signal) => gitDiff('unstaged', { root, ignore }, signal),
    problems: (profile) => board.in(profile).all().map(problemLine),
  });
}

type FeatureLayer = ReturnType<typeof openFeatures>;

interface Layers {
  foundations: Foundations;
  models: ModelLayer;
  features: FeatureLayer;
}

/** What clients reach: the services that handlers use, and the door for browsers. */
function openShell({
  shared,
  reserve,
  foundations,
  models,
  features,
}: Layers & { shared: boolean; reserve: DescriptorReserve }) {
  const { paths, config, sessions, network, storage, keys, egress, requestLog, log } = foundations;
  const { inference, gpu, embedder, registry, resilience } = models;
  const gateway = createGateway({ assets: foundations.files.views, folder: paths.run, reserve });
  const subject: Omit<DoctorSubject, 'linters'> = {
    paths,
    config,
    storage,
    inference,
    gpu,
    embedder,
    keys,
    registry,
    egress,
    requestLog,
    sessions,
    resilience,
    localOnly: network.localOnly,
    index: features.index,
    completions: features.completions,
    mcpServers: features.mcpServers,
    pictures: features.vision.pictures,
  };
  const services: Services = {
    ...subject,
    ...features,
    shared,
    log,
    logSink: foundations.logSink,
    requestContext: foundations.requestContext,
    trust: foundations.trust,
    chatQueues: new SerialQueues(),
    models: models.setup,
    answers: createAnswers(models),
    pictureMaker: createPictureMaker({ ...foundations, ...models }),
    costs: models.costs,
    routing: models.router,
    gateway,
    doctor: (patient) => examine({ ...subject, linters: toolsOnPath }, patient),
  };
  gateway.onView((socket, scope) =>
    openView(socket, scope, {
      sessions,
      answer: (method, params, call) => answer(method, params, { ...call, services }),
      onIndexChange: (listener) => features.index.onChange(() => listener()),
    }),
  );
  return { services, gateway };
}

/** Makes anew what depends on keys or on config.json when those change. */
function followSettings({
  foundations: { config, keys, egress },
  models: { resilience, registry },
  features: { index },
}: Layers): void {
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
