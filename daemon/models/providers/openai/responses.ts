// OpenAI's responses: what is sent, and what comes back, in the words of the provider interface. Nothing is stored upstream.
import type OpenAI from 'openai';
import type {
  ResponseCreateParamsStreaming,
  ResponseInputContent,
  ResponseInputItem,
  ResponseStreamEvent,
  ResponseUsage,
} from 'openai/resources/responses/responses';
import type { Connection, ModelAnswer } from '../connection.ts';
import { askWithout, schemaIsNotForced } from '../optional-settings.ts';
import type { FinishReason, ModelRequest, PromptMessage, StreamPart, Usage } from '../provider.ts';
import { dataUrl, isStrict } from './wire.ts';

export async function askResponses(
  connection: Connection,
  client: OpenAI,
  request: ModelRequest,
): Promise<ModelAnswer> {
  const { answer, warnings } = await askWithout(
    bodyOf(request),
    {
      temperature: 'This model does not take a temperature: its own was used.',
      text: schemaIsNotForced,
      reasoning: 'This model does not show its reasoning here.',
    },
    (body) =>
      client.responses.create(body).catch((error: unknown) => {
        throw connection.failure(error);
      }),
  );
  return { warnings, parts: partsOf(answer, connection) };
}

const minOutputTokens = 16; // the API refuses a smaller limit
const reasoningModels = /^(o\d|gpt-[5-9])(?!.*chat)/; // they tell a summary of their reasoning when asked; others refuse the question

function bodyOf({
  model,
  messages,
  maxOutputTokens,
  temperature,
  jsonSchema,
  tools,
}: ModelRequest): ResponseCreateParamsStreaming {
  return {
    model,
    input: messages.flatMap(itemsOf),
    stream: true,
    store: false,
    ...(reasoningModels.test(model) && { reasoning: { summary: 'auto' } }),
    ...(maxOutputTokens !== undefined && { max_output_tokens: Math.max(maxOutputTokens, minOutputTokens) }),
    ...(temperature !== undefined && { temperature }),
    ...(jsonSchema && {
      text: {
        format: {
          type: 'json_schema',
          name: jsonSchema.name,
          schema: jsonSchema.schema,
          strict: isStrict(jsonSchema.schema),
        },
      },
    }),
    ...(tools?.length && { tools: tools.map((tool) => ({ type: 'function' as const, ...tool, strict: false })) }),
  };
}

/** Calls and their results are items of their own, beside the messages. */
function itemsOf(message: PromptMessage): ResponseInputItem[] {
  const { content } = message;
  switch (message.role) {
    case 'system':
      return [{ role: 'system', content }];
    case 'user':
      return [{ role: 'user', content: message.images?.length ? userParts(message) : content }];
    case 'tool':
      return [{ type: 'function_call_output', call_id: message.toolCallId, output: content }];
    case 'assistant':
      return [
        ...(content ? [{ role: 'assistant' as const, content }] : []),
        ...(message.toolCalls ?? []).map(({ id, name, arguments: values }) => ({
          type: 'function_call' as const,
          call_id: id,
          name,
          arguments: values,
        })),
      ];
  }
}

function userParts({ content, images = [] }: Extract<PromptMessage, { role: 'user' }>): ResponseInputContent[] {
  const pictures = images.map((image) => ({
    type: 'input_image' as const,
    image_url: dataUrl(image),
    detail: 'auto' as const,
  }));
  return content ? [{ type: 'input_text', text: content }, ...pictures] : pictures;
}

async function* partsOf(
  events: AsyncIterable<ResponseStreamEvent>,
  connection: Connection,
): AsyncGenerator<StreamPart> {
  let calls = 0;
  let refused = false;
  for await (const event of events) {
    switch (event.type) {
      case 'response.output_text.delta':
        if (event.delta) yield { kind: 'text', text: event.delta };
        break;
      case 'response.refusal.delta':
        refused = true;
        if (event.delta) yield { kind: 'text', text: event.delta };
        break;
      case 'response.reasoning_summary_text.delta':
      case 'response.reasoning_text.delta':
        if (event.delta) yield { kind: 'reasoning', text: event.delta };
        break;
      case 'response.output_item.done':
        if (event.item.type !== 'function_call') break;
        calls++;
        yield { kind: 'tool-call', id: event.item.call_id, name: event.item.name, arguments: event.item.arguments };
        break;
      case 'response.failed':
        throw connection.failureInStream(event.response.error ?? 'no reason given');
      case 'error':
        throw connection.failureInStream(event);
      case 'response.completed':
      case 'response.incomplete':
        if (event.response.usage) yield { kind: 'usage', usage: bucketsOf(event.response.usage) };
        yield { kind: 'finish', reason: finishReason(event.response.incomplete_details?.reason, { calls, refused }) };
    }
  }
}

function finishReason(
  incomplete: string | undefined,
  { calls, refused }: { calls: number; refused: boolean },
): FinishReason {
  if (incomplete === 'content_filter' || refused) return 'content-filter';
  if (incomplete) return incomplete === 'max_output_tokens' ? 'length' : 'error';
  return calls > 0 ? 'tool-calls' : 'stop';
}

/** Cached tokens are counted within the input, reasoning within the output. */
function bucketsOf(usage: ResponseUsage): Usage {
  const cacheRead = usage.input_tokens_details?.cached_tokens ?? 0;
  const cacheWrite = usage.input_tokens_details?.cache_write_tokens ?? 0;
  const reasoning = usage.output_tokens_details?.reasoning_tokens ?? 0;
  return {
    input: Math.max(0, usage.input_tokens - cacheRead - cacheWrite),
    cacheRead,
    cacheWrite,
    output: Math.max(0, usage.output_tokens - reasoning),
    reasoning,
  };
}
