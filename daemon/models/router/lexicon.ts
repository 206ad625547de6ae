// Finds words of several languages in one pass over a text. The hash grows letter by letter, so a stem is found on the
// way to the word's end. This runs before every answer; a pattern for each word would take many times as long.

const mask = (1 << 13) - 1;

/** Lives as long as the program. */
export class TaskLexicon {
  /** Whether the hash of any word or stem ends in these bits. Most letters need only this check. */
  readonly #known = new Uint8Array(mask + 1);
  readonly #words = new Map<number, number[]>();
  readonly #stems = new Map<number, number[]>();

  /** Each group is words in lower case, separated by spaces. `word*` matches every word that begins so. */
  constructor(groups: readonly string[]) {
    groups.forEach((words, group) => {
      for (const word of words.split(/\s+/)) if (word !== '') this.#add(word, group);
    });
  }

  /** Marks in `found` the groups that occur in `text`, which is in lower case, from one index up to another. */
  mark(text: string, { from, to }: { from: number; to: number }, found: Uint8Array): void {
    let hash = start;
    let isIn = false;
    for (let place = from; place <= to; place++) {
      const code = place < to ? text.charCodeAt(place) : 0;
      if (isLetter(code)) {
        hash = hashed(hash, code);
        isIn = true;
        if (this.#known[hash & mask]) markAll(this.#stems.get(hash), found);
      } else if (isIn) {
        if (this.#known[hash & mask]) markAll(this.#words.get(hash), found);
        hash = start;
        isIn = false;
      }
    }
  }

  #add(word: string, group: number): void {
    const isStem = word.endsWith('*');
    const letters = isStem ? word.slice(0, -1) : word;
    let hash = start;
    for (let place = 0; place < letters.length; place++) hash = hashed(hash, letters.charCodeAt(place));
    const table = isStem ? this.#stems : this.#words;
    table.set(hash, [...(table.get(hash) ?? []), group]);
    this.#known[hash & mask] = 1;
  }
}

const start = 0x811c9dc5;

/** FNV-1a. */
function hashed(hash: number, code: number): number {
  return Math.imul(hash ^ code, 0x01000193);
}

const firstLetterBeyondAscii = 0xc0;

function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || code >= firstLetterBeyondAscii;
}

function markAll(groups: readonly number[] | undefined, found: Uint8Array): void {
  if (groups) for (const group of groups) found[group] = 1;
}
