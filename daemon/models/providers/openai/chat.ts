// OpenAI's chat completions: what is sent, and what comes back, in the words of the provider interface.
import type {
  ChatCompletionChunk,
  ChatCompletionContentPart,
  ChatCompletionCreateParamsStreaming,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions';
import type { CompletionUsage } from 'openai/resources/completions';
import { thisBuild } from '../../../base/build.ts';
import type { Connection, ModelAnswer } from '../connection.ts';
import { askWithout, schemaIsNotForced } from '../optional-settings.ts';
import type { FinishReason, ModelRequest, PromptMessage, StreamPart, Usage } from '../provider.ts';
import { EventReader } from './events.ts';
import { dataUrl, isStrict } from './wire.ts';

/** How a server calls the limit of an answer: OpenAI's reasoning models refuse the old name, other servers may not know the new one. */
export type LimitName = 'max_tokens' | 'max_completion_tokens';

export interface ChatServer {
  /** Where its API begins. */
  baseUrl: string;
  /** What the configuration adds to each request. */
  headers: Readonly<Record<string, string>> | undefined;
  limitName: LimitName;
}

/** Asks without the package: making its client and its request takes longer than a server near by takes to answer. */
export async function askChat(
  connection: Connection,
  { baseUrl, headers, limitName }: ChatServer,
  request: ModelRequest,
): Promise<ModelAnswer> {
  const url = `${baseUrl.replace(/\/$/, '')}/chat/completions`;
  const { answer, warnings } = await askWithout(
    bodyOf(request, limitName),
    {
      temperature: 'This model does not take a temperature: its own was used.',
      response_format: schemaIsNotForced,
      stream_options: 'This server does not report token counts.',
    },
    (body) =>
      connection.post(url, headersOf(connection, headers), body).catch((error: unknown) => {
        throw connection.failure(error);
      }),
  );
  return { warnings, parts: partsOf(answer, connection) };
}

/** Names are compared without regard to case. The configuration's headers win, but without a key there is no `authorization`. */
function headersOf({ key }: Connection, configured: ChatServer['headers'] = {}): Record<string, string> {
  const headers: Record<string, string> = {
    accept: 'text/event-stream',
    'content-type': 'application/json',
    'user-agent': `Switchyard/${thisBuild.version}`,
  };
  if (key) headers['authorization'] = `Bearer ${key}`;
  for (const [name, value] of Object.entries(configured)) headers[name.toLowerCase()] = value;
  if (!key) delete headers['authorization'];
  return headers;
}

function bodyOf(request: ModelRequest, limitName: LimitName): ChatCompletionCreateParamsStreaming {
  const { model, messages, maxOutputTokens, temperature, jsonSchema, tools } = request;
  return {
    model,
    messages: messages.map(messageOf),
    stream: true,
    stream_options: { include_usage: true },
    ...(maxOutputTokens !== undefined && { [limitName]: maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(jsonSchema && {
      response_format: {
        type: 'json_schema',
        json_schema: { name: jsonSchema.name, schema: jsonSchema.schema, strict: isStrict(jsonSchema.schema) },
      },
    }),
    ...(tools?.length && { tools: tools.map((tool) => ({ type: 'function' as const, function: { ...tool } })) }),
  };
}

function messageOf(message: PromptMessage): ChatCompletionMessageParam {
  const { content } = message;
  switch (message.role) {
    case 'system':
      return { role: 'system', content };
    case 'user':
      return { role: 'user', content: message.images?.length ? userParts(message) : content };
    case 'tool':
      return { role: 'tool', tool_call_id: message.toolCallId, content };
    case 'assistant': {
      const calls = (message.toolCalls ?? []).map(({ id, name, arguments: values }) => ({
        id,
        type: 'function' as const,
        function: { name, arguments: values },
      }));
      return calls.length > 0
        ? { role: 'assistant', content: content || null, tool_calls: calls }
        : { role: 'assistant', content };
    }
  }
}

function userParts({ content, images = [] }: Extract<PromptMessage, { role: 'user' }>): ChatCompletionContentPart[] {
  const pictures = images.map((image) => ({ type: 'image_url' as const, image_url: { url: dataUrl(image) } }));
  return content ? [{ type: 'text', text: content }, ...pictures] : pictures;
}

const endMarker = '[DONE]';

/**
 * The model's own finish_reason is what tells an answer that ended from one that broke off: some servers send no `[DONE]`.
 * The token counts come after it, so `finish` is yielded last.
 */
async function* partsOf(answer: AsyncIterable<Uint8Array>, connection: Connection): AsyncGenerator<StreamPart> {
  const events = new EventReader(); // the package's own takes ten times the work, for each token
  const calls = new ToolCalls();
  let finish: FinishReason | undefined;
  let usage: CompletionUsage | undefined;
  let refused = false;
  let isDone = false;
  reading: for await (const packet of answer) {
    for (const data of events.push(packet)) {
      isDone = data.startsWith(endMarker);
      if (isDone) connection.release();
      if (isDone) break reading;
      const chunk = JSON.parse(data) as SentChunk;
      if (chunk.error) throw connection.failureInStream(chunk.error);
      usage = chunk.usage ?? chunk.x_groq?.usage ?? usage;
      const choice = chunk.choices?.[0];
      if (!choice) continue;
      const delta: Delta = choice.delta ?? {};
      const reasoning = delta.reasoning_content ?? delta.reasoning;
      if (reasoning) yield { kind: 'reasoning', text: reasoning };
      if (delta.content) yield { kind: 'text', text: delta.content };
      if (delta.refusal) yield { kind: 'text', text: delta.refusal };
      refused ||= Boolean(delta.refusal);
      calls.add(delta.tool_calls ?? []);
      if (choice.finish_reason) finish = finishReasons[choice.finish_reason] ?? 'stop';
    }
  }
  if (!finish || (!isDone && events.isInEvent)) return; // it broke off, if only within the token counts
  yield* calls.parts();
  if (usage) yield { kind: 'usage', usage: bucketsOf(usage) };
  yield { kind: 'finish', reason: refused && finish === 'stop' ? 'content-filter' : finish };
}

/** OpenAI's own chunks have no reasoning. The first name is DeepSeek's and xAI's, the second OpenRouter's and Groq's. */
type Delta = Partial<ChatCompletionChunk.Choice.Delta> & {
  reasoning_content?: string | null;
  reasoning?: string | null;
};

/** A chunk may lack any field, or be an error. `x_groq` is where Groq puts its counts, whether or not they were asked for. */
interface SentChunk extends Partial<ChatCompletionChunk> {
  error?: unknown;
  x_groq?: { usage?: CompletionUsage | null } | null;
}

const finishReasons: Record<string, FinishReason> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'content-filter',
  error: 'error',
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

/** OpenAI counts cached tokens within the prompt and reasoning within the completion; xAI counts reasoning beside it. */
function bucketsOf(usage: CompletionUsage): Usage {
  const { prompt_tokens: prompt = 0, completion_tokens: completion = 0, total_tokens: total } = usage;
  const cacheRead = usage.prompt_tokens_details?.cached_tokens ?? 0;
  const cacheWrite = usage.prompt_tokens_details?.cache_write_tokens ?? 0;
  const reasoning = usage.completion_tokens_details?.reasoning_tokens ?? 0;
  const isBeside = total === prompt + completion + reasoning;
  return {
    input: Math.max(0, prompt - cacheRead - cacheWrite),
    cacheRead,
    cacheWrite,
    output: Math.max(0, isBeside ? completion : completion - reasoning),
    reasoning,
  };
}
