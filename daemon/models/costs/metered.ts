// A model's stream with a meter on it: the budget is checked before it begins, and what it used is counted however it ends.
import { CancelledError, errnoCode } from '../../base/errors.ts';
import { ProviderError, type ProviderErrorCode, type StreamPart, type Usage } from '../providers/provider.ts';
import type { Costs, PricedRequest, RequestEnd } from './costs.ts';
import type { Cost } from './price.ts';

export interface Metering {
  costs: Costs;
  request: PricedRequest;
  /** The message it was made for, where that is known only when it has ended, as in a race. */
  answer?(): string | undefined;
  /** Told what the request cost when it has ended. */
  onCost?(cost: Cost): void;
}

/**
 * Streams what `start` streams; notes about budgets come first, as warnings. `start` is not called when a budget is used up:
 * then it throws UserError `budget-reached`. One call of this is one request to one model, so a retry is metered by itself.
 */
export async function* metered(
  { costs, request, answer, onCost }: Metering,
  start: () => AsyncIterable<StreamPart>,
): AsyncGenerator<StreamPart, void, undefined> {
  const open = await costs.begin(request);
  let usage: Usage | undefined;
  let answerCharacters = 0;
  let end: Omit<RequestEnd, 'usage' | 'answerCharacters'> = { status: 'cancelled' }; // whoever leaves the loop early cancels
  try {
    for (const message of open.notes) yield { kind: 'warning', message };
    for await (const part of start()) {
      if (part.kind === 'usage') usage = part.usage;
      if (part.kind === 'text') answerCharacters += part.text.length;
      if (part.kind === 'finish') end = { status: 'complete' };
      yield part;
    }
    if (end.status !== 'complete') end = { status: 'partial' };
  } catch (error) {
    end = endOf(error, answerCharacters > 0);
    throw error;
  } finally {
    const cost = open.end({ ...end, usage, answerCharacters, answer: answer?.() });
    onCost?.(cost);
  }
}

/** Answers by which a provider refuses a request unread, and so charges nothing for it. */
const turnedDownBy: readonly ProviderErrorCode[] = [
  'auth',
  'rate-limited',
  'bad-request',
  'context-too-long',
  'model-not-found',
];

function endOf(error: unknown, hasText: boolean): Omit<RequestEnd, 'usage' | 'answerCharacters'> {
  if (error instanceof CancelledError) return { status: 'cancelled' };
  const turnedDown =
    !hasText && error instanceof ProviderError && (error.turnedAway || turnedDownBy.includes(error.code));
  return { status: hasText ? 'partial' : 'failed', turnedDown, error: errnoCode(error) ?? 'internal' };
}
