// A decision's record as it is stored: a row of numbers for each model, and of many models only those that some policy would choose and
// the first ones, so that a replay chooses as it would among all.
import type { StoredDecision } from '../../storage/decisions.ts';
import type { Analysis } from './analyse.ts';
import { type ChosenModel, rank } from './decide.ts';
import type { TextFeatures } from './learn/features.ts';
import { packFeatures } from './learn/packed-features.ts';
import { type PolicyName, policies, type ScoreParts } from './policies.ts';
import type { CandidateRow, DecisionRecord, RecordedAnalysis, RecordedCandidate, RouterShapes } from './records.ts';
import type { SelectRequest } from './router.ts';

type StoredRecord = StoredDecision<RouterShapes>;
type Ranked = ChosenModel['ranked'][number];

/** Of those that could answer, and of those that could not. */
const maxModels = 12;

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
): Omit<StoredRecord, 'outcome'> {
  const { decision, excluded } = chosen;
  const { id, at, request, policy, analysis, features } = details;
  return {
    id,
    at,
    policy,
    profile: request.profile,
    model: decision.model,
    ...(request.chat && { chat: request.chat }),
    record: {
      task: request.task,
      explicit: request.explicit !== undefined && request.because === undefined,
      ...(decision.source && { source: decision.source }),
      ...(analysis && { analysis: analysisToKeep(analysis) }),
      ...(features && { features: packFeatures(features) }),
      rows: [...modelsToKeep(chosen).map(toRow), ...excluded.slice(0, maxModels).map(toExcludedRow)],
      reason: decision.reason,
      confidence: rounded(decision.confidence),
      ...(decision.estimatedCost !== undefined && { estimatedCostUsd: decision.estimatedCost }),
    },
  };
}

export function readRecord({ record, ...stored }: StoredRecord): DecisionRecord {
  if (!('rows' in record)) return { ...stored, record };
  const { rows, ...details } = record;
  return { ...stored, record: { ...details, candidates: rows.map(candidateOf) } };
}

function analysisToKeep({ tokens, complexity, task, signals }: Analysis): RecordedAnalysis {
  return { tokens, complexity, task, signals };
}

/** In their order. */
function modelsToKeep({ ranked, candidate }: ChosenModel): Ranked[] {
  if (ranked.length <= maxModels) return ranked;
  const kept = new Set(ranked.slice(0, maxModels).map((one) => one.candidate));
  kept.add(candidate);
  for (const [name, { elsewhere }] of Object.entries(policies)) {
    const allowed = elsewhere === 'never' ? ranked.filter((one) => one.candidate.provider.local) : ranked;
    const best = rank(allowed, name as PolicyName)[0];
    if (best) kept.add(best.candidate);
  }
  return ranked.filter((one) => kept.has(one.candidate));
}

const partNames = [
  'quality',
  'match',
  'cost',
  'speed',
  'preference',
  'learned',
] as const satisfies (keyof ScoreParts)[];

function toRow({ candidate, score, costUsd, parts }: Ranked): CandidateRow {
  const values = partNames.map((name) => (parts[name] === undefined ? null : rounded(parts[name])));
  return [candidate.id, candidate.provider.local ? 1 : 0, rounded(score), costUsd ?? null, values];
}

function toExcludedRow({ candidate, obstacle, reason }: ChosenModel['excluded'][number]): CandidateRow {
  return [candidate.id, candidate.provider.local ? 1 : 0, obstacle, reason];
}

function candidateOf(row: CandidateRow): RecordedCandidate {
  const [id, local] = row;
  if (row.length === 4) return { id, local: local === 1, excluded: { obstacle: row[2], reason: row[3] } };
  const [, , score, costUsd, values] = row;
  const known = partNames.map((name, place) => [name, values[place]] as const).filter(([, value]) => value !== null);
  const parts = Object.fromEntries(known) as unknown as ScoreParts;
  return { id, local: local === 1, score, parts, ...(costUsd !== null && { costUsd }) };
}

/** Scores rest on guesses: five digits tell any two apart that differ. */
function rounded(value: number): number {
  return Math.round(value * 100_000) / 100_000;
}
