// OpenAI's responses: what is sent, and what comes back, in the words of the provider interface. Nothing is stored upstream.
import type {
  ResponseCreateParamsStreaming,
  ResponseInputContent,
  ResponseInputItem,
} from 'openai/resources/responses/responses';
import type { AnswerParser } from '../answers/decoder.ts';
import { argumentsText, contentPieces, countOf, type Fields, fieldsOf, listOf, stringOf } from '../answers/shapes.ts';
import { withoutSystemRole } from '../answers/turns.ts';
import type { Connection, ModelAnswer } from '../connection.ts';
import { askWithout, isSystemRefusal, schemaIsNotForced } from '../optional-settings.ts';
import type { FinishReason, ModelRequest, PromptMessage, StreamPart, Usage } from '../provider.ts';
import { dataUrl, headersOf, isStrict, urlOf } from '../wire.ts';
import type { ChatServer } from './chat.ts';

export async function askResponses(
  connection: Connection,
  { baseUrl, headers, refused }: Omit<ChatServer, 'limitName'>,
  request: ModelRequest,
): Promise<ModelAnswer> {
  const url = urlOf(baseUrl, 'responses');
  const { answer, warnings } = await askWithout(
    bodyOf(request),
    {
      temperature: "This model doesn't accept a temperature, so its default was used.",
      text: schemaIsNotForced,
      reasoning: "This model doesn't show its reasoning here.",
      system: {
        isRefused: isSystemRefusal,
        without: (body) =>
          request.messages.some(({ role }) => role === 'system')
            ? { ...body, input: withoutSystemRole(request.messages).flatMap(itemsOf) }
            : undefined,
      },
    },
    refused.of(request.model),
    (body) => connection.post(url, headersOf(connection, headers), body),
  );
  return { warnings, body: answer, parser: new ResponsesParser((said) => connection.failureInStream(said)) };
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
  mustCallTool,
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
    ...(mustCallTool && { tool_choice: 'required' as const }),
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

/** Lives as long as one answer. A response that comes whole, where a stream was asked for, has its parts in `output`. */
class ResponsesParser implements AnswerParser {
  isOver = false;
  finish: FinishReason | undefined;
  readonly #failure: (said: unknown) => Error;
  #calls = 0;
  #refused = false;
  #usage: Usage | undefined;

  constructor(failure: (said: unknown) => Error) {
    this.#failure = failure;
  }

  *read(event: Fields): Generator<StreamPart> {
    const { type, object, delta, item, response } = event;
    if (object === 'response') {
      for (const each of listOf(event['output'])) yield* this.#item(fieldsOf(each), { isWhole: true });
      return this.#end(event);
    }
    switch (type) {
      case 'response.refusal.delta':
        this.#refused = true;
        yield* contentPieces(delta);
        break;
      case 'response.output_text.delta':
        yield* contentPieces(delta);
        break;
      case 'response.reasoning_summary_text.delta':
      case 'response.reasoning_text.delta':
        yield* contentPieces(delta, 'reasoning');
        break;
      case 'response.output_item.done':
        yield* this.#item(fieldsOf(item), { isWhole: false });
        break;
      case 'response.failed':
      case 'response.completed':
      case 'response.incomplete':
        this.#end(fieldsOf(response));
    }
  }

  *last(): Generator<StreamPart> {
    if (this.#usage) yield { kind: 'usage', usage: this.#usage };
  }

  /** Texts have come before, piece by piece, unless the response is whole. */
  *#item(item: Fields, { isWhole }: { isWhole: boolean }): Generator<StreamPart> {
    const { type, call_id, name, arguments: values, content, summary } = item;
    if (type === 'function_call') {
      this.#calls++;
      const id = stringOf(call_id) ?? `call_${this.#calls}`;
      yield { kind: 'tool-call', id, name: stringOf(name) ?? '', arguments: argumentsText(values) };
    } else if (isWhole && type === 'reasoning') yield* contentPieces(summary ?? content, 'reasoning');
    else if (isWhole) {
      const refusals = listOf(content).flatMap((piece) => fieldsOf(piece)['refusal'] ?? []);
      this.#refused ||= refusals.length > 0;
      yield* contentPieces([content, ...refusals]);
    }
  }

  #end({ error, status, incomplete_details, usage }: Fields): void {
    if (status === 'failed' || error) throw this.#failure(error ?? 'no reason given');
    this.#usage = bucketsOf(fieldsOf(usage));
    const reason = stringOf(fieldsOf(incomplete_details)['reason']);
    this.finish = finishReason(reason, { calls: this.#calls, refused: this.#refused });
    this.isOver = true;
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

/** Cached tokens are counted within the input, reasoning within the output. Undefined where one of them was not counted. */
function bucketsOf(usage: Fields): Usage | undefined {
  const input = countOf(usage['input_tokens']);
  const output = countOf(usage['output_tokens']);
  if (input === undefined || output === undefined) return undefined;
  const ofInput = fieldsOf(usage['input_tokens_details']);
  const cacheRead = countOf(ofInput['cached_tokens']) ?? 0;
  const cacheWrite = countOf(ofInput['cache_write_tokens']) ?? 0;
  const reasoning = countOf(fieldsOf(usage['output_tokens_details'])['reasoning_tokens']) ?? 0;
  return {
    input: Math.max(0, input - cacheRead - cacheWrite),
    cacheRead,
    cacheWrite,
    output: Math.max(0, output - reasoning),
    reasoning,
  };
}
