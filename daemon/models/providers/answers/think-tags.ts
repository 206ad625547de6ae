// Reasoning that a server leaves in the text between `<think>` and `</think>`, told apart from the answer. Tags are looked for where
// templates put them: one that opens stands before everything else; one that only closes says that all before it was reasoning,
// because the template itself had opened it. Elsewhere, in quotations and in code, a tag is a word like any other.

/** What a text is: `thought` says that all text before it was reasoning. */
export type TaggedPart = { kind: 'text' | 'reasoning'; text: string } | { kind: 'thought' };

const names = ['think', 'thinking', 'thought', 'reasoning', 'seed:think'];
/** Of those that begin an answer; Magistral and Kimi have marks of their own. */
const closingOf: ReadonlyMap<string, string> = new Map([
  ...names.map((name) => [`<${name}>`, `</${name}>`] as const),
  ['[think]', '[/think]'],
  ['◁think▷', '◁/think▷'],
  ['<|begin_of_thought|>', '<|end_of_thought|>'],
]);
const openings = [...closingOf.keys()];
/** Those that may stand alone: the other ones are too like what an answer may say. */
const closings = names.map((name) => `</${name}>`);

/** With what a thought begins and ends. */
export interface ThoughtMarks {
  opening: string;
  closing: string;
}

/** The thought that a prompt's end has begun, so that an answer to it starts inside; nothing where it has begun none. */
export function thoughtLeftOpen(text: string): ThoughtMarks | undefined {
  const end = text.trimEnd().toLowerCase();
  const opening = openings.find((tag) => end.endsWith(tag));
  return opening === undefined ? undefined : { opening, closing: closingOf.get(opening) ?? '' };
}

/** Lives as long as one answer. Holds back no more than a tag that may be coming. */
export class ThinkTags {
  #state: 'before' | 'reasoning' | 'leading-space' | 'answer' | 'settled' = 'before';
  #held = '';
  #closing: readonly string[] = closings;
  /** The text so far, while a tag that only closes may still come. */
  #said = '';

  push(text: string): TaggedPart[] {
    if (this.#state === 'settled') return [{ kind: 'text', text }];
    const all = this.#held + text;
    this.#held = '';
    switch (this.#state) {
      case 'before':
        return this.#begin(all);
      case 'reasoning':
        return this.#think(all);
      case 'leading-space':
        return this.#afterThinking(all);
      case 'answer':
        return this.#answer(all);
    }
  }

  /** What was held back, as no tag came of it. Reasoning that never closed stays reasoning. */
  end(): TaggedPart[] {
    const held = this.#held;
    this.#held = '';
    if (this.#state === 'leading-space') return [];
    return partsOf(this.#state === 'reasoning' ? 'reasoning' : 'text', held);
  }

  #begin(all: string): TaggedPart[] {
    const start = all.trimStart();
    const opening = openings.find((tag) => startsWith(start, tag));
    if (opening) {
      this.#state = 'reasoning';
      this.#closing = [closingOf.get(opening) ?? ''];
      return this.#think(start.slice(opening.length));
    }
    if (openings.some((tag) => startsWith(tag, start))) {
      this.#held = all;
      return [];
    }
    this.#state = 'answer';
    return this.#answer(all);
  }

  #think(all: string): TaggedPart[] {
    const found = firstTag(all, this.#closing);
    if (!found) return this.#withHeldTail('reasoning', all);
    this.#state = 'leading-space';
    return [...partsOf('reasoning', all.slice(0, found.at)), ...this.#afterThinking(all.slice(found.end))];
  }

  /** Line breaks between the reasoning and the answer belong to neither. */
  #afterThinking(all: string): TaggedPart[] {
    const text = all.trimStart();
    if (text === '') return [];
    this.#state = 'settled';
    return partsOf('text', text);
  }

  #answer(all: string): TaggedPart[] {
    if (!all.includes('<')) {
      this.#said += all;
      return partsOf('text', all);
    }
    const found = firstTag(all, closings);
    if (!found) return this.#withHeldTail('text', all);
    const before = this.#said + all.slice(0, found.at);
    const after = all.slice(found.end);
    this.#said = '';
    if (isQuoted(before)) {
      this.#state = 'settled';
      return partsOf('text', all);
    }
    this.#state = 'leading-space';
    return [...partsOf('text', all.slice(0, found.at)), { kind: 'thought' }, ...this.#afterThinking(after)];
  }

  /** The text but for its end, where that may be the beginning of a tag. */
  #withHeldTail(kind: 'text' | 'reasoning', all: string): TaggedPart[] {
    const told = all.slice(0, all.length - beginningLength(all, this.#closing));
    this.#held = all.slice(told.length);
    if (kind === 'text') this.#said += told;
    return partsOf(kind, told);
  }
}

/** How much of a text's end is the beginning of a tag. */
function beginningLength(text: string, tags: readonly string[]): number {
  const longest = Math.min(text.length, Math.max(...tags.map((tag) => tag.length)) - 1);
  for (let length = longest; length > 0; length--)
    if (tags.some((tag) => startsWith(tag, text.slice(-length)))) return length;
  return 0;
}

function partsOf(kind: 'text' | 'reasoning', text: string): TaggedPart[] {
  return text === '' ? [] : [{ kind, text }];
}

function startsWith(text: string, start: string): boolean {
  return text.slice(0, start.length).toLowerCase() === start.toLowerCase();
}

function firstTag(text: string, tags: readonly string[]): { at: number; end: number } | undefined {
  const lower = text.toLowerCase();
  const found = tags
    .map((tag) => ({ at: lower.indexOf(tag), end: lower.indexOf(tag) + tag.length }))
    .filter(({ at }) => at >= 0);
  return found.toSorted((a, b) => a.at - b.at)[0];
}

/** Whether a tag that only closes is spoken of: in data, in code, in quotation marks, or after its opening one. */
function isQuoted(before: string): boolean {
  const line = before.slice(before.lastIndexOf('\n') + 1);
  const isData = /^\s*[[{]/.test(before);
  const isInCode = isOdd(before, '`');
  const isMarked = /[“‘«]$|(^|\s)'$/.test(line) || (line.endsWith('"') && isOdd(line, '"'));
  return isData || isInCode || isMarked || openings.some((tag) => before.toLowerCase().includes(tag));
}

function isOdd(text: string, mark: string): boolean {
  return text.split(mark).length % 2 === 0;
}

/** An earlier answer as it goes into a prompt: without reasoning that stands before it. */
export function withoutReasoning(answer: string): string {
  const tags = new ThinkTags();
  const parts = [...tags.push(answer), ...tags.end()];
  const from = parts.findLastIndex(({ kind }) => kind === 'thought') + 1;
  return parts
    .slice(from)
    .map((part) => (part.kind === 'text' ? part.text : ''))
    .join('');
}
