// Decides past requests again under another policy, and sums what that would have cost. Pure: it reads records and asks
// no model.
import { rank } from './decide.ts';
import { type PolicyName, policies, type ScoreParts } from './policies.ts';
import type { DecisionRecord, RecordedCandidate } from './records.ts';

export interface Replay {
  requests: number;
  /** US dollars, by the estimates of the time, without the requests of unknown price. */
  costUsd: number;
  /** The same sum for the models that were chosen at the time. */
  recordedUsd: number;
  /** Requests of unknown price, which are in neither sum. */
  unknownPrices: number;
  changes: { id: string; from: string; to: string; costUsd?: number }[];
  /** Requests that the policy would have left without a model. */
  unanswered: number;
  /** The mean error of the estimates, as a share of what was paid; absent when nothing was paid. */
  error?: { share: number; requests: number };
}

/** Models that the user named stay. */
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
    const recorded = past.record.candidates.find(({ id }) => id === past.model);
    const chosen = past.record.explicit ? recorded : choose(past.record.candidates, policy);
    if (!chosen) {
      result.unanswered++;
      continue;
    }
    if (recorded?.costUsd === undefined || chosen.costUsd === undefined) result.unknownPrices++;
    else {
      result.recordedUsd += recorded.costUsd;
      result.costUsd += chosen.costUsd;
    }
    if (chosen.id !== past.model)
      result.changes.push({
        id: past.id,
        from: past.model,
        to: chosen.id,
        ...(chosen.costUsd !== undefined && { costUsd: chosen.costUsd }),
      });
  }
  const error = estimateError(records);
  return { ...result, ...(error && { error }) };
}

function choose(candidates: readonly RecordedCandidate[], policy: PolicyName): RecordedCandidate | undefined {
  // A model that local-only excluded was not scored at the time, so it stays excluded.
  const allowed = candidates.filter(hasParts).filter(({ local }) => policies[policy].elsewhere !== 'never' || local);
  return rank(
    allowed.map((recorded) => ({
      recorded,
      parts: recorded.parts,
      candidate: { provider: { local: recorded.local } },
      ...(recorded.costUsd !== undefined && { costUsd: recorded.costUsd }),
    })),
    policy,
  )[0]?.recorded;
}

function hasParts(candidate: RecordedCandidate): candidate is RecordedCandidate & { parts: ScoreParts } {
  return candidate.parts !== undefined && candidate.excluded === undefined;
}

/** The mean absolute difference of estimate and bill, divided by the mean bill. */
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
