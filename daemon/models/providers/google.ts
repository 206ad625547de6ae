// Google's Gemini API through its own package, in the build for browsers: unlike the other one it searches neither the
// environment nor the disk for credentials, and opens no connection but through the fetch that it is given.
import type {
  Content,
  FunctionCall,
  GenerateContentParameters,
  GenerateContentResponse,
  GenerateContentResponseUsageMetadata,
  GoogleGenAI,
  Model,
  Part,
} from '@google/genai/web';
import {
  type AdapterOptions,
  type CallOptions,
  type Connection,
  callOver,
  type ModelAnswer,
  streamOver,
} from './connection.ts';
import { askWithout, schemaIsNotForced } from './optional-settings.ts';
import type { FinishReason, ModelInfo, ModelRequest, PromptMessage, Provider, StreamPart, Usage } from './provider.ts';
import { argumentsOf, callNames } from './tool-arguments.ts';

export const googleBaseUrl = 'https://generativelanguage.googleapis.com';

/** A key is required at Google's own address only. */
export function createGoogleProvider(options: AdapterOptions): Provider {
  const { config, name, local } = options;
  const call: CallOptions = { ...options, baseUrl: config.baseUrl ?? googleBaseUrl, keyIsRequired: !config.baseUrl };
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
      streamOver({ ...call, model: request.model }, signal, (connection) => ask(connection, call, request)),
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

async function ask(connection: Connection, options: CallOptions, request: ModelRequest): Promise<ModelAnswer> {
  const client = await openClient(connection, options);
  const { model, contents, config } = bodyOf(request);
  const { answer, warnings } = await askWithout(
    { ...config },
    {
      responseJsonSchema: schemaIsNotForced,
      responseMimeType: schemaIsNotForced,
      thinkingConfig: 'This model does not show its reasoning.',
    },
    (settings) =>
      client.models.generateContentStream({ model, contents, config: settings }).catch((error: unknown) => {
        throw connection.failure(error);
      }),
  );
  return { warnings, parts: partsOf(answer, connection) };
}

const thinkingModels = /^gemini-(2\.5|[3-9])(?!.*(image|tts|audio))/; // the others refuse to be asked for their thoughts

function bodyOf({
  model,
  messages,
  maxOutputTokens,
  temperature,
  jsonSchema,
  tools,
}: ModelRequest): GenerateContentParameters {
  const system = messages
    .filter(({ role }) => role === 'system')
    .map(({ content }) => content)
    .join('\n\n');
  return {
    model,
    contents: contentsOf(messages),
    config: {
      ...(system && { systemInstruction: system }),
      ...(maxOutputTokens !== undefined && { maxOutputTokens }),
      ...(temperature !== undefined && { temperature }),
      ...(thinkingModels.test(model) && { thinkingConfig: { includeThoughts: true } }),
      ...(jsonSchema && { responseMimeType: 'application/json', responseJsonSchema: jsonSchema.schema }),
      ...(tools?.length && {
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
    },
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
async function* partsOf(
  chunks: AsyncIterable<GenerateContentResponse>,
  connection: Connection,
): AsyncGenerator<StreamPart> {
  let calls = 0;
  let finish: FinishReason | undefined;
  let usage: GenerateContentResponseUsageMetadata | undefined;
  try {
    for await (const chunk of chunks) {
      usage = chunk.usageMetadata ?? usage;
      const candidate = chunk.candidates?.[0];
      for (const { text, thought, functionCall, thoughtSignature } of candidate?.content?.parts ?? []) {
        if (text) yield { kind: thought ? 'reasoning' : 'text', text };
        if (functionCall)
          yield {
            kind: 'tool-call',
            ...callOf(functionCall, calls++),
            ...(thoughtSignature && { signature: thoughtSignature }),
          };
      }
      if (candidate?.finishReason) finish = finishReasons[candidate.finishReason] ?? 'error';
      if (chunk.promptFeedback?.blockReason) finish = 'content-filter';
    }
  } catch (error) {
    throw explained(error, connection);
  }
  if (!finish) return;
  if (usage) yield { kind: 'usage', usage: bucketsOf(usage) };
  yield { kind: 'finish', reason: finish === 'stop' && calls > 0 ? 'tool-calls' : finish };
}

function callOf(
  { id, name = '', args = {} }: FunctionCall,
  index: number,
): { id: string; name: string; arguments: string } {
  return { id: id ?? `call_${index}`, name, arguments: JSON.stringify(args) };
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

/** Cached tokens are counted within the prompt, thoughts beside the answer. */
function bucketsOf(usage: GenerateContentResponseUsageMetadata): Usage {
  const cacheRead = usage.cachedContentTokenCount ?? 0;
  const prompt = (usage.promptTokenCount ?? 0) + (usage.toolUsePromptTokenCount ?? 0);
  return {
    input: Math.max(0, prompt - cacheRead),
    cacheRead,
    cacheWrite: 0,
    output: usage.candidatesTokenCount ?? 0,
    reasoning: usage.thoughtsTokenCount ?? 0,
  };
}

/** The package words an error event as text around the server's JSON. */
function explained(error: unknown, connection: Connection): unknown {
  if (!(error instanceof Error) || error.name !== 'ApiError') return error;
  return connection.failureInStream(JSON.parse(error.message.slice(error.message.indexOf('{'))));
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
