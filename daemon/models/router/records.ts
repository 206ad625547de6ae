// What is written down of every decision: enough to show why, to learn from how it ended, and to decide it again under another
// policy. The request's text is not in it; its hashed words are.
import { UserError } from '../../base/errors.ts';
import type { DecisionLog, StoredDecision } from '../../storage/decisions.ts';
import type { Analysis } from './analyse.ts';
import type { Chosen } from './decide.ts';
import type { Obstacle } from './filter.ts';
import type { StoredEmbedding } from './learn/embedding-model.ts';
import type { TextFeatures } from './learn/features.ts';
import type { Parts, PolicyName } from './policies.ts';
import type { ModelSource, SelectRequest, Task } from './router.ts';

/** What storage keeps of a decision, as the router writes it. */
export interface RouterShapes {
  policy: PolicyName;
  record: DecisionDetails;
  outcome: RequestOutcome;
}

export type DecisionRecord = StoredDecision<RouterShapes>;

export interface DecisionDetails {
  task: Task;
  /** Whether the user named the model. */
  explicit: boolean;
  /** Which level named it; absent in what was recorded before levels were. */
  source?: ModelSource;
  analysis?: Analysis;
  /** What the learned part saw of the text. */
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
  parts?: Parts;
  costUsd?: number;
  excluded?: { obstacle: Obstacle; reason: string };
}

/** Every signal is optional; what the user did counts more than what a judge thought. */
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
  /** What the request meant to the embedding model of then; embedded when there was something to learn. */
  meaning?: StoredEmbedding;
}

/** More of an outcome; `thumbs: null` takes a thumb back. */
export type OutcomeNews = Omit<RequestOutcome, 'thumbs'> & { thumbs?: RequestOutcome['thumbs'] | null };

/** What is known, with the news in it. */
export function withNews(known: RequestOutcome, { thumbs, ...news }: OutcomeNews): RequestOutcome {
  const { thumbs: before, ...rest } = known;
  const now = thumbs === undefined ? before : (thumbs ?? undefined);
  return { ...rest, ...news, ...(now && { thumbs: now }) };
}

export function decisionNotFound(): UserError {
  return new UserError('decision-not-found', 'That decision is not stored any more. Ask again to get a new one.');
}

/** Lives as long as the process: for tests, and where nothing is to be kept. */
export class DecisionsInMemory implements DecisionLog<RouterShapes> {
  readonly #records: DecisionRecord[] = [];

  async save(record: Omit<DecisionRecord, 'outcome'>): Promise<void> {
    this.#records.unshift(structuredClone(record));
  }

  async finish(id: string, outcome: OutcomeNews): Promise<void> {
    const record = this.#records.find((one) => one.id === id);
    if (!record) throw decisionNotFound();
    record.outcome = withNews(record.outcome ?? {}, outcome);
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
  chosen: Chosen,
  asked: {
    id: string;
    at: number;
    wanted: SelectRequest;
    policy: PolicyName;
    analysis?: Analysis | undefined;
    features?: TextFeatures | undefined;
  },
): DecisionRecord {
  const { decision, ranked, excluded } = chosen;
  const { id, at, wanted, policy, analysis, features } = asked;
  return {
    id,
    at,
    policy,
    profile: wanted.profile,
    model: decision.model,
    record: {
      task: wanted.task,
      explicit: wanted.explicit !== undefined && wanted.because === undefined,
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

/** How good an outcome was, 0 to 1; nothing where nobody said anything. A failure says nothing of answers: health and breakers know of it. */
export function scoreOf({ judgeScore, keptEdit, thumbs, retried }: RequestOutcome): number | undefined {
  if (thumbs !== undefined) return thumbs === 'up' ? 1 : 0;
  if (keptEdit !== undefined) return keptEdit ? 1 : 0.2;
  return retried ? 0.1 : judgeScore;
}
