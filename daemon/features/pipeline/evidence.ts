// The mechanical check: a finding must quote code that is really there. Pure, and no model takes part in it.
import { positionAt, type Range, textIn } from '../../base/snippet.ts';
import { compactText, type ReviewTarget, touchesLines } from './target.ts';

const minQuotedChars = 3; // a lone bracket is everywhere and proves nothing

/**
 * The range of a model's quote in the reviewed lines, as written or with other white space. Of several, the one nearest
 * to `line`, the zero-based line that the model named. Undefined when the quote is not there.
 */
export function findQuote(target: ReviewTarget, quote: string, line: number): Range | undefined {
  for (const wanted of [quote.trim(), withoutLineNumbers(quote).trim()]) {
    if (compactText(wanted).text.length < minQuotedChars) continue;
    const ranges = occurrences(target, wanted).filter((range) => touchesLines(target, range));
    const [nearest] = ranges.toSorted((a, b) => Math.abs(a.start.line - line) - Math.abs(b.start.line - line));
    if (nearest) return nearest;
  }
  return undefined;
}

/** Whether the text at the finding's range equals its evidence, character for character. */
export function isProven(text: string, finding: { range: Range; evidence: string }): boolean {
  return finding.evidence.trim() !== '' && textIn(text, finding.range) === finding.evidence;
}

function occurrences(target: ReviewTarget, wanted: string): Range[] {
  const { text } = target.snippet;
  const exact = allIndexes(text, wanted).map((start) => [start, start + wanted.length] as const);
  const spans = exact.length > 0 ? exact : ignoringSpace(target, wanted);
  return spans.map(([start, end]) => ({
    start: positionAt(text, start, target.starts),
    end: positionAt(text, end, target.starts),
  }));
}

function ignoringSpace(target: ReviewTarget, wanted: string): (readonly [number, number])[] {
  const { text, offsets } = target.compact();
  const needle = compactText(wanted).text;
  return allIndexes(text, needle).map(
    (start) => [offsets[start] ?? 0, (offsets[start + needle.length - 1] ?? 0) + 1] as const,
  );
}

const maxOccurrences = 1000; // a quote found more often than this identifies no single place

function allIndexes(text: string, wanted: string): number[] {
  const found: number[] = [];
  for (
    let i = text.indexOf(wanted);
    i >= 0 && found.length < maxOccurrences;
    i = text.indexOf(wanted, i + wanted.length)
  )
    found.push(i);
  return found;
}

/** Models copy the line numbers of the prompt into their quotes. */
function withoutLineNumbers(quote: string): string {
  return quote.replace(/^[ \t]*>?[ \t]*\d+\|[ \t]?/gm, '');
}
