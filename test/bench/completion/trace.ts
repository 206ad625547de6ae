// A trace of typing, as data, and its replay: each key changes the document and asks for a suggestion, as an editor does.
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

interface Step {
  does: 'at' | 'type' | 'delete' | 'pause' | 'accept' | 'follow' | 'undo';
  value: string;
}

/** What came back for a key. */
export interface KeyAnswer {
  /** What is suggested; absent where nothing is. */
  text?: string;
  /** Whether it was there before the key: the rest of one that is being typed, or asked for ahead, which may still be under way. */
  from?: 'typed' | 'ahead';
  /** Of the prompt, where a model was asked. */
  read?: { tokens: number; cached: number };
  ms: number;
}

/** Who is asked for suggestions. */
export interface Suggester {
  change(edit: { from: number; removed: number; inserted: string }, text: string): void;
  suggest(text: string, offset: number): Promise<KeyAnswer>;
}

const keyMs = 30; // between two keys, beside what the answer takes

const fileOf = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');

export const traceDocument = fileOf('document.txt');
export const trace: readonly Step[] = fileOf('trace.txt')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const [does = ''] = line.split(' ', 1);
    return { does: does as Step['does'], value: line.slice(does.length + 1).replaceAll('⏎', '\n') };
  });

/** Types the trace, or its beginning of about so many keys, and returns what each key got. */
export async function replay(
  steps: readonly Step[],
  suggester: Suggester,
  keys = Number.POSITIVE_INFINITY,
): Promise<KeyAnswer[]> {
  const typist = new Typist(suggester);
  for (const step of steps) if (typist.answers.length < keys) await typist.do(step);
  return typist.answers;
}

/** Lives as long as one replay. */
class Typist {
  readonly answers: KeyAnswer[] = [];
  readonly #suggester: Suggester;
  #text = traceDocument;
  #offset = 0;
  #brought = 0;

  constructor(suggester: Suggester) {
    this.#suggester = suggester;
  }

  async do({ does, value }: Step): Promise<void> {
    if (does === 'pause') await delay(Number(value));
    if (does === 'at') this.#offset = endOfLine(this.#text, Number(value));
    if (does === 'type') for (const letter of value) await this.#key(letter);
    if (does === 'delete') for (let i = 0; i < Number(value); i++) await this.#key('', 1);
    if (does === 'undo') this.#edit('', this.#brought);
    const { text: shown = 'nothing' } = this.answers.at(-1) ?? {};
    if (does === 'accept') await this.#key(shown);
    if (does === 'follow') {
      const letters = shown.padEnd(Number(value), '.').slice(0, Number(value));
      for (const letter of letters) await this.#key(letter);
      this.#brought = letters.length;
    }
    if (does === 'accept') this.#brought = shown.length;
  }

  async #key(inserted: string, removed = 0): Promise<void> {
    this.#edit(inserted, removed);
    this.answers.push(await this.#suggester.suggest(this.#text, this.#offset));
    await delay(keyMs);
  }

  #edit(inserted: string, removed: number): void {
    const from = this.#offset - removed;
    this.#text = this.#text.slice(0, from) + inserted + this.#text.slice(this.#offset);
    this.#offset = from + inserted.length;
    this.#suggester.change({ from, removed, inserted }, this.#text);
  }
}

function endOfLine(text: string, line: number): number {
  return text.split('\n').slice(0, line).join('\n').length;
}
