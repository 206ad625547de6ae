// How llama.vscode 0.0.63 asks llama-server (its src/completion.ts and src/llama-server.ts, with the settings it comes with): 256 lines before
// the cursor's and 64 after it, the cursor's line as the prompt, a cache of results by what surrounds them, and the next suggestion asked for
// as if this one were accepted. Its ring of other pieces grows only in pauses of seconds, which the trace does not have, and is left out.
import type { KeyAnswer, Suggester } from './trace.ts';

export interface Infilling {
  post<Answer>(path: string, body: unknown): Promise<Answer>;
}

interface Infilled {
  content: string;
  timings: { prompt_n: number; cache_n?: number };
}

interface Around {
  prefix: string;
  suffix: string;
  prompt: string;
}

const lines = { before: 256, after: 64 };
const maxLineSuffix = 8;
const maxCached = 250;

/** Lives as long as a round: a window with one document. */
export class LlamaVscode implements Suggester {
  readonly #server: Infilling;
  readonly #results = new Map<string, string>();

  constructor(server: Infilling) {
    this.#server = server;
  }

  change(): void {}

  async suggest(text: string, offset: number): Promise<KeyAnswer> {
    const beganMs = performance.now();
    const around = aroundOf(text, offset);
    const rest = around.suffix.slice(0, around.suffix.indexOf('\n'));
    if (rest.length > maxLineSuffix) return { ms: performance.now() - beganMs };
    const known = this.#known(around);
    const { content, read } = known === undefined ? await this.#ask(around) : { content: known, read: undefined };
    const shown = content.trimEnd();
    const ms = performance.now() - beganMs;
    if (known === undefined && shown !== '') this.#keep(around, shown);
    if (shown !== '' && rest.trim() === '') await this.#askAhead(around, shown);
    return { ms, ...(shown !== '' && { text: shown }), ...(read && { read }) };
  }

  async #ask({ prefix, suffix, prompt }: Around) {
    const { content, timings } = await this.#server.post<Infilled>('/infill', {
      ...{ id_slot: 0, input_prefix: prefix, input_suffix: suffix, input_extra: [], prompt },
      ...{ n_predict: 128, top_k: 40, top_p: 0.99, stream: false, samplers: ['top_k', 'top_p', 'infill'] },
      ...{ cache_prompt: true, t_max_prompt_ms: 500, t_max_predict_ms: 500 },
    });
    const { prompt_n: fresh, cache_n: cached = 0 } = timings;
    return { content, read: { tokens: fresh + cached, cached } };
  }

  #known({ prefix, suffix, prompt }: Around): string | undefined {
    for (let length = prompt.length; length >= 0; length--) {
      const found = this.#results.get(keyOf({ prefix, suffix, prompt: prompt.slice(0, length) }));
      const typed = prompt.slice(length);
      if (found?.startsWith(typed) && found.length > typed.length) return found.slice(typed.length);
    }
    return undefined;
  }

  #keep(around: Around, content: string): void {
    const [oldest] = this.#results.keys();
    if (this.#results.size >= maxCached && oldest !== undefined) this.#results.delete(oldest);
    this.#results.set(keyOf(around), content);
  }

  async #askAhead({ prefix, suffix, prompt }: Around, shown: string): Promise<void> {
    const written = (prompt + shown).split('\n');
    const next = {
      prefix: written.length === 1 ? prefix : `${prefix}${written.slice(0, -1).join('\n')}\n`,
      suffix,
      prompt: written.at(-1) ?? '',
    };
    if (this.#results.has(keyOf(next))) return;
    const { content } = await this.#ask(next);
    if (content.trimEnd() !== '') this.#keep(next, content.trimEnd());
  }
}

function aroundOf(text: string, offset: number): Around {
  const before = text.slice(0, offset).split('\n');
  const [rest = '', ...after] = text.slice(offset).split('\n');
  const line = before.pop() ?? '';
  return {
    prefix: `${before.slice(-lines.before).join('\n')}\n`,
    suffix: `${rest}\n${after.slice(0, lines.after).join('\n')}\n`,
    prompt: line.trim() === '' ? '' : line,
  };
}

function keyOf({ prefix, suffix, prompt }: Around): string {
  return JSON.stringify([prefix, suffix, prompt]);
}
