// Anthropic's messages, and servers that speak them.
import type Anthropic from '@anthropic-ai/sdk';
import type {
  ContentBlockParam,
  ImageBlockParam,
  MessageCreateParamsStreaming,
  MessageParam,
  RawMessageStreamEvent,
} from '@anthropic-ai/sdk/resources/messages';
import {
  type AdapterOptions,
  type CallOptions,
  type Connection,
  callOver,
  type ModelAnswer,
  streamOver,
} from './connection.ts';
import { askWithout, schemaIsNotForced } from './optional-settings.ts';
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

export const anthropicBaseUrl = 'https://api.anthropic.com';

/** A key is required at Anthropic's own address only. */
export function createAnthropicProvider(options: AdapterOptions): Provider {
  const { config, name, local } = options;
  const call: CallOptions = { ...options, baseUrl: config.baseUrl ?? anthropicBaseUrl, keyIsRequired: !config.baseUrl };
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
      streamOver({ ...call, model: request.model }, signal, (connection) => ask(connection, call, request)),
    embed: async () => {
      throw new ProviderError(
        'bad-request',
        `"${name}" has no embedding models. Choose one of another provider, or a local one.`,
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

async function ask(connection: Connection, options: CallOptions, request: ModelRequest): Promise<ModelAnswer> {
  const client = await openClient(connection, options);
  const { answer, warnings } = await askWithout(bodyOf(request), { output_config: schemaIsNotForced }, (body) =>
    client.messages.create(body).catch((error: unknown) => {
      throw connection.failure(error);
    }),
  );
  return { warnings, parts: partsOf(answer) };
}

const defaultMaxOutputTokens = 8192; // the API insists on a limit; every model since 3.5 can give that much

/** Temperature is not sent: the API has given it up. */
function bodyOf({ model, messages, maxOutputTokens, jsonSchema, tools }: ModelRequest): MessageCreateParamsStreaming {
  const system = messages
    .filter(({ role }) => role === 'system')
    .map(({ content }) => content)
    .join('\n\n');
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

async function* partsOf(events: AsyncIterable<RawMessageStreamEvent>): AsyncGenerator<StreamPart> {
  const calls = new Map<number, { id: string; name: string; arguments: string }>();
  let usage: Usage | undefined;
  let finish: FinishReason = 'stop';
  for await (const event of events) {
    switch (event.type) {
      case 'message_start':
        usage = withCounts(noUsage, event.message?.usage);
        break;
      case 'content_block_start':
        if (event.content_block.type === 'tool_use')
          calls.set(event.index, { id: event.content_block.id, name: event.content_block.name, arguments: '' });
        break;
      case 'content_block_delta': {
        const { delta } = event;
        if (delta.type === 'text_delta' && delta.text) yield { kind: 'text', text: delta.text };
        if (delta.type === 'thinking_delta' && delta.thinking) yield { kind: 'reasoning', text: delta.thinking };
        const call = calls.get(event.index);
        if (delta.type === 'input_json_delta' && call) call.arguments += delta.partial_json;
        break;
      }
      case 'content_block_stop': {
        const call = calls.get(event.index);
        if (call) yield { kind: 'tool-call', ...call, arguments: call.arguments || '{}' };
        break;
      }
      case 'message_delta':
        usage = withCounts(usage ?? noUsage, event.usage);
        finish = finishReasons[event.delta.stop_reason ?? ''] ?? 'stop';
        break;
      case 'message_stop':
        if (usage) yield { kind: 'usage', usage };
        yield { kind: 'finish', reason: finish };
    }
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

interface Counts {
  input_tokens?: number | null;
  cache_read_input_tokens?: number | null;
  cache_creation_input_tokens?: number | null;
  output_tokens?: number | null;
  output_tokens_details?: { thinking_tokens: number } | null;
}

/** Counts are cumulative and come twice, the second time not all of them. Input is without the cached tokens, output with the thinking. */
function withCounts(before: Usage, counts: Counts | undefined): Usage {
  const reasoning = counts?.output_tokens_details?.thinking_tokens ?? before.reasoning;
  const outputTokens = counts?.output_tokens ?? before.output + before.reasoning;
  return {
    input: counts?.input_tokens ?? before.input,
    cacheRead: counts?.cache_read_input_tokens ?? before.cacheRead,
    cacheWrite: counts?.cache_creation_input_tokens ?? before.cacheWrite,
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
