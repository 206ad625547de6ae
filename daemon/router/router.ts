// What a router is: from what is wanted and what there is, to one model and the reason for it.
import type { ModelInfo, Provider } from '../providers/provider.ts';

export interface Decision {
  /** `provider/model` */
  model: string;
  provider: string;
  reason: string;
  alternatives: string[];
  estimatedCost?: number;
  confidence: number;
}

export type Task = 'chat' | 'review' | 'action';

export interface Wanted {
  task: Task;
  /** `provider/model`, when the user named one. */
  explicit?: string;
}

/** A model as the router sees it. */
export interface Candidate {
  id: string;
  provider: Provider;
  info: ModelInfo;
  health: { state: 'ok' | 'unknown' | 'down' | 'absent'; detail?: string };
}

export interface Selection {
  decision: Decision;
  candidate: Candidate;
}

export interface Router {
  /** Throws UserError: `no-model` (none is configured), `model-not-found` (the named one), `no-healthy-model`. */
  select(wanted: Wanted, signal: AbortSignal): Promise<Selection>;
}
