// What of a document a model reads for a suggestion. It is cut so that the next key changes only the end of the prompt: the part before
// the cursor begins on a coarse grid, and what was typed since the cursor came here stands after what follows. Pure.

export interface CodeParts {
  prefix: string;
  /** From the anchor to the cursor. */
  begun: string;
  suffix: string;
  /** Where the text that is being typed begins. */
  anchor: Anchor;
}

export interface Anchor {
  offset: number;
  /** What stood before it. */
  tail: string;
  /** How much of the document was read from there: it stays, since another size would have all of it read again. */
  chars: number;
}

/** What the hole's text may begin with; past that, the anchor moves on. */
const maxBegunChars = 1200;
const tailChars = 200;
/** Of the whole prompt. */
const suffixShare = 0.2;

/** `chars` is how much of the document may be read in a new place; `last` is the anchor of the request before. */
export function partsAt(
  { text, offset }: { text: string; offset: number },
  wanted: { chars: number; last: Anchor | undefined },
): CodeParts {
  const { last } = wanted;
  const anchor = isHeld(last, text, offset) ? last : { ...newAnchor(text, offset), chars: wanted.chars };
  const { chars } = anchor;
  return {
    prefix: text.slice(gridStart(text, anchor.offset, chars * (1 - suffixShare)), anchor.offset),
    begun: text.slice(anchor.offset, offset),
    suffix: suffixAt(text, offset, chars * suffixShare),
    anchor,
  };
}

function isHeld(last: Anchor | undefined, text: string, offset: number): last is Anchor {
  if (!last || offset < last.offset || offset - last.offset > maxBegunChars) return false;
  return text.slice(Math.max(0, last.offset - tailChars), last.offset) === last.tail;
}

/** A line's beginning: models know code by lines. A line may be a whole file that no person has written. */
function newAnchor(text: string, offset: number): Omit<Anchor, 'chars'> {
  const line = offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
  const begun = Math.max(line, offset - maxBegunChars / 2);
  const isWithinCharacter = /^[\udc00-\udfff]/.test(text.charAt(begun));
  const start = isWithinCharacter ? begun + 1 : begun;
  return { offset: start, tail: text.slice(Math.max(0, start - tailChars), start) };
}

/** Where a line without an end may be cut. Anywhere else it might leave half of a secret, which nobody would know for one. */
const separators = /[,;{}]/;
const upToSeparator = /^.*[,;{}]/s;

/** At least half of `chars` before the anchor, where lines are short, and at most all of it: a step of the grid is half of that. */
function gridStart(text: string, anchor: number, chars: number): number {
  if (anchor <= chars) return 0;
  const step = Math.ceil(chars / 2);
  const start = Math.floor((anchor - step) / step) * step;
  if (start <= 0) return 0;
  const read = text.slice(start - 1, anchor);
  const line = read.indexOf('\n');
  const at = line < 0 ? read.search(separators) : line;
  return at < 0 ? anchor : start + at;
}

/** Whole lines, but for the first. */
function suffixAt(text: string, offset: number, chars: number): string {
  const most = text.slice(offset, offset + Math.floor(chars));
  if (offset + most.length >= text.length) return most;
  const end = most.lastIndexOf('\n');
  return end < 0 ? (upToSeparator.exec(most)?.[0] ?? '') : most.slice(0, end + 1);
}
