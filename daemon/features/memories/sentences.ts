// The sentences that a user wrote in their own words: without code, quotations and words of others. Pure.

export interface Sentence {
  text: string;
  isQuestion: boolean;
}

const maxCharacters = 10_000; // a pasted log is no statement about how the user works

/** In their order. Of a very long message only the beginning is read. */
export function sentencesOf(message: string): Sentence[] {
  const own = withoutCode(message.slice(0, maxCharacters));
  return own.split('\n').flatMap(sentencesOfLine);
}

function withoutCode(text: string): string {
  let fence: string | undefined;
  const kept: string[] = [];
  for (const line of text.split(/\r\n|\r|\n/)) {
    const mark = /^\s*(```+|~~~+)/.exec(line)?.[1];
    if (fence === undefined && mark !== undefined) fence = mark;
    else if (fence !== undefined) {
      if (mark?.startsWith(fence)) fence = undefined;
    } else if (!isForeign(line)) kept.push(line);
  }
  return kept.join('\n');
}

/** Indented code, a quotation, a comment, a line of a diff or a heading. */
function isForeign(line: string): boolean {
  return /^(?: {4}|\t)/.test(line) || /^\s*(?:>|\/\/|\/\*|#|[+-]{2,}|\$ |@@)/.test(line) || /[{};]\s*$/.test(line);
}

function sentencesOfLine(line: string): Sentence[] {
  const sentences: Sentence[] = [];
  let quotes = 0;
  for (const whole of line.split(/(?<=[.!?])(?<!\b(?:e\.g|i\.e|etc|vs)\.)["”’)]*\s+/u)) {
    const isWithin = quotes % 2 === 1;
    quotes += whole.match(/["“”]/gu)?.length ?? 0;
    const text = whole.replace(/^\s*(?:[-*•]|\d+[.)])\s+/, '').trim();
    if (!isWithin && text !== '') sentences.push({ text, isQuestion: /\?["”’)]*$/u.test(text) });
  }
  return sentences;
}
