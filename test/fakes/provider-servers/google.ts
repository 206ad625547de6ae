// A scripted server in the format of the Gemini API: server-sent events of whole responses, without an end marker.
import { type Dialect, pieces, type Reply, type Script, ScriptedServer } from './scripted-server.ts';

export interface GoogleOptions {
  reply?: Script;
  /** What `/v1/models` lists: names, or whole entries. */
  models?: readonly (string | { name: string; [field: string]: unknown })[];
}

export function startGoogleServer({
  reply = 'Hello from a scripted server.',
  models = ['scripted'],
}: GoogleOptions = {}): Promise<ScriptedServer> {
  return new ScriptedServer(dialect(models), reply).start();
}

function dialect(models: NonNullable<GoogleOptions['models']>): Dialect {
  return {
    contentType: 'text/event-stream',
    basePath: '',
    chatPath: /^\/v1\/models\/[^/]+:streamGenerateContent$/,
    stream: (reply) => ({
      open: '',
      pieces: [
        ...pieces(reply.reasoning).map((text) =>
          chunk({ content: { role: 'model', parts: [{ text, thought: true }] } }, reply),
        ),
        ...pieces(reply.text).map((text) => chunk({ content: { role: 'model', parts: [{ text }] } }, reply)),
      ],
      close:
        toolCalls(reply) +
        chunk({ content: { role: 'model', parts: [{ text: '' }] }, finishReason: finishReason(reply) }, reply),
    }),
    errorEvent: ({ type, message }) =>
      event({ error: { message, ...(codes[type] ?? { code: 500, status: 'INTERNAL' }) } }),
    other: ({ path, body }) => {
      if (path === '/v1/models')
        return { models: models.map((model) => (typeof model === 'string' ? { name: `models/${model}` } : model)) };
      if (!path.endsWith(':batchEmbedContents')) return undefined;
      const { requests } = body as { requests: { content: { parts: { text: string }[] } }[] };
      return { embeddings: requests.map(({ content }) => ({ values: [content.parts[0]?.text.length, 1] })) };
    },
  };
}

const codes: Record<string, { code: number; status: string }> = {
  overloaded_error: { code: 503, status: 'UNAVAILABLE' },
  rate_limit_error: { code: 429, status: 'RESOURCE_EXHAUSTED' },
};

function event(data: object): string {
  return `data: ${JSON.stringify(data)}\r\n\r\n`;
}

/** Every chunk carries the counts so far. */
function chunk(candidate: object, { usage }: Reply): string {
  return event({
    candidates: [{ index: 0, ...candidate }],
    ...(usage && { usageMetadata: counts(usage) }),
    modelVersion: 'scripted',
    responseId: 'r1',
  });
}

/** Cached tokens count as prompt; thoughts have a count of their own. The API tells nothing of written caches. */
function counts({
  input = 0,
  cacheRead = 0,
  cacheWrite = 0,
  output = 0,
  reasoning = 0,
}: NonNullable<Reply['usage']>): object {
  const promptTokenCount = input + cacheRead + cacheWrite;
  return {
    promptTokenCount,
    candidatesTokenCount: output,
    totalTokenCount: promptTokenCount + output + reasoning,
    ...(cacheRead > 0 && { cachedContentTokenCount: cacheRead }),
    ...(reasoning > 0 && { thoughtsTokenCount: reasoning }),
  };
}

/** Calls come whole; the first of a round carries the signature of the thoughts that led to it. */
function toolCalls(reply: Reply): string {
  return (reply.toolCalls ?? [])
    .map(({ name, arguments: args }, i) =>
      chunk(
        {
          content: {
            role: 'model',
            parts: [{ functionCall: { name, args }, ...(i === 0 && { thoughtSignature: 'c2lnbmVk' }) }],
          },
        },
        reply,
      ),
    )
    .join('');
}

function finishReason({ finish }: Reply): string {
  return { stop: 'STOP', length: 'MAX_TOKENS', 'tool-calls': 'STOP', 'content-filter': 'SAFETY' }[finish ?? 'stop'];
}
