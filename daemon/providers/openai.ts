// OpenAI's chat completions, and every server that speaks them: vLLM, llama-server, LM Studio, gateways.
import type OpenAI from 'openai';
import type { ChatCompletionChunk, ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions';
import type { CompletionUsage } from 'openai/resources/completions';
import { type AdapterOptions, type CallOptions, callOver, type Connection, streamOver } from './connection.ts';
import { askWithout, schemaIsNotForced } from './optional-settings.ts';
import type { FinishReason, ModelInfo, ModelRequest, Provider, StreamPart, Usage } from './provider.ts';

export const openAiBaseUrl = 'https://api.openai.com/v1';

/** For the types `openai` and `openai-compatible`; the latter needs a `baseUrl` in its configuration. */
export function createOpenAiProvider(options: AdapterOptions): Provider {
  const { config, name, local } = options;
  const own = config.type === 'openai';
  const call: CallOptions = { ...options, baseUrl: config.baseUrl ?? openAiBaseUrl, keyIsRequired: own && !config.baseUrl };
  return {
    name,
    local,
    listModels: (signal) => callOver(call, signal, async (connection) => {
      const client = await openClient(connection, call);
      const page = await client.models.list();
      const infos = page.data.map((model) => modelInfo(model, config.contextTokens));
      return own ? newestFirst(page.data, infos) : infos;
    }),
    stream: (request, signal) => streamOver({ ...call, model: request.model }, signal, (connection) => talk(connection, call, request)),
    embed: (model, texts, signal) => callOver({ ...call, model }, signal, async (connection) => {
      const client = await openClient(connection, call);
      const { data } = await client.embeddings.create({ model, input: [...texts], encoding_format: 'float' });
      return data.toSorted((a, b) => a.index - b.index).map(({ embedding }) => Float32Array.from(embedding));
    }),
  };
}

async function openClient(connection: Connection, { baseUrl, config }: CallOptions): Promise<OpenAI> {
  const { default: OpenAI } = await import('openai'); // at the first call: it would double the daemon's start
  return new OpenAI({
    baseURL: baseUrl,
    apiKey: connection.key ?? 'none', // anything, so that the environment is not searched for one
    organization: null,
    project: null,
    defaultHeaders: { ...config.headers, ...(!connection.key && { Authorization: null }) },
    fetch: connection.fetch,
    maxRetries: 0,
    logLevel: 'off',
  });
}

async function* talk(connection: Connection, options: CallOptions, request: ModelRequest): AsyncGenerator<StreamPart> {
  const client = await openClient(connection, options);
  const { answer, warnings } = await askWithout(bodyOf(request, options.config.type === 'openai'), {
    temperature: 'This model does not take a temperature: its own was used.',
    response_format: schemaIsNotForced,
    stream_options: 'This server does not report token counts.',
  }, (body) => client.chat.completions.create(body).catch((error: unknown) => { throw connection.failure(error); }));
  for (const message of warnings) yield { kind: 'warning', message };
  yield* partsOf(answer);
}

function bodyOf(request: ModelRequest, own: boolean): ChatCompletionCreateParamsStreaming {
  const { model, messages, maxOutputTokens, temperature, jsonSchema, tools } = request;
  return {
    model,
    messages: messages.map(({ role, content }) => ({ role, content })),
    stream: true,
    stream_options: { include_usage: true },
    // OpenAI's reasoning models refuse the old name, other servers may not know the new one.
    ...(maxOutputTokens !== undefined && (own ? { max_completion_tokens: maxOutputTokens } : { max_tokens: maxOutputTokens })),
    ...(temperature !== undefined && { temperature }),
    ...(jsonSchema && {
      response_format: { type: 'json_schema', json_schema: { name: jsonSchema.name, schema: jsonSchema.schema, strict: isStrict(jsonSchema.schema) } },
    }),
    ...(tools?.length && { tools: tools.map((tool) => ({ type: 'function' as const, function: { ...tool } })) }),
  };
}

/** Whether OpenAI would take a schema as `strict`: each object closed, and each of its properties required. */
export function isStrict(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return true;
  const { type, properties, required, additionalProperties } = schema as Record<string, unknown>;
  if (type === 'object') {
    const names = Object.keys((properties as object | undefined) ?? {});
    const closed = additionalProperties === false && Array.isArray(required) && names.every((name) => required.includes(name));
    if (!closed) return false;
  }
  return Object.values(schema).every(isStrict);
}

/**
 * The model's own finish_reason is what tells an answer that ended from one that broke off: some servers send no `[DONE]`.
 * The token counts come after it, so that the end is told last.
 */
async function* partsOf(chunks: AsyncIterable<ChatCompletionChunk>): AsyncGenerator<StreamPart> {
  const calls = new ToolCalls();
  let finish: FinishReason | undefined;
  let usage: CompletionUsage | undefined;
  for await (const chunk of chunks) {
    if (chunk.usage) usage = chunk.usage;
    const choice = chunk.choices?.[0];
    if (!choice) continue;
    const delta: Delta = choice.delta ?? {};
    const reasoning = delta.reasoning_content ?? delta.reasoning;
    if (reasoning) yield { kind: 'reasoning', text: reasoning };
    const text = delta.content ?? delta.refusal;
    if (text) yield { kind: 'text', text };
    calls.add(delta.tool_calls ?? []);
    if (choice.finish_reason) finish = finishReasons[choice.finish_reason] ?? 'stop';
  }
  if (!finish) return;
  yield* calls.parts();
  if (usage) yield { kind: 'usage', usage: bucketsOf(usage) };
  yield { kind: 'finish', reason: finish };
}

/** Reasoning is no part of OpenAI's own chunks: DeepSeek's name for it, then OpenRouter's. */
type Delta = Partial<ChatCompletionChunk.Choice.Delta> & { reasoning_content?: string | null; reasoning?: string | null };

const finishReasons: Record<string, FinishReason> = {
  stop: 'stop', length: 'length', tool_calls: 'tool-calls', function_call: 'tool-calls', content_filter: 'content-filter',
};

/** Puts tool calls together from their fragments. Lives as long as one answer. */
class ToolCalls {
  readonly #calls = new Map<number, { id: string; name: string; arguments: string }>();

  add(fragments: readonly ChatCompletionChunk.Choice.Delta.ToolCall[]): void {
    for (const { index, id, function: called } of fragments) {
      // Servers that send whole calls leave the index out: each id is then a call of its own.
      const at = index ?? (id ? this.#calls.size : this.#calls.size - 1);
      const call = this.#calls.get(at) ?? { id: id ?? `call_${at}`, name: '', arguments: '' };
      call.name += called?.name ?? '';
      call.arguments += called?.arguments ?? '';
      this.#calls.set(at, call);
    }
  }

  *parts(): Generator<StreamPart> {
    for (const call of this.#calls.values()) yield { kind: 'tool-call', ...call };
  }
}

/** OpenAI counts cached tokens within the prompt and reasoning within the completion. */
function bucketsOf(usage: CompletionUsage): Usage {
  const cacheRead = usage.prompt_tokens_details?.cached_tokens ?? 0;
  const cacheWrite = usage.prompt_tokens_details?.cache_write_tokens ?? 0;
  const reasoning = usage.completion_tokens_details?.reasoning_tokens ?? 0;
  return {
    input: Math.max(0, (usage.prompt_tokens ?? 0) - cacheRead - cacheWrite),
    cacheRead,
    cacheWrite,
    output: Math.max(0, (usage.completion_tokens ?? 0) - reasoning),
    reasoning,
  };
}

/** What vLLM, OpenRouter, Groq and llama-server tell of a model, beside its id. */
interface ListedModel {
  id: string;
  max_model_len?: number;
  context_length?: number;
  context_window?: number;
  meta?: { n_ctx?: number } | null;
}

function modelInfo(model: ListedModel, configuredTokens: number | undefined): ModelInfo {
  const contextTokens = configuredTokens ?? model.max_model_len ?? model.context_length ?? model.context_window ?? model.meta?.n_ctx;
  return { name: model.id, ...(contextTokens && { contextTokens }), capabilities: capabilitiesByName(model.id), source: 'server' };
}

// The list does not say what a model is for, but names do: these never take a chat.
const noChat = /whisper|tts|dall-e|image|moderation|realtime|audio|transcribe|sora|davinci|babbage|rerank/i;

function capabilitiesByName(id: string): ModelInfo['capabilities'] {
  if (/embed/i.test(id)) return { chat: false, embeddings: true };
  return noChat.test(id) ? { chat: false } : {};
}

/** OpenAI lists its models in no order; the newest is the best guess at what is wanted. */
function newestFirst(listed: readonly { id: string; created: number }[], infos: readonly ModelInfo[]): ModelInfo[] {
  const created = new Map(listed.map((model) => [model.id, model.created]));
  return infos.toSorted((a, b) => (created.get(b.name) ?? 0) - (created.get(a.name) ?? 0));
}
