// The interface every provider of models implements, and the one union of what a model says.
import { UserError } from '../base/errors.ts';

export interface PromptMessage {
  role: 'system' | 'user' | 'assistant';
  content: string;
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
  messages: readonly PromptMessage[];
  maxOutputTokens?: number;
  temperature?: number;
  /** The answer must be JSON of this schema. A provider that cannot force it says so in a warning part. */
  jsonSchema?: { name: string; schema: Record<string, unknown> };
  tools?: readonly Tool[];
  /** On whose behalf: requests of one workspace are counted together. No server is told. */
  workspace?: string;
}

/** Token counts in disjoint buckets; their sum is the whole. */
export interface Usage {
  input: number;
  cacheRead: number;
  cacheWrite: number;
  output: number;
  reasoning: number;
}

export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'cancelled' | 'error';

/** A stream is any number of parts and then exactly one `finish`; failures are thrown as ProviderError. */
export type StreamPart =
  | { kind: 'text'; text: string }
  | { kind: 'reasoning'; text: string }
  | { kind: 'tool-call'; id: string; name: string; arguments: string }
  | { kind: 'usage'; usage: Usage }
  | { kind: 'warning'; message: string }
  | { kind: 'finish'; reason: FinishReason };

export interface ModelInfo {
  /** The provider's own name. */
  name: string;
  contextTokens?: number;
  capabilities: { chat?: boolean; embeddings?: boolean; tools?: boolean; vision?: boolean; jsonSchema?: boolean };
  loaded?: boolean;
  bytes?: number;
  source: 'config' | 'server' | 'file';
}

/** Lives as long as its configuration. */
export interface Provider {
  /** The name it has in the configuration. */
  readonly name: string;
  /** Whether its models run on this machine. */
  readonly local: boolean;
  /** Asks the server (or reads the files). Throws ProviderError. */
  listModels(signal: AbortSignal): Promise<ModelInfo[]>;
  /** Leaving the loop, or aborting, ends the work upstream. Throws ProviderError, or CancelledError when aborted. */
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<StreamPart>;
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
  constructor(code: ProviderErrorCode, message: string, options: { retryAfterMs?: number | undefined; turnedAway?: boolean | undefined; cause?: unknown } = {}) {
    super(code, message, { retryable: code === 'rate-limited' || code === 'unavailable' || code === 'network', cause: options.cause });
    this.name = 'ProviderError';
    this.retryAfterMs = options.retryAfterMs;
    this.turnedAway = options.turnedAway ?? false;
  }
}

export const noUsage: Usage = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 };
