// Whether a finding is one of before: at the same place, wherever the place has moved to, and of the same kind. Pure.
import { createHash } from 'node:crypto';
import { offsetAt } from '../../../base/snippet.ts';
import { compactText, fileNameOf, lineAt, type ReviewTarget } from '../target.ts';
import type { Finding, Surroundings } from '../types.ts';
import { flawKind } from '../verdict/claim-words.ts';
import { kindsOf } from '../verdict/flaw-kinds.ts';
import { messageWords, minSharedWords, sharedWords } from '../verdict/message-words.ts';

/** A place in a document's current text: offsets, and the lines of it. */
export interface Place {
  start: number;
  end: number;
  firstLine: number;
  lastLine: number;
}

/** How much of what was around a finding is still around its place. */
export interface LocatedPlace extends Place {
  sharedLines: number;
  /** Nothing was around it that could be shared. */
  isAlone: boolean;
}

const neighbours = 3; // lines on each side
const maxPlaces = 1000; // code that stands in more of them names none

export function placeOf({ snippet: { text }, starts }: ReviewTarget, { range }: Pick<Finding, 'range'>): Place {
  const [start, end] = [offsetAt(text, range.start, starts), offsetAt(text, range.end, starts)];
  return { start, end, firstLine: range.start.line, lastLine: range.end.line };
}

export function surroundingsOf(target: ReviewTarget, finding: Finding): Surroundings {
  const place = placeOf(target, finding);
  const ordinal = occurrences(target, finding.evidence).filter(({ start }) => start < place.start).length;
  return { ...around(target, place), ordinal, document: documentHash(target) };
}

/** Of the text without its white space. */
export function documentHash(target: ReviewTarget): string {
  return createHash('sha256').update(target.compact().text).digest('hex').slice(0, 16);
}

/**
 * Where a finding of before stands now: of several places with its code the one with the same lines around it. Undefined where its code
 * is gone.
 */
export function locate(
  target: ReviewTarget,
  { finding, surroundings }: { finding: Finding; surroundings?: Surroundings },
): LocatedPlace | undefined {
  const exact = occurrences(target, finding.evidence);
  const places = exact.length > 0 ? exact : remains(target, finding.evidence);
  const scored = places.map((place, ordinal) => ({ ...place, ...shared(target, place, surroundings), ordinal }));
  const distance = ({ firstLine }: Place): number => Math.abs(firstLine - finding.range.start.line);
  const isOrdinal = ({ ordinal }: { ordinal: number }): number => Number(ordinal === surroundings?.ordinal);
  const [best] = scored.toSorted(
    (a, b) => b.sharedLines - a.sharedLines || isOrdinal(b) - isOrdinal(a) || distance(a) - distance(b),
  );
  return best;
}

/** How much two findings are one, given where the one of before stands now: 0 where they are two. */
export function likeness(before: { finding: Finding; place: Place }, next: { finding: Finding; place: Place }): number {
  const [one, other] = [before.place, next.place];
  if (one.start >= other.end || other.start >= one.end) return 0;
  const kinship = sameKind(before.finding, next.finding);
  const isSameCode = bareText(before.finding.evidence) === bareText(next.finding.evidence);
  return kinship === 0 ? 0 : kinship + Number(isSameCode);
}

const minSharedKinds = 0.5; // of the kinds of the message that names fewer

function sameKind(one: Finding, other: Finding): number {
  if (one.rule !== undefined || other.rule !== undefined) {
    const isRule = one.rule === other.rule && one.source === other.source;
    const isFlaw = one.message === other.message || bareText(one.evidence) === bareText(other.evidence);
    return Number(isRule && isFlaw);
  }
  const words = sharedWords(one.message, other.message);
  const [kinds, others] = [kindsOf(`${one.category} ${one.message}`), kindsOf(`${other.category} ${other.message}`)];
  const common = [...kinds].filter((kind) => others.has(kind)).length;
  if (common > 0 && common / Math.min(kinds.size, others.size) >= minSharedKinds) return 2 + words;
  if (words >= minSharedWords) return 2 + words;
  if (kinds.size > 0 && others.size > 0) return 0;
  return flawKind(one.category) === flawKind(other.category) ? 1 + words : 0; // one of them in words that nobody listed
}

type FingerprintSubject = Pick<Finding, 'uri' | 'source' | 'rule' | 'message' | 'evidence' | 'category'>;

/** The fingerprints that dismissals had before findings were known again by their place. */
export function formerFingerprintsOf(finding: FingerprintSubject): string[] {
  if (finding.rule !== undefined) return [digestOf(finding, `${finding.source} ${finding.rule}`)];
  return [
    digestOf(finding, `kind ${flawKind(finding.category)}`),
    digestOf(finding, messageWords(finding.message).join(' ')),
  ];
}

function digestOf({ uri, evidence }: FingerprintSubject, what: string): string {
  const code = evidence.replace(/\s+/g, ' ').trim();
  return createHash('sha256')
    .update(JSON.stringify([fileNameOf(uri), what, code]))
    .digest('hex')
    .slice(0, 32);
}

/** Places with this code, whatever its white space. */
function occurrences(target: ReviewTarget, code: string): Place[] {
  const { text, offsets } = target.compact();
  const needle = bareText(code);
  const places: Place[] = [];
  let at = needle === '' ? -1 : text.indexOf(needle);
  for (; at >= 0 && places.length < maxPlaces; at = text.indexOf(needle, at + needle.length)) {
    const start = offsets[at] ?? 0;
    const end = (offsets[at + needle.length - 1] ?? 0) + 1;
    if (!cutsWord(target.snippet.text, start) && !cutsWord(target.snippet.text, end))
      places.push({ start, end, firstLine: lineOf(target, start), lastLine: lineOf(target, end - 1) });
  }
  return places;
}

/** Where most lines of a longer piece of code still stand close to each other, though some of them have changed. */
function remains(target: ReviewTarget, code: string): Place[] {
  const lines = code.split('\n').filter(isTelling);
  if (lines.length < 2) return [];
  const found = lines.map((line) => occurrences(target, line)).filter((places) => places.length > 0);
  const [anchor] = found.toSorted((a, b) => a.length - b.length)[0] ?? [];
  if (!anchor || found.length * 2 < lines.length) return [];
  const reach = lines.length + neighbours;
  const near = found.flatMap((places) => {
    const [nearest] = places.filter(({ firstLine }) => Math.abs(firstLine - anchor.firstLine) <= reach);
    return nearest ?? [];
  });
  if (near.length * 2 < lines.length) return [];
  const [start, end] = [Math.min(...near.map((place) => place.start)), Math.max(...near.map((place) => place.end))];
  return [{ start, end, firstLine: lineOf(target, start), lastLine: lineOf(target, end - 1) }];
}

function shared(target: ReviewTarget, place: Place, known: Surroundings | undefined) {
  if (!known) return { sharedLines: 0, isAlone: true };
  const here = around(target, place);
  const count = (one: string[], other: string[]): number => one.filter((line) => other.includes(line)).length;
  return {
    sharedLines: count(known.before, here.before) + count(known.after, here.after),
    isAlone: known.before.length + known.after.length === 0,
  };
}

function around(target: ReviewTarget, { firstLine, lastLine }: Place): Pick<Surroundings, 'before' | 'after'> {
  const [before, after]: [string[], string[]] = [[], []];
  for (let line = firstLine - 1; line >= 0 && before.length < neighbours; line--) {
    const text = lineAt(target, line);
    if (isTelling(text)) before.unshift(bareText(text));
  }
  for (let line = lastLine + 1; line < target.starts.length && after.length < neighbours; line++) {
    const text = lineAt(target, line);
    if (isTelling(text)) after.push(bareText(text));
  }
  return { before, after };
}

/** A bracket or an empty line is everywhere. */
function isTelling(line: string): boolean {
  return /[\p{L}\p{N}]{2}/u.test(line);
}

function cutsWord(text: string, offset: number): boolean {
  const isWord = (at: number): boolean => /[\p{L}\p{N}_$]/u.test(text.charAt(at));
  return isWord(offset - 1) && isWord(offset);
}

function lineOf({ starts }: ReviewTarget, offset: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

function bareText(code: string): string {
  return compactText(code).text;
}
