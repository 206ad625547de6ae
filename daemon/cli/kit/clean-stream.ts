// Text for a terminal that arrives in pieces.
import { clean } from './terminal.ts';

const tailChars = 16; // longer than what one emoji is made of before its next joiner

/** Lives as long as an answer. */
export class CleanStream {
  /** The end of what arrived: a joiner in the next piece is seen by what stands before it. */
  #tail = '';

  /** What of a piece is printed. */
  add(arrived: string): string {
    const text = this.#tail + arrived;
    const printed = clean(text).slice(clean(this.#tail).length);
    this.#tail = text.slice(-tailChars);
    return printed;
  }
}
