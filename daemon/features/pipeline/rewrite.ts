// What a model does with whole lines of a document: it rewrites them, which gives an edit, or writes a text about them.
// The document itself is not touched. Other features rewrite code through this file.

import { throwIfCancelled, UserError } from '../../base/errors.ts';
import { type Range, type Snippet, textIn } from '../../base/snippet.ts';
import type { Attempt } from '../../models/ask.ts';
import type { PromptMessage } from '../../models/providers/provider.ts';
import { addsPlaceholder } from '../../models/secrets/placeholder.ts';
import { newMarker, rewriteMessages, textMessages } from './code-prompts.ts';
import { fencedBlocks } from './edits/fences.ts';
import type { EditGate } from './edits/gate.ts';
import type { TextEdit } from './edits/placing.ts';
import { type LineSpan, lineAt, type ReviewTarget, targetOf, wholeLines } from './target.ts';
import { budgetOf } from './windows.ts';

type Writer = Pick<Attempt, 'id' | 'info' | 'stream'>;

export interface CodeRequest {
  snippet: Snippet;
  /** Expanded to whole lines. */
  range: Range;
  /** What to do with the lines, as a sentence to the model. */
  instruction: string;
  model: Writer;
  signal: AbortSignal;
  onText?(text: string): void;
  /** The text so far was the model's thinking. */
  onThought?(): void;
}

/** Edits, or the answer as a text to read where it is no edit that may be applied; a note says why. */
export interface Rewrite {
  edits?: TextEdit[];
  text?: string;
  notes: string[];
}

/**
 * Throws UserError `selection-too-large`, `answer-cut-off`, `unusable-answer`, `redacted-answer`, `nothing-to-change`;
 * ProviderError; CancelledError.
 */
export async function rewrite({
  snippet,
  range,
  instruction,
  model,
  edits,
  signal,
  onText,
  onThought,
}: CodeRequest & { edits: EditGate }): Promise<Rewrite> {
  const target = targetOf(snippet, [wholeLines(range)]);
  const { lines, shown, outputTokens } = fitToModel(target, model);
  const messages = rewriteMessages({ target, lines, shown, instruction, marker: newMarker() });
  const { text, warnings } = await wholeAnswer({
    model,
    messages,
    maxOutputTokens: outputTokens,
    signal,
    ...(onText && { onText }),
    ...(onThought && { onThought }),
  });
  if (text.trim() === '')
    throw new UserError(
      'unusable-answer',
      `${model.id} returned an empty answer. Try again, or choose another model.`,
      {
        retryable: true,
      },
    );
  const verdict = await edits.admit({ target, range: rangeOf(target, lines), answer: text, signal });
  if ('why' in verdict) return { text: toRead(text), notes: [...warnings, notApplied(model.id, verdict.why)] };
  const { edit } = verdict;
  const original = textIn(snippet.text, edit.range);
  if (addsPlaceholder(edit.newText, original)) throw redactedEdit(model.id);
  if (edit.newText === original) throw new UserError('nothing-to-change', `${model.id} found nothing to change here.`);
  return { edits: [edit], notes: warnings };
}

/**
 * A text about the lines. Throws UserError `selection-too-large` and `answer-cut-off`; ProviderError; CancelledError.
 */
export async function writeAbout({
  snippet,
  range,
  instruction,
  model,
  ...options
}: CodeRequest): Promise<{ text: string; notes: string[] }> {
  const target = targetOf(snippet, [wholeLines(range)]);
  const { outputTokens, ...spans } = fitToModel(target, model);
  const messages = textMessages({ target, ...spans, instruction, marker: newMarker() });
  const { text, warnings } = await wholeAnswer({ model, messages, maxOutputTokens: outputTokens, ...options });
  return { text, notes: warnings };
}

function notApplied(model: string, why: string): string {
  return `Nothing was changed because the answer from ${model} ${why}. Read it, then try again or choose another model.`;
}

/** The answer as Markdown: one without fences may be code. */
function toRead(answer: string): string {
  const isText = fencedBlocks(answer).length > 0 || !/[;{}=()<>]|^[+-]/m.test(answer);
  return isText ? answer : `\`\`\`\`\n${answer}\n\`\`\`\``;
}

function redactedEdit(model: string): UserError {
  return new UserError(
    'redacted-answer',
    `${model} couldn't see a secret in this code, so its answer has a placeholder there and wasn't used. Select code without the secret, or choose a model on this machine.`,
  );
}

/**
 * The target's lines, and as many around them as the model can take. Throws UserError when the lines alone are too
 * many.
 */
export function fitToModel(
  target: ReviewTarget,
  model: Pick<Writer, 'id' | 'info'>,
): { lines: LineSpan; shown: LineSpan; outputTokens: number } {
  const [span] = target.lines;
  const last = target.starts.length - 1;
  const lines = { first: Math.min(span?.first ?? 0, last), last: Math.min(span?.last ?? last, last) };
  const { codeChars, outputTokens } = budgetOf(model.info);
  const chars = (line: number) => lineAt(target, line).length + 1;
  let room = codeChars - 2 * sum(lines, chars); // the lines are shown once among the others and once alone
  if (room < 0)
    throw new UserError(
      'selection-too-large',
      `The selection is longer than ${model.id} can read at once. Select less code, or choose a model with a larger context window.`,
    );
  const shown = { ...lines };
  for (let grew = true; grew; ) {
    grew = false;
    for (const [side, line] of [
      ['first', shown.first - 1],
      ['last', shown.last + 1],
    ] as const) {
      if (line < 0 || line > last || chars(line) > room) continue;
      room -= chars(line);
      shown[side] = line;
      grew = true;
    }
  }
  return { lines, shown, outputTokens };
}

function sum(lines: LineSpan, chars: (line: number) => number): number {
  let total = 0;
  for (let line = lines.first; line <= lines.last; line++) total += chars(line);
  return total;
}

export function rangeOf(target: ReviewTarget, lines: LineSpan): Range {
  return {
    start: { line: lines.first, character: 0 },
    end: { line: lines.last, character: lineAt(target, lines.last).length },
  };
}

interface WholeAnswerRequest {
  model: Writer;
  messages: readonly PromptMessage[];
  maxOutputTokens: number;
  signal: AbortSignal;
  onText?(text: string): void;
  /** The text so far was the model's thinking. */
  onThought?(): void;
}

interface WholeAnswer {
  text: string;
  /** What the provider warned of. */
  warnings: string[];
}

/**
 * One whole answer, for what cannot be used in parts. Throws UserError `answer-cut-off` when the model did not come to
 * its end: half of an answer is never used as a whole one.
 */
export async function wholeAnswer({
  model,
  messages,
  maxOutputTokens,
  signal,
  onText,
  onThought,
}: WholeAnswerRequest): Promise<WholeAnswer> {
  const answer: WholeAnswer = { text: '', warnings: [] };
  let isWhole = false;
  for await (const part of model.stream({ messages, maxOutputTokens, temperature: 0 })) {
    throwIfCancelled(signal);
    if (part.kind === 'warning') answer.warnings.push(`${model.id}: ${part.message}`);
    if (part.kind === 'finish') isWhole = part.reason === 'stop';
    if (part.kind === 'thought') {
      answer.text = '';
      onThought?.();
    }
    if (part.kind !== 'text') continue;
    answer.text += part.text;
    onText?.(part.text);
  }
  throwIfCancelled(signal);
  if (!isWhole)
    throw new UserError(
      'answer-cut-off',
      `${model.id} stopped before finishing. Select less code, or pick a model with a longer output limit.`,
      { retryable: true },
    );
  return answer;
}
