// Where a piece of code goes. A model that quotes a part of a line often answers with the whole line, or with what stands behind the
// part too: put in place of the part it would stand there twice. Pure.
import { type Range, textIn } from '../../../base/snippet.ts';
import { lineAt, type ReviewTarget } from '../target.ts';
import { fitReplacement } from './replacement.ts';

export interface TextEdit {
  range: Range;
  newText: string;
}

/** What the code may be meant to replace, the likeliest first: the range, or the whole lines that it is a part of. */
export function placings(target: ReviewTarget, range: Range, code: string): TextEdit[] {
  const lines = wholeLinesAround(target, range);
  const asIs = { range, newText: fitReplacement(target, range, code) };
  const before = textIn(target.snippet.text, { start: lines.start, end: range.start }).trim();
  const after = textIn(target.snippet.text, { start: range.end, end: lines.end }).trim();
  if (before === '' && after === '') return [asIs];
  const quote = textIn(target.snippet.text, range);
  const repeatsBefore = before !== '' && begins(code, before) && !begins(quote, before);
  const repeatsAfter = after !== '' && ends(code, after) && !ends(quote, after);
  const isWholeLine =
    (repeatsBefore && (after === '' || repeatsAfter)) ||
    isAnotherVersion(code, textIn(target.snippet.text, lines), quote);
  const mark = doubledMark(code, quote, after);
  const doubles =
    isWholeLine || (repeatsBefore && isWorded(before)) || (repeatsAfter && isWorded(after)) || mark !== '';
  const cut = cutTo(code, repeatsBefore ? before : '', repeatsAfter ? after : '');
  return [
    ...(doubles ? [] : [asIs]),
    ...(isWholeLine ? [{ range: lines, newText: fitReplacement(target, lines, code) }] : []),
    ...(mark === '' || isWholeLine ? [] : [{ range, newText: fitReplacement(target, range, cutTo(code, '', mark)) }]),
    ...(repeatsBefore || repeatsAfter ? [{ range, newText: fitReplacement(target, range, cut) }] : []),
  ];
}

/** The mark that ends the code and stands behind the place already: `a - 1;` for the `a + 1` of `f(a + 1);`. */
function doubledMark(code: string, quote: string, after: string): string {
  const mark = /[;,:{]$/.exec(code.trimEnd())?.[0] ?? '';
  const isDoubled = mark !== '' && !quote.trimEnd().endsWith(mark) && (after.startsWith(mark) || after.endsWith(mark));
  return isDoubled ? mark : '';
}

/** From the first character that is not white space to the end of the range's last line. */
function wholeLinesAround(target: ReviewTarget, { start, end }: Range): Range {
  const first = lineAt(target, start.line);
  const indent = first.length - first.trimStart().length;
  return {
    start: { line: start.line, character: Math.min(indent, start.character) },
    end: { line: end.line, character: Math.max(end.character, lineAt(target, end.line).trimEnd().length) },
  };
}

/** Begins and ends as the line does, where the quoted part of it does not. */
function isAnotherVersion(code: string, line: string, quote: string): boolean {
  const [first, last] = [firstToken(line), line.trimEnd().at(-1)];
  return (
    isWorded(first) &&
    first === firstToken(code) &&
    first !== firstToken(quote) &&
    (last === code.trimEnd().at(-1) || code.trimEnd().includes('\n'))
  );
}

function firstToken(text: string): string {
  return /^\s*(\w+|\S)/.exec(text)?.[1] ?? '';
}

function isWorded(text: string): boolean {
  return /\w{2}/.test(text);
}

function begins(code: string, part: string): boolean {
  return compact(code).startsWith(compact(part));
}

function ends(code: string, part: string): boolean {
  return compact(code).endsWith(compact(part));
}

/** The code without what it begins and ends with, whatever white space stands in that. */
function cutTo(code: string, before: string, after: string): string {
  const start = before === '' ? 0 : lengthOf(code, compact(before).length);
  const end = after === '' ? 0 : lengthOf([...code].reverse().join(''), compact(after).length);
  return code.slice(start, Math.max(start, code.length - end)).trim();
}

/** How long the part of a text is that holds a number of characters beside white space. */
function lengthOf(text: string, said: number): number {
  let at = 0;
  for (let count = 0; at < text.length && count < said; at++) if (/\S/.test(text.charAt(at))) count++;
  return at;
}

function compact(text: string): string {
  return text.replace(/\s+/g, '');
}
