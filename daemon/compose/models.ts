// The layer of models: the host of those on this machine, the providers, and the way to ask one.
import { join } from 'node:path';
import { modelsChanged } from '../../shared/notifications.ts';
import { createModels } from '../models/ask.ts';
import { createCosts } from '../models/costs/costs.ts';
import { mergeBudgets } from '../models/costs/merge-budgets.ts';
import { chooseEmbedder } from '../models/embedding/choose.ts';
import { embeddingSourceOf } from '../models/embedding/embedding-source.ts';
import { createReranker } from '../models/embedding/reranker.ts';
import { createInference } from '../models/inference/client.ts';
import { compareGpu, GpuSupport, gpuPackageFolder, whyNoNpm } from '../models/inference/gpu/support.ts';
import { createLocalProvider } from '../models/providers/local.ts';
import { createRegistry } from '../models/providers/registry.ts';
import { createResilience } from '../models/resilience/resilience.ts';
import { createRouter } from '../models/router/create.ts';
import { createPromptGuard, guarded } from '../models/secrets/guard.ts';
import { SeeingInference } from '../models/seeing/seeing-inference.ts';
import { ServerPrograms } from '../models/seeing/server-program.ts';
import { localModelFiles } from '../models/setup/local-files.ts';
import { createModelSetup } from '../models/setup/setup.ts';
import { Speeds } from '../models/setup/speeds.ts';
import type { Foundations } from './foundations.ts';

/** The processes that run models of this machine, and what they need for a GPU. */
function openInference({ paths, files, config, network, egress, log }: Foundations) {
  const gpuFolder = join(paths.data, 'gpu');
  const inference = new SeeingInference({
    host: createInference({
      hostPath: files.inferenceHost,
      statesFolder: join(paths.cache, 'states'),
      gpuFolder: gpuPackageFolder(gpuFolder),
    }),
    programs: new ServerPrograms(() => config.config.llamaServer),
    fetch: egress.fetch,
  });
  const configure = (): void => inference.configure(config.config.localSettings, config.config.localMemoryGb);
  config.onChange(configure);
  configure();
  const gpu = new GpuSupport({
    folder: gpuFolder,
    whyOffline: () => whyNoNpm({ localOnly: network.localOnly(), allowHosts: config.config.network.allowHosts }),
    async probe(folder, signal) {
      await using trial = createInference({ hostPath: files.inferenceHost, gpuFolder: folder });
      return await compareGpu({ trial, inference, model: files.embeddingModel }, signal);
    },
    onChange: () => inference.renew(),
  });
  return { inference, gpu, speeds: new Speeds(join(paths.data, 'model-speeds.json'), log) };
}

/** The providers of models, each behind its limits, the guard over prompts, and the way out. */
function openProviders(foundations: Foundations) {
  const { paths, redactor, log, config, sessions, requestContext, egress, keys } = foundations;
  const { inference, gpu, speeds } = openInference(foundations);
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
  });
  registry.onReset(() => sessions.notifyAll(modelsChanged));
  const reranker = createReranker({ configured: () => config.config.rerank?.model, files: modelFiles, inference, log });
  return { inference, gpu, resilience, registry, reranker, speeds };
}

/** How a model is chosen, asked and paid for. */
export function openModels(foundations: Foundations) {
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

export type ModelLayer = ReturnType<typeof openModels>;
