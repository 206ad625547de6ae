// Which model completes code, and how it is asked: none of a chat's steps, since a key leaves no time for them.
import { UserError } from '../../base/errors.ts';
import type { CodePart, CodeRequest, ModelInfo, Provider } from '../providers/provider.ts';

export interface CompletingModel {
  /** `provider/model`. */
  readonly id: string;
  /** Tokens of its context window, where that is known. */
  readonly contextTokens: number | undefined;
  /** Throws ProviderError, UserError, or CancelledError. */
  complete(request: Omit<CodeRequest, 'model' | 'isNamed'>, signal: AbortSignal): AsyncIterable<CodePart>;
}

/** Lives as long as the daemon. */
export interface CompletionModels {
  /** The named one, else the first of this machine that is made for it. Throws UserError with what to do where there is none. */
  choose(named: string | undefined, signal: AbortSignal): Promise<CompletingModel>;
}

interface OfferedModel {
  id: string;
  provider: Provider;
  info: ModelInfo;
}

export interface CompletionModelsDeps {
  provider(name: string): Provider | undefined;
  /** Asks every provider that wasn't asked lately. */
  models(signal: AbortSignal, options: { named?: string | undefined }): Promise<OfferedModel[]>;
}

const listedMs = 5000; // a key asks no disk

export function createCompletionModels({ provider, models }: CompletionModelsDeps): CompletionModels {
  let here: { models: OfferedModel[]; untilMs: number } | undefined;
  /** No server is asked for what runs on this machine, nor for whether there is anything. */
  async function modelsHere(signal: AbortSignal): Promise<OfferedModel[]> {
    if (here && here.untilMs > performance.now()) return here.models;
    const local = provider('local');
    const listed = (await local?.listModels(signal)) ?? [];
    const offered = local ? listed.map((info) => ({ id: `local/${info.name}`, provider: local, info })) : [];
    here = { models: offered, untilMs: performance.now() + listedMs };
    return offered;
  }
  return {
    async choose(named, signal) {
      const isHere = named === undefined || named.startsWith('local/');
      const offered = isHere ? await modelsHere(signal) : await models(signal, { named });
      const found = named === undefined ? bestOf(offered) : offered.find(({ id }) => id === named);
      if (!found) throw named === undefined ? none() : notFound(named);
      const { id, provider, info } = found;
      const complete = provider.complete?.bind(provider);
      if (!complete) throw cannot(id);
      return {
        id,
        contextTokens: info.contextTokens,
        complete: (request, signal) =>
          complete({ ...request, model: info.name, ...(named !== undefined && { isNamed: true }) }, signal),
      };
    },
  };
}

/** Made for it, on this machine; of those one that is loaded, else the smallest. */
function bestOf(offered: readonly OfferedModel[]): OfferedModel | undefined {
  const made = offered.filter(({ provider, info }) => provider.local && info.completion === 'only');
  return made.toSorted(
    (a, b) =>
      Number(b.info.loaded ?? false) - Number(a.info.loaded ?? false) || (a.info.bytes ?? 0) - (b.info.bytes ?? 0),
  )[0];
}

function none(): UserError {
  return new UserError(
    'no-completion-model',
    'No model for code completion is set up yet. Download one, such as qwen2.5-coder-0.5b-base, with `switchyard models pull`, or set "completion.model" in config.json.',
  );
}

function notFound(named: string): UserError {
  return new UserError('model-not-found', `There's no model "${named}". Choose another one for "completion.model".`);
}

function cannot(id: string): UserError {
  return new UserError(
    'no-completion',
    `${id} can't complete code. Choose a model with fill-in-the-middle tokens for "completion.model".`,
  );
}
