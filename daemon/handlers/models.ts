// Wire <-> domain for models and the ways to get one.
import type { ModelsImport, ModelsList, ModelsPull, ModelsSetup, ModelsUnload } from '../../shared/protocol/models.ts';
import type { Candidate } from '../router/router.ts';
import type { Handler } from '../handler.ts';

export const handleModelsList: Handler<typeof ModelsList> = async ({ refresh }, { services, signal }) => {
  const candidates = await services.registry.models(signal, { refresh: refresh ?? false });
  return { models: candidates.map(toModel), notes: services.registry.notes() };
};

function toModel({ id, provider, info, health }: Candidate) {
  const { contextTokens, loaded, capabilities, source } = info;
  return {
    id,
    provider: provider.name,
    capabilities,
    health,
    source,
    ...(contextTokens !== undefined && { contextTokens }),
    ...(loaded !== undefined && { loaded }),
    ...(info.price && { price: { input: info.price.input, output: info.price.output } }),
  };
}

export const handleModelsSetup: Handler<typeof ModelsSetup> = (_params, { services, signal }) => services.models.setup(signal);

export const handleModelsPull: Handler<typeof ModelsPull> = async ({ model, workDoneToken }, { session, services, signal, emit }) => {
  const progress = await session.workDone(workDoneToken, `Download ${model}`);
  try {
    const id = await services.models.pull(model, {
      signal,
      onBytes(received, total) {
        emit({ kind: 'bytes', received, ...(total !== undefined && { total }) });
        progress.report(`${Math.round(received / 1e6)}${total ? ` of ${Math.round(total / 1e6)}` : ''} MB`);
      },
    });
    return { model: id };
  } finally {
    progress.end('');
  }
};

export const handleModelsImport: Handler<typeof ModelsImport> = async ({ path }, { services }) => ({ model: await services.models.import(path) });

export const handleModelsUnload: Handler<typeof ModelsUnload> = async ({ model }, { services }) => {
  await services.models.unload(model);
  return {};
};
