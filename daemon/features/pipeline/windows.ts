// Cuts the reviewed lines into windows that a model can read at once. Pure. Sizes are estimated on the safe side.

import type { ModelInfo } from '../../models/providers/provider.ts';
import { type LineSpan, lineAt, type ReviewTarget } from './target.ts';

export interface PromptBudget {
  /** Characters of code in one prompt. */
  codeChars: number;
  outputTokens: number;
}

const unknownContextTokens = 8192; // used when neither server nor configuration states it; the default of the smaller servers
const instructionTokens = 900;
const charsPerToken = 3; // code has 3 to 4 characters a token; the lower figure wastes a little and seldom overflows
const maxOutputTokens = 2048;
const minCodeChars = 600;
const maxCodeChars = 48_000; // beyond this, models read less carefully than they accept

export function budgetOf(info: Pick<ModelInfo, 'contextTokens'>): PromptBudget {
  const contextTokens = info.contextTokens ?? unknownContextTokens;
  const outputTokens = Math.min(maxOutputTokens, Math.floor(contextTokens / 4));
  const codeChars = (contextTokens - outputTokens - instructionTokens) * charsPerToken;
  return { outputTokens, codeChars: Math.max(minCodeChars, Math.min(maxCodeChars, codeChars)) };
}

const contextLines = 20; // shown around lines that are not the whole document
const overlapLines = 8; // a flaw that lies across a cut is whole in one of the windows
const numberChars = 8; // a line's number and mark in the prompt

/** The windows in order, and the lines that no window can hold. Windows include lines around the reviewed ones. */
export function windowsOf(target: ReviewTarget, maxChars: number): { windows: LineSpan[]; leftOut: LineSpan[] } {
  const result: { windows: LineSpan[]; leftOut: LineSpan[] } = { windows: [], leftOut: [] };
  for (const span of withContext(target)) cut(target, span, { maxChars, ...result });
  const isReviewed = (window: LineSpan) =>
    target.lines.some((span) => window.first <= span.last && window.last >= span.first);
  return { windows: result.windows.filter(isReviewed), leftOut: result.leftOut.filter(isReviewed) };
}

/** Two halves that overlap. Empty when the window is too small to cut. */
export function halve(window: LineSpan): LineSpan[] {
  const lines = window.last - window.first + 1;
  if (lines <= overlapLines * 2) return [];
  const middle = window.first + Math.floor(lines / 2);
  return [
    { first: window.first, last: middle },
    { first: middle - Math.floor(overlapLines / 2), last: window.last },
  ];
}

function withContext(target: ReviewTarget): LineSpan[] {
  const last = target.starts.length - 1;
  const merged: LineSpan[] = [];
  for (const span of target.lines) {
    const wide = { first: Math.max(0, span.first - contextLines), last: Math.min(last, span.last + contextLines) };
    const before = merged.at(-1);
    if (before && wide.first <= before.last + 1) before.last = wide.last;
    else merged.push(wide);
  }
  return merged;
}

function cut(
  target: ReviewTarget,
  span: LineSpan,
  { maxChars, windows, leftOut }: { maxChars: number; windows: LineSpan[]; leftOut: LineSpan[] },
): void {
  let first = span.first;
  let chars = 0;
  for (let line = span.first; line <= span.last; line++) {
    const length = lineAt(target, line).length + numberChars;
    if (length > maxChars) {
      if (line > first) windows.push({ first, last: line - 1 });
      leftOut.push({ first: line, last: line });
      [first, chars] = [line + 1, 0];
    } else if (chars + length > maxChars) {
      windows.push({ first, last: line - 1 });
      first = Math.max(first + 1, line - overlapLines);
      chars = length + sumLengths(target, first, line);
      while (chars > maxChars) chars -= lineAt(target, first++).length + numberChars;
    } else {
      chars += length;
    }
  }
  if (first <= span.last) windows.push({ first, last: span.last });
}

function sumLengths(target: ReviewTarget, first: number, end: number): number {
  let sum = 0;
  for (let line = first; line < end; line++) sum += lineAt(target, line).length + numberChars;
  return sum;
}
