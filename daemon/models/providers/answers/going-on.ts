// Has an answer go on from a last message of the assistant where the server would begin another one: it is asked to in words. The
// model repeats the last words first, which are dropped: only so are spaces and line breaks between both parts known.
import type { ModelRequest, PromptMessage, Provider, StreamPart } from '../provider.ts';

/** Leaves every other request as it is, and no iterator around it. */
export function withGoingOn(provider: Provider): Provider {
  if (provider.goesOn) return provider;
  return {
    ...provider,
    stream(request, signal) {
      const begun = request.messages.at(-1);
      if (begun?.role !== 'assistant' || begun.toolCalls?.length) return provider.stream(request, signal);
      const lastWords = lastWordsOf(begun.content);
      return withoutRepetition(provider.stream(askedToGoOn(request, lastWords), signal), begun.content, lastWords);
    },
  };
}

function askedToGoOn(request: ModelRequest, lastWords: string): ModelRequest {
  const content =
    'Your answer was cut off. Write only what comes after its end, as one text with it: no greeting, no remark, and nothing said twice. ' +
    `Begin with its last words, exactly as they stand, and go on from there. Its last words are:\n\n${lastWords}`;
  const messages: PromptMessage[] = [...request.messages, { role: 'user', content }];
  return { ...request, messages };
}

const lastCharacters = 60; // a line or so: more than says where it is, and soon repeated

/** The end of a text from the beginning of a word, without the space after it. */
function lastWordsOf(text: string): string {
  const end = text.trimEnd();
  const tail = end.slice(-lastCharacters);
  const isWhole = tail.length === end.length || /\s/.test(end.at(-lastCharacters - 1) ?? '');
  return (isWhole ? tail : tail.replace(/^\S+(?=\s)/, '')).trim();
}

async function* withoutRepetition(
  parts: AsyncIterable<StreamPart>,
  begun: string,
  lastWords: string,
): AsyncGenerator<StreamPart> {
  const repetition = new Repetition(begun, lastWords);
  let held: string | undefined = '';
  for await (const part of parts) {
    if (held === undefined) {
      yield part;
      continue;
    }
    if (part.kind === 'thought') {
      yield { kind: 'reasoning', text: held };
      held = '';
      continue;
    }
    if (part.kind === 'text') {
      held += part.text;
      if (repetition.mayBegin(held)) continue;
    }
    if (part.kind === 'text' || part.kind === 'tool-call' || part.kind === 'finish') {
      const text = repetition.cutFrom(held);
      held = undefined;
      if (text !== '') yield { kind: 'text', text };
    }
    if (part.kind !== 'text') yield part;
  }
}

const leastRepeated = 8; // characters: fewer may be said again by chance

/** What a model may repeat of an answer's end: all the last words, or the last of them. */
class Repetition {
  readonly #ends: readonly string[];
  /** What stands after the last words. */
  readonly #space: string;

  constructor(begun: string, lastWords: string) {
    const later = [...lastWords.matchAll(/\s+/g)].map(({ index, 0: space }) => lastWords.slice(index + space.length));
    this.#ends = [lastWords, ...later.filter((end) => end.length >= leastRepeated && /\s/.test(end))];
    this.#space = begun.slice(begun.trimEnd().length);
  }

  /** Whether what has come may still be the beginning of one. */
  mayBegin(text: string): boolean {
    return this.#ends.some((end) => (end + this.#space).startsWith(text.trimStart()));
  }

  /** What comes after it; all of the text where there is none. */
  cutFrom(text: string): string {
    const said = text.trimStart();
    const repeated = this.#ends.find((end) => said.startsWith(end));
    if (repeated === undefined) return text;
    const rest = said.slice(repeated.length);
    let common = 0;
    while (common < this.#space.length && rest[common] === this.#space[common]) common++;
    return rest.slice(common);
  }
}
