// What stands last before a hole is written by the model once more, in tokens of its own, and is taken from what it writes. Pure.
import { literal } from '../schema/rules.ts';

/**
 * A word or white space at the end of what is typed. It may be a part of one token, after which a model never saw the rest: after `st` it
 * doesn't write `ring`, and after the white space of a line it writes another space, since most words have theirs.
 */
const partOfToken = /(?: ?[\p{Lu}\p{Ll}\p{M}\p{N}_]{1,40}|[ \t]{1,80})$/u;

/** What is typed, in two: `held` is written anew. */
export function splitHeld(begun: string): { told: string; held: string } {
  const [held = ''] = partOfToken.exec(begun) ?? [];
  return { told: begun.slice(0, begun.length - held.length), held };
}

/** GBNF of all that begins with it. White space is written whole: more of it would indent the line anew. */
export function grammarOf(held: string): string {
  return held.trim() === ''
    ? `root ::= ${literal(held)} ([^ \\t\\x00] [^\\x00]*)?`
    : `root ::= ${literal(held)} [^\\x00]*`;
}

/** Takes what was held from the beginning of what a server writes. Lives as long as one answer. */
export class AfterHeld {
  #left: string;

  constructor(held: string) {
    this.#left = held;
  }

  /** What of a piece is new; undefined once the answer has begun as something else. */
  add(piece: string): string | undefined {
    const length = Math.min(piece.length, this.#left.length);
    if (piece.slice(0, length) !== this.#left.slice(0, length)) return undefined;
    this.#left = this.#left.slice(length);
    return piece.slice(length);
  }
}
