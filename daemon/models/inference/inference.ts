// What the inference host does for the rest of the daemon. The host is a child process: a native crash costs one answer.
import type { AllLocalSettings } from '../../base/config/local-settings.ts';
import { UserError } from '../../base/errors.ts';
import type { Priority } from '../../base/fair-queue.ts';
import type { Image } from '../providers/provider.ts';
import type { LocalRole } from './memory/admission.ts';
import type { ModelShape } from './memory/sizes.ts';
import type { StateKey } from './saved-states.ts';
import type { FileSampling } from './settings.ts';

export interface InferenceMessage {
  role: 'system' | 'user' | 'assistant';
  content: string;
  /** A user's; only a model that sees is sent any. */
  images?: readonly Image[];
}

/** What a model is asked for, and by whom. */
export interface InferenceRequest {
  /** Absolute path of a GGUF file. */
  path: string;
  /** On whose behalf it is asked: what one has read into the context is not used for another, nor could its time or counts tell of it. */
  owner?: string;
  /** The chat or the work it belongs to: what was read for it is kept for its next turn, on disk where there is no more room. */
  key?: string;
  /** Whether the user asked for this very model: one that ended the process before is tried again only then. */
  isNamed?: boolean;
  /** `interactive` where left out. */
  priority?: Priority;
  /** Of what only its newest request is of use for, such as a completion at a cursor: one ends its owner's older ones of the same name. */
  latest?: string;
  /** Left out, the answer is bounded so that the next turn has room. */
  maxOutputTokens?: number;
}

/** Code with a hole. */
export interface InferenceCode extends InferenceRequest {
  /** Of the file that it stands in, as a prompt names it. */
  name: string;
  /** Pieces of other files. */
  others: readonly { name: string; text: string }[];
  prefix: string;
  suffix: string;
  /** What the hole's text begins with. */
  begun: string;
  /** 0 where it is absent. */
  temperature?: number;
}

export interface InferenceChat extends InferenceRequest {
  messages: readonly InferenceMessage[];
  temperature?: number;
  /** JSON schema that the answer is forced into, by grammar. */
  jsonSchema?: Record<string, unknown>;
}

export type InferencePart =
  | { kind: 'text'; text: string }
  /** Where the server itself tells thoughts from the answer. `thought`: all text so far was one. */
  | { kind: 'reasoning'; text: string }
  | { kind: 'thought' }
  | { kind: 'warning'; message: string }
  /** All slots of the model are in use: so many answers end, or wait, before this one begins. `behind`: those of its owner that run. */
  | { kind: 'waiting'; ahead: number; id: string; behind: string[] }
  /** It waits no more. */
  | { kind: 'begins' }
  /** Before the first text of a completion. */
  | { kind: 'read'; inputTokens: number; cachedTokens: number; readMs: number }
  /** `inputTokens` is the whole prompt; `cachedTokens` of them were in the context already and were not read again. */
  | {
      kind: 'finish';
      reason: 'stop' | 'length' | 'repetition';
      inputTokens: number;
      cachedTokens: number;
      outputTokens: number;
      /** From the beginning of the reading to the first token, and from there to the last. */
      readMs: number;
      writeMs: number;
    };

/** What an answer is for, and how to stop all that it belongs to. */
export interface LocalAnswerUse {
  task?: 'chat' | 'review' | 'action' | 'summary' | 'title' | 'completion';
  /** Ends the request that the answer is asked for; left out, the answer alone is ended, as if its reader had left. */
  stop?: (() => void) | undefined;
}

/** An answer under way. */
export interface LocalAnswer {
  readonly id: string;
  /** The model's file. */
  readonly path: string;
  readonly task: LocalAnswerUse['task'];
  /** The chat that it belongs to. */
  readonly chat: string | undefined;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** How many answers end or begin before it; undefined once it runs. */
  readonly ahead: number | undefined;
}

export interface GgufInfo {
  path: string;
  name: string;
  architecture: string;
  /** Trained context size; what is used may be smaller, to fit memory. */
  contextTokens: number;
  hasChatTemplate: boolean;
  /** Whether its header names the tokens around a hole in code; a file without may have them all the same. */
  hasFimTokens: boolean;
  embeddingOnly: boolean;
  sizeBytes: number;
  /** What the file recommends for choosing words; empty in most. */
  sampling: FileSampling;
  /** What decides how much memory its contexts take. */
  shape: ModelShape;
  /** Whether it can be shown pictures, where it has a projector; or why not, as a sentence that says what to do. */
  vision?: { sees: true } | { sees: false; why: string };
}

export interface LoadedModelInfo {
  path: string;
  /** Weights and contexts, in main and video memory together. */
  bytes: number;
  role: LocalRole;
  /** Of each slot; absent where it doesn't generate. */
  contextTokens?: number;
  slots?: number;
  /** Of its last step. */
  threads?: number;
  /** Where llama.cpp decided it. */
  flashAttention?: boolean;
}

/** Lives as long as the daemon; starts its process at the first need and again after a crash. */
export interface Inference {
  /** Whether the native part loads here, probed in a child; and on what it would run. */
  probe(): Promise<{ ok: boolean; detail: string; gpu?: string }>;
  /** Reads a file's header, without loading it. Throws InferenceError (`bad-model-file`). */
  describe(path: string): Promise<GgufInfo>;
  /** Streams an answer. Leaving the loop, or aborting, stops decoding. Throws InferenceError, or CancelledError when aborted. */
  chat(request: InferenceChat, signal: AbortSignal, use?: LocalAnswerUse): AsyncIterable<InferencePart>;
  /** Streams what belongs into a hole in code; the parts and the failures are those of `chat`. */
  complete(request: InferenceCode, signal: AbortSignal, use?: LocalAnswerUse): AsyncIterable<InferencePart>;
  /** The answers of an owner: waiting or running. */
  answers(owner: string): LocalAnswer[];
  /** Has a waiting answer begin before its owner's others. Throws UserError (`no-such-answer`). */
  prefer(owner: string, id: string): Promise<void>;
  /** Ends an answer and what it belongs to. Throws as `prefer` does. */
  stop(owner: string, id: string): void;
  /**
   * One vector a text, of length 1. Texts longer than the model's window, or than `windowTokens`, are read in windows of equal
   * length whose mean it is; what follows the first 32,768 characters is not read. Throws as `chat` does.
   */
  embed(
    request: { path: string; texts: readonly string[]; windowTokens?: number; maxWindows?: number },
    signal: AbortSignal,
  ): Promise<Float32Array[]>;
  /** How much each text bears on a query, from 0 to 1, by a file made for ranking; of long texts by their beginning. Throws as `chat` does. */
  rank(request: { path: string; query: string; texts: readonly string[] }, signal: AbortSignal): Promise<number[]>;
  /** Models in memory now. */
  loaded(): LoadedModelInfo[];
  /** Loads a model before it is asked anything. Throws InferenceError, or CancelledError. */
  load(path: string, signal: AbortSignal): Promise<void>;
  unload(path: string): Promise<void>;
  /**
   * Sets how models are loaded and asked from now on, and how much memory they may take together; one that must be loaded anew for it is
   * unloaded once nobody uses it.
   */
  configure(models: AllLocalSettings, memoryGb?: number): void;
  /** Removes what was kept of an owner, of a chat, or of both, from memory and disk. */
  forget(key: Partial<StateKey>): Promise<void>;
  /** The child's process id, while there is one. */
  readonly pid: number | undefined;
  [Symbol.asyncDispose](): Promise<void>;
}

export type InferenceErrorCode =
  | 'bad-model-file'
  | 'context-too-long'
  | 'out-of-memory'
  | 'inference-crashed'
  | 'inference-missing'
  | 'no-chat-template'
  | 'no-fim-tokens'
  | 'no-projector';

export class InferenceError extends UserError {
  declare readonly code: InferenceErrorCode;
  constructor(code: InferenceErrorCode, message: string, cause?: unknown) {
    super(code, message, { retryable: code === 'inference-crashed', cause });
    this.name = 'InferenceError';
  }
}
