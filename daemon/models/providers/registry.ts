// Which providers there are, and every model they offer with its health. A table leads from a provider's type to its adapter.
import type { Config, ProviderConfig, ProviderType } from '../../base/config/config.ts';
import type { Fetch } from '../../base/egress.ts';
import type { Log } from '../../base/log.ts';
import { isCloudOnly, isOnThisMachine, withPlainAddress } from './addresses.ts';
import { withGoingOn } from './answers/going-on.ts';
import { anthropicBaseUrl, createAnthropicProvider } from './anthropic.ts';
import { type Catalogue, readCatalogue } from './catalogue.ts';
import type { AdapterOptions } from './connection.ts';
import { createGoogleProvider, googleBaseUrl } from './google.ts';
import { isKeyProved, KeyRefusals } from './key-check.ts';
import { Listing, type ListResult, type OfferHealth } from './listing.ts';
import { completeInfo, configuredModels } from './model-facts.ts';
import { ModelHealth } from './model-health.ts';
import { createOllamaProvider, ollamaBaseUrl } from './ollama.ts';
import { presetOf } from './openai/presets.ts';
import { createOpenAiProvider } from './openai.ts';
import { type ModelInfo, type Provider, ProviderError } from './provider.ts';

/** One model on offer; what the router calls a candidate. */
interface Offer {
  /** `provider/model` */
  id: string;
  provider: Provider;
  info: ModelInfo;
  health: OfferHealth;
}

/** A provider that is asked over a connection. */
export interface Server {
  name: string;
  baseUrl: string;
  caFile?: string | undefined;
  local: boolean;
  /** Whether it is of no use without a key. */
  needsKey: boolean;
  /** Not in the configuration, so that its absence is not reported. */
  implicit: boolean;
}

interface ModelsOptions {
  /** Asks the servers anew: all of them, or those of this machine that say which models they have loaded. */
  refresh?: boolean | 'local';
  /** `provider/model` that is offered too where its provider could not list its models: it may answer all the same. */
  named?: string | undefined;
}

/** Lives as long as the daemon. */
export interface Registry {
  /** All models: of the configured providers in their order, then of the extra providers, then of those found without configuration. */
  models(signal: AbortSignal, options?: ModelsOptions): Promise<Offer[]>;
  provider(name: string): Provider | undefined;
  /** Asks a provider for its models now, and whether it takes the key, and says what was seen. */
  check(name: string, signal: AbortSignal): Promise<SeenProvider>;
  /** What a provider said when it last refused the key that is used for it now; undefined where it did not. Asks nobody. */
  keyRefusal(name: string): Promise<string | undefined>;
  /** The server of each provider that has one: of the configured providers in their order, then of those found without configuration. */
  servers(): Server[];
  /** One sentence for each provider that could not be asked the last time. */
  notes(): string[];
  /** Forgets everything: call it when the configuration or a key has changed. */
  reset(): void;
  /** The listener is told when everything is forgotten: what anybody knows of the models may be old. */
  onReset(listener: () => void): void;
  reportFailure(id: string, error: unknown): void;
  reportSuccess(id: string): void;
}

export interface RegistryOptions {
  config: () => Config;
  apiKey(provider: string): Promise<string | undefined>;
  /** Names the key that `apiKey` gives now, to keep its models and failures apart from another key's; undefined without a key. */
  keyScope(provider: string): Promise<string | undefined>;
  /** The way out for a provider, with the certificates it trusts. */
  fetchFor(config: ProviderConfig): Fetch;
  /** Providers that are no server, such as the files on this machine. */
  extra: readonly Provider[];
  /** Puts the layers on that stand above every adapter. `key` keeps one key's failures apart from another's. */
  wrap(provider: Provider, key: () => Promise<string | undefined>): Provider;
  log: Log;
  /** Milliseconds of a time that only goes on. */
  now?: () => number;
}

interface ProviderKind {
  create(options: AdapterOptions): Provider;
  /** Where it is when the configuration does not say; undefined where it must. */
  baseUrl: string | undefined;
  /** Whether it is of no use without a key, at its own address. */
  needsKey: boolean;
}

const kinds: Record<ProviderType, ProviderKind> = {
  openai: openAiKind('openai'),
  anthropic: { create: createAnthropicProvider, baseUrl: anthropicBaseUrl, needsKey: true },
  google: { create: createGoogleProvider, baseUrl: googleBaseUrl, needsKey: true },
  xai: openAiKind('xai'),
  openrouter: openAiKind('openrouter'),
  groq: openAiKind('groq'),
  huggingface: openAiKind('huggingface'),
  ollama: { create: createOllamaProvider, baseUrl: ollamaBaseUrl, needsKey: false },
  'openai-compatible': openAiKind('openai-compatible'),
};

function openAiKind(type: ProviderType): ProviderKind {
  const { baseUrl, needsKey } = presetOf(type);
  return { create: createOpenAiProvider, baseUrl, needsKey };
}

/** Providers that need no configuration: there when they answer, or when their key is stored. */
const unconfiguredTypes: readonly ProviderType[] = [
  'ollama',
  'openai',
  'anthropic',
  'google',
  'xai',
  'openrouter',
  'groq',
  'huggingface',
];

export function createRegistry(options: RegistryOptions): Registry {
  const now = options.now ?? (() => performance.now());
  const health = new ModelHealth(now);
  const refusals = new KeyRefusals();
  let table: ProviderTable | undefined;
  let notes: string[] = [];
  const listeners: (() => void)[] = [];
  const current = () => (table ??= build(options, now));
  const report = (id: string, note: (key: string, providerKey: string) => void): void => {
    const provider = id.slice(0, id.indexOf('/'));
    if (isExtra(provider, options)) return note(id, provider);
    void scopeFor(provider, options).then(
      (scope) => note(underKey(id, scope), underKey(provider, scope)),
      () => {},
    ); // a keystore that cannot be read says so elsewhere
  };
  return {
    async models(signal, { refresh = false, named } = {}) {
      const { entries: asked, problems } = current();
      const answers = await Promise.all(asked.map((entry) => ask(entry, options, { signal, refresh })));
      for (const [i, { name }] of asked.entries()) refusals.listed(underKey(name, answers[i]?.scope), answers[i]);
      notes = [...problems, ...answers.flatMap(({ problem }) => problem ?? [])];
      return asked.flatMap((entry, i) =>
        withNamed(
          answers[i],
          named?.startsWith(`${entry.name}/`) ? entry.infoOf(named.slice(entry.name.length + 1)) : undefined,
        ).map(({ info, health: own }) => {
          const id = `${entry.name}/${info.name}`;
          return { id, provider: entry.provider, info, health: health.of(underKey(id, answers[i]?.scope), own) };
        }),
      );
    },
    provider: (name) => current().entries.find((entry) => entry.name === name)?.provider,
    async check(name, signal) {
      const entry = current().entries.find((each) => each.name === name);
      if (!entry) return usedByNone(name);
      const answer = await ask(entry, options, { signal, refresh: true });
      refusals.listed(underKey(name, answer.scope), answer);
      const seen = seenOf(name, answer);
      if (!seen.ok || answer.scope === undefined) return seen;
      try {
        return (await entry.isKeyProved(signal)) ? acceptedBy(name, seen) : unprovedBy(name, seen);
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error;
        refusals.failed(underKey(name, answer.scope), error);
        return { ok: false, detail: error.message };
      }
    },
    keyRefusal: async (name) => refusals.of(underKey(name, await scopeFor(name, options))),
    servers: () => current().entries.flatMap(({ server, implicit }) => (server ? { ...server, implicit } : [])),
    notes: () => [...notes],
    reset() {
      table = undefined;
      health.clear();
      refusals.clear();
      for (const listener of listeners) listener();
    },
    onReset: (listener) => void listeners.push(listener),
    reportFailure: (id, error) =>
      report(id, (key, providerKey) => {
        health.failed(key, error);
        refusals.failed(providerKey, error);
      }),
    reportSuccess: (id) =>
      report(id, (key, providerKey) => {
        health.succeeded(key);
        refusals.succeeded(providerKey);
      }),
  };
}

function unlisted(name: string): ModelInfo {
  return { name, capabilities: {}, source: 'config' };
}

/** The offers of one provider, and the one that the user named, where there was no list that could have it. */
function withNamed(answer: EntryModels | undefined, named: ModelInfo | undefined): ListResult['models'] {
  const { models = [], problem } = answer ?? {};
  if (!named || !problem || models.some(({ info }) => info.name === named.name)) return models;
  return [...models, { info: named, health: { state: 'unknown', detail: problem } }];
}

/** A model under one key: what one key cannot do now, another may. */
function underKey(id: string, scope: string | undefined): string {
  return scope === undefined ? id : `${id} ${scope}`;
}

function isExtra(provider: string, { extra }: RegistryOptions): boolean {
  return extra.some(({ name }) => name === provider);
}

async function scopeFor(provider: string, options: RegistryOptions): Promise<string | undefined> {
  return isExtra(provider, options) ? undefined : options.keyScope(provider);
}

interface ProviderEntry {
  name: string;
  provider: Provider;
  server?: Omit<Server, 'implicit'>;
  /** What the server lists under the key of that scope. */
  listing(scope?: string): Listing;
  /** What is known of a model that it does not list. */
  infoOf(model: string): ModelInfo;
  /** Whether the server looks at the key, and takes it. */
  isKeyProved(signal: AbortSignal): Promise<boolean>;
  needsKey: boolean;
  /** Not in the configuration, so that its absence is not reported. */
  implicit: boolean;
}

interface ProviderTable {
  entries: ProviderEntry[];
  /** One sentence for each provider that cannot be made from its configuration. */
  problems: string[];
}

function build(options: RegistryOptions, now: () => number): ProviderTable {
  const { providers } = options.config();
  const problems: string[] = [];
  const context: BuildContext = { options, now, catalogue: readCatalogue() };
  const configured = Object.entries(providers).flatMap(([name, config]) => {
    const entry = entryOf(name, config, context);
    if (!entry) problems.push(`"${name}" has no baseUrl. Add its server's address to config.json.`);
    return entry ?? [];
  });
  const extra = options.extra.map(
    (provider): ProviderEntry => ({
      name: provider.name,
      provider,
      listing: once(() => new Listing({ provider, configured: [], now })),
      infoOf: unlisted,
      isKeyProved: async () => false,
      needsKey: false,
      implicit: true,
    }),
  );
  const types = new Set(Object.values(providers).map(({ type }) => type));
  const found = unconfiguredTypes
    .filter((type) => !types.has(type) && !(type in providers))
    .flatMap((type) => entryOf(type, { type }, context) ?? [])
    .map((entry): ProviderEntry => ({ ...entry, implicit: true }));
  return { entries: [...configured, ...extra, ...found], problems };
}

interface BuildContext {
  options: RegistryOptions;
  now: () => number;
  catalogue: Catalogue;
}

function entryOf(
  name: string,
  written: ProviderConfig,
  { options, now, catalogue }: BuildContext,
): ProviderEntry | undefined {
  const kind = kinds[written.type];
  const config = withPlainAddress(written);
  const baseUrl = config.baseUrl ?? kind.baseUrl;
  if (!baseUrl) return undefined;
  const local = isOnThisMachine(config, baseUrl);
  const apiKey = (): Promise<string | undefined> => options.apiKey(name);
  let isGateway = false; // as soon as it lists a model that no machine of a user's runs
  const adapterOptions: AdapterOptions = { name, config, local, fetch: options.fetchFor(config), apiKey };
  const adapter = kind.create(adapterOptions);
  const placed: Provider = {
    ...withGoingOn(adapter),
    get local() {
      return local && !isGateway;
    },
  };
  const provider = options.wrap(placed, apiKey);
  const configured = configuredModels(config).map((model) => model.name);
  const complete = (info: ModelInfo): ModelInfo => {
    if (config.local === undefined && isCloudOnly(info.name)) isGateway = true;
    return completeInfo(info, config, catalogue);
  };
  const listing = once(() => new Listing({ provider, configured, complete, now }));
  const needsKey = kind.needsKey && !config.baseUrl;
  return {
    name,
    provider,
    listing,
    infoOf: (model) => complete(unlisted(model)),
    isKeyProved: (signal) => isKeyProved({ options: adapterOptions, baseUrl, create: kind.create }, signal),
    server: { name, baseUrl, local, needsKey, ...(config.caFile && { caFile: config.caFile }) },
    needsKey,
    implicit: false,
  };
}

/** One listing for each scope, created when it is first wanted. */
function once(make: () => Listing): (scope?: string) => Listing {
  const made = new Map<string, Listing>();
  return (scope = '') => {
    const known = made.get(scope) ?? make();
    made.set(scope, known);
    return known;
  };
}

interface SeenProvider {
  ok: boolean;
  detail: string;
}

function usedByNone(name: string): SeenProvider {
  return {
    ok: false,
    detail: `There's no provider "${name}", so nothing uses this key. Check the name, or add the provider to config.json.`,
  };
}

function acceptedBy(name: string, { detail }: SeenProvider): SeenProvider {
  return { ok: true, detail: `${detail} "${name}" accepts the key.` };
}

function unprovedBy(name: string, { detail }: SeenProvider): SeenProvider {
  return {
    ok: true,
    detail: `${detail} It doesn't check keys for that, so ask "${name}" a question to see whether the key works.`,
  };
}

/** What a list of models says of its provider. */
function seenOf(name: string, { models, problem, unreachable }: EntryModels): SeenProvider {
  if (problem !== undefined) return { ok: false, detail: problem };
  if (unreachable) return { ok: false, detail: `Nothing responds at the address of "${name}".` };
  const count = models.length === 1 ? '1 model' : `${models.length} models`;
  return models.length === 0
    ? { ok: false, detail: `"${name}" responds, but lists no models. Check the API key and the baseUrl.` }
    : { ok: true, detail: `"${name}" responds and lists ${count}.` };
}

interface EntryModels extends ListResult {
  scope?: string | undefined;
}

async function ask(
  entry: ProviderEntry,
  options: RegistryOptions,
  { signal, refresh }: { signal: AbortSignal; refresh: boolean | 'local' },
): Promise<EntryModels> {
  const scope = await scopeFor(entry.name, options).catch((error: unknown) => {
    if (entry.needsKey) throw error;
    return undefined;
  });
  if (entry.needsKey && scope === undefined) {
    if (entry.implicit) return { models: [], unreachable: false };
    const problem = `No API key for "${entry.name}" is saved. Add one with \`switchyard keys set ${entry.name}\`.`;
    return { ...entry.listing().configuredOnly({ state: 'absent', detail: problem }), problem };
  }
  const listing = entry.listing(scope);
  const isAsked = refresh === 'local' ? entry.provider.local && listing.tellsLoaded : refresh;
  const listed = await listing.get(signal, { refresh: isAsked });
  if (!listed.problem) return { ...listed, scope };
  options.log.debug({ provider: entry.name, problem: listed.problem }, 'models not listed');
  // An Ollama that is not configured, and is not there, is not reported.
  const { problem, ...rest } = listed;
  return entry.implicit && listed.unreachable ? { ...rest, scope } : { ...rest, scope, problem };
}
