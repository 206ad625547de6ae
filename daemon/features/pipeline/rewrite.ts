// What a model does with whole lines of a document: it rewrites them, which gives an edit, or writes a text about them.
// The document itself is not touched. Other features rewrite code through this file.

import { throwIfCancelled, UserError } from '../../base/errors.ts';
import { type Range, type Snippet, textIn } from '../../base/snippet.ts';
import type { Attempt } from '../../models/ask.ts';
import type { PromptMessage } from '../../models/providers/provider.ts';
import { addsPlaceholder } from '../../models/secrets/placeholder.ts';
import { newMarker, type RewriteTurn, rewriteMessages, textMessages } from './code-prompts.ts';
import type { EditForms } from './edits/edit-forms.ts';
import { fencedBlocks } from './edits/fences.ts';
import { type EditFormat, type FormatChoice, formatTable, nextFormat } from './edits/formats.ts';
import type { TextEdit } from './edits/placing.ts';
import { type LineSpan, lineAt, linesIn, type ReviewTarget, rangeOf, targetOf, wholeLines } from './target.ts';
import { budgetOf } from './windows.ts';

type Writer = Pick<Attempt, 'id' | 'info' | 'stream'>;

export interface CodeRequest {
  snippet: Snippet;
  /** Expanded to whole lines. */
  range: Range;
  /** What to do with the lines, as a sentence to the model. */
  instruction: string;
  /** 0 when left out. */
  temperature?: number;
  model: Writer;
  signal: AbortSignal;
  onText?(text: string): void;
  /** The text so far was the model's thinking. */
  onThought?(): void;
}

export interface RewriteRequest extends CodeRequest {
  /** Whose answers tell in which form the model is asked. */
  profile: string;
  /** What was asked of the same lines before, the first first. */
  turns?: readonly RewriteTurn[];
  forms: EditForms;
  /** Where the text that follows goes. */
  onPlace?(place: WrittenPlace): void;
  /** The text that follows is asked for in this form; what came before is no part of it. */
  onFormat?(format: EditFormat, why: string): void;
}

interface WrittenPlace {
  uri: string;
  range: Range;
  /** It goes before the range, and replaces nothing. */
  isInsertion: boolean;
}

/** What is heard of an edit while a model writes it. */
export type EditListeners = Pick<RewriteRequest, 'onText' | 'onThought' | 'onPlace' | 'onFormat'>;

/** Edits, or the answer as a text to read where it is no edit that may be applied; a note says why. */
export interface Rewrite {
  edits?: TextEdit[];
  text?: string;
  notes: string[];
}

/**
 * An answer that is no edit in the form it was asked for in is asked for once more, in another. Throws UserError `selection-too-large`,
 * `answer-cut-off`, `unusable-answer`, `redacted-answer`, `nothing-to-change`; ProviderError; CancelledError.
 */
export async function rewrite(request: RewriteRequest): Promise<Rewrite> {
  const { snippet, range, model, profile, forms, signal } = request;
  const target = targetOf(snippet, [wholeLines(range)]);
  const { chars, ...conversation } = conversationOf(request, target);
  const place = { target, ...fitToModel(target, model, chars), ...conversation };
  request.onPlace?.({ uri: snippet.uri, range: rangeOf(target, place.lines), isInsertion: false });
  // Blocks would be of the lines as they are, where the conversation has gone on to other ones.
  const choice = place.turns.length > 0 ? afterAnswer : await forms.choose({ profile, model, ...place });
  const first = await writeAs(choice, place, request);
  const next = nextFormat(choice, 'failure' in first);
  if ('edit' in first || next === undefined) return outcomeOf(first, request);
  const why = `${formatTable[choice.format].words} didn't work this time`;
  const second = await writeAs({ format: next, why }, place, request).catch((error: unknown) => {
    if (signal.aborted) throw error;
    return first; // there is one answer to read
  });
  return outcomeOf('edit' in second ? second : first, request);
}

const afterAnswer: FormatChoice = { format: 'function', next: undefined, why: 'the answer before was asked for so' };

interface RewrittenPlace {
  target: ReviewTarget;
  lines: LineSpan;
  shown: LineSpan;
  outputTokens: number;
  turns: readonly RewriteTurn[];
  instruction: string;
}

type WrittenEdit = { edit: TextEdit; warnings: string[] } | { failure: UserError } | Required<Omit<Rewrite, 'edits'>>;

/** One answer. What was cut off is a failure, so that a shorter form can be tried. */
async function writeAs(
  { format, why }: Pick<FormatChoice, 'format' | 'why'>,
  { outputTokens, ...place }: RewrittenPlace,
  request: RewriteRequest,
): Promise<WrittenEdit> {
  const { model, profile, forms, onFormat, signal, onText, onThought, temperature } = request;
  const asked = { profile, model, format };
  onFormat?.(format, why);
  const messages = rewriteMessages({ ...place, format, marker: newMarker() });
  let answer: WholeAnswer;
  try {
    answer = await wholeAnswer({
      model,
      messages,
      maxOutputTokens: outputTokens,
      signal,
      ...(temperature !== undefined && { temperature }),
      ...(onText && { onText }),
      ...(onThought && { onThought }),
    });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    await forms.count(asked, 'cut-off');
    return { failure: error };
  }
  const { text, warnings } = answer;
  if (text.trim() === '')
    throw new UserError(
      'unusable-answer',
      `${model.id} returned an empty answer. Try again, or choose another model.`,
      { retryable: true },
    );
  const verdict = await forms.read({ ...asked, ...place, answer: text, signal });
  if ('why' in verdict) return { text: toRead(text), notes: [...warnings, notApplied(model.id, verdict.why)] };
  return { edit: verdict.edit, warnings };
}

function outcomeOf(written: WrittenEdit, { snippet, model }: RewriteRequest): Rewrite {
  if ('failure' in written) throw written.failure;
  if (!('edit' in written)) return written;
  const { edit, warnings } = written;
  const original = textIn(snippet.text, edit.range);
  if (addsPlaceholder(edit.newText, original)) throw redactedEdit(model.id);
  if (edit.newText === original) throw new UserError('nothing-to-change', `${model.id} found nothing to change here.`);
  return { edits: [edit], notes: warnings };
}

/** What came before as far as it fits, the newest first; what was asked for before that is asked for with what came next. */
function conversationOf(
  { turns = [], instruction, model }: RewriteRequest,
  target: ReviewTarget,
): Pick<RewrittenPlace, 'turns' | 'instruction'> & { chars: number } {
  const charsOf = (turn: RewriteTurn): number => turn.instruction.length + turn.code.length;
  const lines = target.lines.flatMap(({ first, last }) => linesIn(target, { first, last }));
  const room = budgetOf(model.info).codeChars - 2 * lines.join('\n').length;
  let chars = 0;
  let oldest = turns.length;
  for (let turn = turns[oldest - 1]; turn && chars + charsOf(turn) <= room; turn = turns[oldest - 1]) {
    chars += charsOf(turn);
    oldest--;
  }
  const asked = turns.slice(0, oldest).map((turn) => turn.instruction);
  const [next, ...later] = turns.slice(oldest);
  if (!next) return { turns: [], instruction: [...asked, instruction].join('\n'), chars };
  return { turns: [{ ...next, instruction: [...asked, next.instruction].join('\n') }, ...later], instruction, chars };
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
 * The target's lines, and as many around them as the model can take beside other characters. Throws UserError when the lines alone are
 * too many.
 */
export function fitToModel(
  target: ReviewTarget,
  model: Pick<Writer, 'id' | 'info'>,
  charsBeside = 0,
): { lines: LineSpan; shown: LineSpan; outputTokens: number } {
  const [span] = target.lines;
  const last = target.starts.length - 1;
  const lines = { first: Math.min(span?.first ?? 0, last), last: Math.min(span?.last ?? last, last) };
  const { codeChars, outputTokens } = budgetOf(model.info);
  const chars = (line: number) => lineAt(target, line).length + 1;
  let room = codeChars - charsBeside - 2 * sum(lines, chars); // the lines are shown once among the others and once alone
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

interface WholeAnswerRequest {
  model: Writer;
  messages: readonly PromptMessage[];
  maxOutputTokens: number;
  /** 0 when left out. */
  temperature?: number;
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
  temperature = 0,
  signal,
  onText,
  onThought,
}: WholeAnswerRequest): Promise<WholeAnswer> {
  const answer: WholeAnswer = { text: '', warnings: [] };
  let isWhole = false;
  for await (const part of model.stream({ messages, maxOutputTokens, temperature })) {
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
