// Cuts the reviewed lines into windows that a model can read at once. Pure. Sizes are estimated on the safe side.

import type { ModelInfo } from '../../models/providers/provider.ts';
import { type LineSpan, lineAt, type ReviewTarget } from './target.ts';

export interface PromptBudget {
  /** Characters of code in one prompt. */
  codeChars: number;
  outputTokens: number;
  /** Characters of what is shown beside it. */
  contextChars: number;
}

const unknownContextTokens = 8192; // used when neither server nor configuration states it; the default of the smaller servers
const instructionTokens = 900;
export const charsPerToken = 3; // code has 3 to 4 characters a token; the lower figure wastes a little and seldom overflows
const maxOutputTokens = 2048;
const minCodeChars = 600;
const maxContextChars = 4000; // more of it makes models find less
const maxCodeChars = 48_000; // beyond this, models read less carefully than they accept

export function budgetOf(info: Pick<ModelInfo, 'contextTokens'>): PromptBudget {
  const contextTokens = info.contextTokens ?? unknownContextTokens;
  const outputTokens = Math.min(maxOutputTokens, Math.floor(contextTokens / 4));
  const codeChars = (contextTokens - outputTokens - instructionTokens) * charsPerToken;
  const contextChars = Math.max(0, Math.min(maxContextChars, Math.floor(codeChars / 4)));
  return {
    outputTokens,
    contextChars,
    codeChars: Math.max(minCodeChars, Math.min(maxCodeChars, codeChars - contextChars)),
  };
}

const contextLines = 20; // shown around lines that are not the whole document
const overlapLines = 8; // a flaw that lies across a cut is whole in one of the windows
const numberChars = 8; // a line's number and mark in the prompt
const maxLines = 60; // models find much less in more at once
const minLines = 20; // before a place to cut is looked for

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

/** Each window but the first begins with some lines of the one before, unless they say nothing of what follows. */
function cut(
  target: ReviewTarget,
  span: LineSpan,
  { maxChars, windows, leftOut }: { maxChars: number; windows: LineSpan[]; leftOut: LineSpan[] },
): void {
  const charsOf = (line: number): number => lineAt(target, line).length + numberChars;
  /** The line behind the last one that fits. */
  const reach = (first: number, lines: number): number => {
    let [line, chars] = [first, 0];
    while (line <= span.last && line - first < lines && chars + charsOf(line) <= maxChars) chars += charsOf(line++);
    return line;
  };
  let core = span.first; // up to here all is in windows
  let first = core;
  while (core <= span.last) {
    let end = reach(first, maxLines);
    for (; first < core && end <= core; end = reach(first, maxLines)) first++;
    if (end === core) {
      leftOut.push({ first: core, last: core });
      first = core += 1;
      continue;
    }
    const isFollowed = end <= span.last && charsOf(end) <= maxChars;
    const next = isFollowed ? placeToCut(target, core, end) : end;
    windows.push({ first, last: next - 1 });
    first = isFollowed && !isClean(target, next) ? Math.max(core, next - overlapLines) : next;
    core = next;
  }
}

/**
 * Where the next window begins: at the line with the least indent, behind an empty one if possible. It is chosen by the lines alone, so
 * that after a change elsewhere a document is cut as before.
 */
function placeToCut(target: ReviewTarget, first: number, end: number): number {
  const from = Math.max(first + 1, Math.min(first + minLines, end - minLines));
  let best: { line: number; rank: Rank } = { line: end, rank: [Number.POSITIVE_INFINITY, 0, 0] };
  for (let line = from; line <= end; line++) {
    const text = lineAt(target, line);
    if (text.trim() === '' || /^\s*[)\]}]/.test(text)) continue;
    const rank: Rank = [indentOf(text), Number(!isClean(target, line)), hashOf(text)];
    if (isBefore(rank, best.rank)) best = { line, rank };
  }
  return best.line;
}

type Rank = readonly [number, number, number];

function isBefore(one: Rank, other: Rank): boolean {
  const at = one.findIndex((value, index) => value !== other[index]);
  return at >= 0 && (one[at] ?? 0) < (other[at] ?? 0);
}

/** Whether something of its own begins with the line: what stands before it is not needed to understand it. */
function isClean(target: ReviewTarget, line: number): boolean {
  return indentOf(lineAt(target, line)) === 0 && lineAt(target, line - 1).trim() === '';
}

function indentOf(text: string): number {
  return text.length - text.trimStart().length;
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 2166136261;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619);
  return hash >>> 0;
}
