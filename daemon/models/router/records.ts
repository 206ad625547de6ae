// The record of every decision: enough to show why, to learn from its outcome, and to decide again under another
// policy. The request's text is not in it; its hashed words are.
import { UserError } from '../../base/errors.ts';
import type { DecisionLog, StoredDecision } from '../../storage/decisions.ts';
import type { Analysis } from './analyse.ts';
import type { Obstacle } from './filter.ts';
import type { StoredEmbedding } from './learn/embedding-regression.ts';
import type { TextFeatures } from './learn/features.ts';
import type { PolicyName, ScoreParts } from './policies.ts';
import type { ModelSource, RequestTask } from './router.ts';

/** What storage keeps of a decision, as the router writes it. */
export interface RouterShapes {
  policy: PolicyName;
  /** With named numbers in records from before there were rows. */
  record: CompactDetails | DecisionDetails;
  outcome: RequestOutcome;
}

/** A decision as it is read. */
export type DecisionRecord = StoredDecision<Omit<RouterShapes, 'record'> & { record: DecisionDetails }>;

export interface DecisionDetails {
  task: RequestTask;
  /** Whether the user named the model. */
  explicit: boolean;
  /** Which level named it; absent in records from before there were levels. */
  source?: ModelSource;
  /** How the request was read. */
  analysis?: RecordedAnalysis;
  /** The features of the text that the router learns from, packed but in old records. */
  features?: string | TextFeatures;
  /** Able models first, the best of them first. */
  candidates: RecordedCandidate[];
  reason: string;
  estimatedCostUsd?: number;
  confidence: number;
}

export type RecordedAnalysis = Pick<Analysis, 'tokens' | 'complexity' | 'task' | 'signals'>;

export interface RecordedCandidate {
  id: string;
  local: boolean;
  score?: number;
  parts?: ScoreParts;
  costUsd?: number;
  excluded?: { obstacle: Obstacle; reason: string };
}

/** A record as it is stored, with a row for each model. */
interface CompactDetails extends Omit<DecisionDetails, 'candidates'> {
  rows: CandidateRow[];
}

/** A model that could answer, its score's parts in the order of `partNames`; or one that could not. */
export type CandidateRow =
  | [id: string, local: 0 | 1, score: number, costUsd: number | null, parts: (number | null)[]]
  | [id: string, local: 0 | 1, obstacle: Obstacle, reason: string];

/** Every signal is optional. What the user did counts more than a judge's score. */
export interface RequestOutcome {
  status?: 'complete' | 'partial' | 'cancelled' | 'failed';
  costUsd?: number;
  durationMs?: number;
  /** 0 to 1. */
  judgeScore?: number;
  keptEdit?: boolean;
  thumbs?: 'up' | 'down';
  /** Whether the user asked for another answer than this one. */
  retried?: boolean;
  /**
   * The request's embedding, by the embedding model of that time. Stored under this name when there was something to
   * learn.
   */
  meaning?: StoredEmbedding;
}

/** New signals of an outcome; `thumbs: null` removes a thumb. */
export type OutcomeUpdate = Omit<RequestOutcome, 'thumbs'> & { thumbs?: RequestOutcome['thumbs'] | null };

/** The known outcome with the new signals in it. */
export function withUpdate(known: RequestOutcome, { thumbs, ...update }: OutcomeUpdate): RequestOutcome {
  const { thumbs: before, ...rest } = known;
  const now = thumbs === undefined ? before : (thumbs ?? undefined);
  return { ...rest, ...update, ...(now && { thumbs: now }) };
}

export function decisionNotFound(): UserError {
  return new UserError('decision-not-found', 'That decision is no longer stored. Ask again to get a new one.');
}

/** Lives as long as the process. For tests, and where nothing is to be stored. */
export class DecisionsInMemory implements DecisionLog<RouterShapes> {
  readonly #records: StoredDecision<RouterShapes>[] = [];

  async save(record: Omit<StoredDecision<RouterShapes>, 'outcome'>): Promise<void> {
    this.#records.unshift(structuredClone(record));
  }

  async finish(id: string, outcome: OutcomeUpdate): Promise<void> {
    const record = this.#records.find((one) => one.id === id);
    if (!record) throw decisionNotFound();
    record.outcome = withUpdate(record.outcome ?? {}, outcome);
  }

  async decision(id: string): Promise<StoredDecision<RouterShapes>> {
    const record = this.#records.find((one) => one.id === id);
    if (!record) throw decisionNotFound();
    return structuredClone(record);
  }

  async list({ since = 0, limit = 1000 }: { since?: number; limit?: number }): Promise<StoredDecision<RouterShapes>[]> {
    return structuredClone(this.#records.filter(({ at }) => at >= since).slice(0, limit));
  }
}

/**
 * How good an outcome was, 0 to 1; undefined without a signal. A failure is no signal about answers; health and
 * breakers handle it.
 */
export function scoreOf({ judgeScore, keptEdit, thumbs, retried }: RequestOutcome): number | undefined {
  if (thumbs !== undefined) return thumbs === 'up' ? 1 : 0;
  if (keptEdit !== undefined) return keptEdit ? 1 : 0.2;
  return retried ? 0.1 : judgeScore;
}
