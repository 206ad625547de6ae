// A scripted server in the format of Anthropic's messages: named events from `message_start` to `message_stop`, with pings.
import {
  type Dialect,
  pieces,
  type RecordedRequest,
  type Reply,
  type Script,
  ScriptedServer,
} from './scripted-server.ts';

export interface AnthropicOptions {
  reply?: Script;
  /** What `/v1/models` lists: ids, or whole entries. */
  models?: readonly (string | { id: string; [field: string]: unknown })[];
}

export function startAnthropicServer({
  reply = 'Hello from a scripted server.',
  models = ['scripted'],
}: AnthropicOptions = {}): Promise<ScriptedServer> {
  return new ScriptedServer(dialect(models), reply).start();
}

function dialect(models: NonNullable<AnthropicOptions['models']>): Dialect {
  return {
    contentType: 'text/event-stream',
    basePath: '',
    chatPath: '/v1/messages',
    stream,
    errorEvent: ({ type, message }) => event('error', { error: { type, message } }),
    other: ({ path }) =>
      path === '/v1/models' ? { data: models.map(entry), has_more: false, first_id: null, last_id: null } : undefined,
  };
}

function entry(model: string | { id: string }): object {
  return {
    type: 'model',
    created_at: '2026-01-01T00:00:00Z',
    ...(typeof model === 'string' ? { id: model, display_name: model } : model),
  };
}

function event(type: string, fields: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

/** The thinking, the text and each tool call are blocks of their own; a block opens with its first piece. */
function stream(reply: Reply, request: RecordedRequest): { open: string; pieces: string[]; close: string } {
  const thinking = pieces(reply.reasoning).map((text) => ({ type: 'thinking_delta', thinking: text }));
  const text = pieces(reply.text).map((piece) => ({ type: 'text_delta', text: piece }));
  const blocks = [
    { content_block: { type: 'thinking', thinking: '', signature: '' }, deltas: thinking },
    { content_block: { type: 'text', text: '' }, deltas: text },
  ].filter(({ deltas }) => deltas.length > 0);
  const calls = (reply.toolCalls ?? []).map(({ name, arguments: values }, index) => {
    const json = JSON.stringify(values);
    const parts = [json.slice(0, json.length >> 1), json.slice(json.length >> 1)];
    return block(
      blocks.length + index,
      { type: 'tool_use', id: `call_${index}`, name, input: {} },
      parts.map((partial_json) => ({ type: 'input_json_delta', partial_json })),
    ).join('');
  });
  const { input = 0, cacheRead = 0, cacheWrite = 0 } = reply.usage ?? {};
  const counts = {
    input_tokens: input,
    cache_read_input_tokens: cacheRead,
    cache_creation_input_tokens: cacheWrite,
    output_tokens: 1,
  };
  const { model } = request.body as { model: string };
  return {
    open:
      event('message_start', {
        message: {
          id: 'msg_1',
          type: 'message',
          role: 'assistant',
          model,
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: counts,
        },
      }) + event('ping', {}),
    pieces: blocks.flatMap(({ content_block, deltas }, index) => block(index, content_block, deltas)),
    close: [
      ...calls,
      event('message_delta', {
        delta: { stop_reason: stopReason(reply), stop_sequence: null },
        usage: finalCounts(reply),
      }),
      event('message_stop', {}),
    ].join(''),
  };
}

/** One string for each delta; the first carries the block's start and the last its stop. */
function block(index: number, content_block: object, deltas: readonly object[]): string[] {
  return deltas.map((delta, i) =>
    [
      i === 0 ? event('content_block_start', { index, content_block }) : '',
      event('content_block_delta', { index, delta }),
      i === deltas.length - 1 ? event('content_block_stop', { index }) : '',
    ].join(''),
  );
}

/** The output is counted with the thinking. */
function finalCounts({ usage }: Reply): object {
  const { output = 0, reasoning = 0 } = usage ?? {};
  return {
    output_tokens: output + reasoning,
    ...(reasoning > 0 && { output_tokens_details: { thinking_tokens: reasoning } }),
  };
}

function stopReason({ finish, toolCalls }: Reply): string {
  return { stop: 'end_turn', length: 'max_tokens', 'tool-calls': 'tool_use', 'content-filter': 'refusal' }[
    finish ?? (toolCalls ? 'tool-calls' : 'stop')
  ];
}
