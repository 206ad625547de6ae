// Ollama's own API: its models, and their answers. Each request names the context size, because the server's default may be too small.
import type { ChatRequest, Message } from 'ollama';
import { NoModelList } from './addresses.ts';
import type { AnswerParser } from './answers/decoder.ts';
import { argumentsText, contentPieces, countOf, type Fields, fieldsOf, listOf, stringOf } from './answers/shapes.ts';
import {
  type AdapterOptions,
  type CallOptions,
  type Connection,
  callOver,
  type ModelAnswer,
  streamOver,
} from './connection.ts';
import { type CodeAnswer, cannotFill, codeOver } from './fim/code-stream.ts';
import { GenerateParser, generateBody } from './fim/generate.ts';
import { configuredTokens } from './model-facts.ts';
import { type AboutModel, OllamaModels, overrunRefusal, overrunWarning } from './ollama/context-size.ts';
import {
  type CodeRequest,
  type FinishReason,
  type ModelInfo,
  type ModelRequest,
  type PromptMessage,
  type Provider,
  ProviderError,
  type StreamPart,
} from './provider.ts';
import { argumentsOf, callNames } from './tool-arguments.ts';
import { headersOf, ServerApi, urlOf } from './wire.ts';

export const ollamaBaseUrl = 'http://127.0.0.1:11434';

/** No key is needed; where one is stored (a server behind a proxy), it goes along as a bearer token. */
export function createOllamaProvider(options: AdapterOptions): Provider {
  const { config, name, local } = options;
  const call: CallOptions = { ...options, baseUrl: config.baseUrl ?? ollamaBaseUrl };
  const models = new OllamaModels((model) => configuredTokens(config, model));
  return {
    name,
    local,
    goesOn: true,
    listModels: (signal) => callOver(call, signal, (connection) => listModels(new ServerApi(connection, call), models)),
    stream: (request, signal) =>
      streamOver({ call, request, signal }, (connection, asked) => ask(connection, { call, models }, asked)),
    complete: (request, signal) =>
      codeOver({ call, request, signal }, (connection) => askCode(connection, { call, models }, request)),
    embed: (model, texts, signal) =>
      callOver({ ...call, model }, signal, async (connection) => {
        const content = { model, input: [...texts], truncate: false };
        const { embeddings } = fieldsOf(await new ServerApi(connection, call).post('api/embed', content));
        return listOf(embeddings).map((embedding) => Float32Array.from(listOf(embedding) as number[]));
      }),
  };
}

/** Models that Ollama merely passes on to its cloud are left out: they would be labelled as running here. */
async function listModels(api: ServerApi, models: OllamaModels): Promise<ModelInfo[]> {
  const [listed, running] = await Promise.all([modelsAt(api, 'api/tags'), modelsAt(api, 'api/ps')]);
  const here = listed.filter((model) => !('remote_host' in model));
  return Promise.all(
    here.map(async ({ name, digest, size }): Promise<ModelInfo> => {
      const loaded = running.find((model) => model.name === name);
      const { contextTokens, isConfigured, capabilities, fillsHoles } = await models.about(api, {
        name,
        digest: stringOf(digest),
        loaded,
      });
      const bytes = countOf(size);
      return {
        name,
        ...(contextTokens && { contextTokens }),
        capabilities,
        loaded: loaded !== undefined,
        ...(fillsHoles && { completion: 'also' as const }),
        ...(bytes !== undefined && { bytes }),
        source: 'server',
        ...(isConfigured && { sources: { contextTokens: 'config' } }), // as far as the model goes
      };
    }),
  );
}

/** The models of a list. Throws NoModelList for what is none. */
async function modelsAt(api: ServerApi, path: string): Promise<(Fields & { name: string })[]> {
  const { models } = fieldsOf(await api.get(path));
  if (!Array.isArray(models) && models !== null) throw new NoModelList('no list of models');
  return listOf(models)
    .map(fieldsOf)
    .flatMap((model) => {
      const name = stringOf(model['name']);
      return name === undefined ? [] : [{ ...model, name }];
    });
}

async function ask(
  connection: Connection,
  { call, models }: { call: CallOptions; models: OllamaModels },
  request: ModelRequest,
): Promise<ModelAnswer> {
  const { contextTokens, capabilities } = await about(request.model, new ServerApi(connection, call), models);
  const refusal = blindRefusal(request, capabilities) ?? overrunRefusal(request, contextTokens);
  if (refusal) throw refusal;
  const headers = headersOf(connection, call.config.headers);
  const body = await connection.post(urlOf(call.baseUrl, 'api/chat'), headers, bodyOf(request, contextTokens));
  return { warnings: [], body, parser: new OllamaParser({ request, contextTokens }) };
}

async function askCode(
  connection: Connection,
  { call, models }: { call: CallOptions; models: OllamaModels },
  request: CodeRequest,
): Promise<CodeAnswer> {
  const { model } = request;
  const { contextTokens, fillsHoles } = await about(model, new ServerApi(connection, call), models);
  if (fillsHoles === false) throw cannotFill(model, { provider: call.name });
  const headers = headersOf(connection, call.config.headers);
  const url = urlOf(call.baseUrl, 'api/generate');
  const body = await connection.post(url, headers, generateBody(request, contextTokens));
  return { body, parser: new GenerateParser(), held: '' };
}

async function about(model: string, api: ServerApi, models: OllamaModels): Promise<AboutModel> {
  const running = await modelsAt(api, 'api/ps');
  const loaded = running.find(({ name }) => name === model || name === `${model}:latest`);
  return models.about(api, { name: model, loaded });
}

/** Servers that know `truncate` and `shift` refuse an overrun instead of cutting; older ones ignore both. */
function bodyOf(
  request: ModelRequest,
  contextTokens: number | undefined,
): ChatRequest & { stream: true; truncate: boolean; shift: boolean } {
  const { model, messages, maxOutputTokens, temperature, jsonSchema, tools } = request;
  return {
    model,
    messages: messagesOf(messages),
    stream: true,
    truncate: false,
    shift: false,
    options: {
      ...(contextTokens && { num_ctx: contextTokens }),
      ...(maxOutputTokens !== undefined && { num_predict: maxOutputTokens }),
      ...(temperature !== undefined && { temperature }),
    },
    ...(jsonSchema && { format: jsonSchema.schema }),
    ...(tools?.length && { tools: tools.map((tool) => ({ type: 'function', function: { ...tool } })) }),
  };
}

/** Results are told apart by the tool's name; the API knows no ids of calls. */
function messagesOf(messages: readonly PromptMessage[]): Message[] {
  const names = callNames(messages);
  return messages.map((message): Message => {
    const { role, content } = message;
    if (role === 'tool') return { role, content, tool_name: names.get(message) ?? '' };
    const images = role === 'user' ? (message.images ?? []).map(({ data }) => data) : [];
    const calls = role === 'assistant' ? (message.toolCalls ?? []) : [];
    return {
      role,
      content,
      ...(images.length > 0 && { images }),
      ...(calls.length > 0 && {
        tool_calls: calls.map(({ name, arguments: values }) => ({
          function: { name, arguments: argumentsOf(values) },
        })),
      }),
    };
  });
}

/** A model without vision would answer as if there were no picture. */
function blindRefusal(
  { model, messages }: ModelRequest,
  { vision }: ModelInfo['capabilities'],
): ProviderError | undefined {
  if (vision !== false || !messages.some((message) => message.role === 'user' && message.images?.length))
    return undefined;
  return new ProviderError(
    'bad-request',
    `${model} can't see pictures. Choose a model with vision, such as "llava", or remove the picture.`,
  );
}

interface OllamaExchange {
  request: ModelRequest;
  contextTokens: number | undefined;
}

/** Lives as long as one answer. */
class OllamaParser implements AnswerParser {
  isOver = false;
  finish: FinishReason | undefined;
  readonly #exchange: OllamaExchange;
  #calls = 0;
  #counts: { input: number | undefined; output: number | undefined } = { input: undefined, output: undefined };

  constructor(exchange: OllamaExchange) {
    this.#exchange = exchange;
  }

  *read({ message, done, done_reason: reason, prompt_eval_count, eval_count }: Fields): Generator<StreamPart> {
    const { thinking, content, tool_calls } = fieldsOf(message);
    yield* contentPieces(thinking, 'reasoning');
    yield* contentPieces(content);
    for (const { function: called } of listOf(tool_calls).map(fieldsOf)) {
      const { name, arguments: values } = fieldsOf(called);
      const id = `call_${this.#calls++}`;
      yield { kind: 'tool-call', id, name: stringOf(name) ?? '', arguments: argumentsText(values ?? {}) };
    }
    if (!done) return;
    this.#counts = { input: countOf(prompt_eval_count), output: countOf(eval_count) };
    this.finish = reason === 'length' ? 'length' : this.#calls > 0 ? 'tool-calls' : 'stop';
    this.isOver = true;
  }

  /** A prompt that was kept from before is not counted again, and so is unknown. */
  *last(): Generator<StreamPart> {
    const { request, contextTokens } = this.#exchange;
    const { input, output } = this.#counts;
    const warning = overrunWarning(request, contextTokens, input);
    if (warning) yield { kind: 'warning', message: warning };
    if (input !== undefined && output !== undefined)
      yield { kind: 'usage', usage: { input, cacheRead: 0, cacheWrite: 0, output, reasoning: 0 } };
  }
}
