// Splits text into the word pieces of uncased BERT models as their original tokenizer does. llama.cpp's own splitting differs:
// it leaves Hangul syllables whole, drops the vowel signs of Indic scripts, and takes words of any length apart.

/** Longer words are one unknown token, as in the original. */
const maxWordCharacters = 100;
/** Marks the pieces that begin a word in a GGUF file's vocabulary. */
const wordStart = '\u2581';

/** Lives as long as its model. */
export class WordPieces {
  readonly #ids: ReadonlyMap<string, number>;
  readonly #unknown: number;
  readonly #maxPieceLength: number;

  /** `vocabulary` is the file's list of tokens; `unknown` is the id for words that cannot be made from it. */
  constructor(vocabulary: readonly string[], unknown: number) {
    this.#ids = new Map(vocabulary.map((piece, id) => [piece, id]));
    this.#unknown = unknown;
    this.#maxPieceLength = vocabulary.reduce((longest, { length }) => Math.max(longest, length), 1);
  }

  /** Token ids, without those that begin and end a text. */
  split(text: string): number[] {
    return wordsOf(text).flatMap((word) => this.#splitWord(word));
  }

  /** The longest piece that fits comes first, and so on; a word with a rest that is no piece is unknown as a whole. */
  #splitWord(word: string): number[] {
    const characters = [...word];
    if (characters.length > maxWordCharacters) return [this.#unknown];
    const ids: number[] = [];
    let start = 0;
    while (start < characters.length) {
      let end = Math.min(characters.length, start + this.#maxPieceLength);
      let id: number | undefined;
      for (; end > start && id === undefined; end--)
        id = this.#ids.get((start === 0 ? wordStart : '') + characters.slice(start, end).join(''));
      if (id === undefined) return [this.#unknown];
      ids.push(id);
      start = end + 1;
    }
    return ids;
  }
}

const unseen = /[\0\uFFFD\p{Cf}\p{Co}]|(?![\t\n\r])\p{Cc}/gu;
const chinese =
  /[\u4E00-\u9FFF\u3400-\u4DBF\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B920}-\u{2CEAF}\uF900-\uFAFF\u{2F800}-\u{2FA1F}]/gu;
const word = /[!-/:-@[-`{-~\p{P}]|[^\s!-/:-@[-`{-~\p{P}]+/gu;

/** Lower-case words without accents; each mark of punctuation and each Chinese character is a word of its own. */
function wordsOf(text: string): string[] {
  const plain = text
    .replace(unseen, '')
    .replace(chinese, ' $& ')
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '');
  // Character by character: a sigma at the end of a word is one like any other.
  return (
    Array.from(plain, (character) => character.toLowerCase())
      .join('')
      .match(word) ?? []
  );
}
