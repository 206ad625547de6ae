// One answer of our llama-server, in the words of local inference.
import type { LocalSettings } from '../../base/config/local-settings.ts';
import type { Fetch } from '../../base/egress.ts';
import type { GgufInfo, InferenceChat, InferencePart } from '../inference/inference.ts';
import { recommendedSampling, samplingOf } from '../inference/settings.ts';
import { streamOver } from '../providers/connection.ts';
import { chatBody } from '../providers/openai/chat.ts';
import { ChatParser } from '../providers/openai/chat-parser.ts';
import type { ModelRequest, StreamPart, Usage } from '../providers/provider.ts';
import { headersOf, urlOf } from '../providers/wire.ts';
import type { ServerProcess } from './server-process.ts';

interface ServerChat {
  chat: InferenceChat;
  info: GgufInfo;
  settings: LocalSettings;
  contextTokens: number;
  process: Pick<ServerProcess, 'url' | 'key'>;
  fetch: Fetch;
}

/** Leaving the loop, or aborting, closes the connection, and with it the work. Throws ProviderError, or CancelledError. */
export async function* askServer(
  { chat, info, settings, contextTokens, process, fetch }: ServerChat,
  signal: AbortSignal,
): AsyncGenerator<InferencePart> {
  const config = { type: 'openai-compatible' as const };
  const baseUrl = `${process.url}/v1`;
  const call = { name: 'local', config, baseUrl, apiKey: async () => process.key, fetch, local: true };
  const sampling = samplingOf(settings, recommendedSampling(info), chat.temperature);
  const chosen = {
    temperature: sampling.temperature,
    top_k: sampling.topK,
    top_p: sampling.topP,
    min_p: sampling.minP,
  };
  const request = requestOf(chat, settings.maxOutputTokens ?? Math.floor(contextTokens / 2));
  const clock = new Clock();
  const parts = streamOver({ call, request, signal }, async (connection, asked) => {
    // What is read for one profile must not be the start of another's prompt.
    const body = { ...chatBody(asked, 'max_tokens'), ...chosen, cache_prompt: false };
    const answer = await connection.post(urlOf(baseUrl, 'chat/completions'), headersOf(connection), body);
    return { warnings: [], body: answer, parser: new ChatParser() };
  });
  for await (const part of parts) yield* clock.partsOf(part);
}

function requestOf(chat: InferenceChat, maxOutputTokens: number): ModelRequest {
  return {
    model: 'local',
    messages: chat.messages,
    maxOutputTokens: chat.maxOutputTokens ?? maxOutputTokens,
    ...(chat.jsonSchema && { jsonSchema: { name: 'answer', schema: chat.jsonSchema } }),
  };
}

/** Lives as long as one answer: how long it was read, and written. */
class Clock {
  readonly #askedMs = performance.now();
  #firstMs: number | undefined;
  #usage: Usage | undefined;

  partsOf(part: StreamPart): InferencePart[] {
    switch (part.kind) {
      case 'text':
      case 'reasoning':
        this.#firstMs ??= performance.now();
        return [part];
      case 'thought':
      case 'warning':
        return [part];
      case 'usage':
        this.#usage = part.usage;
        return [];
      case 'finish':
        return [this.#finish(part.reason === 'length' ? 'length' : 'stop')];
      default:
        return []; // it has no tools
    }
  }

  #finish(reason: 'stop' | 'length'): InferencePart {
    const { input = 0, cacheRead = 0, output = 0 } = this.#usage ?? {};
    const endMs = performance.now();
    const firstMs = this.#firstMs ?? endMs;
    return {
      kind: 'finish',
      reason,
      inputTokens: input + cacheRead,
      cachedTokens: cacheRead,
      outputTokens: output,
      readMs: firstMs - this.#askedMs,
      writeMs: endMs - firstMs,
    };
  }
}
