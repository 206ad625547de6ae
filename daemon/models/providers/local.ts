// GGUF files on this machine as a provider, over the inference host.
import { basename } from 'node:path';
import type { AllLocalSettings } from '../../base/config/local-settings.ts';
import { listedFile } from '../inference/catalogue.ts';
import { modelNameOf } from '../inference/gguf/parts.ts';
import {
  type GgufInfo,
  type Inference,
  type InferenceChat,
  InferenceError,
  type InferenceMessage,
  type InferencePart,
  type LocalAnswerUse,
} from '../inference/inference.ts';
import { contextOf, originsOf, settingsFor } from '../inference/settings.ts';
import type { AnswerTiming } from '../setup/speeds.ts';
import { ThinkTags } from './answers/think-tags.ts';
import { withTurns } from './answers/turns.ts';
import {
  type CodePart,
  imagesOf,
  type ModelInfo,
  type ModelRequest,
  type PromptMessage,
  type Provider,
  ProviderError,
  type ProviderErrorCode,
  type StreamPart,
  type Usage,
} from './provider.ts';
import { callNames } from './tool-arguments.ts';

export interface LocalProviderOptions {
  name: 'local';
  inference: Inference;
  /** Absolute paths of the files to offer, the preferred ones first. */
  files: () => Promise<string[]>;
  /** On whose behalf a request is sent now. */
  owner?(): string;
  /** How to stop the request that is answered now, as its client could. */
  stop?(): (() => void) | undefined;
  /** What the user has set for models, by name. */
  settings?(): AllLocalSettings;
  /** Called with what each answer took. */
  onAnswer?(model: string, timing: AnswerTiming): void;
}

/** A model's name is its file's, without `.gguf`; of two files of one name the first is offered. */
export function createLocalProvider({
  name,
  inference,
  files,
  owner = () => '',
  stop = () => undefined,
  settings = () => ({}),
  onAnswer = () => {},
}: LocalProviderOptions): Provider {
  const pathOf = async (model: string): Promise<string> => {
    const path = (await files()).find((file) => modelNameOf(file) === model);
    if (path) return path;
    throw new ProviderError(
      'model-not-found',
      `There's no local model "${model}". Choose one from the list, or add its file to "localModels".`,
    );
  };
  return {
    name,
    local: true,
    goesOn: true,
    isWatched: true,
    async listModels() {
      const paths = await files();
      const names = paths.map(modelNameOf);
      const offered = paths.filter((_, i) => names.indexOf(names[i] ?? '') === i);
      const described = await Promise.all(offered.map((path) => inference.describe(path).catch(() => undefined)));
      const models = described.filter((info) => info !== undefined).filter(isModel);
      return models.map((info) => toModelInfo(info, inference, settings()));
    },
    async *stream(request, signal) {
      const path = await pathOf(request.model);
      try {
        if (imagesOf(request.messages).length > 0) refusePictures(request.model, await inference.describe(path));
        if (request.tools?.length)
          yield { kind: 'warning', message: "Local models can't use tools yet, so the answer uses none." };
        const tags = new ThinkTags();
        const asked = withSystemPrompt(withTurns(request), settingsFor(path, settings()).systemPrompt);
        const chat = { ...toChat(asked), path, owner: owner(), ...useOf(request) };
        for await (const part of inference.chat(chat, signal, { ...taskOf(request), stop: stop() })) {
          if (part.kind === 'text') yield* tags.push(part.text);
          else if (part.kind === 'waiting') yield waitingPart(request.model, part);
          else if (part.kind === 'finish') {
            yield* tags.end();
            onAnswer(request.model, timingOf(part));
            yield { kind: 'usage', usage: usageOf(part) };
            yield { kind: 'finish', reason: part.reason };
          } else if (part.kind !== 'read') yield part;
        }
      } catch (error) {
        throw toProviderError(error);
      }
    },
    async *complete(request, signal) {
      const { model, name, others, prefix, suffix, begun, maxOutputTokens, place } = request;
      const { isAhead = false, isNamed = false, temperature = 0 } = request;
      const path = await pathOf(model);
      const priority = isAhead ? 'background' : 'completion';
      const code = { name, others, prefix, suffix, begun, temperature };
      const asked = { ...code, path, owner: owner(), latest: place, priority, isNamed, maxOutputTokens } as const;
      try {
        for await (const part of inference.complete(asked, signal, { task: 'completion', stop: stop() })) {
          if (part.kind === 'finish') onAnswer(model, timingOf(part));
          yield* codePartsOf(part);
        }
      } catch (error) {
        throw toProviderError(error);
      }
    },
    async embed(model, texts, signal) {
      const path = await pathOf(model);
      try {
        return await inference.embed({ path, texts }, signal);
      } catch (error) {
        throw toProviderError(error);
      }
    },
  };
}

function waitingPart(
  model: string,
  { id, ahead, behind }: Extract<InferencePart, { kind: 'waiting' }>,
): Extract<StreamPart, { kind: 'waiting' }> {
  return { kind: 'waiting', message: waitingSentence(model, ahead), answer: { id, behind } };
}

/** Of a projector, whatever its file is called. */
const projectorArchitecture = 'clip';

function isModel({ architecture }: GgufInfo): boolean {
  return architecture !== projectorArchitecture;
}

function refusePictures(model: string, { vision }: GgufInfo): void {
  if (vision?.sees) return;
  const words = vision
    ? `${model} can't see pictures yet. ${vision.why}`
    : `${model} can't see pictures. Choose a model with vision, or remove the picture.`;
  throw new ProviderError('bad-request', words);
}

function toModelInfo(info: GgufInfo, inference: Inference, settings: AllLocalSettings): ModelInfo {
  const roles = listedFile(basename(info.path))?.roles;
  const chat = info.hasChatTemplate && !info.embeddingOnly && (roles?.includes('chat') ?? true);
  return {
    name: modelNameOf(info.path),
    contextTokens: contextOf(settingsFor(info.path, settings), info.contextTokens),
    capabilities: { chat, embeddings: true, tools: false, vision: info.vision?.sees === true, jsonSchema: chat },
    ...(info.vision?.sees === false && { whyBlind: info.vision.why }),
    loaded: inference.loaded().some(({ path }) => path === info.path),
    bytes: info.sizeBytes,
    source: 'file',
    ...completionOf(info, roles),
    settings: originsOf(settingsFor(info.path, settings), info),
  };
}

/** Larger ones answer too late to be typed along with, and take the memory of a chat's model. */
const maxSmallBytes = 2e9;

/** A base model with the tokens for it is made for completion. Chat models of a family share one vocabulary, so these tokens alone don't say that one was trained on code. */
function completionOf(info: GgufInfo, roles: readonly string[] | undefined): Pick<ModelInfo, 'completion'> {
  if (roles?.includes('completion')) return { completion: 'only' };
  if (!info.hasFimTokens || info.embeddingOnly) return {};
  if (!info.hasChatTemplate) return { completion: 'only' };
  const isOfCode = /code/i.test(`${info.name} ${modelNameOf(info.path)}`);
  return { completion: isOfCode && info.sizeBytes <= maxSmallBytes ? 'small' : 'also' };
}

/** The user's own instructions for this model come first; those of the work at hand are nearer to the question. */
function withSystemPrompt<R extends Pick<ModelRequest, 'messages'>>(request: R, words: string | undefined): R {
  if (!words?.trim()) return request;
  const [first, ...rest] = request.messages;
  if (first?.role !== 'system')
    return { ...request, messages: [{ role: 'system', content: words }, ...request.messages] };
  return { ...request, messages: [{ ...first, content: `${words}\n\n${first.content}` }, ...rest] };
}

function timingOf({ inputTokens, cachedTokens, outputTokens, readMs, writeMs }: FinishPart): AnswerTiming {
  return { readTokens: inputTokens - cachedTokens, readMs, writtenTokens: outputTokens - 1, writeMs };
}

const minTimedTokens = 64; // fewer are mostly overhead

function codePartsOf(part: InferencePart): CodePart[] {
  if (part.kind === 'text') return [part];
  if (part.kind === 'read') {
    const { inputTokens: tokens, cachedTokens: cached, readMs } = part;
    const isTimed = tokens - cached >= minTimedTokens && readMs > 0;
    return [{ kind: 'read', tokens, cached, ...(isTimed && { speed: ((tokens - cached) / readMs) * 1000 }) }];
  }
  if (part.kind !== 'finish') return [];
  const { writtenTokens, writeMs } = timingOf(part);
  const writeSpeed = writtenTokens > 0 && writeMs > 0 ? (writtenTokens / writeMs) * 1000 : undefined;
  return [
    { kind: 'finish', reason: part.reason, usage: usageOf(part), ...(writeSpeed !== undefined && { writeSpeed }) },
  ];
}

function toChat({ messages, maxOutputTokens, temperature, jsonSchema }: ModelRequest) {
  return {
    messages: plainMessages(messages),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(jsonSchema && { jsonSchema: jsonSchema.schema }),
  };
}

/** A chat keeps what was read of it; other work keeps what its kind begins with, and steps back behind chats. */
function useOf({ task, chat, isNamed = false }: ModelRequest): Pick<InferenceChat, 'key' | 'priority' | 'isNamed'> {
  const background = { summary: 'background', title: 'background' } as const;
  const priority = { chat: 'interactive', action: 'steady', review: 'steady', ...background } as const;
  return { ...(chat && { key: chat }), priority: priority[task ?? 'chat'], isNamed };
}

function taskOf({ task }: ModelRequest): Pick<LocalAnswerUse, 'task'> {
  return task ? { task } : {};
}

function waitingSentence(model: string, ahead: number): string {
  return ahead === 1
    ? `${model} is busy with another answer. This one begins when a place is free.`
    : `${model} is busy with ${ahead} other answers. This one begins when a place is free.`;
}

/** Calls and results of tools that another model used in this chat, told in words. */
function plainMessages(messages: readonly PromptMessage[]): InferenceMessage[] {
  const names = callNames(messages);
  return messages.map((message) => {
    const { role, content } = message;
    if (role === 'tool')
      return { role: 'user', content: `Result of the tool ${names.get(message) ?? ''}:\n${content}` };
    const calls = role === 'assistant' ? (message.toolCalls ?? []) : [];
    const images = role === 'user' ? message.images : undefined;
    return {
      role,
      ...(images?.length && { images }),
      content: [content, ...calls.map(({ name, arguments: values }) => `(calls the tool ${name} with ${values})`)]
        .filter(Boolean)
        .join('\n'),
    };
  });
}

type FinishPart = Extract<InferencePart, { kind: 'finish' }>;

function usageOf({ inputTokens, cachedTokens, outputTokens }: FinishPart): Usage {
  return {
    input: inputTokens - cachedTokens,
    cacheRead: cachedTokens,
    cacheWrite: 0,
    output: outputTokens,
    reasoning: 0,
  };
}

const codes: Record<InferenceError['code'], ProviderErrorCode> = {
  'context-too-long': 'context-too-long',
  'bad-model-file': 'model-not-found',
  'no-chat-template': 'bad-request',
  'no-fim-tokens': 'bad-request',
  'no-projector': 'bad-request',
  'out-of-memory': 'unavailable',
  'inference-crashed': 'unavailable',
  'inference-missing': 'unavailable',
};

function toProviderError(error: unknown): unknown {
  return error instanceof InferenceError
    ? new ProviderError(codes[error.code], error.message, { cause: error })
    : error;
}
