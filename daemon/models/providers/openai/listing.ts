// What each server's list tells of a model, in our words. Lists are read with care: a field that is not as expected is left out.
import { NoModelList } from '../addresses.ts';
import { errorWordsOf, rawWordsOf } from '../error-words.ts';
import type { Capability, ModelInfo, Price } from '../provider.ts';
import type { ServerApi } from '../wire.ts';

/** One entry of a list. Beside the id, everything may be missing. */
export interface ListEntry {
  id: string;
  [field: string]: unknown;
}

/** The entries of a list: bare, or called `data` or `models`, of objects or of names. */
export async function listEntries(api: ServerApi, path: string): Promise<ListEntry[]> {
  const answer = await api.get(path);
  const entries = listIn(answer);
  if (!entries) {
    const said = errorWordsOf(answer).detail || rawWordsOf(answer);
    throw new NoModelList(said === '' ? 'no list of models' : `no list of models: ${said}`);
  }
  return entries.flatMap(entryOf);
}

function listIn(answer: unknown, depth = 0): readonly unknown[] | undefined {
  if (Array.isArray(answer)) return answer;
  if (depth > 1) return undefined;
  const { data, models, result, results } = recordOf(answer);
  return [data, models, result, results].map((list) => listIn(list, depth + 1)).find((list) => list !== undefined);
}

/** Together, GitHub, Cloudflare and Ollama's kin have names of their own for the id. */
function entryOf(entry: unknown): ListEntry[] {
  if (typeof entry === 'string') return entry === '' ? [] : [{ id: entry }];
  const fields = recordOf(entry);
  const { id, name, model, key, slug } = fields;
  const found = [id, name, model, key, slug].find((value) => typeof value === 'string' && value !== '');
  return typeof found === 'string' ? [{ ...fields, id: found }] : [];
}

/** OpenAI lists its models in no order; the newest is the best guess at what is wanted. */
export function byNewest(entries: readonly ListEntry[]): ListEntry[] {
  return entries.toSorted((a, b) => (numberOf(b['created']) ?? 0) - (numberOf(a['created']) ?? 0));
}

/** What is loaded before what could be. */
const contextFields = [
  'loaded_context_length',
  'max_model_len',
  'context_length',
  'context_window',
  'max_context_length',
  'max_context_tokens',
  'max_input_tokens',
  'context_size',
  'inputTokenLimit',
];

/** OpenAI itself tells nothing; vLLM, gateways and llama-server tell the context, each by another name. */
export function modelInfoOf(entry: ListEntry): ModelInfo {
  const { id, meta, limits, top_provider, capabilities } = entry;
  const values = [
    ...contextFields.map((name) => entry[name]),
    recordOf(meta)['n_ctx'],
    recordOf(limits)['max_input_tokens'],
    recordOf(top_provider)['context_length'],
  ];
  const info = infoOf(id, { contextTokens: values.map((value) => numberOf(value)).find(Boolean) });
  return recordOf(capabilities)['completion_fim'] === true ? { ...info, completion: 'also' } : info; // Mistral's word
}

/** Prices are dollars for one token, as text; those of routers that choose among models are negative, and so unknown. */
export function modelOfOpenRouter(entry: ListEntry): ModelInfo {
  const { input_modalities, output_modalities } = recordOf(entry['architecture']);
  const pricing = recordOf(entry['pricing']);
  const perMillion = (name: string): number | undefined =>
    numberOf(pricing[name] === undefined ? undefined : Number(pricing[name]), 1e-6);
  const contexts = [entry['context_length'], recordOf(entry['top_provider'])['context_length']]
    .map((value) => numberOf(value))
    .filter((value) => value !== undefined);
  const settings = listOf(entry['supported_parameters']);
  return infoOf(entry.id, {
    contextTokens: contexts.length > 0 ? Math.min(...contexts) : undefined,
    capabilities: {
      chat: listOf(output_modalities)?.includes('text'),
      vision: listOf(input_modalities)?.includes('image'),
      tools: settings?.includes('tools'),
      jsonSchema: settings?.includes('structured_outputs'),
    },
    price: priceOf({
      input: perMillion('prompt'),
      output: perMillion('completion'),
      cacheRead: perMillion('input_cache_read'),
      cacheWrite: perMillion('input_cache_write'),
    }),
  });
}

/** Prices are US cents for 100 million tokens. */
export function modelOfXai(entry: ListEntry): ModelInfo {
  const perMillion = (name: string): number | undefined => numberOf(entry[name], 10_000);
  return infoOf(entry.id, {
    capabilities: {
      chat: listOf(entry['output_modalities'])?.includes('text'),
      vision: listOf(entry['input_modalities'])?.includes('image'),
    },
    price: priceOf({
      input: perMillion('prompt_text_token_price'),
      output: perMillion('completion_text_token_price'),
      cacheRead: perMillion('cached_prompt_text_token_price'),
    }),
  });
}

/** Groq lists models that are switched off as well. */
export function modelOfGroq(entry: ListEntry): ModelInfo[] {
  return entry['active'] === false ? [] : [modelInfoOf(entry)];
}

/**
 * Hugging Face hands a request to one of several hosts, and does not say beforehand to which: only what holds for all of
 * those that are up is said here. Prices are dollars for a million tokens.
 */
export function modelOfHuggingFace(entry: ListEntry): ModelInfo {
  const hosts = (Array.isArray(entry['providers']) ? entry['providers'] : [])
    .map(recordOf)
    .filter(({ status }) => status === undefined || status === 'live');
  const contexts = hosts.map(({ context_length }) => numberOf(context_length)).filter((value) => value !== undefined);
  const all = (field: string): boolean | undefined => {
    const values = hosts.map((host) => host[field]);
    return values.length > 0 && values.every((value) => value === values[0]) && typeof values[0] === 'boolean'
      ? values[0]
      : undefined;
  };
  const prices = hosts.map(({ pricing }) =>
    priceOf({ input: numberOf(recordOf(pricing)['input']), output: numberOf(recordOf(pricing)['output']) }),
  );
  const isOnePrice = prices.every((price) => price?.input === prices[0]?.input && price?.output === prices[0]?.output);
  return infoOf(entry.id, {
    contextTokens: contexts.length > 0 ? Math.min(...contexts) : undefined,
    capabilities: {
      vision: listOf(recordOf(entry['architecture'])['input_modalities'])?.includes('image'),
      tools: all('supports_tools'),
      jsonSchema: all('supports_structured_output'),
    },
    price: isOnePrice ? prices[0] : undefined,
  });
}

/** llama-server lists the context that its model was trained for. The context of one request, and what its template can do, are in `/props`. */
export async function withLlamaProps(
  api: ServerApi,
  entries: readonly ListEntry[],
  infos: ModelInfo[],
): Promise<ModelInfo[]> {
  const [info] = infos;
  if (!info || infos.length > 1 || entries[0]?.['owned_by'] !== 'llamacpp') return infos;
  const root = api.baseUrl.replace(/\/v1\/?$/, '');
  const props = recordOf(await api.get('props', root).catch(() => undefined)); // it can be switched off
  const contextTokens = numberOf(recordOf(props['default_generation_settings'])['n_ctx']) ?? info.contextTokens;
  const { vision } = recordOf(props['modalities']);
  const { supports_tools: tools } = recordOf(props['chat_template_caps']);
  return [
    {
      ...info,
      ...(contextTokens && { contextTokens }),
      capabilities: { ...info.capabilities, ...known({ vision, tools }), jsonSchema: true }, // by its grammars, with any model
      loaded: true,
    },
  ];
}

interface ServerFacts {
  contextTokens?: number | undefined;
  capabilities?: Partial<Record<Capability, boolean | undefined>>;
  price?: Price | undefined;
}

/** What the list says. Capabilities that it does not name are guessed by the model's name. */
function infoOf(name: string, { contextTokens, capabilities = {}, price }: ServerFacts): ModelInfo {
  const told = known(capabilities);
  const guessed = Object.entries(capabilitiesByName(name)).filter(([capability]) => !(capability in told));
  return {
    name,
    ...(contextTokens && { contextTokens }),
    capabilities: { ...told, ...Object.fromEntries(guessed) },
    ...(price && { price }),
    source: 'server',
    ...(guessed.length > 0 && {
      sources: { capabilities: Object.fromEntries(guessed.map(([capability]) => [capability, 'name'])) },
    }),
  };
}

// The list does not say what a model is for, but names do: these never take a chat.
const noChat = /whisper|tts|dall-e|image|moderation|realtime|audio|transcribe|sora|davinci|babbage|rerank/i;

function capabilitiesByName(id: string): ModelInfo['capabilities'] {
  if (/embed/i.test(id)) return { chat: false, embeddings: true };
  return noChat.test(id) ? { chat: false } : {};
}

/** A price is of use only with both input and output. */
function priceOf({
  input,
  output,
  cacheRead,
  cacheWrite,
}: Partial<Record<'input' | 'output' | 'cacheRead' | 'cacheWrite', number | undefined>>): Price | undefined {
  if (input === undefined || output === undefined) return undefined;
  return {
    input,
    output,
    ...(cacheRead !== undefined && { cacheRead }),
    ...(cacheWrite !== undefined && { cacheWrite }),
  };
}

function known(capabilities: Partial<Record<Capability, unknown>>): ModelInfo['capabilities'] {
  return Object.fromEntries(Object.entries(capabilities).filter(([, value]) => typeof value === 'boolean'));
}

/** A number from 0 on, divided by the unit; undefined for anything else. Rounded, since 0.1 + 0.2 is not 0.3. */
function numberOf(value: unknown, unit = 1): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
    ? Number((value / unit).toPrecision(12))
    : undefined;
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function listOf(value: unknown): unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}
