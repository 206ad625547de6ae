// Has a model rewrite whole lines of a document, and turns its answer into the edit. The document itself is not touched.
import { UserError } from '../../../base/errors.ts';
import { type Range, type Snippet, textIn } from '../../../base/snippet.ts';
import type { Attempt } from '../../../models/ask.ts';
import { addsPlaceholder } from '../../../models/secrets/placeholder.ts';
import { cleanCode } from '../clean.ts';
import { newMarker } from '../prompts/code.ts';
import { rewriteMessages } from '../prompts/rewrite.ts';
import { type LineSpan, lineAt, type Target, targetOf, wholeLines } from '../target.ts';
import { budgetOf } from '../windows.ts';
import { answerTo } from './answer.ts';
import { codeIn, fitReplacement } from './replacement.ts';

export interface TextEdit {
  range: Range;
  newText: string;
}

export interface RewriteRequest {
  snippet: Snippet;
  /** Expanded to whole lines. */
  range: Range;
  /** What to do with the lines, as a sentence to the model. */
  instruction: string;
  model: Pick<Attempt, 'id' | 'info' | 'stream'>;
  signal: AbortSignal;
  onText?(text: string): void;
}

/** Throws UserError `selection-too-large`, `answer-cut-off`, `unusable-answer`, `redacted-answer`, `nothing-to-change`; ProviderError; CancelledError. */
export async function rewrite({
  snippet,
  range,
  instruction,
  model,
  signal,
  onText,
}: RewriteRequest): Promise<{ edits: TextEdit[]; notes: string[] }> {
  const target = targetOf(snippet, [wholeLines(range)]);
  const { lines, shown, outputTokens } = fitToModel(target, model);
  const messages = rewriteMessages({ target, lines, shown, instruction, marker: newMarker() });
  const { text, warnings } = await answerTo({
    model,
    messages,
    maxOutputTokens: outputTokens,
    signal,
    ...(onText && { onText }),
  });
  const code = codeIn(text);
  if (code === undefined)
    throw new UserError(
      'unusable-answer',
      `${model.id} did not answer with one piece of code. Try again, or choose another model.`,
      { retryable: true },
    );
  const edit = editFor(target, lines, cleanCode(code));
  const original = textIn(snippet.text, edit.range);
  if (addsPlaceholder(edit.newText, original)) throw redactedEdit(model.id);
  if (edit.newText === original) throw new UserError('nothing-to-change', `${model.id} found nothing to change here.`);
  return { edits: [edit], notes: warnings };
}

function redactedEdit(model: string): UserError {
  return new UserError(
    'redacted-answer',
    `${model} was not shown a secret in this code, so its answer has a placeholder where the secret stands and was not used. Select code without the secret, or choose a model on this machine.`,
  );
}

/** The lines that are meant, and as much around them as the model can take in. Refused when the lines alone are too much. */
export function fitToModel(
  target: Target,
  model: Pick<Attempt, 'id' | 'info'>,
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
      `The selection is more than ${model.id} can read at once. Select less code, or choose a model with a larger context.`,
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

function editFor(target: Target, lines: LineSpan, code: string): TextEdit {
  const range = {
    start: { line: lines.first, character: 0 },
    end: { line: lines.last, character: lineAt(target, lines.last).length },
  };
  return { range, newText: fitReplacement(target, range, code) };
}
