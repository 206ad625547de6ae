// What typing does to suggestions: how long to wait before one is asked for, whether a change takes a part of one, and what is left
// of one that was accepted. Offsets are UTF-16 units of the document. Pure.

/** A suggestion as VS Code was given it. */
export interface OfferedSuggestion {
  id: string;
  uri: string;
  /** Where its text begins. */
  start: number;
  text: string;
}

/** As VS Code tells it. */
export interface TextChange {
  rangeOffset: number;
  rangeLength: number;
  text: string;
}

export interface TextPiece {
  start: number;
  end: number;
}

const maxPauseMs = 150;

/**
 * VS Code itself has waited 50 ms after the key. A slow model gets more, since what it reads for a key that is followed by another
 * one is read in vain; a quick one is asked at once.
 */
export function pauseMs(lastLatencyMs = 0): number {
  return Math.min(maxPauseMs, Math.round(lastLatencyMs / 4));
}

/** Of scripts that are typed letter by letter: of others, an input method writes several at once. */
const letters = /[\p{Lu}\p{Ll}\p{N}_]/u;

/**
 * Whether a change takes the next word or line of a suggestion: VS Code doesn't tell. Keys come one by one, and what they bring along
 * (a closing bracket, an indentation) has no letters. `before` stands between the suggestion's start and the change.
 */
export function isPartTaken({ text }: OfferedSuggestion, change: TextChange, before: string): boolean {
  const rest = text.startsWith(before) ? text.slice(before.length) : '';
  const isInsertion = change.rangeLength === 0 && change.text.length > 1 && letters.test(change.text);
  return isInsertion && change.text.length < rest.length && rest.startsWith(change.text);
}

/** What is left of pieces after changes, in the order in which VS Code tells them: the last in the document first. */
export function piecesLeft(pieces: readonly TextPiece[], changes: readonly TextChange[]): TextPiece[] {
  return changes.reduce<TextPiece[]>((left, change) => left.flatMap((piece) => leftOf(piece, change)), [...pieces]);
}

function leftOf({ start, end }: TextPiece, { rangeOffset, rangeLength, text }: TextChange): TextPiece[] {
  const changeEnd = rangeOffset + rangeLength;
  const shift = text.length - rangeLength;
  const before = { start, end: Math.min(end, rangeOffset) };
  const after = { start: Math.max(start, changeEnd) + shift, end: end + shift };
  return [before, after].filter((piece) => piece.start < piece.end);
}

const minShareKept = 0.5;

/** Whether most of an accepted text is still there. */
export function isStillThere(pieces: readonly TextPiece[], acceptedLength: number): boolean {
  const left = pieces.reduce((sum, { start, end }) => sum + end - start, 0);
  return left >= acceptedLength * minShareKept;
}
