// Changes that are in a document, and that the user has neither kept nor undone: where they are, whatever is typed around them. Pure;
// places are offsets into the document's text, in UTF-16 units.
import { offsetAt, startsOfLines } from '../../shared/edits/move-edits.ts';
import type { AgentChangedFile } from '../../shared/protocol/agent.ts';
import type { ChangedHunk } from '../../shared/protocol/chat.ts';

export interface PendingHunk {
  readonly id: number;
  readonly start: number;
  readonly end: number;
  readonly oldText: string;
  readonly newText: string;
  /** Of a run of the agent: what the daemon knows it by. */
  readonly ofRun?: { readonly jobId: string; readonly hunk: string };
}

/** A text that changes, in the order in which an editor tells it. */
interface TextChange {
  rangeOffset: number;
  rangeLength: number;
  text: string;
}

/** With the line ends of the text that it is for. */
export function withLineEnds<Hunk extends ChangedHunk>(hunks: readonly Hunk[], text: string): Hunk[] {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const ended = (part: string): string => part.replace(/\r\n|\r|\n/g, eol);
  return hunks.map((hunk) => ({ ...hunk, oldText: ended(hunk.oldText), newText: ended(hunk.newText) }));
}

/** Whether every hunk replaces what the text has there. */
export function matches(hunks: readonly ChangedHunk[], text: string): boolean {
  const starts = startsOfLines(text);
  return hunks.every(
    ({ range, oldText }) =>
      text.slice(offsetAt(text, starts, range.start), offsetAt(text, starts, range.end)) === oldText,
  );
}

/** A hunk that was applied: of an answer, or of a run, with who made it and whether the user has kept it. */
export type AppliedHunk = ChangedHunk & Partial<Pick<AgentChangedFile['hunks'][number], 'id' | 'by' | 'isKept'>>;

/**
 * Where the hunks are once all of them have been applied to `before`; they are in the order of its lines. Not what only others wrote, or
 * what is kept. `jobId`: of the run that they are of.
 */
export function pendingIn(
  hunks: readonly AppliedHunk[],
  before: string,
  nextId: () => number,
  jobId?: string,
): PendingHunk[] {
  const starts = startsOfLines(before);
  let grown = 0;
  return hunks.flatMap(({ id: hunk, range, oldText, newText, by, isKept = false }) => {
    const start = offsetAt(before, starts, range.start) + grown;
    grown += newText.length - oldText.length;
    if (by === 'others' || isKept) return [];
    const ofRun = jobId === undefined || hunk === undefined ? {} : { ofRun: { jobId, hunk } };
    return [{ id: nextId(), start, end: start + newText.length, oldText, newText, ...ofRun }];
  });
}

/** The hunks after changes of the text. One that was changed itself is the user's own from then on. */
export function follow(hunks: readonly PendingHunk[], changes: readonly TextChange[]): PendingHunk[] {
  return changes.reduce<PendingHunk[]>((left, change) => left.flatMap((hunk) => followed(hunk, change)), [...hunks]);
}

function followed(hunk: PendingHunk, { rangeOffset, rangeLength, text }: TextChange): PendingHunk[] {
  const isOfRemoved = hunk.start === hunk.end && rangeOffset === hunk.start; // lines are written where some had gone
  if (isOfRemoved) return [];
  if (rangeOffset >= hunk.end) return [hunk];
  if (rangeOffset + rangeLength > hunk.start) return [];
  const shift = text.length - rangeLength;
  return [{ ...hunk, start: hunk.start + shift, end: hunk.end + shift }];
}

/** Whether a hunk is in the text as it was applied. */
export function isIn({ start, end, newText }: PendingHunk, text: string): boolean {
  return text.slice(start, end) === newText;
}
