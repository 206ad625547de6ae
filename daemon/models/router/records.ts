// The record of every decision: enough to show why, to learn from its outcome, and to decide again under another
// policy. The request's text is not in it; its hashed words are.
import { UserError } from '../../base/errors.ts';
import type { DecisionLog, StoredDecision } from '../../storage/decisions.ts';
import type { Analysis } from './analyse.ts';
import type { ChosenModel } from './decide.ts';
import type { Obstacle } from './filter.ts';
import type { StoredEmbedding } from './learn/embedding-regression.ts';
import type { TextFeatures } from './learn/features.ts';
import type { PolicyName, ScoreParts } from './policies.ts';
import type { ModelSource, RequestTask, SelectRequest } from './router.ts';

/** What storage keeps of a decision, as the router writes it. */
export interface RouterShapes {
  policy: PolicyName;
  record: DecisionDetails;
  outcome: RequestOutcome;
}

export type DecisionRecord = StoredDecision<RouterShapes>;

export interface DecisionDetails {
  task: RequestTask;
  /** Whether the user named the model. */
  explicit: boolean;
  /** Which level named it; absent in records from before there were levels. */
  source?: ModelSource;
  analysis?: Analysis;
  /** The features of the text that the router learns from. */
  features?: TextFeatures;
  /** Able models first, the best of them first. */
  candidates: RecordedCandidate[];
  reason: string;
  alternatives: string[];
  estimatedCostUsd?: number;
  confidence: number;
}

export interface RecordedCandidate {
  id: string;
  local: boolean;
  score?: number;
  parts?: ScoreParts;
  costUsd?: number;
  excluded?: { obstacle: Obstacle; reason: string };
}

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
  readonly #records: DecisionRecord[] = [];

  async save(record: Omit<DecisionRecord, 'outcome'>): Promise<void> {
    this.#records.unshift(structuredClone(record));
  }

  async finish(id: string, outcome: OutcomeUpdate): Promise<void> {
    const record = this.#records.find((one) => one.id === id);
    if (!record) throw decisionNotFound();
    record.outcome = withUpdate(record.outcome ?? {}, outcome);
  }

  async decision(id: string): Promise<DecisionRecord> {
    const record = this.#records.find((one) => one.id === id);
    if (!record) throw decisionNotFound();
    return structuredClone(record);
  }

  async list({ since = 0, limit = 1000 }: { since?: number; limit?: number }): Promise<DecisionRecord[]> {
    return structuredClone(this.#records.filter(({ at }) => at >= since).slice(0, limit));
  }
}

export function recordOf(
  chosen: ChosenModel,
  details: {
    id: string;
    at: number;
    request: SelectRequest;
    policy: PolicyName;
    analysis?: Analysis | undefined;
    features?: TextFeatures | undefined;
  },
): DecisionRecord {
  const { decision, ranked, excluded } = chosen;
  const { id, at, request, policy, analysis, features } = details;
  return {
    id,
    at,
    policy,
    profile: request.profile,
    model: decision.model,
    record: {
      task: request.task,
      explicit: request.explicit !== undefined && request.because === undefined,
      ...(decision.source && { source: decision.source }),
      ...(analysis && { analysis }),
      ...(features && { features }),
      candidates: [
        ...ranked.map(({ candidate, parts, score, costUsd }) => ({
          id: candidate.id,
          local: candidate.provider.local,
          score,
          parts,
          ...(costUsd !== undefined && { costUsd }),
        })),
        ...excluded.map(({ candidate, obstacle, reason }) => ({
          id: candidate.id,
          local: candidate.provider.local,
          excluded: { obstacle, reason },
        })),
      ],
      reason: decision.reason,
      alternatives: decision.alternatives,
      confidence: decision.confidence,
      ...(decision.estimatedCost !== undefined && { estimatedCostUsd: decision.estimatedCost }),
    },
  };
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
