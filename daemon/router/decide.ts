// The rule by which a model is chosen. Pure: from what is wanted and what there is to a decision, or to why there is none.
import type { Candidate, Decision, Selection, Wanted } from './router.ts';

export type Outcome =
  | ({ kind: 'chosen' } & Selection)
  /** Nothing is configured at all. */
  | { kind: 'no-model' }
  /** The named model is not on offer. */
  | { kind: 'model-not-found'; id: string; known: string[] }
  /** There are models, but none that could answer now. */
  | { kind: 'no-healthy-model'; models: { id: string; detail: string }[] };

/** Policy `local-first`: the model that was named; else the first healthy one, those on this machine before those elsewhere. */
export function decide(wanted: Wanted, candidates: readonly Candidate[]): Outcome {
  const chats = candidates.filter(({ info }) => info.capabilities.chat !== false);
  if (wanted.explicit !== undefined) return decideExplicitly(wanted.explicit, candidates, localFirst(chats));
  if (chats.length === 0) return { kind: 'no-model' };
  const ranked = localFirst(chats).filter(isHealthy);
  const best = ranked[0];
  if (!best) return { kind: 'no-healthy-model', models: chats.map(({ id, health }) => ({ id, detail: health.detail ?? health.state })) };
  return chosen(best, ranked, { reason: reasonFor(best, chats), confidence: ranked.length > 1 ? confidences.first : confidences.only });
}

/** 0..1: a plain rule knows nothing of quality, so among several it is only moderately sure. */
const confidences = { explicit: 1, only: 0.9, first: 0.6 };

/** A named model is tried even when it looks unwell: the user may know better. */
function decideExplicitly(id: string, candidates: readonly Candidate[], ranked: readonly Candidate[]): Outcome {
  const named = candidates.find((candidate) => candidate.id === id);
  if (!named) return candidates.length === 0 ? { kind: 'no-model' } : { kind: 'model-not-found', id, known: ranked.map((candidate) => candidate.id) };
  const doubt = isHealthy(named) ? '' : `, although it seems ${named.health.state === 'absent' ? 'to lack a key' : 'to be down'}${named.health.detail ? ` (${named.health.detail})` : ''}`;
  return chosen(named, ranked.filter(isHealthy), { reason: `you chose it${doubt}`, confidence: confidences.explicit });
}

function chosen(candidate: Candidate, ranked: readonly Candidate[], why: Pick<Decision, 'reason' | 'confidence'>): Outcome {
  const alternatives = ranked.filter(({ id }) => id !== candidate.id).map(({ id }) => id);
  return { kind: 'chosen', candidate, decision: { model: candidate.id, provider: candidate.provider.name, alternatives, ...why } };
}

function reasonFor(best: Candidate, chats: readonly Candidate[]): string {
  if (chats.length === 1) return 'the only model there is';
  if (best.provider.local) return 'first healthy local model';
  const locals = chats.filter(({ provider }) => provider.local).length;
  return locals === 0 ? 'first healthy model; none runs on this machine' : 'first healthy model; those on this machine are down';
}

/** Keeps the given order within each half. */
function localFirst(candidates: readonly Candidate[]): Candidate[] {
  return candidates.toSorted((a, b) => Number(b.provider.local) - Number(a.provider.local));
}

function isHealthy({ health }: Candidate): boolean {
  return health.state === 'ok' || health.state === 'unknown';
}
