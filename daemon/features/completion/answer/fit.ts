// An answer made to fit between what stands before and after the cursor: nothing of what follows is repeated. Pure.
import { cleanCode } from '../../../base/clean-text.ts';
import { lineAround } from '../place.ts';

export interface FitPlace {
  text: string;
  offset: number;
}

const pairs: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };
/** Shorter lines stand in many places. */
const minTellingChars = 4;
const maxFollowingLines = 12;
const maxShorter = 3;

/** The versions of an answer that may be suggested, the preferred one first; empty where nothing of it is new. They end lines as the document does. */
export function candidatesOf(answer: string, place: FitPlace): string[] {
  const clean = withoutRepeatedLines(cleanCode(answer).trimEnd(), place);
  const plain = withoutRepeatedRest(clean, place);
  if (plain.trim() === '') return [];
  const closed = withoutRepeatedClosers(plain, place);
  const versions = [closed, plain].flatMap((version) => [version, ...shorterOf(version)]);
  const lineEnd = lineEndOf(place.text);
  return [...new Set(versions)].flatMap((version) => (version.trim() === '' ? [] : version.replaceAll('\n', lineEnd)));
}

function lineEndOf(text: string): '\n' | '\r\n' {
  const first = text.indexOf('\n');
  return first > 0 && text[first - 1] === '\r' ? '\r\n' : '\n';
}

/** Ends that leave whole lines, the longest first. */
function shorterOf(text: string): string[] {
  const lines = text.split('\n');
  return Array.from({ length: Math.min(maxShorter, lines.length - 1) }, (_, i) =>
    lines
      .slice(0, lines.length - 1 - i)
      .join('\n')
      .trimEnd(),
  );
}

/** From where it writes down again what follows anyway. */
function withoutRepeatedLines(answer: string, place: FitPlace): string {
  const following = linesAfter(place);
  const [next] = following;
  if (next === undefined) return answer;
  const lines = answer.split('\n');
  const { before } = lineAround(place);
  const said = (i: number): string => (i === 0 ? before + (lines[0] ?? '') : (lines[i] ?? '')).trim();
  for (let i = 0; i < lines.length; i++)
    if (isTelling(next) && said(i) === next) return lines.slice(0, i).join('\n').trimEnd();
  const end = lines.map((_, i) => said(i)).filter(Boolean);
  for (let count = Math.min(following.length, end.length - 1); count > 1; count--) {
    if (end.slice(-count).join('\n') !== following.slice(0, count).join('\n')) continue;
    return dropLast(lines, count);
  }
  return answer;
}

function dropLast(lines: string[], count: number): string {
  const kept = [...lines];
  for (let left = count; left > 0 && kept.length > 0; ) if (kept.pop()?.trim() !== '') left--;
  return kept.join('\n').trimEnd();
}

function isTelling(line: string): boolean {
  return line.length >= minTellingChars && /[\p{L}\p{N}_]{2}/u.test(line);
}

/** Lines below the cursor's that say something. */
function linesAfter({ text, offset }: FitPlace): string[] {
  const end = text.indexOf('\n', offset);
  if (end < 0) return [];
  const lines = text.slice(end + 1, end + 4000).split('\n');
  return lines.flatMap((line) => line.trim() || []).slice(0, maxFollowingLines);
}

/** The rest of the cursor's line at the answer's end: a separator, a quote, or all of it. */
function withoutRepeatedRest(answer: string, place: FitPlace): string {
  const { before, after } = lineAround(place);
  const rest = after.trim();
  if (rest === '' || answer === '') return answer;
  const [mark = ''] = rest;
  if (/['"`]/.test(mark) && isOpen(before, mark) && answer.includes(mark)) return answer.slice(0, answer.indexOf(mark));
  if (/^[;,:]/.test(rest) && answer.endsWith(mark)) return answer.slice(0, -1);
  return answer.length > rest.length && isTelling(rest) && answer.endsWith(rest)
    ? answer.slice(0, -rest.length)
    : answer;
}

function isOpen(before: string, quote: string): boolean {
  return before.split(quote).length % 2 === 0;
}

/** From the first closer that nothing in the answer has opened, where the same one follows already. */
function withoutRepeatedClosers(answer: string, place: FitPlace): string {
  const following = place.text.slice(place.offset, place.offset + 2000).trimStart();
  const at = firstUnmatched(answer, following[0]);
  if (at === undefined) return answer;
  const kept = answer.slice(0, at).trimEnd();
  const { before, after } = lineAround(place);
  if (!kept.includes('\n') || after.trim() === '') return kept;
  const [indent = ''] = /^[ \t]*/.exec(before) ?? [];
  return `${kept}\n${indent}`; // what is left of the line comes below the new ones
}

function firstUnmatched(text: string, closer: string | undefined): number | undefined {
  if (closer === undefined || !(closer in pairs)) return undefined;
  const open: string[] = [];
  for (const [i, letter] of [...text].entries()) {
    if (Object.values(pairs).includes(letter)) open.push(letter);
    else if (letter in pairs && open.pop() !== pairs[letter] && letter === closer)
      return [...text].slice(0, i).join('').length;
  }
  return undefined;
}
