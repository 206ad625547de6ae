// A scripted server in the format of llama-server's /infill: server-sent events, progress of the reading first where it is asked for,
// timings in the last one, and no end marker.
import { type Dialect, pieces, type Reply, type Script, ScriptedServer } from './scripted-server.ts';

/** `url` ends in `/v1`, as users write it; /infill is beside that. */
export function startLlamaServer({ reply = 'return a;' }: { reply?: Script } = {}): Promise<ScriptedServer> {
  return new ScriptedServer(dialect, reply).start();
}

const dialect: Dialect = {
  contentType: 'text/event-stream',
  basePath: '/v1',
  chatPath: '/infill',
  stream: (reply, { body }) => ({
    open: (body as { return_progress?: boolean }).return_progress ? progress(reply) : '',
    pieces: pieces(reply.text).map((content) => event({ index: 0, content, tokens: [1], stop: false, id_slot: 0 })),
    close: lastEvent(reply),
  }),
  errorEvent: ({ type, message }) => event({ error: { code: 500, message, type } }),
  other: ({ path }) =>
    path === '/v1/models'
      ? {
          object: 'list',
          data: [{ id: 'scripted', object: 'model', owned_by: 'llamacpp', meta: { n_ctx_train: 8192 } }],
        }
      : undefined,
};

function progress({ usage = {} }: Reply): string {
  const { input = 0, cacheRead = 0 } = usage;
  const total = input + cacheRead;
  return [cacheRead, total]
    .map((processed) =>
      event({ content: '', stop: false, prompt_progress: { total, cache: cacheRead, processed, time_ms: 100 } }),
    )
    .join('');
}

function lastEvent({ usage = {}, finish }: Reply): string {
  const { input = 0, cacheRead = 0, output = 0 } = usage;
  return event({
    index: 0,
    content: '',
    tokens: [],
    stop: true,
    id_slot: 0,
    stop_type: finish === 'length' ? 'limit' : 'eos',
    tokens_predicted: output,
    tokens_evaluated: input + cacheRead,
    timings: {
      cache_n: cacheRead,
      prompt_n: input,
      prompt_ms: 100,
      prompt_per_second: input * 10,
      predicted_n: output,
      predicted_per_second: 50,
    },
  });
}

function event(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}
