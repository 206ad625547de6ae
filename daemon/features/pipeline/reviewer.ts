// The reviewer: shows a model the code window by window and yields its claims as they come. It checks none of them.
import { throwIfCancelled } from '../../base/errors.ts';
import type { Attempt } from '../../models/ask.ts';
import { ProviderError } from '../../models/providers/provider.ts';
import { newMarker } from './code-prompts.ts';
import { maxModelFindings } from './finding-filter.ts';
import type { Hunk, HunkMemory } from './memory/hunk-memory.ts';
import { inPassOrder } from './panel/passes.ts';
import { findingsSchema, reviewMessages } from './review-prompt.ts';
import type { ProjectRules } from './rules/rules.ts';
import { contextSteps, cutForTime } from './surroundings/reading-time.ts';
import type { SurroundingCode } from './surroundings/surrounding-code.ts';
import { fileNameOf, type LineSpan, type ReviewTarget } from './target.ts';
import type { Claim, Finding } from './types.ts';
import { ReviewAnswer } from './verdict/review-answer.ts';
import { budgetOf, halve, windowsOf } from './windows.ts';

export interface ReviewerOptions {
  model: Pick<Attempt, 'id' | 'info' | 'stream'>;
  memory: HunkMemory;
  surroundings: Pick<SurroundingCode, 'of'>;
  rules: Pick<ProjectRules, 'of'>;
  /** Tokens per second, as measured on this machine when the review began. */
  readSpeed?: number | undefined;
  /** What was found so far, not to be repeated. */
  known(): readonly Finding[];
  signal: AbortSignal;
  onNote(text: string): void;
  /** A window was read to its end, now or in a review before. */
  onRead(target: ReviewTarget, when: 'now' | 'before'): void;
  /** A window, or lines of it, were not; without `why` since the error that is thrown next ended the reading. */
  onUnread(target: ReviewTarget, why?: string): void;
  /** The number of this reading: it settles the order. 0 is the first. */
  pass: number;
  prompts: PromptsLeft;
}

/** How many more prompts a review may make; of several files that the user has named, about one of them. */
export interface PromptsLeft {
  left: number;
}

/** A note names the lines beyond it. */
export const maxPrompts = 64;

/** How many prompts one reading of a document takes. */
export function countPrompts(target: ReviewTarget, info: Attempt['info']): number {
  return windowsOf(target, budgetOf(info).codeChars).windows.length;
}

/** A little chance makes another pass look at other things. */
const temperatureOfLaterPasses = 0.4;

/** What it said in another pass is kept apart. */
function readerOf({ model, pass }: Pick<ReviewerOptions, 'model' | 'pass'>): string {
  return pass === 0 ? model.id : `${model.id}, pass ${pass + 1}`;
}

/** Leaving the loop ends the model's work. Throws ProviderError, or CancelledError. */
export async function* claimsAbout(
  targets: readonly ReviewTarget[],
  options: ReviewerOptions,
): AsyncGenerator<{ target: ReviewTarget; claim: Claim }> {
  const { outputTokens } = budgetOf(options.model.info);
  const { prompts } = options;
  const { pieces, leftOut } = await piecesOf(targets, options);
  const queue = inPassOrder(pieces, options.pass);
  for (const piece of leftOut) noteUnread(piece, 'the line is longer than the model can read at once', options);
  const known = await recall(queue, readerOf(options), options);
  while (queue.length > 0 && prompts.left > 0) {
    const next = queue.shift();
    if (!next) break;
    const before = known.get(next);
    try {
      if (before) yield* repeat(next, before, options);
      else {
        prompts.left--;
        if (next.isCut && options.readSpeed !== undefined)
          options.onNote(cutForTime(options.model.id, options.readSpeed));
        yield* ask(next, outputTokens, options);
      }
    } catch (error) {
      const halves = isTooLong(error) ? halve(next.window) : [];
      if (halves.length === 0) {
        for (const { target } of [next, ...queue]) options.onUnread(target);
        throw error;
      }
      queue.unshift(...halves.map((window) => ({ ...next, window }))); // its size was estimated too small
    }
  }
  const why = `the model is asked at most ${maxPrompts} times. To include them, review a selection`;
  for (const [target, rest] of Map.groupBy(queue, (piece) => piece.target)) {
    const [first, last] = [rest[0]?.window.first ?? 0, rest.at(-1)?.window.last ?? 0];
    noteUnread({ target, window: { first, last } }, why, options);
  }
}

/** Whether the model has read all of it before, so that nothing is to be asked. */
export async function isKnown(
  targets: readonly ReviewTarget[],
  options: PieceOptions & Pick<ReviewerOptions, 'memory'> & { model: Pick<Attempt, 'id' | 'info'> },
): Promise<boolean> {
  const { pieces } = await piecesOf(targets, options);
  return pieces.length > 0 && (await recall(pieces, options.model.id, options)).size === pieces.length;
}

type PieceOptions = Pick<ReviewerOptions, 'surroundings' | 'rules' | 'readSpeed'> & { model: Pick<Attempt, 'info'> };

interface Piece extends Hunk {
  /** There was no time to show all that stands around it. */
  isCut: boolean;
}

/** What the model said of pieces, also with more or less around them: how fast it reads differs from day to day. */
async function recall(
  pieces: readonly Piece[],
  reader: string,
  { memory, surroundings, model, readSpeed }: PieceOptions & Pick<ReviewerOptions, 'memory'>,
): Promise<Map<Hunk, Claim[]>> {
  const known: Map<Hunk, Claim[]> = await memory.recall(pieces, reader);
  const [, ...others] = contextSteps(budgetOf(model.info).contextChars, readSpeed);
  for (const chars of others) {
    const like = new Map<Hunk, Hunk>();
    for (const piece of pieces)
      if (!known.has(piece))
        like.set({ ...piece, context: await surroundings.of(piece.target, piece.window, chars) }, piece);
    for (const [other, claims] of await memory.recall([...like.keys()], reader))
      known.set(like.get(other) ?? other, claims);
  }
  return known;
}

async function piecesOf(
  targets: readonly ReviewTarget[],
  { model, surroundings, rules, readSpeed }: PieceOptions,
): Promise<{ pieces: Piece[]; leftOut: TargetWindow[] }> {
  const { codeChars, contextChars } = budgetOf(model.info);
  const [chars] = contextSteps(contextChars, readSpeed);
  const [pieces, unreadable]: [Piece[], TargetWindow[]] = [[], []];
  for (const target of targets) {
    const own = (await rules.of(target)).slice(0, Math.floor(codeChars / 2));
    const { windows, leftOut } = windowsOf(target, codeChars - own.length);
    for (const window of windows) {
      const context = await surroundings.of(target, window, chars);
      const isCut = chars < contextChars && (await surroundings.of(target, window, contextChars)) !== context;
      pieces.push({ target, window, rules: own, context, isCut });
    }
    unreadable.push(...leftOut.map((window) => ({ target, window })));
  }
  return { pieces, leftOut: unreadable };
}

function* repeat({ target }: Hunk, claims: readonly Claim[], { onRead }: ReviewerOptions) {
  for (const claim of claims) yield { target, claim };
  onRead(target, 'before');
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
  place: Hunk,
  maxOutputTokens: number,
  options: ReviewerOptions,
): AsyncGenerator<{ target: ReviewTarget; claim: Claim }> {
  const { target, window, context, rules } = place;
  const { model, known, signal, onNote, pass } = options;
  const own = known().filter(({ uri }) => uri === target.snippet.uri);
  const maxFindings = maxModelFindings(window.last - window.first + 1);
  const messages = reviewMessages({
    target,
    window,
    context,
    rules,
    known: inPassOrder(own, pass),
    maxFindings,
    marker: newMarker(),
  });
  let answer = new ReviewAnswer();
  const claims: Claim[] = [];
  const temperature = pass === 0 ? 0 : temperatureOfLaterPasses;
  const prompt = { messages, maxOutputTokens, temperature, jsonSchema: findingsSchema };
  for await (const part of model.stream(prompt)) {
    throwIfCancelled(signal);
    if (part.kind === 'warning') onNote(`${model.id}: ${part.message}`);
    if (part.kind === 'finish') answer.reason = part.reason;
    if (part.kind === 'thought') {
      answer = new ReviewAnswer(); // what was taken from the reasoning so far still has to stand the double-check
      claims.length = 0;
    }
    if (part.kind !== 'text') continue;
    for (const claim of answer.push(part.text)) {
      claims.push(claim);
      yield { target, claim };
      if (answer.isFull) return judge(answer, place, options);
    }
  }
  if (answer.isReview && answer.fault() === undefined) await options.memory.keep(place, readerOf(options), claims);
  judge(answer, place, options);
}

/** Says of an answer that has ended whether it is a review of the lines. */
function judge(answer: ReviewAnswer, { target, window }: TargetWindow, options: ReviewerOptions): void {
  const { model, onNote, onRead, onUnread } = options;
  const lines = linesOf(target, window);
  const fault = answer.fault();
  if (answer.isReview) onRead(target, 'now');
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
