// Which findings of a document are shown after a review of it, or of a part of it. Pure.
import type { Finding } from '../../shared/protocol/review.ts';
import type { Range } from '../../shared/protocol/text.ts';

/** By id: those of the review, and earlier ones that stand outside of what it read. Without a range it read all of the document. */
export function findingsAfterReview(
  before: readonly Finding[],
  found: readonly Finding[],
  range: Range | undefined,
): Map<string, Finding> {
  const others = range ? before.filter((finding) => !touches(finding.range, range)) : [];
  return new Map([...others, ...found].map((finding) => [finding.id, finding]));
}

function touches(one: Range, other: Range): boolean {
  return one.start.line <= lastLineOf(other) && other.start.line <= lastLineOf(one);
}

/** A range that ends before the first character of a line does not hold the line. */
export function lastLineOf({ start, end }: Range): number {
  return end.character === 0 && end.line > start.line ? end.line - 1 : end.line;
}
