// Every request to a model and what it cost; sums of a profile, and what all profiles spent together.

/** Token counts in disjoint buckets; their sum is the whole. */
interface TokenCounts {
  input: number;
  cacheRead: number;
  cacheWrite: number;
  output: number;
  reasoning: number;
}

/** One request to a model, and what it cost. */
export interface SpentRequest {
  id: string;
  /** Milliseconds since the epoch. */
  at: number;
  /** The user's calendar day at that time, `YYYY-MM-DD`. */
  day: string;
  profile: string;
  chat?: string;
  /** The message it was made for. */
  answer?: string;
  workspace?: string;
  task: string;
  provider: string;
  /** `provider/model` */
  model: string;
  usage: TokenCounts;
  /** US dollars; absent when they are unknown, 0 only when it cost nothing. */
  costUsd?: number;
  /** The day of the price that was used. */
  priceAsOf?: string;
  status: 'complete' | 'cached' | 'partial' | 'cancelled' | 'failed';
}

export type SumsBy = 'all' | 'day' | 'profile' | 'workspace' | 'chat' | 'answer' | 'model' | 'provider';

export interface SumsQuery {
  by: SumsBy;
  /** The first day that counts, `YYYY-MM-DD`; all of them when left out. */
  since?: string;
  /** Only these, when named. */
  chat?: string;
  /** Requests that were made for one of these messages. */
  answers?: readonly string[];
}

export interface Sum {
  /** The day, the profile, the chat's id, …; empty for what belongs to none. */
  key: string;
  /** A chat's title, while the chat is there. */
  title?: string;
  requests: number;
  /** How many of them were answered from the cache. */
  cached: number;
  /** How many of them have an unknown cost, which is not in `costUsd`. */
  unknown: number;
  /** How many of them were stopped or broke off, so that their cost is an estimate. It is in `costUsd`. */
  estimated: number;
  costUsd: number;
  usage: TokenCounts;
}

/** Every request to a model, and sums of what they cost. */
export interface Ledger {
  record(request: SpentRequest): Promise<void>;
  /** Days with the newest first, all else with the most expensive first; at most 1000 of them. */
  sums(query: SumsQuery): Promise<Sum[]>;
}

/** What all profiles spent together. Budgets alone may read it: it is the one thing that is known across profiles. */
export interface SpendingLog {
  /** Known costs in US dollars since a day, `YYYY-MM-DD`, by profile. */
  since(day: string): Promise<{ profile: string; costUsd: number }[]>;
}
