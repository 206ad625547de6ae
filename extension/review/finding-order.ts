// In which order findings are read, which one comes next, and where one stands in a text that was changed since. Pure.
import type { Finding, Severity } from '../../shared/protocol/review.ts';
import type { Range } from '../../shared/protocol/text.ts';

type Position = Range['start'];

const severities: readonly Severity[] = ['error', 'warning', 'info', 'hint'];

export function byPlace(one: Finding, other: Finding): number {
  if (one.uri !== other.uri) return one.uri < other.uri ? -1 : 1;
  return comparePositions(one.range.start, other.range.start);
}

export function bySeverity(one: Finding, other: Finding): number {
  return severities.indexOf(one.severity) - severities.indexOf(other.severity) || byPlace(one, other);
}

/** The finding after a place, or before it; from the last one on to the first. Without a place it is the first, or the last. */
export function findingBeside(
  findings: readonly Finding[],
  at: { uri: string; position: Position } | undefined,
  direction: 'next' | 'previous',
): Finding | undefined {
  const sorted = findings.toSorted(byPlace);
  const compare = ({ uri, range }: Finding): number => {
    if (!at || uri === at.uri) return at ? comparePositions(range.start, at.position) : 0;
    return uri < at.uri ? -1 : 1;
  };
  if (direction === 'next') return sorted.find((finding) => !at || compare(finding) > 0) ?? sorted[0];
  return sorted.findLast((finding) => !at || compare(finding) < 0) ?? sorted.at(-1);
}

/** Offsets of a finding's code in a text: where it was, else where the same code is nearest to it. Undefined where it is gone. */
export function placeIn(text: string, evidence: string, wasAt: number): { start: number; end: number } | undefined {
  if (evidence === '') return undefined;
  let nearest: number | undefined;
  for (let at = text.indexOf(evidence); at >= 0; at = text.indexOf(evidence, at + 1)) {
    if (nearest !== undefined && Math.abs(at - wasAt) >= Math.abs(nearest - wasAt)) break; // from here on they are farther
    nearest = at;
  }
  return nearest === undefined ? undefined : { start: nearest, end: nearest + evidence.length };
}

function comparePositions(one: Position, other: Position): number {
  return one.line - other.line || one.character - other.character;
}
