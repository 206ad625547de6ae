// Decides past requests again under another policy, and says what that would have cost. Pure: it reads records and asks nobody.
import { rank } from './decide.ts';
import { type PolicyName, policies, type ScoreParts } from './policies.ts';
import type { DecisionRecord, RecordedCandidate } from './records.ts';

export interface Replay {
  requests: number;
  /** US dollars, by the estimates of the time; those without a known price are not in them. */
  costUsd: number;
  /** The same estimates for the models that were chosen then. */
  recordedUsd: number;
  /** Requests that are in neither sum, since a price is unknown. */
  unknownPrices: number;
  changes: { id: string; from: string; to: string; costUsd?: number }[];
  /** Requests that the policy would have left without a model. */
  unanswered: number;
  /** How far the estimates lay from what was paid, as a share of it; absent when nothing was paid. */
  error?: { share: number; requests: number };
}

/** What the user named stays as it was. */
export function replay(records: readonly DecisionRecord[], policy: PolicyName): Replay {
  const result: Replay = {
    requests: records.length,
    costUsd: 0,
    recordedUsd: 0,
    unknownPrices: 0,
    changes: [],
    unanswered: 0,
  };
  for (const past of records) {
    const then = past.record.candidates.find(({ id }) => id === past.model);
    const now = past.record.explicit ? then : choose(past.record.candidates, policy);
    if (!now) {
      result.unanswered++;
      continue;
    }
    if (then?.costUsd === undefined || now.costUsd === undefined) result.unknownPrices++;
    else {
      result.recordedUsd += then.costUsd;
      result.costUsd += now.costUsd;
    }
    if (now.id !== past.model)
      result.changes.push({
        id: past.id,
        from: past.model,
        to: now.id,
        ...(now.costUsd !== undefined && { costUsd: now.costUsd }),
      });
  }
  const error = estimateError(records);
  return { ...result, ...(error && { error }) };
}

function choose(candidates: readonly RecordedCandidate[], policy: PolicyName): RecordedCandidate | undefined {
  // What local only kept out may be weighed again, but was not scored then: it stays out.
  const allowed = candidates.filter(hasParts).filter(({ local }) => policies[policy].elsewhere !== 'never' || local);
  return rank(
    allowed.map((recorded) => ({
      recorded,
      parts: recorded.parts,
      candidate: { provider: { local: recorded.local } },
    })),
    policy,
  )[0]?.recorded;
}

function hasParts(candidate: RecordedCandidate): candidate is RecordedCandidate & { parts: ScoreParts } {
  return candidate.parts !== undefined && candidate.excluded === undefined;
}

/** The mean distance of estimate and bill, over the mean bill: what a total above may be wrong by, one request at a time. */
function estimateError(records: readonly DecisionRecord[]): Replay['error'] {
  let paid = 0;
  let distance = 0;
  let requests = 0;
  for (const { record, outcome } of records) {
    if (outcome?.costUsd === undefined || record.estimatedCostUsd === undefined) continue;
    paid += outcome.costUsd;
    distance += Math.abs(outcome.costUsd - record.estimatedCostUsd);
    requests++;
  }
  return paid > 0 ? { share: distance / paid, requests } : undefined;
}
