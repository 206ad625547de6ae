// THE way to have a picture made: choose a model, check the budgets, ask once, count what it cost. Nothing is stored but the cost.
import { type ProviderConfig, ProviderType } from '../base/config/config.ts';
import { UserError } from '../base/errors.ts';
import type { Costs } from './costs/costs.ts';
import { Meter } from './costs/meter.ts';
import { usdOf } from './costs/price.ts';
import { imageModels, type PictureShape, pictureUsd } from './providers/images/image-models.ts';
import type { MadePicture, Provider } from './providers/provider.ts';
import type { Registry } from './providers/registry.ts';

export interface PictureOrder {
  profile: string;
  prompt: string;
  /** As `provider/model`; the configured one, else the first known one of a provider that can be asked, where left out. */
  model?: string | undefined;
  shape: PictureShape;
  workspace?: string | undefined;
  overBudget?: boolean | undefined;
  /** The chat that it is made for, and the id that its answer will have there. */
  chat?: string;
  answer?: string;
}

export interface OrderedPicture extends Pick<MadePicture, 'mediaType' | 'data'> {
  /** As `provider/model`. */
  model: string;
  prompt: string;
  /** US dollars; undefined where that is unknown. */
  costUsd: number | undefined;
  /** What the user is told beside it. */
  notes: string[];
}

export interface PictureMakerDeps {
  registry: Pick<Registry, 'provider' | 'servers'>;
  costs: Pick<Costs, 'begin' | 'countShared'>;
  config: {
    readonly config: {
      providers: Readonly<Record<string, ProviderConfig>>;
      vision: { pictureModel?: string | undefined };
    };
  };
  keys: { has(provider: string, workspace: string | undefined): Promise<boolean> };
  /** Of whoever asks. */
  requestContext: { readonly workspace: string | undefined };
}

/** Lives as long as the daemon. */
export interface PictureMaker {
  /** Throws UserError `no-picture-model`, `budget-reached`, what providers throw, and CancelledError. */
  make(order: PictureOrder, signal: AbortSignal): Promise<OrderedPicture>;
  /** Why no video is made, and whose models could. */
  aboutVideos(): Promise<string>;
}

interface ChosenModel {
  provider: MakesPictures;
  /** Undefined where its own address is not asked, so that its prices are unknown. */
  type: ProviderType | undefined;
  name: string;
  reason: string;
}

type MakesPictures = Provider & Required<Pick<Provider, 'makePicture'>>;

/** Types of providers whose models make videos, with the model's name. */
const videoModels: Partial<Record<ProviderType, string>> = { openai: 'Sora', google: 'Veo', xai: 'Grok Imagine' };

export function createPictureMaker(deps: PictureMakerDeps): PictureMaker {
  return {
    async make(order, signal) {
      const { pictureModel } = deps.config.config.vision;
      const chosen =
        order.model !== undefined
          ? namedModel(deps, order.model, 'You named it')
          : pictureModel !== undefined
            ? namedModel(deps, pictureModel, 'As set in config.json')
            : await firstModel(deps);
      return makeWith(deps, chosen, order, signal);
    },
    async aboutVideos() {
      const able = await usableProviders(deps);
      const named = able.flatMap(({ name, type }) => (videoModels[type] ? `${name} (${videoModels[type]})` : []));
      return named.length === 0
        ? "Switchyard doesn't make videos yet, and no provider that could is set up."
        : `Switchyard doesn't make videos yet. Of your providers, ${new Intl.ListFormat('en').format(named)} can, in apps of their own.`;
    },
  };
}

async function makeWith(
  { costs }: PictureMakerDeps,
  { provider, type, name, reason }: ChosenModel,
  { profile, prompt, shape, workspace, chat, answer, overBudget = false }: PictureOrder,
  signal: AbortSignal,
): Promise<OrderedPicture> {
  const model = `${provider.name}/${name}`;
  const flatUsd = provider.local ? undefined : type && pictureUsd(type, name, shape);
  let costUsd: number | undefined;
  const meter = new Meter({
    costs,
    request: {
      profile,
      task: 'picture',
      provider: provider.name,
      model,
      local: provider.local,
      flatUsd,
      overBudget,
      reason,
      promptCharacters: prompt.length,
      promptBytes: Buffer.byteLength(prompt),
      ...(workspace && { workspace }),
      ...(chat !== undefined && { chat }),
      ...(answer !== undefined && { answer }),
    },
    onCost: (cost) => {
      costUsd = usdOf(cost);
    },
  });
  const { picture, notes } = await meter.call(
    async (notes) => ({ notes, picture: await provider.makePicture({ model: name, prompt, shape }, signal) }),
    (answer) => answer.picture.costUsd ?? flatUsd,
  );
  const { mediaType, data, notes: told = [] } = picture;
  return { mediaType, data, model, prompt, costUsd, notes: [...notes, ...told] };
}

function namedModel({ registry, config }: PictureMakerDeps, id: string, reason: string): ChosenModel {
  const slash = id.indexOf('/');
  const [name, model] = [id.slice(0, slash), id.slice(slash + 1)];
  const provider = slash > 0 && model !== '' ? registry.provider(name) : undefined;
  if (!provider)
    throw new UserError(
      'no-picture-model',
      `There's no model "${id}". Write it as provider/model, as in openai/gpt-image-1.5.`,
    );
  if (!makesPictures(provider))
    throw new UserError(
      'no-picture-model',
      `"${name}" has no models that make pictures. Choose one of OpenAI, Gemini, xAI, or a server with OpenAI's images endpoint.`,
    );
  return { provider, type: typeOf(name, config.config.providers), name: model, reason };
}

/** Throws UserError `no-picture-model`. */
async function firstModel(deps: PictureMakerDeps): Promise<ChosenModel> {
  const usable = await usableProviders(deps);
  for (const { provider: type, name } of imageModels) {
    const found = usable.find((each) => each.type === type && makesPictures(each.provider));
    if (found && makesPictures(found.provider))
      return { provider: found.provider, type, name, reason: 'First known model that makes pictures' };
  }
  throw new UserError(
    'no-picture-model',
    'No model that makes pictures is set up. Add an API key for OpenAI, Gemini, or xAI, or set vision.pictureModel in config.json to a model of your own server.',
  );
}

interface UsableProvider {
  name: string;
  type: ProviderType;
  provider: Provider;
}

/** Those of known types at their own addresses, of which a key is saved, in the order of the registry. */
async function usableProviders({
  registry,
  config,
  keys,
  requestContext,
}: PictureMakerDeps): Promise<UsableProvider[]> {
  const found = await Promise.all(
    registry.servers().map(async ({ name, needsKey }): Promise<UsableProvider[]> => {
      const type = typeOf(name, config.config.providers);
      const provider = registry.provider(name);
      if (!type || !provider || !needsKey || !(await keys.has(name, requestContext.workspace))) return [];
      return [{ name, type, provider }];
    }),
  );
  return found.flat();
}

/** Undefined for one that has an address of its own. One that is not configured is named after its type. */
function typeOf(name: string, providers: Readonly<Record<string, ProviderConfig>>): ProviderType | undefined {
  const config = providers[name];
  if (config?.baseUrl !== undefined) return undefined;
  return config?.type ?? ProviderType.safeParse(name).data;
}

function makesPictures(provider: Provider): provider is MakesPictures {
  return provider.makePicture !== undefined;
}
