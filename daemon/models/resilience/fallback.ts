// What happens when the chosen model cannot answer: its alternatives are asked in their order, each with a sentence that says why.
// Only while no part of an answer was shown: another model cannot continue an answer that it did not begin. The user then sees what
// arrived, and may retry.
import { InferenceError } from '../inference/inference.ts';
import { ProviderError, type ProviderErrorCode } from '../providers/provider.ts';
import type { Router, Selection, SelectRequest } from '../router/router.ts';
import { timeOfDay } from './clock.ts';

export interface FallbackRules {
  router: Router;
  wanted: SelectRequest;
  /** The user's setting: fail rather than let another model answer. */
  neverSwitch: boolean;
  /** Whether a part of an answer was shown. */
  isShown(): boolean;
  now(): number;
  signal: AbortSignal;
}

/** A model that is asked in place of another. */
export interface Switch {
  selection: Selection;
  /** For each model so far that could not answer, a sentence that says why, and who was asked instead. */
  notes: string[];
}

const maxSwitches = 3; // each may take its time to fail

/**
 * Asks the chosen model, then its alternatives. Throws what the last one threw. A model that the user named is replaced as well,
 * but one on this machine never by one elsewhere: who named it may have had a reason.
 */
export async function withFallback<Answer>(
  first: Selection,
  rules: FallbackRules,
  ask: (turn: Switch) => Promise<Answer>,
): Promise<Answer> {
  let turn: Switch = { selection: first, notes: [] };
  for (let switches = 0; ; switches++) {
    try {
      return await ask(turn);
    } catch (error) {
      const isFinal = rules.neverSwitch || rules.isShown() || rules.signal.aborted || switches >= maxSwitches;
      const next = isFinal ? undefined : await nextModel(turn.selection, error, rules);
      if (!next) throw error;
      turn = { selection: next.selection, notes: [...turn.notes, next.note] };
    }
  }
}

/** Failures after which another model may succeed, where the prompt was too long a larger one. The others are the request's own fault. */
const reasons: Partial<Record<ProviderErrorCode, string>> = {
  'rate-limited': 'is rate limited',
  unavailable: "isn't available",
  network: "can't be reached",
  auth: "wasn't asked, because its API key was rejected or is missing",
  refused: 'refused the request',
  'model-not-found': 'no longer exists',
  'context-too-long': 'has too small a context window for the request',
};

async function nextModel(
  failed: Selection,
  error: unknown,
  rules: FallbackRules,
): Promise<{ selection: Selection; note: string } | undefined> {
  const reason = error instanceof ProviderError ? reasons[error.code] : undefined;
  if (!(error instanceof ProviderError) || !reason) return undefined;
  const now = rules.now();
  const until = error.retryAfterMs ? ` until ${timeOfDay(now + error.retryAfterMs, now)}` : '';
  const why = `${failed.decision.model} ${reason}${until}`;
  const isOverrun = error.code === 'context-too-long';
  for await (const selection of alternativesTo(failed, { ...rules, because: `next in order: ${why}` })) {
    if (isOverrun && !isLarger(selection, failed)) continue;
    const { id } = selection.candidate;
    const told =
      error.cause instanceof InferenceError ? `${firstSentence(error.message)} ${id} answered instead.` : undefined;
    return { selection, note: told ?? `${why}, so ${id} answered.` };
  }
  return undefined;
}

/** A model on this machine fails for reasons that its user can mend, so the note gives the very one. */
function firstSentence(message: string): string {
  return /^.*?\.(?=\s|$)/s.exec(message)?.[0] ?? message;
}

/** What is not known to hold more is not asked in place of a model that has read the prompt already. */
function isLarger({ candidate: next }: Selection, { candidate: failed }: Selection): boolean {
  const { contextTokens } = next.info;
  return contextTokens !== undefined && contextTokens > (failed.info.contextTokens ?? 0);
}

/** The models that may replace the chosen one, in their order. The alternatives of each are the models after it. */
export async function* alternativesTo(
  { decision, candidate }: Selection,
  { router, wanted, signal, because }: Pick<FallbackRules, 'router' | 'wanted' | 'signal'> & { because: string },
): AsyncGenerator<Selection> {
  const mustStayHere = wanted.explicit !== undefined && candidate.provider.local;
  for (const [index, id] of decision.alternatives.entries()) {
    const next = await router
      .select({ ...wanted, explicit: id, source: 'policy', because, ...(mustStayHere && { localOnly: true }) }, signal)
      .catch(() => undefined); // it may have gone since
    if (next) yield { ...next, decision: { ...next.decision, alternatives: decision.alternatives.slice(index + 1) } };
  }
}
