// The text of a turn for people while it comes: without the JSON around it, and without what may turn out to be a call.
import type { DialectName } from './turn.ts';

/** Lives as long as a turn of the model. */
export class LiveText {
  readonly #dialect: DialectName;
  readonly #onText: (text: string) => void;
  #said = '';
  #hasShown = false;
  /** Of JSON: whether its answer has begun, or has ended. */
  #say: 'before' | 'in' | 'over' = 'before';

  constructor(dialect: DialectName, onText: (text: string) => void) {
    this.#dialect = dialect;
    this.#onText = onText;
  }

  /** What was shown until now. */
  shown = '';

  add(text: string): void {
    if (this.#dialect === 'native') this.#show(text);
    else if (this.#dialect === 'json') this.#addJson(text);
    else if (this.#say === 'before') {
      const at = text.search(/[`{]/);
      this.#show(at < 0 ? text : text.slice(0, at));
      if (at >= 0) this.#say = 'over';
    }
  }

  /** The rest of it, once the turn is read. */
  end(text: string): void {
    if (text.startsWith(this.shown)) this.#show(text.slice(this.shown.length));
  }

  #addJson(text: string): void {
    if (this.#say === 'over') return;
    this.#said += text;
    if (this.#say === 'before') {
      const begin = /^\s*\{\s*"say"\s*:\s*"/.exec(this.#said);
      if (!begin) return;
      this.#say = 'in';
      this.#said = this.#said.slice(begin[0].length);
    }
    const whole = /^(?:[^"\\]|\\u[0-9a-fA-F]{4}|\\[^u])*/.exec(this.#said)?.[0] ?? '';
    const rest = this.#said.slice(whole.length);
    this.#said = rest;
    if (rest.startsWith('"')) this.#say = 'over';
    this.#show(unescaped(whole));
  }

  #show(text: string): void {
    const shown = this.#hasShown ? text : text.trimStart();
    if (shown === '') return;
    this.#hasShown = true;
    this.shown += shown;
    this.#onText(shown);
  }
}

function unescaped(text: string): string {
  try {
    return JSON.parse(
      `"${text.replace(/[\u0000-\u001f]/g, (control) => JSON.stringify(control).slice(1, -1))}"`,
    ) as string;
  } catch {
    return text;
  }
}
