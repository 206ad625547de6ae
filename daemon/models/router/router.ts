// The router's interface: from a request and the models there are to one model and the reason for it.
import type { ModelInfo, Provider } from '../providers/provider.ts';
import type { PolicyName } from './policies.ts';

export interface Decision {
  /** The id of its record; absent when decisions are not recorded. */
  id?: string;
  /** `provider/model` */
  model: string;
  provider: string;
  reason: string;
  alternatives: string[];
  /** US dollars; absent when a price is unknown, 0 only when it costs nothing. */
  estimatedCost?: number;
  confidence: number;
  /** Who named the model: the level that decided. */
  source?: ModelSource;
}

/** The levels that may name a model, the nearest first; `policy` where none does. */
export type ModelSource = 'message' | 'chat' | 'profile' | 'workspace' | 'policy';

export type RequestTask = 'chat' | 'review' | 'action' | 'summary' | 'title';

/** What a request asks for, as its words are read. */
export type TaskName =
  | 'chat'
  | 'code'
  | 'review'
  | 'explain'
  | 'refactor'
  | 'test'
  | 'debug'
  | 'document'
  | 'analysis'
  | 'writing'
  | 'translation'
  | 'math'
  | 'vision'
  | 'search';

export interface SelectRequest {
  task: RequestTask;
  /** `provider/model`, when the user named one. */
  explicit?: string;
  /**
   * Why `explicit` is asked in place of another model. Absent when the user named it; a substitute must be able to
   * answer.
   */
  because?: string;
  /** Who named it; the user with this request when left out. */
  source?: ModelSource;
  /** What is asked. Without it only the models themselves are compared. */
  request?: RouteRequest;
  /** The policy of the window that asks, instead of the configuration's; it cannot lift `local-only`. */
  policy?: PolicyName | undefined;
  /** Whether this request may only be answered on this machine. */
  localOnly?: boolean;
  /** Whether only a model of this machine may answer that is in its memory now: none is loaded for it. */
  loadedOnly?: boolean;
  /** The id of the request's profile. Outcomes are learned within their profile only. */
  profile: string;
  /** The chat it is for: what is recorded of it goes with the chat. */
  chat?: string;
}

/** What work that is no chat says of its model: whose it is, and who named which model. */
export interface ModelChoice {
  /** The id of the profile it belongs to. */
  profile: string;
  /** `provider/model`; the router's choice when absent. */
  model?: string;
  /** Who named the model; the user with this request when left out. */
  source?: ModelSource;
  /** The policy of the window that asks, instead of the configuration's. */
  policy?: PolicyName | undefined;
  /** The chat it is for, where it is for one. */
  chat?: string;
}

export function requestFor(task: RequestTask, { profile, model, source, policy, chat }: ModelChoice): SelectRequest {
  return {
    task,
    profile,
    policy,
    ...(source && { source }),
    ...(model !== undefined && { explicit: model }),
    ...(chat !== undefined && { chat }),
  };
}

/** A request as the router reads it. */
export interface RouteRequest {
  text: string;
  /** `tokens`: of what is no text. */
  attachments?: readonly { kind: string; languageId?: string; text?: string; tokens?: number }[];
  /** Tokens of the earlier turns that are sent too. */
  historyTokens?: number;
  needs?: { tools?: boolean; json?: boolean };
  /** Folder of the workspace, as a URI or a path; user rules may name it. */
  workspace?: string;
  language?: string;
  /** The model that answered last in this chat. It stays unless another is clearly better. */
  previous?: string;
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
  /** The id of the decision's record, for `Routing.finish`. */
  decisionId?: string;
}

export interface Router {
  /**
   * Throws UserError: `no-model` (none is configured), `model-not-found` (the named one), `no-able-model`, `no-vision`,
   * `no-healthy-model`.
   */
  select(request: SelectRequest, signal: AbortSignal): Promise<Selection>;
}
