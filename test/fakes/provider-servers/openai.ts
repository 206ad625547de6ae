// A scripted server in the format of OpenAI's chat completions: server-sent events, a usage chunk, `[DONE]`. It fills holes too, by
// `completions` with a suffix and by Mistral's `fim/completions`.
import {
  type Dialect,
  pieces,
  type RecordedRequest,
  type Reply,
  type Script,
  ScriptedServer,
} from './scripted-server.ts';

export interface OpenAiOptions {
  reply?: Script;
  /** What `/models` lists: ids, or whole entries. */
  models?: readonly (string | { id: string; [field: string]: unknown })[];
}

/** `url` ends in `/v1`. */
export function startOpenAiServer({
  reply = 'Hello from a scripted server.',
  models = ['scripted'],
}: OpenAiOptions = {}): Promise<ScriptedServer> {
  return new ScriptedServer(dialect(models), reply).start();
}

function dialect(models: NonNullable<OpenAiOptions['models']>): Dialect {
  return {
    contentType: 'text/event-stream',
    basePath: '/v1',
    chatPath: /^\/v1\/(chat\/|fim\/)?completions$/,
    stream: (reply, request) => ({
      open: chunk(request, { delta: { role: 'assistant', content: '' } }),
      pieces: [
        ...pieces(reply.reasoning).map((text) => chunk(request, { delta: { reasoning_content: text } })),
        ...pieces(reply.text).map((text) => chunk(request, { delta: { content: text } })),
      ],
      close: [
        ...toolCalls(reply, request),
        chunk(request, { delta: {}, finish_reason: finishReason(reply) }),
        usage(reply, request),
        'data: [DONE]\n\n',
      ].join(''),
    }),
    errorEvent: ({ type, message }) => event({ error: { message, type, code: type } }),
    other: ({ path, body }) => {
      if (path === '/v1/models') {
        return {
          object: 'list',
          data: models.map((model) => ({
            object: 'model',
            created: 0,
            owned_by: 'test',
            ...(typeof model === 'string' ? { id: model } : model),
          })),
        };
      }
      if (path !== '/v1/embeddings') return undefined;
      const { input } = body as { input: string[] };
      return {
        object: 'list',
        data: input.map((text, index) => ({ object: 'embedding', index, embedding: [text.length, 1] })),
      };
    },
  };
}

function event(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

function chunk({ path, body }: RecordedRequest, choice: Choice | undefined, more: object = {}): string {
  const { model } = body as { model: string };
  const isText = path === '/v1/completions';
  const { delta, ...rest } = choice ?? {};
  const said = isText ? { text: delta?.content ?? '' } : { delta };
  return event({
    id: 'chatcmpl-1',
    object: isText ? 'text_completion' : 'chat.completion.chunk',
    created: 1,
    model,
    choices: choice ? [{ index: 0, finish_reason: null, ...said, ...rest }] : [],
    ...more,
  });
}

interface Choice {
  delta: { content?: string; [field: string]: unknown };
  finish_reason?: string;
}

/** The arguments come in two fragments, as they do. */
function toolCalls(reply: Reply, request: RecordedRequest): string[] {
  return (reply.toolCalls ?? []).flatMap(({ name, arguments: values }, index) => {
    const text = JSON.stringify(values);
    const middle = text.length >> 1;
    return [
      { index, id: `call_${index}`, type: 'function', function: { name, arguments: '' } },
      { index, function: { arguments: text.slice(0, middle) } },
      { index, function: { arguments: text.slice(middle) } },
    ].map((call) => chunk(request, { delta: { tool_calls: [call] } }));
  });
}

function finishReason({ finish, toolCalls }: Reply): string {
  if (finish === undefined) return toolCalls ? 'tool_calls' : 'stop';
  return finish.replace('-', '_');
}

/** Sent only to who asked for it, but by Mistral; cached tokens count as input, reasoning as output. */
function usage({ usage }: Reply, request: RecordedRequest): string {
  const { stream_options: options } = request.body as { stream_options?: { include_usage?: boolean } };
  if (!usage || !(options?.include_usage || request.path === '/v1/fim/completions')) return '';
  const { input = 0, cacheRead = 0, cacheWrite = 0, output = 0, reasoning = 0 } = usage;
  const counts = {
    prompt_tokens: input + cacheRead + cacheWrite,
    completion_tokens: output + reasoning,
    total_tokens: input + cacheRead + cacheWrite + output + reasoning,
    prompt_tokens_details: { cached_tokens: cacheRead, cache_write_tokens: cacheWrite },
    completion_tokens_details: { reasoning_tokens: reasoning },
  };
  return chunk(request, undefined, { usage: counts });
}
