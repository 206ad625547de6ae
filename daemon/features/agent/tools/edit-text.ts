// Replaces a quoted piece of a text. The quotation must stand there once, letter by letter but for how lines end; what nearly fits is
// shown, never guessed. Pure.
import { cleanCode, withLineFeeds } from '../../../base/clean-text.ts';
import { differences, type LineEdit, type TextLines, textLines } from '../../change-sets/text-lines.ts';
import { compactText } from '../../pipeline/target.ts';

/** The new text, and the whole lines that were quoted with what they become. */
export interface ReplacedText {
  text: string;
  lines: TextLines;
  edit: LineEdit;
}

/** `why`: a sentence. */
interface NoReplacement {
  why: string;
}

/** What is there instead: lines of the text, counted from 1. */
export interface NearMiss extends NoReplacement {
  nearest: { first: number; last: number; text: string };
}

const maxNamedLines = 10;

/** A byte order mark is no part of `text`. */
export function replaceOnce(text: string, quoted: string, now: string): ReplacedText | NearMiss | NoReplacement {
  const lines = textLines(text);
  const plain = lines.lines.map((line, i) => line + (lines.ends[i] === '' ? '' : '\n')).join('');
  const old = withLineFeeds(quoted);
  const places = occurrences(plain, old);
  const [at] = places;
  if (at === undefined) return nearMiss(lines.lines, old);
  if (places.length > 1) {
    const named = places.slice(0, maxNamedLines).map((place) => lineAt(plain, place) + 1);
    const more = places.length > maxNamedLines ? ' and more' : '';
    return {
      why: `The old text is there ${places.length} times, in lines ${named.join(', ')}${more}. Quote more lines.`,
    };
  }
  const said = withLineFeeds(now);
  const after = plain.slice(0, at) + said + plain.slice(at + old.length);
  const isWhole = old.endsWith('\n') && (said.endsWith('\n') || (said === '' && /(?:^|\n)$/.test(plain.slice(0, at))));
  const last = Math.min(lines.lines.length - 1, lineAt(plain, at + old.length - (isWhole ? 1 : 0)));
  return replaced(lines, after, { first: lineAt(plain, at), last });
}

/** New lines behind the one in which the quotation ends, which must stand there as one that is replaced must; at the end without one. */
export function insertAfter(text: string, quoted: string, added: string): ReplacedText | NearMiss | NoReplacement {
  const plain = withLineFeeds(text);
  const said = withLineFeeds(added).replace(/\n$/, '');
  const anchor = withLineFeeds(quoted).replace(/\n$/, '');
  if (anchor === '') {
    const lines = textLines(text);
    const begun = plain === '' || plain.endsWith('\n') ? `${plain}${said}\n` : `${plain}\n${said}`;
    return replaced(lines, begun, { first: lines.lines.length, last: lines.lines.length - 1 });
  }
  const [at, other] = occurrences(plain, anchor);
  if (at === undefined || other !== undefined) return replaceOnce(text, anchor, added);
  const end = plain.indexOf('\n', at + anchor.length);
  const line = plain.slice(at, end < 0 ? plain.length : end);
  return replaceOnce(text, line, `${line}\n${said}`);
}

function replaced(before: TextLines, after: string, quoted: { first: number; last: number }): ReplacedText {
  const known = new Set(before.lines);
  const lines = textLines(after).lines.map((line) => (known.has(line) ? line : cleanCode(line)));
  const end = quoted.last + 1;
  const kept = before.lines.length - end;
  return {
    text: joined(before, differences(before.lines, lines), after.endsWith('\n') || after === ''),
    lines: before,
    edit: { first: quoted.first, end, lines: lines.slice(quoted.first, lines.length - kept) },
  };
}

/** The text with other lines. Those that stay end as they did, and new ones as those that they replace or follow. */
function joined({ lines, ends, eol }: TextLines, edits: readonly LineEdit[], hasLastEnd: boolean): string {
  const parts: { line: string; end: string }[] = [];
  const keep = (from: number, until: number): void => {
    for (let i = from; i < until; i++) parts.push({ line: lines[i] ?? '', end: ends[i] || eol });
  };
  let at = 0;
  for (const { first, end, lines: added } of edits) {
    keep(at, first);
    for (const [i, line] of added.entries())
      parts.push({ line, end: ends[Math.min(first + i, end - 1)] || ends[first - 1] || eol });
    at = end;
  }
  keep(at, lines.length);
  const last = parts.at(-1);
  if (last && !hasLastEnd) last.end = '';
  return parts.map(({ line, end }) => line + end).join('');
}

function occurrences(text: string, wanted: string): number[] {
  const found: number[] = [];
  for (let at = text.indexOf(wanted); at >= 0 && found.length < 1000; at = text.indexOf(wanted, at + 1)) found.push(at);
  return found;
}

/** From 0. */
function lineAt(text: string, offset: number): number {
  let line = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return line;
}

const maxShownLines = 30;

function nearMiss(lines: readonly string[], old: string): NearMiss | NoReplacement {
  const nearest = (first: number, last: number) => ({
    first: first + 1,
    last: Math.min(last, first + maxShownLines - 1) + 1,
    text: lines.slice(first, Math.min(last + 1, first + maxShownLines)).join('\n'),
  });
  const spaced = differsInSpace(lines, old);
  if (spaced)
    return {
      why: "The old text isn't there: white space or characters that you can't see differ. Quote it exactly as it is there.",
      nearest: nearest(spaced.first, spaced.last),
    };
  const similar = mostSimilar(lines, old);
  if (similar === undefined) return { why: "The old text isn't in the file. Read the file again." };
  return {
    why: "The old text isn't in the file as it is now. Quote what is there.",
    nearest: nearest(similar, similar + old.split('\n').length - 1),
  };
}

/** The lines whose text without white space is that of the quotation, if there is one such place. */
function differsInSpace(lines: readonly string[], old: string): { first: number; last: number } | undefined {
  const text = cleanCode(lines.join('\n')); // no line comes or goes with it
  const wanted = compactText(cleanCode(old)).text;
  const compact = compactText(text);
  const [at, other] = wanted === '' ? [] : occurrences(compact.text, wanted);
  if (at === undefined || other !== undefined) return undefined;
  const first = compact.offsets[at] ?? 0;
  const last = compact.offsets[at + wanted.length - 1] ?? first;
  return { first: lineAt(text, first), last: lineAt(text, last) };
}

/** Where the most of the quoted lines stand, white space aside; undefined where fewer than half of them do. */
function mostSimilar(lines: readonly string[], old: string): number | undefined {
  const wanted = old.split('\n').map((line) => line.trim());
  const said = wanted.filter((line) => line !== '').length;
  const places = Map.groupBy(lines.keys(), (i) => lines[i]?.trim() ?? '');
  const votes = new Map<number, number>();
  for (const [offset, line] of wanted.entries()) {
    if (line === '') continue;
    for (const place of (places.get(line) ?? []).slice(0, 1000)) {
      const start = Math.max(0, place - offset);
      votes.set(start, (votes.get(start) ?? 0) + 1);
    }
  }
  const [best] = [...votes].sort(([a, one], [b, other]) => other - one || a - b);
  return best && best[1] * 2 >= said ? best[0] : undefined;
}

/** Names that a text defines. */
export function definedNames(text: string): string[] {
  return [...text.matchAll(definition)].flatMap(([, name = '']) => name);
}

const definition =
  /\b(?:function\*?|class|interface|type|enum|const|let|var|def|fn|func|struct|trait)\s+([\p{L}_$][\p{L}\p{N}_$]*)/gu;
const maxNames = 3;

/** Names that a text defined and doesn't have any more: what else has them may be broken now. */
export function goneNames(before: string, after: string): string[] {
  return [...new Set(definedNames(before))].filter((name) => !hasWord(after, name)).slice(0, maxNames);
}

export function hasWord(text: string, word: string): boolean {
  return text.split(/[^\p{L}\p{N}_$]+/u).includes(word);
}

/** Before the names that an edit took away: they may be missed. */
export const noLongerDefines = 'It no longer defines';

/** Before the places that have names which an edit took away. */
export const stillNamed = 'that still have what';

/** Of an edit after which the code is the same, but for how it stands there. */
export const onlySpaceDiffers = 'Only white space differs from before.';

export function differsOnlyInSpace(before: string, after: string): boolean {
  return before.replace(/\s+/g, '') === after.replace(/\s+/g, '');
}
