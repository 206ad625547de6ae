// Google's Gemini API. Its lists and embeddings go through its own package, in the build for browsers: unlike the other one it
// searches neither the environment nor the disk for credentials, and opens no connection but through the fetch that it is given.
import type { Content, GoogleGenAI, Model, Part } from '@google/genai/web';
import type { AnswerParser } from './answers/decoder.ts';
import {
  argumentsText,
  contentPieces,
  countOf,
  type Fields,
  fieldsOf,
  listOf,
  lookUp,
  stringOf,
} from './answers/shapes.ts';
import { systemText, withoutSystemRole } from './answers/turns.ts';
import {
  type AdapterOptions,
  type CallOptions,
  type Connection,
  callOver,
  type ModelAnswer,
  streamOver,
} from './connection.ts';
import { googlePicture, googlePictureBody } from './images/google-images.ts';
import { pictureSilenceMs } from './images/made-picture.ts';
import { askWithout, isSystemRefusal, RefusedSettings, schemaIsNotForced } from './optional-settings.ts';
import type {
  FinishReason,
  ModelInfo,
  ModelRequest,
  PromptMessage,
  Provider,
  StreamPart,
  Tool,
  Usage,
} from './provider.ts';
import { argumentsOf, callNames } from './tool-arguments.ts';
import { headersOf, urlOf } from './wire.ts';

export const googleBaseUrl = 'https://generativelanguage.googleapis.com';

/** A key is required at Google's own address only. */
export function createGoogleProvider(options: AdapterOptions): Provider {
  const { config, name, local } = options;
  const call: CallOptions = { ...options, baseUrl: config.baseUrl ?? googleBaseUrl, keyIsRequired: !config.baseUrl };
  const refused = new RefusedSettings();
  return {
    name,
    local,
    listModels: (signal) =>
      callOver(call, signal, async (connection) => {
        const client = await openClient(connection, call);
        const infos: ModelInfo[] = [];
        for await (const model of await client.models.list({ config: { pageSize: maxListed } }))
          infos.push(modelInfo(model));
        return infos;
      }),
    stream: (request, signal) =>
      streamOver({ call, request, signal }, (connection, asked) => ask(connection, { call, refused }, asked)),
    makePicture: (request, signal) =>
      callOver({ ...call, model: request.model, silenceMs: pictureSilenceMs }, signal, async (connection) => {
        const url = urlOf(call.baseUrl, `v1beta/models/${encodeURIComponent(request.model)}:generateContent`);
        const headers = { ...keyHeaders(connection, config), accept: 'application/json' };
        const body = JSON.stringify(googlePictureBody(request));
        return googlePicture(await (await connection.fetch(url, { method: 'POST', headers, body })).json());
      }),
    embed: (model, texts, signal) =>
      callOver({ ...call, model }, signal, async (connection) => {
        const client = await openClient(connection, call);
        const { embeddings = [] } = await client.models.embedContent({ model, contents: [...texts] });
        return embeddings.map(({ values = [] }) => Float32Array.from(values));
      }),
  };
}

const maxListed = 1000; // on one page, the API's own limit
const keyHeader = 'x-goog-api-key';
const noKey = 'none'; // the package insists on one

async function openClient(connection: Connection, { baseUrl, config }: CallOptions): Promise<GoogleGenAI> {
  const { GoogleGenAI } = await import('@google/genai/web'); // at the first call: it would double the daemon's start
  return new GoogleGenAI({
    apiKey: connection.key ?? noKey,
    vertexai: false,
    httpOptions: {
      baseUrl,
      headers: { ...config.headers },
      fetch: (input, init) => {
        const headers = new Headers(init?.headers);
        if (headers.get(keyHeader) === noKey) headers.delete(keyHeader);
        return connection.fetch(input, { ...init, headers });
      },
    },
  });
}

async function ask(
  connection: Connection,
  { call: { baseUrl, config }, refused }: { call: CallOptions; refused: RefusedSettings },
  request: ModelRequest,
): Promise<ModelAnswer> {
  const url = urlOf(baseUrl, `v1/models/${encodeURIComponent(request.model)}:streamGenerateContent?alt=sse`);
  const headers = keyHeaders(connection, config);
  const { answer, warnings } = await askWithout(
    settingsOf(request),
    {
      responseJsonSchema: schemaIsNotForced,
      responseMimeType: schemaIsNotForced,
      thinkingConfig: "This model doesn't show its reasoning.",
      system: {
        isRefused: isSystemRefusal,
        without: ({ system, ...settings }) =>
          system === undefined ? undefined : { ...settings, messages: withoutSystemRole(request.messages) },
      },
    },
    refused.of(request.model),
    (settings) => connection.post(url, headers, bodyOf(settings)),
  );
  return { warnings, body: answer, parser: new GoogleParser() };
}

function keyHeaders({ key }: Connection, { headers: configured }: CallOptions['config']): Record<string, string> {
  const headers = headersOf({ key: undefined }, configured);
  if (key) headers[keyHeader] = key;
  return headers;
}

const thinkingModels = /^gemini-(2\.5|[3-9])(?!.*(image|tts|audio))/; // the others refuse to be asked for their thoughts

interface GoogleSettings {
  messages: readonly PromptMessage[];
  system?: string;
  tools?: readonly Tool[];
  mustCallTool?: boolean;
  maxOutputTokens?: number;
  temperature?: number;
  thinkingConfig?: { includeThoughts: boolean };
  responseMimeType?: string;
  responseJsonSchema?: Record<string, unknown>;
}

function settingsOf({
  model,
  messages,
  maxOutputTokens,
  temperature,
  jsonSchema,
  tools,
  mustCallTool,
}: ModelRequest): GoogleSettings {
  const system = systemText(messages);
  return {
    messages,
    ...(system && { system }),
    ...(tools?.length && { tools }),
    ...(mustCallTool && { mustCallTool }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(thinkingModels.test(model) && { thinkingConfig: { includeThoughts: true } }),
    ...(jsonSchema && { responseMimeType: 'application/json', responseJsonSchema: jsonSchema.schema }),
  };
}

function bodyOf({ messages, system, tools, mustCallTool, ...generationConfig }: GoogleSettings): object {
  return {
    contents: contentsOf(messages),
    generationConfig,
    ...(system && { systemInstruction: { parts: [{ text: system }] } }),
    ...(tools && {
      tools: [
        {
          functionDeclarations: tools.map(({ name, description, parameters }) => ({
            name,
            description,
            parametersJsonSchema: parameters,
          })),
        },
      ],
    }),
    ...(mustCallTool && { toolConfig: { functionCallingConfig: { mode: 'ANY' } } }),
  };
}

/** Neighbours of one role become one turn, so that all results of a round of calls stand together. */
function contentsOf(messages: readonly PromptMessage[]): Content[] {
  const names = callNames(messages);
  const turns: { role: string; parts: Part[] }[] = [];
  for (const message of messages) {
    const parts = wireParts(message, names.get(message) ?? '');
    if (message.role === 'system' || parts.length === 0) continue;
    const role = message.role === 'assistant' ? 'model' : 'user';
    const previous = turns.at(-1);
    if (previous?.role === role) previous.parts.push(...parts);
    else turns.push({ role, parts });
  }
  return turns;
}

function wireParts(message: PromptMessage, toolName: string): Part[] {
  const { content } = message;
  if (message.role === 'tool')
    return [{ functionResponse: { id: message.toolCallId, name: toolName, response: { result: content } } }];
  const text = content ? [{ text: content }] : [];
  if (message.role === 'user')
    return [
      ...(message.images ?? []).map(({ mediaType, data }) => ({ inlineData: { mimeType: mediaType, data } })),
      ...text,
    ];
  const calls = message.role === 'assistant' ? (message.toolCalls ?? []) : [];
  return [
    ...text,
    ...calls.map(({ id, name, arguments: values, signature }) => ({
      functionCall: { id, name, args: argumentsOf(values) },
      ...(signature && { thoughtSignature: signature }), // models that think refuse a call of theirs without it
    })),
  ];
}

/** The stream has no end marker: the model's finishReason, or the reason why its prompt was blocked, is one. */
class GoogleParser implements AnswerParser {
  readonly isOver = false;
  #finish: FinishReason | undefined;
  #usage: Usage | undefined;
  #calls = 0;

  get finish(): FinishReason | undefined {
    return this.#finish === 'stop' && this.#calls > 0 ? 'tool-calls' : this.#finish;
  }

  *read({ usageMetadata, candidates, promptFeedback }: Fields): Generator<StreamPart> {
    this.#usage = bucketsOf(fieldsOf(usageMetadata)) ?? this.#usage;
    const { content, finishReason } = fieldsOf(listOf(candidates)[0]);
    for (const part of listOf(fieldsOf(content)['parts']).map(fieldsOf)) {
      yield* contentPieces(part['text'], part['thought'] ? 'reasoning' : 'text');
      if (part['functionCall']) yield this.#call(fieldsOf(part['functionCall']), stringOf(part['thoughtSignature']));
    }
    if (finishReason) this.#finish = lookUp(finishReasons, finishReason) ?? 'error';
    if (fieldsOf(promptFeedback)['blockReason']) this.#finish = 'content-filter';
  }

  *last(): Generator<StreamPart> {
    if (this.#usage) yield { kind: 'usage', usage: this.#usage };
  }

  #call({ id, name, args }: Fields, signature: string | undefined): StreamPart {
    return {
      kind: 'tool-call',
      id: stringOf(id) ?? `call_${this.#calls++}`,
      name: stringOf(name) ?? '',
      arguments: argumentsText(args ?? {}),
      ...(signature && { signature }),
    };
  }
}

const finishReasons: Record<string, FinishReason> = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'content-filter',
  RECITATION: 'content-filter',
  LANGUAGE: 'content-filter',
  BLOCKLIST: 'content-filter',
  PROHIBITED_CONTENT: 'content-filter',
  SPII: 'content-filter',
  IMAGE_SAFETY: 'content-filter',
};

/** Cached tokens are counted within the prompt, thoughts beside the answer. An answer without text has no count of its own. */
function bucketsOf(usage: Fields): Usage | undefined {
  const promptTokens = countOf(usage['promptTokenCount']);
  if (promptTokens === undefined) return undefined;
  const cacheRead = countOf(usage['cachedContentTokenCount']) ?? 0;
  const prompt = promptTokens + (countOf(usage['toolUsePromptTokenCount']) ?? 0);
  return {
    input: Math.max(0, prompt - cacheRead),
    cacheRead,
    cacheWrite: 0,
    output: countOf(usage['candidatesTokenCount']) ?? 0,
    reasoning: countOf(usage['thoughtsTokenCount']) ?? 0,
  };
}

function modelInfo({ name = '', inputTokenLimit, supportedActions }: Model): ModelInfo {
  return {
    name: name.replace(/^models\//, ''),
    ...(inputTokenLimit && { contextTokens: inputTokenLimit }),
    capabilities: supportedActions
      ? { chat: supportedActions.includes('generateContent'), embeddings: supportedActions.includes('embedContent') }
      : {},
    source: 'server',
  };
}
