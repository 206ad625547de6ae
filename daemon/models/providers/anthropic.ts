// Anthropic's messages, and servers that speak them.
import type Anthropic from '@anthropic-ai/sdk';
import type {
  ContentBlockParam,
  ImageBlockParam,
  MessageCreateParamsStreaming,
  MessageParam,
} from '@anthropic-ai/sdk/resources/messages';
import type { AnswerParser } from './answers/decoder.ts';
import {
  argumentsText,
  contentPieces,
  countOf,
  type Fields,
  fieldsOf,
  listOf,
  lookUp,
  stringOf,
} from './answers/shapes.ts';
import { systemText, withoutSystemRole } from './answers/turns.ts';
import {
  type AdapterOptions,
  type CallOptions,
  type Connection,
  callOver,
  type ModelAnswer,
  streamOver,
} from './connection.ts';
import { askWithout, isSystemRefusal, RefusedSettings, schemaIsNotForced } from './optional-settings.ts';
import {
  type FinishReason,
  type ModelInfo,
  type ModelRequest,
  noUsage,
  type PromptMessage,
  type Provider,
  ProviderError,
  type StreamPart,
  type Usage,
} from './provider.ts';
import { argumentsOf } from './tool-arguments.ts';
import { headersOf, urlOf } from './wire.ts';

export const anthropicBaseUrl = 'https://api.anthropic.com';

/** A key is required at Anthropic's own address only. */
export function createAnthropicProvider(options: AdapterOptions): Provider {
  const { config, name, local } = options;
  const call: CallOptions = { ...options, baseUrl: config.baseUrl ?? anthropicBaseUrl, keyIsRequired: !config.baseUrl };
  const refused = new RefusedSettings();
  return {
    name,
    local,
    listModels: (signal) =>
      callOver(call, signal, async (connection) => {
        const client = await openClient(connection, call);
        const { data } = await client.models.list({ limit: maxListed });
        return data.map(modelInfo);
      }),
    stream: (request, signal) =>
      streamOver({ call, request, signal }, (connection, asked) => ask(connection, { call, refused }, asked)),
    embed: async () => {
      throw new ProviderError(
        'bad-request',
        `"${name}" has no embedding models. Choose one from another provider, or a local one.`,
      );
    },
  };
}

const maxListed = 100;

async function openClient(connection: Connection, { baseUrl, config }: CallOptions): Promise<Anthropic> {
  const { default: Anthropic } = await import('@anthropic-ai/sdk'); // at the first call: it would double the daemon's start
  return new Anthropic({
    baseURL: baseUrl,
    apiKey: connection.key ?? 'none', // anything, so that neither the environment nor the disk is searched for one
    defaultHeaders: { ...config.headers, ...(!connection.key && { Authorization: null }) },
    fetch: connection.fetch,
    maxRetries: 0,
    logLevel: 'off',
  });
}

async function ask(
  connection: Connection,
  { call: { baseUrl, config }, refused }: { call: CallOptions; refused: RefusedSettings },
  request: ModelRequest,
): Promise<ModelAnswer> {
  const { authorization: _, ...headers } = headersOf({ key: undefined }, config.headers);
  if (connection.key) headers['x-api-key'] = connection.key;
  const { answer, warnings } = await askWithout(
    bodyOf(request),
    {
      output_config: schemaIsNotForced,
      system: {
        isRefused: isSystemRefusal,
        without: ({ system, ...body }) =>
          system === undefined ? undefined : { ...body, messages: turnsOf(withoutSystemRole(request.messages)) },
      },
    },
    refused.of(request.model),
    (body) => connection.post(urlOf(baseUrl, 'v1/messages'), { 'anthropic-version': apiVersion, ...headers }, body),
  );
  return { warnings, body: answer, parser: new AnthropicParser() };
}

const apiVersion = '2023-06-01'; // the only one that there has been since
const defaultMaxOutputTokens = 8192; // the API insists on a limit; every model since 3.5 can give that much

/** Temperature is not sent: the API has given it up. */
function bodyOf({
  model,
  messages,
  maxOutputTokens,
  jsonSchema,
  tools,
  mustCallTool,
}: ModelRequest): MessageCreateParamsStreaming {
  const system = systemText(messages);
  return {
    model,
    stream: true,
    max_tokens: maxOutputTokens ?? defaultMaxOutputTokens,
    messages: turnsOf(messages),
    ...(system && { system }),
    ...(jsonSchema && { output_config: { format: { type: 'json_schema', schema: jsonSchema.schema } } }),
    ...(tools?.length && {
      tools: tools.map(({ name, description, parameters }) => ({
        name,
        description,
        input_schema: { ...parameters, type: 'object' as const },
      })),
    }),
    ...(mustCallTool && { tool_choice: { type: 'any' as const } }),
  };
}

/** Without the system prompt and empty messages, which are refused. All results of one round of calls go into one message. */
function turnsOf(messages: readonly PromptMessage[]): MessageParam[] {
  const turns: { role: 'user' | 'assistant'; content: string | ContentBlockParam[] }[] = [];
  for (const [i, message] of messages.entries()) {
    const previous = turns.at(-1);
    if (message.role === 'tool' && messages[i - 1]?.role === 'tool' && Array.isArray(previous?.content))
      previous.content.push(...blocksOf(message));
    else if (message.role !== 'system') {
      const blocks = blocksOf(message);
      const isPlain = blocks.length === 1 && blocks[0]?.type === 'text';
      if (blocks.length > 0)
        turns.push({
          role: message.role === 'assistant' ? 'assistant' : 'user',
          content: isPlain ? message.content : blocks,
        });
    }
  }
  return turns;
}

function blocksOf(message: PromptMessage): ContentBlockParam[] {
  const { content } = message;
  if (message.role === 'tool') return [{ type: 'tool_result', tool_use_id: message.toolCallId, content }];
  const text = content ? [{ type: 'text' as const, text: content }] : [];
  if (message.role === 'user') {
    // Pictures first, as the API's documentation advises. The API itself refuses kinds that it does not take.
    const pictures = (message.images ?? []).map(
      ({ mediaType, data }): ContentBlockParam => ({
        type: 'image',
        source: { type: 'base64', media_type: mediaType as ImageMediaType, data },
      }),
    );
    return [...pictures, ...text];
  }
  const calls = message.role === 'assistant' ? (message.toolCalls ?? []) : [];
  return [
    ...text,
    ...calls.map(({ id, name, arguments: values }) => ({
      type: 'tool_use' as const,
      id,
      name,
      input: argumentsOf(values),
    })),
  ];
}

type ImageMediaType = Extract<ImageBlockParam['source'], { type: 'base64' }>['media_type'];

/** Lives as long as one answer. A message that comes whole, where a stream was asked for, has its blocks in `content`. */
class AnthropicParser implements AnswerParser {
  isOver = false;
  finish: FinishReason | undefined;
  readonly #calls = new Map<unknown, { id: string; name: string; arguments: string }>();
  #usage: Usage | undefined;

  *read(event: Fields): Generator<StreamPart> {
    const { type, index, message, delta, content_block: block } = event;
    switch (type) {
      case 'message_start':
        this.#count(fieldsOf(message)['usage']);
        break;
      case 'message':
        for (const [at, each] of listOf(event['content']).entries()) {
          yield* this.#begin(fieldsOf(each), at);
          yield* this.#end(at);
        }
        this.#count(event['usage']);
        this.#finishBy(event['stop_reason']);
        this.isOver = true;
        break;
      case 'content_block_start':
        yield* this.#begin(fieldsOf(block), index);
        break;
      case 'content_block_delta':
        yield* this.#continue(fieldsOf(delta), index);
        break;
      case 'content_block_stop':
        yield* this.#end(index);
        break;
      case 'message_delta':
        this.#count(event['usage']);
        this.#finishBy(fieldsOf(delta)['stop_reason']);
        break;
      case 'message_stop':
        this.finish ??= 'stop';
        this.isOver = true;
    }
  }

  *last(): Generator<StreamPart> {
    if (this.#usage) yield { kind: 'usage', usage: this.#usage };
  }

  /** A block may begin with a piece of its content, or be whole. */
  *#begin({ type, id, name, input, ...block }: Fields, index: unknown): Generator<StreamPart> {
    if (type !== 'tool_use') return yield* this.#continue(block, index);
    const values = Object.keys(fieldsOf(input)).length > 0 ? argumentsText(input) : '';
    this.#calls.set(index, {
      id: stringOf(id) ?? `call_${String(index)}`,
      name: stringOf(name) ?? '',
      arguments: values,
    });
  }

  *#continue({ text, thinking, partial_json }: Fields, index: unknown): Generator<StreamPart> {
    yield* contentPieces(text);
    yield* contentPieces(thinking, 'reasoning');
    const call = this.#calls.get(index);
    if (call) call.arguments += argumentsText(partial_json);
  }

  *#end(index: unknown): Generator<StreamPart> {
    const call = this.#calls.get(index);
    this.#calls.delete(index);
    if (call) yield { kind: 'tool-call', ...call, arguments: call.arguments || '{}' };
  }

  #count(counts: unknown): void {
    if (typeof counts === 'object' && counts !== null)
      this.#usage = withCounts(this.#usage ?? noUsage, fieldsOf(counts));
  }

  #finishBy(reason: unknown): void {
    if (reason !== null && reason !== undefined) this.finish = lookUp(finishReasons, reason) ?? 'stop';
  }
}

const finishReasons: Record<string, FinishReason> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  pause_turn: 'stop',
  tool_use: 'tool-calls',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  refusal: 'content-filter',
};

/** Counts are cumulative and come twice, the second time not all of them. Input is without the cached tokens, output with the thinking. */
function withCounts(before: Usage, counts: Fields): Usage {
  const reasoning = countOf(fieldsOf(counts['output_tokens_details'])['thinking_tokens'], before.reasoning) ?? 0;
  const outputTokens = countOf(counts['output_tokens'], before.output + before.reasoning) ?? 0;
  return {
    input: countOf(counts['input_tokens'], before.input) ?? 0,
    cacheRead: countOf(counts['cache_read_input_tokens'], before.cacheRead) ?? 0,
    cacheWrite: countOf(counts['cache_creation_input_tokens'], before.cacheWrite) ?? 0,
    output: Math.max(0, outputTokens - reasoning),
    reasoning,
  };
}

/** Servers other than Anthropic's may leave out all but the id. */
function modelInfo(model: Partial<Anthropic.ModelInfo> & { id: string }): ModelInfo {
  const { capabilities, max_input_tokens: contextTokens } = model;
  return {
    name: model.id,
    ...(contextTokens && { contextTokens }),
    capabilities: {
      chat: true,
      ...(capabilities && {
        vision: capabilities.image_input.supported,
        jsonSchema: capabilities.structured_outputs.supported,
      }),
    },
    source: 'server',
  };
}
