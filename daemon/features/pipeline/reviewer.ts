// The reviewer: shows a model the code window by window and yields its claims as they come. It checks none of them.
import { throwIfCancelled } from '../../base/errors.ts';
import type { Attempt } from '../../models/ask.ts';
import { ProviderError } from '../../models/providers/provider.ts';
import { type Claim, claimFrom } from './claim.ts';
import { newMarker } from './code-prompts.ts';
import { createFindingsParser } from './findings-stream.ts';
import { findingsSchema, reviewMessages } from './review-prompt.ts';
import { fileNameOf, type LineSpan, type ReviewTarget } from './target.ts';
import type { Finding } from './types.ts';
import { budgetOf, halve, windowsOf } from './windows.ts';

export interface ReviewerOptions {
  model: Pick<Attempt, 'id' | 'info' | 'stream'>;
  known: readonly Finding[];
  maxFindings: number;
  signal: AbortSignal;
  onNote(text: string): void;
}

/** Claims taken from one answer. A model that does not stop by itself is stopped here. */
const maxClaims = 100;
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
      options.onNote(notRead(target, span, 'the line is longer than the model can read at once'));
    return windows.map((window) => ({ target, window }));
  });
  for (let prompts = 0; queue.length > 0 && prompts < maxPrompts; prompts++) {
    const next = queue.shift();
    if (!next) break;
    try {
      yield* ask(next, budget.outputTokens, options);
    } catch (error) {
      const halves = isTooLong(error) ? halve(next.window) : [];
      if (halves.length === 0) throw error;
      queue.unshift(...halves.map((window) => ({ target: next.target, window }))); // its size was estimated too small
    }
  }
  for (const { target, window } of queue)
    options.onNote(
      notRead(
        target,
        window,
        `one review asks the model at most ${maxPrompts} times; review a selection to include them`,
      ),
    );
}

interface TargetWindow {
  target: ReviewTarget;
  window: LineSpan;
}

async function* ask(
  { target, window }: TargetWindow,
  maxOutputTokens: number,
  { model, known, maxFindings, signal, onNote }: ReviewerOptions,
): AsyncGenerator<{ target: ReviewTarget; claim: Claim }> {
  const own = known.filter(({ uri }) => uri === target.snippet.uri);
  const messages = reviewMessages({ target, window, known: own, maxFindings, marker: newMarker() });
  const parser = createFindingsParser();
  let isCutOff = false;
  let claims = 0;
  const prompt = { messages, maxOutputTokens, temperature: 0, jsonSchema: findingsSchema };
  for await (const part of model.stream(prompt)) {
    throwIfCancelled(signal);
    if (part.kind === 'warning') onNote(`${model.id}: ${part.message}`);
    if (part.kind === 'finish') isCutOff = part.reason !== 'stop';
    if (part.kind !== 'text') continue;
    for (const raw of parser.push(part.text)) {
      const claim = claimFrom(raw);
      if (claim) yield { target, claim };
      if (++claims >= maxClaims) return onNote(`${model.id} was stopped after ${maxClaims} findings in one answer.`);
    }
  }
  if (isCutOff)
    onNote(`The answer of ${model.id} was cut off, so there may be more to find in ${linesOf(target, window)}.`);
  else if (!parser.answered)
    onNote(
      `The answer of ${model.id} about ${linesOf(target, window)} was not in the expected form; nothing in it could be used. A larger model may do better.`,
    );
}

function isTooLong(error: unknown): boolean {
  return error instanceof ProviderError && error.code === 'context-too-long';
}

function notRead(target: ReviewTarget, window: LineSpan, why: string): string {
  return `Not read by the model: ${linesOf(target, window)} (${why}).`;
}

function linesOf(target: ReviewTarget, { first, last }: LineSpan): string {
  return `${fileNameOf(target.snippet.uri)}, ${first === last ? `line ${first + 1}` : `lines ${first + 1} to ${last + 1}`}`;
}
