// The reviewer: shows a model the code window by window and yields its claims as they come. It checks none of them.
import { throwIfCancelled } from '../../base/errors.ts';
import type { Attempt } from '../../models/ask.ts';
import { ProviderError } from '../../models/providers/provider.ts';
import { newMarker } from './code-prompts.ts';
import { maxModelFindings } from './finding-filter.ts';
import { findingsSchema, reviewMessages } from './review-prompt.ts';
import { countLines, fileNameOf, type LineSpan, type ReviewTarget } from './target.ts';
import type { Claim, Finding } from './types.ts';
import { ReviewAnswer } from './verdict/review-answer.ts';
import { budgetOf, halve, windowsOf } from './windows.ts';

export interface ReviewerOptions {
  model: Pick<Attempt, 'id' | 'info' | 'stream'>;
  /** What was found so far, not to be repeated. */
  known(): readonly Finding[];
  signal: AbortSignal;
  onNote(text: string): void;
  /** A window was read to its end. */
  onRead(target: ReviewTarget): void;
  /** A window, or lines of it, were not; without `why` since the error that is thrown next ended the reading. */
  onUnread(target: ReviewTarget, why?: string): void;
  /** All that can be read of a document has been. */
  onTargetEnd(target: ReviewTarget): void;
}

/** Prompts in one review. A note names the lines beyond it. */
const maxPrompts = 16;

/** Leaving the loop ends the model's work. Throws ProviderError, or CancelledError. */
export async function* claimsAbout(
  targets: readonly ReviewTarget[],
  options: ReviewerOptions,
): AsyncGenerator<{ target: ReviewTarget; claim: Claim }> {
  const budget = budgetOf(options.model.info);
  const queue = targets.flatMap((target) => {
    const { windows, leftOut } = windowsOf(target, budget.codeChars);
    for (const span of leftOut)
      noteUnread({ target, window: span }, 'the line is longer than the model can read at once', options);
    return windows.map((window) => ({ target, window }));
  });
  for (let prompts = 0; queue.length > 0 && prompts < maxPrompts; prompts++) {
    const next = queue.shift();
    if (!next) break;
    try {
      yield* ask(next, budget.outputTokens, options);
    } catch (error) {
      const halves = isTooLong(error) ? halve(next.window) : [];
      if (halves.length === 0) {
        for (const { target } of [next, ...queue]) options.onUnread(target);
        throw error;
      }
      queue.unshift(...halves.map((window) => ({ target: next.target, window }))); // its size was estimated too small
    }
    if (queue[0]?.target !== next.target) options.onTargetEnd(next.target);
  }
  const why = `one review asks the model at most ${maxPrompts} times. To include them, review a selection`;
  for (const rest of queue) noteUnread(rest, why, options);
}

function noteUnread({ target, window }: TargetWindow, why: string, { onNote, onUnread }: ReviewerOptions): void {
  onNote(notRead(target, window, why));
  onUnread(target, `${placeOf(window)}: ${why}.`);
}

interface TargetWindow {
  target: ReviewTarget;
  window: LineSpan;
}

async function* ask(
  place: TargetWindow,
  maxOutputTokens: number,
  options: ReviewerOptions,
): AsyncGenerator<{ target: ReviewTarget; claim: Claim }> {
  const { target, window } = place;
  const { model, known, signal, onNote } = options;
  const own = known().filter(({ uri }) => uri === target.snippet.uri);
  const maxFindings = maxModelFindings(countLines(target));
  const messages = reviewMessages({ target, window, known: own, maxFindings, marker: newMarker() });
  const answer = new ReviewAnswer();
  const prompt = { messages, maxOutputTokens, temperature: 0, jsonSchema: findingsSchema };
  for await (const part of model.stream(prompt)) {
    throwIfCancelled(signal);
    if (part.kind === 'warning') onNote(`${model.id}: ${part.message}`);
    if (part.kind === 'finish') answer.reason = part.reason;
    if (part.kind !== 'text') continue;
    for (const claim of answer.push(part.text)) {
      yield { target, claim };
      if (answer.isFull) return judge(answer, place, options);
    }
  }
  judge(answer, place, options);
}

/** Says of an answer that has ended whether it is a review of the lines. */
function judge(answer: ReviewAnswer, { target, window }: TargetWindow, options: ReviewerOptions): void {
  const { model, onNote, onRead, onUnread } = options;
  const lines = linesOf(target, window);
  const fault = answer.fault();
  if (answer.isReview) onRead(target);
  if (fault === undefined) return;
  onNote(`About ${lines}, ${model.id} ${fault}.`);
  onUnread(target, `${placeOf(window)}: it ${fault}.`);
}

function isTooLong(error: unknown): boolean {
  return error instanceof ProviderError && error.code === 'context-too-long';
}

function notRead(target: ReviewTarget, window: LineSpan, why: string): string {
  return `Not read by the model: ${linesOf(target, window)} (${why}).`;
}

function linesOf(target: ReviewTarget, { first, last }: LineSpan): string {
  return `${fileNameOf(target.snippet.uri)}, ${placeOf({ first, last })}`;
}

function placeOf({ first, last }: LineSpan): string {
  return first === last ? `line ${first + 1}` : `lines ${first + 1} to ${last + 1}`;
}
