// Where a suggestion ends, while the model still writes: a line's end, or the end of the block that the cursor opens. Pure.
import { type CursorPlace, type Extent, indentOf, lineAround, outerIndent } from '../place.ts';

const maxLines = 24;
const closing = /^([\])}]|end\b)/;

/** Lives as long as one answer. */
export class SuggestionEnd {
  readonly #extent: Extent;
  readonly #outer: number;
  readonly #firstBefore: string;
  #text = '';

  constructor(extent: Extent, place: CursorPlace) {
    this.#extent = extent;
    this.#outer = outerIndent(place);
    this.#firstBefore = lineAround(place).before;
  }

  /** What of the text so far is suggested; undefined as long as more may belong to it. */
  add(piece: string): string | undefined {
    this.#text += piece;
    // Most words have a space of their own before them: after one that is typed, and after an indentation, it would be one too many.
    if (/[ \t]$/.test(this.#firstBefore)) this.#text = this.#text.replace(/^[ \t]+/, '');
    return this.#extent === 'line' ? this.#endOfLine() : this.#endOfBlock(false);
  }

  /** The model has ended its answer. */
  whole(): string {
    return (this.#extent === 'line' ? this.#endOfLine() : this.#endOfBlock(true)) ?? this.#text;
  }

  /** The answer was cut off, so that its last line, or its last word, may be a part of one. */
  cutOff(): string {
    const lines = this.#text.slice(0, Math.max(0, this.#text.lastIndexOf('\n')));
    return lines.trim() === '' ? this.#text.replace(/[\p{L}\p{M}\p{N}_$]+$/u, '') : lines;
  }

  #endOfLine(): string | undefined {
    const end = this.#text.indexOf('\n');
    return end < 0 ? undefined : this.#text.slice(0, end);
  }

  /** Looks at whole lines alone, unless the answer has ended. */
  #endOfBlock(isOver: boolean): string | undefined {
    const lines = this.#text.split('\n');
    const whole = isOver ? lines.length : lines.length - 1;
    let blank = 0;
    for (let i = 0; i < whole; i++) {
      const line = i === 0 ? this.#firstBefore + lines[0] : (lines[i] ?? '');
      const isBlank = line.trim() === '';
      blank = isBlank ? blank + 1 : 0;
      if (blank > 1 || i >= maxLines) return lines.slice(0, i).join('\n');
      if (i === 0 || isBlank || indentOf(line) > this.#outer) continue;
      // A closer ends the block; anything else comes after it.
      return lines.slice(0, closing.test(line.trim()) ? i + 1 : i).join('\n');
    }
    return undefined;
  }
}
