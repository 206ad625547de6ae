// A scripted server in the format of OpenAI's responses: named, numbered events from `response.created` to `response.completed`.
import { type Dialect, pieces, type Reply, type Script, ScriptedServer } from './scripted-server.ts';

/** `url` ends in `/v1`. */
export function startResponsesServer({
  reply = 'Hello from a scripted server.',
}: {
  reply?: Script;
} = {}): Promise<ScriptedServer> {
  return new ScriptedServer(dialect(), reply).start();
}

function dialect(): Dialect {
  return {
    contentType: 'text/event-stream',
    basePath: '/v1',
    chatPath: '/v1/responses',
    stream: (reply) => ({
      open:
        event('response.created', { response: response('in_progress') }) +
        event('response.in_progress', { response: response('in_progress') }),
      pieces: [
        ...pieces(reply.reasoning).map((delta) =>
          event('response.reasoning_summary_text.delta', { item_id: 'rs_1', output_index: 0, summary_index: 0, delta }),
        ),
        ...pieces(reply.text).map((delta) =>
          event('response.output_text.delta', {
            item_id: 'msg_1',
            output_index: 1,
            content_index: 0,
            delta,
            logprobs: [],
          }),
        ),
      ],
      close: toolCalls(reply) + lastEvent(reply),
    }),
    errorEvent: ({ type, message }) => event('error', { code: type, message, param: null }),
    other: ({ path }) =>
      path === '/v1/models'
        ? { object: 'list', data: [{ object: 'model', id: 'scripted', created: 0, owned_by: 'test' }] }
        : undefined,
  };
}

function event(type: string, fields: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: 0, ...fields })}\n\n`;
}

function response(status: string, more: object = {}): object {
  return {
    id: 'resp_1',
    object: 'response',
    created_at: 1,
    model: 'scripted',
    status,
    error: null,
    incomplete_details: null,
    output: [],
    usage: null,
    ...more,
  };
}

/** The arguments come in fragments, and whole again with the finished item. */
function toolCalls({ toolCalls = [] }: Reply): string {
  return toolCalls
    .map(({ name, arguments: values }, i) => {
      const item = { type: 'function_call', id: `fc_${i}`, call_id: `call_${i}`, name };
      const json = JSON.stringify(values);
      return [
        event('response.output_item.added', {
          output_index: 2 + i,
          item: { ...item, arguments: '', status: 'in_progress' },
        }),
        event('response.function_call_arguments.delta', { item_id: item.id, output_index: 2 + i, delta: json }),
        event('response.function_call_arguments.done', { item_id: item.id, output_index: 2 + i, arguments: json }),
        event('response.output_item.done', {
          output_index: 2 + i,
          item: { ...item, arguments: json, status: 'completed' },
        }),
      ].join('');
    })
    .join('');
}

function lastEvent({ finish, usage }: Reply): string {
  const reason = {
    length: 'max_output_tokens',
    'content-filter': 'content_filter',
    stop: undefined,
    'tool-calls': undefined,
  }[finish ?? 'stop'];
  const counts = usage ? { usage: countsOf(usage) } : {};
  if (reason)
    return event('response.incomplete', {
      response: response('incomplete', { incomplete_details: { reason }, ...counts }),
    });
  return event('response.completed', { response: response('completed', counts) });
}

/** Cached tokens count as input, reasoning as output. */
function countsOf({
  input = 0,
  cacheRead = 0,
  cacheWrite = 0,
  output = 0,
  reasoning = 0,
}: NonNullable<Reply['usage']>): object {
  const [inputTokens, outputTokens] = [input + cacheRead + cacheWrite, output + reasoning];
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: cacheRead, cache_write_tokens: cacheWrite },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: inputTokens + outputTokens,
  };
}
