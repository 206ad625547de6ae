// What the daemon and its inference host say to each other.
import type { AllLocalSettings } from '../../base/config/local-settings.ts';
import type { InferenceChat, InferenceCode, InferencePart, LoadedModelInfo } from './inference.ts';
import type { StateKey } from './saved-states.ts';

/** By the shape of `ChildProtocol`. */
export type HostProtocol = {
  requests: {
    probe: { params: undefined; part: never; result: { detail: string; gpu?: string } };
    chat: { params: HostChat; part: HostPart; result: undefined };
    complete: { params: HostCode; part: HostPart; result: undefined };
    /** Has a waiting answer begin before its owner's others. */
    prefer: { params: { path: string; id: string }; part: never; result: undefined };
    embed: { params: EmbedRequest; part: never; result: Float32Array[] };
    load: { params: { path: string }; part: never; result: undefined };
    rank: { params: RankRequest; part: never; result: number[] };
    unload: { params: { path: string }; part: never; result: undefined };
    forget: { params: Partial<StateKey>; part: never; result: undefined };
    /** Saves what was read, before the process is ended. */
    rest: { params: undefined; part: never; result: undefined };
    activity: { params: undefined; part: never; result: HostActivity };
  };
  toChild: HostSettings;
  /** The models in memory, whenever they have changed. */
  fromChild: LoadedModelInfo[];
};

export interface HostChat extends InferenceChat {
  id: string;
}

export interface HostCode extends InferenceCode {
  id: string;
}

export type HostPart = Exclude<InferencePart, { kind: 'waiting' }> | { kind: 'waiting'; ahead: number };

export interface HostSettings {
  /** After how long without a request a model is unloaded. */
  idleUnloadMs: number;
  /** Where what was read is kept; left out, it stays in memory. */
  statesFolder?: string | undefined;
  /** Where packages for GPUs are, if any are installed. */
  gpuFolder?: string | undefined;
  /** What the user has set for models, by name. */
  models: AllLocalSettings;
  /** What models may take together; left out, what the system has free. */
  memoryBytes?: number | undefined;
}

export interface EmbedRequest {
  path: string;
  texts: readonly string[];
  /** The longest window, with the tokens that begin and end it; the model's own limit where that is less. */
  windowTokens?: number;
  /** Of each text only so many windows are read, from its beginning. */
  maxWindows?: number;
}

export interface RankRequest {
  path: string;
  query: string;
  texts: readonly string[];
}

/** What the host is doing now, and how much it has done. */
export interface HostActivity {
  /** Requests that use a model now. */
  running: number;
  /** Whether something is under way that shows no progress for long: loading, embedding, the first steps of a model. */
  isSlow: boolean;
  /** Whether other programs leave it too little of the processors. */
  isCrowded: boolean;
  /** Grows with whatever native code does: loading, reading, generating. */
  progress: number;
  /** Tokens that were generated since the host started. */
  generatedTokens: number;
}
