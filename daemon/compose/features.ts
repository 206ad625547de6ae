// The layer of features, top-down: what a part is given exists before it.
import { dirname, join } from 'node:path';
import { jobsChanged } from '../../shared/notifications.ts';
import { estimateTokens } from '../base/tokens.ts';
import { CodeIndex } from '../code-index/code-index.ts';
import { SyntaxChecker } from '../code-index/syntax-checker.ts';
import { createCheckpoints } from '../features/agent/checkpoints/checkpoints.ts';
import { PendingFiles } from '../features/agent/checkpoints/pending-files.ts';
import { type CreateAgentDeps, createAgent } from '../features/agent/create.ts';
import { createChangeSets } from '../features/change-sets/change-sets.ts';
import { createOlderTurns } from '../features/chat/history-window/older-turns.ts';
import { IdleWork } from '../features/chat/idle-work.ts';
import { RunningTurns } from '../features/chat/running-turns.ts';
import { createChat } from '../features/chat/send.ts';
import { Titles } from '../features/chat/titles.ts';
import { createActions } from '../features/code-actions/perform.ts';
import { createCommitMessages } from '../features/commit/commit.ts';
import { createCompletions } from '../features/completion/create.ts';
import { type JobKind, Jobs } from '../features/jobs/jobs.ts';
import { McpServers } from '../features/mcp-servers/mcp-servers.ts';
import { createMemories } from '../features/memories/memories.ts';
import { Contexts, type ContextsDeps } from '../features/mentions/contexts.ts';
import { gitDiff } from '../features/pipeline/changes/git-diff.ts';
import { createPipeline } from '../features/pipeline/create.ts';
import { FindingBoard, problemLine } from '../features/pipeline/finding-board.ts';
import type { WriteContext } from '../features/pipeline/write/write.ts';
import { createProfileAdmin } from '../features/profiles/admin.ts';
import { EmbeddingLoop } from '../features/search/embedding-loop.ts';
import { machineLoad } from '../features/search/machine-load.ts';
import { createFind } from '../features/search/search.ts';
import { createSettled } from '../features/search/settled.ts';
import { createTools } from '../features/tools/tools.ts';
import { createVision } from '../features/vision/create.ts';
import { createWeb } from '../features/web/create.ts';
import { createModelGate } from '../ignore/gate.ts';
import { createIgnore } from '../ignore/ignore.ts';
import { createAnswerCache } from '../models/cache/cache.ts';
import { createPictureMaker } from '../models/make-pictures.ts';
import type { JobContext } from '../services.ts';
import { SessionProfiles } from '../sessions/session-profiles.ts';
import type { Foundations } from './foundations.ts';
import type { ModelLayer } from './models.ts';

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

export function openFeatures(foundations: Foundations, layer: ModelLayer) {
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
  const pipeline = createPipeline({
    ...parts,
    speeds,
    syntax,
    embedder,
    storage,
    cacheFolder: paths.cache,
    config: () => config.config.pipeline,
  });
  const pictures = vision.attached;
  const pictureMaker = createPictureMaker({ ...foundations, ...layer });
  const given = { ...parts, ...pipeline, ownFolders, contexts, running: turns, pictures };
  const work = openWork(foundations, { ...given, aboutVideos: pictureMaker.aboutVideos });
  const { mcpServers, jobs, checkpoints, pendingFiles, agent } = work;
  const { edits, forms, review } = pipeline;
  const sessionProfiles = new SessionProfiles({ storage, log });
  const chat = createChat({
    ...foundations,
    ...parts,
    ...memory,
    now: Date.now,
    contexts,
    pictures,
    pictureMaker,
    projectOf: (sender) => sessionProfiles.projectOf(sender),
    running: turns,
    modes: (name) => agent.talkingMode(name),
  });
  const completions = createCompletions({ ...parts, registry, costs, storage, syntax, config });
  const cached = { forget: (profile: string) => memory.cache.clear(profile) };
  const holders = [router, board, jobs, checkpoints, pendingFiles, completions, pictures, mcpServers, cached];
  return {
    turns,
    index,
    syntax,
    vision,
    embeddings,
    ...memory,
    chat,
    pictureMaker,
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

type OwnParts = 'programCaches' | 'checkpoints' | 'extraTools' | 'webTools';
type WorkDeps = Omit<CreateAgentDeps, 'storage' | 'config' | 'trust' | OwnParts> & {
  writeKind: JobKind<WriteContext>;
};

/** The agent, the servers of tools that it calls, and the jobs: their kinds are the rows of a table. */
function openWork(foundations: Foundations, { writeKind, ...parts }: WorkDeps) {
  const { paths, storage, sessions, config, trust, log } = foundations;
  const mcpServers = new McpServers(foundations);
  const web = createWeb({ ...foundations, models: parts.models });
  const checkpoints = createCheckpoints({ folder: join(paths.data, 'checkpoints'), jobs: () => jobs, log });
  const extraTools = mcpServers.tools.bind(mcpServers);
  const programCaches = join(paths.cache, 'programs');
  const own = { programCaches, checkpoints, extraTools, webTools: web.tools };
  const agent = createAgent({ ...parts, ...own, storage, config, trust, log });
  const jobsOf = (profile: string) => storage.in(profile).jobs;
  const pendingFiles = new PendingFiles({ checkpoints, jobsOf });
  const jobs = new Jobs<JobContext>({
    jobsOf,
    kinds: [writeKind, agent.kind],
    newId: () => crypto.randomUUID(),
    onChange: (profile, job) => {
      pendingFiles.jobChanged(profile, job);
      sessions.notifyProfile(jobsChanged, profile, job);
    },
    log,
  });
  return { mcpServers, web, checkpoints, pendingFiles, agent, jobs };
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

export type FeatureLayer = ReturnType<typeof openFeatures>;
