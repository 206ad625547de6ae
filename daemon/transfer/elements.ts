// Reads the elements of a long JSON list, one after another, out of a text that comes in pieces. No more than one element is held.
// The list is at the root, or under one key of an object at the root. The elements themselves are not parsed.

/** An element's text, or why it is none: it is longer than the limit, or the text ends in the middle of it (with what there is of it). */
export type JsonElement = { text: string } | { problem: 'too-long' } | { problem: 'cut-off'; beginning: string };

export interface ElementOptions {
  /** Of an object at the root: where its list is. */
  key: string;
  /** In UTF-16 units. */
  maxLength: number;
}

export async function* elementsOf(pieces: AsyncIterable<string>, options: ElementOptions): AsyncGenerator<JsonElement> {
  const scanner = new Scanner(options);
  for await (const piece of pieces) {
    yield* scanner.read(piece);
    if (scanner.isDone) return;
  }
  if (scanner.isInList) yield { problem: 'cut-off', beginning: scanner.beginning };
}

const code = {
  quote: 34,
  comma: 44,
  colon: 58,
  backslash: 92,
  openList: 91,
  closeList: 93,
  openObject: 123,
  closeObject: 125,
} as const;

/** Lives as long as one text is read. */
class Scanner {
  isDone = false;
  readonly #options: ElementOptions;
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** How deep the list's elements are; 0 until the list is found. */
  #base = 0;
  /** The last string at the root, and whether it was a key. */
  #word = '';
  #isKey = false;
  /** What is known of the element that is being read. */
  #kept: string[] = [];
  #length = 0;

  constructor(options: ElementOptions) {
    this.#options = options;
  }

  get isInList(): boolean {
    return this.#base > 0 && !this.isDone;
  }

  /** What there is of the element that is being read. */
  get beginning(): string {
    return this.#kept.join('').trim();
  }

  *read(piece: string): Generator<JsonElement> {
    let from = 0; // where the part of this piece begins that belongs to the element
    for (let at = 0; at < piece.length && !this.isDone; at++) {
      const unit = piece.charCodeAt(at);
      if (this.#inString) {
        this.#readString(piece, at, unit);
        continue;
      }
      const ends = this.#base > 0 && this.#depth === this.#base && (unit === code.comma || unit === code.closeList);
      if (ends) {
        yield* this.#end(piece.slice(from, at));
        from = at + 1;
      }
      const opensList = this.#step(unit);
      if (opensList) from = at + 1;
    }
    if (this.isInList) this.#keep(piece.slice(from));
  }

  #readString(piece: string, at: number, unit: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (unit === code.backslash) this.#escaped = true;
    else if (unit === code.quote) this.#inString = false;
    if (this.#inString && this.#base === 0 && this.#depth === 1 && this.#word.length < maxKeyLength)
      this.#word += piece[at];
  }

  /** Returns whether this is where the list begins. */
  #step(unit: number): boolean {
    if (unit === code.quote) {
      this.#inString = true;
      if (this.#base === 0 && this.#depth === 1) this.#word = '';
    } else if (unit === code.colon) {
      if (this.#depth === 1) this.#isKey = true;
    } else if (unit === code.comma) {
      if (this.#depth === 1) this.#isKey = false;
    } else if (unit === code.openList || unit === code.openObject) {
      this.#depth++;
      const isList =
        this.#base === 0 &&
        unit === code.openList &&
        (this.#depth === 1 || (this.#depth === 2 && this.#isKey && this.#word === this.#options.key));
      if (isList) this.#base = this.#depth;
      return isList;
    } else if (unit === code.closeList || unit === code.closeObject) {
      this.#depth--;
      if (this.#depth < this.#base || this.#depth <= 0) this.isDone = true;
    }
    return false;
  }

  #keep(text: string): void {
    this.#length += text.length;
    if (this.#length <= this.#options.maxLength) this.#kept.push(text);
    else this.#kept = [];
  }

  *#end(text: string): Generator<JsonElement> {
    this.#keep(text);
    const whole = this.beginning;
    if (this.#length > this.#options.maxLength) yield { problem: 'too-long' };
    else if (whole !== '') yield { text: whole };
    this.#kept = [];
    this.#length = 0;
  }
}

const maxKeyLength = 100;
