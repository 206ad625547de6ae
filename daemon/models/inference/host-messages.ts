// What the daemon and its inference host say to each other. Both come from the same build, so there is no version.
import type { InferenceChat, InferenceErrorCode, InferencePart } from './inference.ts';

/** A request is answered by any number of parts and then one result or failure. */
export type HostRequest =
  | { kind: 'probe' }
  | { kind: 'chat'; chat: InferenceChat }
  | { kind: 'embed'; path: string; texts: readonly string[]; windowTokens?: number }
  | { kind: 'unload'; path: string }
  | { kind: 'activity' };

export interface HostResults {
  probe: { detail: string; gpu?: string };
  chat: undefined;
  embed: Float32Array[];
  unload: undefined;
  activity: HostActivity;
}

export type ToHost =
  | { kind: 'configure'; idleUnloadMs: number }
  | { kind: 'request'; id: number; request: HostRequest }
  | { kind: 'cancel'; id: number };

export type FromHost =
  | { kind: 'part'; id: number; part: InferencePart }
  | { kind: 'result'; id: number; value: HostResults[keyof HostResults] }
  | { kind: 'failure'; id: number; failure: HostFailure }
  | { kind: 'loaded'; models: LoadedModelInfo[] };

export type HostFailure =
  | { kind: 'error'; code: InferenceErrorCode; message: string }
  | { kind: 'cancelled' }
  | { kind: 'bug'; stack: string };

export interface LoadedModelInfo {
  path: string;
  /** Weights and contexts, in main and video memory together. */
  bytes: number;
}

/** What the host is doing now, and how much it has done. */
export interface HostActivity {
  /** Requests that use a model now. */
  running: number;
  /** Tokens that were generated since the host started. */
  generatedTokens: number;
}
