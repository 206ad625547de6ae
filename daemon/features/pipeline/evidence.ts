// The mechanical check: a finding must quote code that is really there. Pure, and no model takes part in it.
import { positionAt, type Range, textIn } from '../../base/snippet.ts';
import { compactText, type ReviewTarget, touchesLines } from './target.ts';

const minQuotedChars = 3; // a lone bracket is everywhere and proves nothing

/**
 * The range of a model's quote in the reviewed lines, as written or with other white space. Of several, the one nearest
 * to `line`, the zero-based line that the model named. Undefined when the quote is not there.
 */
export function findQuote(target: ReviewTarget, quote: string, line: number): Range | undefined {
  for (const needle of [quote.trim(), withoutLineNumbers(quote).trim()]) {
    if (compactText(needle).text.length < minQuotedChars) continue;
    const ranges = occurrences(target, needle).filter((range) => touchesLines(target, range));
    const [nearest] = ranges.toSorted((a, b) => Math.abs(a.start.line - line) - Math.abs(b.start.line - line));
    if (nearest) return nearest;
  }
  return undefined;
}

/** Whether the text at the finding's range equals its evidence, character for character. */
export function isProven(text: string, finding: { range: Range; evidence: string }): boolean {
  return finding.evidence.trim() !== '' && textIn(text, finding.range) === finding.evidence;
}

function occurrences(target: ReviewTarget, needle: string): Range[] {
  const { text } = target.snippet;
  const exact = allIndexes(text, needle).map((start) => [start, start + needle.length] as const);
  const spans = exact.length > 0 ? exact : ignoringSpace(target, needle);
  return spans.map(([start, end]) => ({
    start: positionAt(text, start, target.starts),
    end: positionAt(text, end, target.starts),
  }));
}

function ignoringSpace(target: ReviewTarget, needle: string): (readonly [number, number])[] {
  const { text, offsets } = target.compact();
  const compact = compactText(needle).text;
  return allIndexes(text, compact).map(
    (start) => [offsets[start] ?? 0, (offsets[start + compact.length - 1] ?? 0) + 1] as const,
  );
}

const maxOccurrences = 1000; // a quote found more often than this identifies no single place

function allIndexes(text: string, needle: string): number[] {
  const indexes: number[] = [];
  for (
    let i = text.indexOf(needle);
    i >= 0 && indexes.length < maxOccurrences;
    i = text.indexOf(needle, i + needle.length)
  )
    indexes.push(i);
  return indexes;
}

/** Models copy the line numbers of the prompt into their quotes. */
function withoutLineNumbers(quote: string): string {
  return quote.replace(/^[ \t]*>?[ \t]*\d+\|[ \t]?/gm, '');
}
