// A scripted server in the format of Ollama's own API: one JSON object a line, the last one with `done`.
import {
  type Dialect,
  pieces,
  type RecordedRequest,
  type Reply,
  type Script,
  ScriptedServer,
} from './scripted-server.ts';

export interface OllamaModel {
  name: string;
  /** The context it was trained for. */
  trainedTokens?: number;
  /** The context with which it is loaded; not loaded when absent. */
  loadedTokens?: number;
  /** As in a Modelfile: lines such as `num_ctx 8192`. */
  parameters?: string;
  capabilities?: readonly string[];
  /** Runs elsewhere, and is merely passed on. */
  remoteHost?: string;
}

export interface OllamaOptions {
  reply?: Script;
  models?: readonly OllamaModel[];
}

export function startOllamaServer({
  reply = 'Hello from a scripted server.',
  models = [{ name: 'scripted' }],
}: OllamaOptions = {}): Promise<ScriptedServer> {
  return new ScriptedServer(dialect(models), reply).start();
}

function dialect(models: readonly OllamaModel[]): Dialect {
  return {
    contentType: 'application/x-ndjson',
    basePath: '',
    chatPath: /^\/api\/(chat|generate)$/,
    stream: (reply, request) => ({
      open: '',
      pieces: [
        ...pieces(reply.reasoning).map((thinking) =>
          line(request, { message: { role: 'assistant', content: '', thinking } }),
        ),
        ...pieces(reply.text).map((content) => line(request, said(request, content))),
      ],
      close: toolCalls(reply, request) + lastLine(reply, request),
    }),
    errorEvent: ({ message }) => `${JSON.stringify({ error: message })}\n`,
    other: (request) => other(request, models),
  };
}

function line(request: RecordedRequest, fields: object): string {
  const { model } = request.body as { model: string };
  return `${JSON.stringify({ model, created_at: '2026-01-01T00:00:00Z', done: false, ...fields })}\n`;
}

function said({ path }: RecordedRequest, text: string): object {
  return path === '/api/generate' ? { response: text } : { message: { role: 'assistant', content: text } };
}

function toolCalls({ toolCalls }: Reply, request: RecordedRequest): string {
  if (!toolCalls) return '';
  return line(request, {
    message: { role: 'assistant', content: '', tool_calls: toolCalls.map((called) => ({ function: called })) },
  });
}

/** Ollama tells neither cached tokens nor reasoning apart. */
function lastLine({ usage = {}, finish }: Reply, request: RecordedRequest): string {
  const { input = 0, cacheRead = 0, cacheWrite = 0, output = 0, reasoning = 0 } = usage;
  return line(request, {
    ...said(request, ''),
    done: true,
    done_reason: finish === 'length' ? 'length' : 'stop',
    total_duration: 1,
    load_duration: 1,
    prompt_eval_duration: 1,
    eval_duration: 1,
    prompt_eval_count: input + cacheRead + cacheWrite,
    eval_count: output + reasoning,
  });
}

function other({ path, body }: RecordedRequest, models: readonly OllamaModel[]): object | undefined {
  const wanted = (body as { model?: string } | undefined)?.model;
  switch (path) {
    case '/api/version':
      return { version: '0.12.0' };
    case '/api/tags':
      return {
        models: models.map((model) => ({
          ...entry(model),
          ...(model.remoteHost && { remote_host: model.remoteHost }),
        })),
      };
    case '/api/ps':
      return {
        models: models
          .filter(({ loadedTokens }) => loadedTokens)
          .map((model) => ({ ...entry(model), context_length: model.loadedTokens })),
      };
    case '/api/show':
      return show(models.find(({ name }) => name === wanted));
    case '/api/embed':
      return { model: wanted, embeddings: (body as { input: string[] }).input.map((text) => [text.length, 1]) };
  }
  return undefined;
}

function entry({ name }: OllamaModel): object {
  return {
    name,
    model: name,
    modified_at: '2026-01-01T00:00:00Z',
    size: 1000,
    digest: `sha256:${name}`,
    details: { family: 'llama' },
  };
}

function show(model: OllamaModel | undefined): object | undefined {
  if (!model) return undefined;
  const { trainedTokens = 8192, parameters = '', capabilities = ['completion', 'tools'] } = model;
  return {
    parameters,
    capabilities,
    details: { family: 'llama' },
    model_info: { 'general.architecture': 'llama', 'llama.context_length': trainedTokens },
  };
}
