// Finds the findings in a model's answer while it is still being written. Pure; never throws, whatever the answer
// holds. It looks for flat JSON objects and drops what cannot be one, so prose, fences and broken tails do no harm.

export interface FindingsParser {
  /** Objects that became complete with this piece of the answer, in order. */
  push(text: string): Record<string, unknown>[];
  /** Whether anything in the answer had the expected form, even an empty list. */
  readonly answered: boolean;
}

const maxObjectChars = 65_536; // no honest finding is this long; a hostile one must not fill the memory

type ScannerState = 'outside' | 'key-or-end' | 'key' | 'colon' | 'value' | 'string' | 'word' | 'after-value';

/** States in which a closing brace ends an object. */
const mayEnd: ReadonlySet<ScannerState> = new Set(['key-or-end', 'word', 'after-value']);

export function createFindingsParser(): FindingsParser {
  return new FindingsScanner();
}

/** Lives as long as one answer. Only the innermost open object is kept: findings are flat. */
class FindingsScanner implements FindingsParser {
  answered = false;
  #state: ScannerState = 'outside';
  #object = '';
  #isEscaped = false;
  #openBrackets = 0;

  push(text: string): Record<string, unknown>[] {
    const complete: Record<string, unknown>[] = [];
    for (const character of text) {
      if (this.#object.length > maxObjectChars) this.#close();
      const closed = this.#read(character);
      if (closed !== undefined) this.#take(closed, complete);
    }
    return complete;
  }

  /** Takes one character; returns an object's text when it closes one. */
  #read(character: string): string | undefined {
    if (this.#state === 'key' || this.#state === 'string') return void this.#readInString(character);
    if (character === '{') return void this.#open();
    if (this.#state === 'outside') return;
    this.#append(character);
    if (/\s/.test(character)) return;
    if (character === '}' && mayEnd.has(this.#state) && this.#openBrackets === 0) return this.#close();
    this.#state = this.#next(character);
  }

  /** The state after a character between strings; `outside` where no JSON object can go on like this. */
  #next(character: string): ScannerState {
    switch (this.#state) {
      case 'key-or-end':
        return character === '"' ? 'key' : 'outside';
      case 'colon':
        return character === ':' ? 'value' : 'outside';
      case 'value':
        if (character === '"') return 'string';
        if (character === '[') return this.#bracket(1, 'value');
        return character === ']' ? this.#bracket(-1, 'after-value') : wordOr(character);
      default:
        if (character === ',') return this.#openBrackets > 0 ? 'value' : 'key-or-end';
        if (character === ']') return this.#bracket(-1, 'after-value');
        return this.#state === 'word' ? wordOr(character) : 'outside';
    }
  }

  #bracket(change: 1 | -1, state: ScannerState): ScannerState {
    this.#openBrackets += change;
    return this.#openBrackets < 0 ? 'outside' : state;
  }

  #readInString(character: string): void {
    if (this.#isEscaped) {
      this.#isEscaped = false;
      // Models escape what JSON does not (`\d`, `\'`): then the backslash itself was meant.
      this.#append(/["\\/bfnrtu]/.test(character) ? `\\${character}` : `\\\\${escapeControl(character)}`);
    } else if (character === '\\') {
      this.#isEscaped = true;
    } else {
      this.#append(escapeControl(character));
      if (character === '"') this.#state = this.#state === 'key' ? 'colon' : 'after-value';
    }
  }

  #open(): void {
    this.#object = '{';
    this.#openBrackets = 0;
    this.#isEscaped = false;
    this.#state = 'key-or-end';
  }

  #append(text: string): void {
    this.#object += text;
  }

  #close(): string {
    const text = this.#object;
    this.#object = '';
    this.#state = 'outside';
    return text;
  }

  #take(text: string, complete: Record<string, unknown>[]): void {
    const object = parseObject(text);
    if (!object) return;
    if (isFinding(object)) complete.push(object);
    if (isFinding(object) || Array.isArray(object['findings'])) this.answered = true;
  }
}

/** Numbers, `true`, `false`, `null`, and words that are no JSON (`NaN`, `90%`), which `mended` makes values of. */
function wordOr(character: string): ScannerState {
  return /[^\s"{}[\],:]/.test(character) ? 'word' : 'outside';
}

/** Models write raw line breaks into strings; JSON wants them escaped. */
function escapeControl(character: string): string {
  return character < ' ' ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : character;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text.replace(/,\s*}$/, '}')) as Record<string, unknown>;
  } catch {
    return parseMended(text.replace(/,\s*}$/, '}'));
  }
}

function parseMended(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(mended(text)) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

const words = new Map<string, string>([
  ...['null', 'none', 'nan', 'undefined', 'nil', 'n/a'].map((word): [string, string] => [word, 'null']),
  ...['true', 'false'].map((word): [string, string] => [word, word]),
]);

/** A value that is no JSON costs its field at most: a number in another form becomes one, any other word a text. */
function mended(text: string): string {
  return text.replace(/"(?:\\.|[^"\\])*"|[^\s"{}[\],:][^"{}[\],:]*/g, (token) => {
    if (token.startsWith('"')) return token;
    const word = token.trim();
    const known = words.get(word.toLowerCase());
    if (known !== undefined) return known;
    if (/^[+-]?inf(inity)?$/i.test(word)) return 'null';
    return Number.isFinite(Number(word)) ? String(Number(word)) : JSON.stringify(word);
  });
}

function isFinding(object: Record<string, unknown>): boolean {
  return typeof object['quote'] === 'string' && typeof object['message'] === 'string';
}
