// Wire <-> domain for models and the ways to get one.
import type {
  ModelsConfigure,
  ModelsDelete,
  ModelsDeleted,
  ModelsDiscard,
  ModelsDownloads,
  ModelsEdits,
  ModelsImport,
  ModelsList,
  ModelsLoad,
  ModelsPrefer,
  ModelsPull,
  ModelsPurge,
  ModelsRestore,
  ModelsSearch,
  ModelsSettings,
  ModelsSetup,
  ModelsStop,
  ModelsUnload,
  ModelsWaiting,
} from '../../shared/protocol/models.ts';
import { timeLeft } from '../../shared/time-left.ts';
import { UserError } from '../base/errors.ts';
import { type Circumstances, whyUnavailable } from '../models/router/availability.ts';
import type { Candidate } from '../models/router/router.ts';
import type { Services } from '../services.ts';
import type { Handler } from './handler.ts';

export const handleModelsList: Handler<
  typeof ModelsList,
  'registry' | 'models' | 'costs' | 'config' | 'localOnly' | 'resilience',
  'own-or-none'
> = async ({ refresh }, { session, services, profile, signal }) => {
  const candidates = await services.registry.models(signal, { refresh: refresh ?? false });
  const [usedUp, facts] = await Promise.all([usedUpBudget(profile, services), services.models.facts()]);
  const localOnly =
    services.localOnly() || [services.config.config.routing.policy, session.options.policy].includes('local-only');
  const circumstances = (id: string): Circumstances => ({
    localOnly,
    usedUp,
    resting: services.resilience.healthOf(id)?.detail,
  });
  return {
    models: candidates.map((candidate) => ({
      ...toModel(candidate, whyUnavailable(candidate, circumstances(candidate.id))),
      ...facts.get(candidate.id),
    })),
    notes: services.registry.notes(),
  };
};

const budgetWords = {
  dayUsd: "Today's budget",
  monthUsd: "This month's budget",
  profileUsd: "This profile's budget for the month",
};

/** A storage that cannot be read says nothing of budgets, and `doctor` says that. */
async function usedUpBudget(profile: string, { costs }: Pick<Services, 'costs'>): Promise<string | undefined> {
  const { budgets } = await costs.summary(profile, { by: 'all' }).catch(() => ({ budgets: [] }));
  const stop = budgets.find(({ state }) => state === 'stop');
  return stop && budgetWords[stop.name];
}

function toModel({ id, provider, info, health }: Candidate, unavailable: string | undefined) {
  const { contextTokens, loaded, bytes, capabilities, source, settings } = info;
  return {
    id,
    provider: provider.name,
    local: provider.local,
    capabilities,
    health,
    source,
    roles: rolesOf(capabilities),
    ...(contextTokens !== undefined && { contextTokens }),
    ...(unavailable && { unavailable }),
    ...(loaded !== undefined && { loaded }),
    ...(bytes !== undefined && { bytes }),
    ...(settings && { settings: [...settings] }),
    ...(info.price && { price: { input: info.price.input, output: info.price.output } }),
  };
}

/** Of a model that is in no list of ours. */
function rolesOf({ chat, vision }: Candidate['info']['capabilities']): ('chat' | 'vision')[] {
  return [...(chat ? (['chat'] as const) : []), ...(vision ? (['vision'] as const) : [])];
}

export const handleModelsSetup: Handler<typeof ModelsSetup, 'models', 'none'> = (_params, { services, signal }) =>
  services.models.setup(signal);

export const handleModelsPull: Handler<typeof ModelsPull, 'models', 'none'> = async (
  { model, workDoneToken },
  { session, services, signal, cancel, emit },
) => {
  const progress = session.workDone(workDoneToken, `Download ${model}`, cancel);
  try {
    const id = await services.models.pull(model, {
      signal,
      onProgress(state) {
        emit({ kind: 'bytes', ...state });
        progress.report(state.note ?? progressWords(state));
      },
    });
    return { model: id };
  } finally {
    progress.end('');
  }
};

function progressWords({
  received,
  total,
  secondsLeft,
}: {
  received: number;
  total?: number;
  secondsLeft?: number;
}): string {
  const bytes = `${Math.round(received / 1e6)}${total ? ` of ${Math.round(total / 1e6)}` : ''} MB`;
  return secondsLeft === undefined ? bytes : `${bytes}, ${timeLeft(secondsLeft)}`;
}

export const handleModelsSearch: Handler<typeof ModelsSearch, 'models', 'none'> = async (
  { query, limit },
  { services, signal },
) => ({ models: await services.models.search(query, { limit, signal }) });

export const handleModelsDownloads: Handler<typeof ModelsDownloads, 'models', 'none'> = async (
  _params,
  { services },
) => ({ downloads: await services.models.downloads() });

export const handleModelsDiscard: Handler<typeof ModelsDiscard, 'models', 'none'> = async ({ model }, { services }) => {
  await services.models.discard(model);
  return {};
};

export const handleModelsImport: Handler<typeof ModelsImport, 'models', 'none'> = async (
  { path, copy = false },
  { services, signal },
) => {
  const [model, ...others] = await services.models.import(path, { copy, signal });
  return { model, models: [model, ...others] };
};

export const handleModelsLoad: Handler<typeof ModelsLoad, 'models', 'none'> = async (
  { model },
  { services, signal },
) => {
  await services.models.load(model, signal);
  return {};
};

export const handleModelsUnload: Handler<typeof ModelsUnload, 'models', 'none'> = async ({ model }, { services }) => {
  await services.models.unload(model);
  return {};
};

export const handleModelsDelete: Handler<typeof ModelsDelete, 'models', 'none'> = async ({ model }, { services }) => {
  const id = await services.models.delete(model);
  return id === undefined ? {} : { id };
};

export const handleModelsDeleted: Handler<typeof ModelsDeleted, 'models', 'none'> = async (_params, { services }) => ({
  models: await services.models.deleted(),
});

export const handleModelsRestore: Handler<typeof ModelsRestore, 'models', 'none'> = async ({ id }, { services }) => ({
  model: await services.models.restore(id),
});

export const handleModelsPurge: Handler<typeof ModelsPurge, 'models', 'none'> = async ({ id }, { services }) => ({
  freedBytes: await services.models.purge(id),
});

export const handleModelsSettings: Handler<typeof ModelsSettings, 'models', 'none'> = async (
  { model },
  { services },
) => ({ settings: await services.models.settings(model) });

export const handleModelsEdits: Handler<typeof ModelsEdits, 'registry' | 'forms'> = async (
  { model: id },
  { services, profile, signal },
) => {
  const model = (await services.registry.models(signal)).find((candidate) => candidate.id === id);
  if (!model) throw new UserError('model-not-found', `There's no model ${id}. List them with \`switchyard models\`.`);
  return services.forms.record({ profile, model });
};

export const handleModelsConfigure: Handler<typeof ModelsConfigure, 'models', 'none'> = async (
  { model, name, value },
  { services },
) => ({ settings: await services.models.configure(model, name, value) });

export const handleModelsWaiting: Handler<typeof ModelsWaiting, 'inference' | 'models'> = async (
  _params,
  { services, profile, storage },
) => {
  const toWire = async ({ id, path, task = 'chat', chat, since, ahead }: LocalAnswer) => {
    const title = chat && (await storage.chats.chat(chat).catch(() => undefined))?.title;
    return {
      id,
      model: services.models.idOf(path),
      what: title ? `${workNames[task]} "${title}"` : workNames[task],
      since,
      ...(chat && { chatId: chat }),
      ...(ahead !== undefined && { ahead }),
    };
  };
  const answers = await Promise.all(services.inference.answers(profile).map(toWire));
  return {
    waiting: answers.filter(({ ahead }) => ahead !== undefined).toSorted((a, b) => (a.ahead ?? 0) - (b.ahead ?? 0)),
    running: answers.filter(({ ahead }) => ahead === undefined),
  };
};

type LocalAnswer = ReturnType<Services['inference']['answers']>[number];

const workNames: Record<NonNullable<LocalAnswer['task']>, string> = {
  chat: 'Chat',
  review: 'Code review',
  action: 'Code action',
  summary: 'Summary of the chat',
  title: 'Title for the chat',
  completion: 'Code completion',
};

export const handleModelsPrefer: Handler<typeof ModelsPrefer, 'inference'> = async ({ id }, { services, profile }) => {
  await services.inference.prefer(profile, id);
  return {};
};

export const handleModelsStop: Handler<typeof ModelsStop, 'inference'> = ({ id }, { services, profile }) => {
  services.inference.stop(profile, id);
  return {};
};
