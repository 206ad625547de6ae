// Finds a quoted piece of code again after the document around it has changed.
import { lineStarts, offsetAt, positionAt, type Range } from './snippet.ts';

/** Where `evidence` stands in the text: the occurrence nearest to where it stood before; undefined when it is gone. */
export function anchor(text: string, evidence: string, before: Range): Range | undefined {
  const starts = lineStarts(text);
  const offset = anchorOffset(text, evidence, offsetAt(text, before.start, starts));
  if (offset === undefined) return undefined;
  return { start: positionAt(text, offset, starts), end: positionAt(text, offset + evidence.length, starts) };
}

/** The same by offsets. Reads the whole text where the evidence is gone. */
export function anchorOffset(text: string, evidence: string, wanted: number): number | undefined {
  if (evidence === '') return undefined;
  const after = text.indexOf(evidence, wanted);
  const isGone = after < 0 && !text.includes(evidence); // searching forward is many times as fast as backward
  const earlier = isGone ? -1 : text.lastIndexOf(evidence, wanted);
  const offset = after < 0 || (earlier >= 0 && wanted - earlier < after - wanted) ? earlier : after;
  return offset < 0 ? undefined : offset;
}
