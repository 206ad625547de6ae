// Why a model cannot be chosen now, as one sentence for a list of models. Pure.
import { filter } from './filter.ts';
import type { Candidate } from './router.ts';

export interface Circumstances {
  /** Whether only models on this machine may be asked. */
  localOnly: boolean;
  /** A budget that is used up, in words: "today's budget". */
  usedUp?: string | undefined;
  /** Why the breaker holds requests back from the model, if it does. */
  resting?: string | undefined;
}

/** Undefined when the model can be chosen. */
export function whyUnavailable(
  candidate: Candidate,
  { localOnly, usedUp, resting }: Circumstances,
): string | undefined {
  const [excluded] = filter([candidate], { localOnly }).excluded;
  if (excluded?.obstacle === 'not-chat') return "It isn't a chat model.";
  if (excluded?.obstacle === 'elsewhere') return '"Local only" is on, and this model doesn\'t run on this machine.';
  if (excluded) return sentence(excluded.reason);
  if (resting) return resting;
  return usedUp && !isFree(candidate) ? `${usedUp} is used up.` : undefined;
}

function isFree({ provider, info: { price } }: Candidate): boolean {
  return provider.local || (price !== undefined && price.input === 0 && price.output === 0);
}

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
