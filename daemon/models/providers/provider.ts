// The interface every provider of models implements, and the one union of what a model says.

import { UserError } from '../../base/errors.ts';
import type { SettingOrigin } from '../inference/settings.ts';
import type { PictureShape } from './images/image-models.ts';

export type PromptMessage =
  | { role: 'system'; content: string }
  | { role: 'user'; content: string; images?: readonly Image[] }
  | { role: 'assistant'; content: string; toolCalls?: readonly ToolCall[] }
  /** The result of a call that an earlier message of the assistant made. */
  | { role: 'tool'; content: string; toolCallId: string };

export interface Image {
  /** Such as `image/png`. */
  mediaType: string;
  /** Base64, without a `data:` prefix. */
  data: string;
  /** In pixels, where they are known. This and what follows are not sent. */
  width?: number;
  height?: number;
  /** Names the picture that it was made from: equal requests are known by it. */
  hash?: string;
}

export interface ToolCall {
  id: string;
  name: string;
  /** JSON as the model wrote it: not checked. */
  arguments: string;
  /** What the provider wants back with the call. No other part reads it. */
  signature?: string;
}

export interface Tool {
  name: string;
  description: string;
  /** JSON schema of the arguments. */
  parameters: Record<string, unknown>;
}

export interface ModelRequest {
  /** The provider's own name of the model, without our prefix. */
  model: string;
  /** The answer goes on from a last message of the assistant. */
  messages: readonly PromptMessage[];
  maxOutputTokens?: number;
  temperature?: number;
  /** The answer must be JSON of this schema. A provider that cannot force it says so in a warning part. */
  jsonSchema?: { name: string; schema: Record<string, unknown> };
  tools?: readonly Tool[];
  /** The answer must call one of the tools. Not every API can force it. */
  mustCallTool?: boolean;
  /** Whose request it is: requests of one workspace are counted together. This and what follows are not sent to a server. */
  workspace?: string;
  /** What it is for: a model on this machine answers chats before other work. */
  task?: 'chat' | 'review' | 'action' | 'summary' | 'title';
  /** The chat that it continues: a model on this machine keeps what it has read of it. */
  chat?: string;
  /** Whether the user named this model, rather than the router having chosen it. */
  isNamed?: boolean;
}

/** Code with a hole, which the model fills. */
export interface CodeRequest {
  /** The provider's own name of the model, without our prefix. */
  model: string;
  /** Of the file that it stands in, as a prompt names it. */
  name: string;
  /** Pieces of other files. */
  others: readonly { name: string; text: string }[];
  prefix: string;
  suffix: string;
  /** What the hole's text begins with: the answer goes on from it. It changes with each key, and the rest seldom. */
  begun: string;
  /** Whether the rest of a line is all that is wanted. */
  isOneLine?: boolean;
  maxOutputTokens: number;
  /** 0 where it is absent: the likeliest code. */
  temperature?: number;
  /** Names the place that it is for: a newer request ends an older one. Not sent to a server. */
  place: string;
  /** Whether nobody waits for it yet. */
  isAhead?: boolean;
  /** Whether the user named this model. */
  isNamed?: boolean;
}

/** Any number of texts, and then exactly one `finish`; before the first text, where that is known, how much was read. Speeds are in tokens per second. */
export type CodePart =
  | { kind: 'read'; tokens: number; cached: number; speed?: number }
  | { kind: 'text'; text: string }
  | { kind: 'finish'; reason: FinishReason; usage: Usage; writeSpeed?: number };

/** A picture that is to be made. */
export interface PictureRequest {
  /** The provider's own name of the model, without our prefix. */
  model: string;
  prompt: string;
  shape: PictureShape;
}

export interface MadePicture {
  mediaType: 'image/png' | 'image/jpeg' | 'image/webp';
  /** Base64, without a `data:` prefix. */
  data: string;
  /** What the provider itself says that it costs, in US dollars. */
  costUsd?: number;
  /** What the user is told beside it. */
  notes?: readonly string[];
}

/** Token counts in disjoint buckets; their sum is the whole. */
export interface Usage {
  input: number;
  cacheRead: number;
  cacheWrite: number;
  output: number;
  reasoning: number;
}

/** `repetition`: the model went round in a circle, and was stopped. */
export type FinishReason = 'stop' | 'length' | 'repetition' | 'tool-calls' | 'content-filter' | 'cancelled' | 'error';

/**
 * A stream is any number of parts and then exactly one `finish`; failures are thrown as ProviderError. An answer that the
 * model declines, or that the provider's filter stops, finishes with `content-filter`; only a request that is turned away
 * before any answer is a ProviderError (`refused`).
 */
export type StreamPart =
  | { kind: 'text'; text: string }
  | { kind: 'reasoning'; text: string }
  /** All text so far was reasoning, which a server had not marked as such. */
  | { kind: 'thought' }
  | ({ kind: 'tool-call' } & ToolCall)
  /** `costUsd` is what the provider itself says that the request costs, in US dollars. */
  | { kind: 'usage'; usage: Usage; costUsd?: number }
  | { kind: 'warning'; message: string }
  /**
   * The model is busy with others, and this one's turn comes: a sentence that is true for now, and may come again. `answer` has
   * its id, and the ids of this owner's answers that run before it.
   */
  | { kind: 'waiting'; message: string; answer: { id: string; behind: string[] } }
  /** It waits no more: what it takes from now on is its own work. */
  | { kind: 'begins' }
  | { kind: 'finish'; reason: FinishReason };

export type Capability = 'chat' | 'embeddings' | 'tools' | 'vision' | 'jsonSchema';

/** US dollars for a million tokens of each bucket. A bucket that is left out has no known price, which is not free. */
export interface Price {
  input: number;
  output: number;
  cacheRead?: number | undefined;
  cacheWrite?: number | undefined;
  /** The day it was looked up, as YYYY-MM-DD; left out where the server itself says it now. */
  asOf?: string | undefined;
  /** What every token costs as soon as the whole prompt is longer than so many tokens. */
  longPrompt?:
    | {
        aboveTokens: number;
        input: number;
        output: number;
        cacheRead?: number | undefined;
        cacheWrite?: number | undefined;
      }
    | undefined;
}

/** Who says so; `name` is a guess by the model's name. */
export type FactSource = 'config' | 'server' | 'file' | 'catalogue' | 'name';

export interface ModelInfo {
  /** The provider's own name. */
  name: string;
  contextTokens?: number;
  /** Unknown is left out, and is not "no". */
  capabilities: { [capability in Capability]?: boolean };
  price?: Price;
  /** How good its answers are, 0 to 1, by the measure that the catalogue names. */
  quality?: number;
  loaded?: boolean;
  bytes?: number;
  source: 'config' | 'server' | 'file';
  /** Where each value comes from; one that is not named comes from where the model does. */
  sources?: FactSources;
  /** What it would take to let it see pictures, in a sentence or two, where it could. */
  whyBlind?: string;
  /**
   * Whether it fills holes in code: `only` where it is made for that, `small` where it chats about code too and is small enough to be
   * asked at each key, `also` where it is asked at each key only if the user says so.
   */
  completion?: 'only' | 'small' | 'also';
  /** How a model on this machine is loaded and asked. */
  settings?: readonly SettingOrigin[];
}

export interface FactSources {
  contextTokens?: FactSource;
  price?: FactSource;
  quality?: FactSource;
  capabilities?: { [capability in Capability]?: FactSource };
}

/** Lives as long as its configuration. */
export interface Provider {
  /** The name it has in the configuration. */
  readonly name: string;
  /** Whether its models run on this machine. */
  readonly local: boolean;
  /** Whether its models go on from a last message of the assistant by themselves; others are asked to in words. */
  readonly goesOn?: boolean;
  /** Whether an answer of it that makes no progress is ended by itself. */
  readonly isWatched?: boolean;
  /** Asks the server (or reads the files). Throws ProviderError. */
  listModels(signal: AbortSignal): Promise<ModelInfo[]>;
  /** Leaving the loop, or aborting, ends the work upstream. Throws ProviderError, or CancelledError when aborted. */
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<StreamPart>;
  /** Fills a hole in code; absent where no model of it can. Leaving the loop, or aborting, ends the work. Throws as `stream` does. */
  complete?(request: CodeRequest, signal: AbortSignal): AsyncIterable<CodePart>;
  /** Makes a picture; absent where no model of it can. Throws ProviderError, or CancelledError when aborted. */
  makePicture?(request: PictureRequest, signal: AbortSignal): Promise<MadePicture>;
  /** One vector a text. */
  embed(model: string, texts: readonly string[], signal: AbortSignal): Promise<Float32Array[]>;
}

export type ProviderErrorCode =
  | 'auth'
  | 'rate-limited'
  | 'context-too-long'
  | 'refused'
  | 'unavailable'
  | 'bad-request'
  | 'network'
  | 'model-not-found';

/** What can go wrong with a provider, as a sentence for the user. */
export class ProviderError extends UserError {
  declare readonly code: ProviderErrorCode;
  /** Milliseconds until the provider wants to be asked again, if it said so. */
  readonly retryAfterMs: number | undefined;
  /** Whether the request was turned away before any work was done for it: sending it again is not billed twice. */
  readonly turnedAway: boolean;
  constructor(
    code: ProviderErrorCode,
    message: string,
    options: { retryAfterMs?: number | undefined; turnedAway?: boolean | undefined; cause?: unknown } = {},
  ) {
    super(code, message, {
      retryable: code === 'rate-limited' || code === 'unavailable' || code === 'network',
      cause: options.cause,
    });
    this.name = 'ProviderError';
    this.retryAfterMs = options.retryAfterMs;
    this.turnedAway = options.turnedAway ?? false;
  }
}

export const noUsage: Usage = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 };

/** What a model read and what it wrote, however that is billed. */
export function tokensOfUsage(usage: Usage): { input: number; output: number } {
  return { input: usage.input + usage.cacheRead + usage.cacheWrite, output: usage.output + usage.reasoning };
}

/** The pictures of a conversation: users alone send them. */
export function imagesOf(messages: readonly PromptMessage[]): readonly Image[] {
  return messages.flatMap((message) => (message.role === 'user' ? (message.images ?? []) : []));
}
