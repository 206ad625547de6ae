// Finds a quoted piece of code again after the document around it has changed.
import { lineStarts, offsetAt, positionAt, type Range } from './snippet.ts';

/** Where `evidence` stands in the text: the occurrence nearest to where it stood before; undefined when it is gone. */
export function anchor(text: string, evidence: string, before: Range): Range | undefined {
  if (evidence === '') return undefined;
  const starts = lineStarts(text);
  const wanted = offsetAt(text, before.start, starts);
  const after = text.indexOf(evidence, wanted);
  const earlier = text.lastIndexOf(evidence, wanted);
  const offset = after < 0 || (earlier >= 0 && wanted - earlier < after - wanted) ? earlier : after;
  if (offset < 0) return undefined;
  return { start: positionAt(text, offset, starts), end: positionAt(text, offset + evidence.length, starts) };
}
