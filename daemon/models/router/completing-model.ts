// Which model completes code, and how it is asked: none of a chat's steps, since a key leaves no time for them.
import { UserError } from '../../base/errors.ts';
import type { Costs } from '../costs/costs.ts';
import { Meter } from '../costs/meter.ts';
import type { CodePart, CodeRequest, ModelInfo, Provider } from '../providers/provider.ts';

export interface CompletingModel {
  /** `provider/model`. */
  readonly id: string;
  /** Tokens of its context window, where that is known. */
  readonly contextTokens: number | undefined;
  /** Whether it runs on this machine, where a request costs nothing and leaves nobody's network. */
  readonly local: boolean;
  /** Throws ProviderError, UserError (`budget-reached`, `secrets-in-prompt`, …), or CancelledError. */
  complete(request: CodeQuery, signal: AbortSignal): AsyncIterable<CodePart>;
}

interface CodeQuery extends Omit<CodeRequest, 'model' | 'isNamed'> {
  /** Whose budget it counts toward. */
  profile: string;
  workspace: string | undefined;
}

/** Lives as long as the daemon. */
export interface CompletionModels {
  /** The named one, else the best of this machine that may be asked without being named. Throws UserError with what to do where there is none. */
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
  costs: Pick<Costs, 'begin' | 'countShared'>;
  /** Another object once the configuration has changed. */
  config(): unknown;
}

const listedMs = 5000; // a key asks no disk
const namedMs = 10 * 60_000; // nor a server, but the one that completes

export function createCompletionModels({ provider, models, costs, config }: CompletionModelsDeps): CompletionModels {
  let elsewhere: { found: OfferedModel; untilMs: number } | undefined;
  let here: { config: unknown; models: OfferedModel[]; untilMs: number } | undefined;
  /** No server is asked for what runs on this machine, nor for whether there is anything. */
  async function modelsHere(signal: AbortSignal): Promise<OfferedModel[]> {
    if (here && here.config === config() && here.untilMs > performance.now()) return here.models;
    const local = provider('local');
    const listed = (await local?.listModels(signal)) ?? [];
    const offered = local ? listed.map((info) => ({ id: `local/${info.name}`, provider: local, info })) : [];
    here = { config: config(), models: offered, untilMs: performance.now() + listedMs };
    return offered;
  }
  /** A provider is made anew when the configuration changes. */
  async function modelElsewhere(named: string, signal: AbortSignal): Promise<OfferedModel | undefined> {
    const known = elsewhere;
    const holds = known?.found.id === named && provider(named.slice(0, named.indexOf('/'))) === known.found.provider;
    if (known && holds && known.untilMs > performance.now()) return known.found;
    const found = (await models(signal, { named })).find(({ id }) => id === named);
    elsewhere = found && { found, untilMs: performance.now() + namedMs };
    return found;
  }
  return {
    async choose(named, signal) {
      if (named === undefined) {
        const offered = await modelsHere(signal);
        return completing(bestOf(offered) ?? fail(none(offered)), { costs });
      }
      const found = named.startsWith('local/')
        ? (await modelsHere(signal)).find(({ id }) => id === named)
        : await modelElsewhere(named, signal);
      return completing(found ?? fail(notFound(named)), { costs, isNamed: true });
    },
  };
}

function fail(error: UserError): never {
  throw error;
}

function completing(
  { id, provider, info }: OfferedModel,
  { costs, isNamed = false }: Pick<CompletionModelsDeps, 'costs'> & { isNamed?: boolean },
): CompletingModel {
  const complete = provider.complete?.bind(provider);
  if (!complete) throw cannot(id);
  return {
    id,
    contextTokens: info.contextTokens,
    get local() {
      return provider.local;
    },
    complete({ profile, workspace, ...code }, signal) {
      const request = { ...code, model: info.name, ...(isNamed && { isNamed }) };
      if (provider.local) return complete(request, signal); // a row for each key would say nothing
      const texts = [...code.others.map(({ text }) => text), code.prefix, code.begun, code.suffix];
      const priced = {
        ...{ profile, task: 'completion', provider: provider.name, model: id, local: false, price: info.price },
        ...(workspace !== undefined && { workspace }),
        reason: 'It is the model for code completion.',
        promptCharacters: texts.reduce((sum, text) => sum + text.length, 0),
        promptBytes: texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0),
      };
      return new Meter({ costs, request: priced }).code(() => complete(request, signal));
    },
  };
}

/** Made for it, on this machine, else a small one that chats about code too; of several one that is loaded, else the smallest. */
function bestOf(offered: readonly OfferedModel[]): OfferedModel | undefined {
  const unasked = offered.filter(({ provider, info }) => provider.local && isUnasked(info));
  return unasked.toSorted(
    (a, b) =>
      Number(b.info.completion === 'only') - Number(a.info.completion === 'only') ||
      Number(b.info.loaded ?? false) - Number(a.info.loaded ?? false) ||
      (a.info.bytes ?? 0) - (b.info.bytes ?? 0),
  )[0];
}

function isUnasked({ completion }: ModelInfo): boolean {
  return completion === 'only' || completion === 'small';
}

function none(offered: readonly OfferedModel[]): UserError {
  const [able] = offered
    .filter(({ info }) => info.completion !== undefined)
    .toSorted((a, b) => (a.info.bytes ?? 0) - (b.info.bytes ?? 0));
  const words = able
    ? `No model for code completion is set up yet. ${able.id} can complete code, but does so only if you choose it: set "completion.model" to "${able.id}" in config.json. Or download a small one, such as qwen2.5-coder-0.5b-base, with \`switchyard models pull\`.`
    : 'No model for code completion is set up yet. Download one, such as qwen2.5-coder-0.5b-base, with `switchyard models pull`, or set "completion.model" in config.json.';
  return new UserError('no-completion-model', words);
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
