// From the bytes of an answer to its parts: the one way for all servers. What is particular about an API is its AnswerParser.
import { errorWordsOf } from '../error-words.ts';
import type { FinishReason, StreamPart } from '../provider.ts';
import { AnswerReader, SentFailure } from './reader.ts';
import type { Fields } from './shapes.ts';
import { type TaggedPart, ThinkTags } from './think-tags.ts';

/** Reads the objects of one API. Lives as long as one answer. */
export interface AnswerParser {
  /** What one object says. Throws UnexpectedShape, and ProviderError for a failure in the API's own form. */
  read(object: Fields): Iterable<StreamPart>;
  /** Set as soon as the model has said that its answer is over. */
  readonly finish: FinishReason | undefined;
  /** Whether nothing follows any more, the token counts included. */
  readonly isOver: boolean;
  /** What is known only at the end: calls that were put together, token counts. */
  last(): Iterable<StreamPart>;
}

/** Lives as long as one answer. */
export class AnswerDecoder {
  readonly #reader = new AnswerReader();
  readonly #tags = new ThinkTags();
  readonly #parser: AnswerParser;
  readonly #failure: (said: unknown) => Error;
  /** What the server said beside the answer, for a body that is none. */
  #unread: Fields | undefined;
  #hasParts = false;
  #objects = 0;

  /** `failure` makes an error of what a server said of its own failure. */
  constructor(parser: AnswerParser, failure: (said: unknown) => Error) {
    this.#parser = parser;
    this.#failure = failure;
  }

  /** Whether all of the answer has come, as far as the model is concerned. */
  get isFinished(): boolean {
    return this.#parser.finish !== undefined || this.#reader.isDone;
  }

  get isOver(): boolean {
    return this.#parser.isOver || this.#reader.isDone;
  }

  /** Words of one kind that came together are one part: under load a packet holds many, and each part passes many layers. */
  *push(packet: Uint8Array): Generator<StreamPart> {
    yield* joined(this.#parts(this.#reader.push(packet)));
  }

  /** What the end of the answer says. Without its `finish`, it broke off. */
  *end(): Generator<StreamPart> {
    yield* this.#parts(this.#reader.end());
    const isNone = !this.isFinished || (this.#parser.finish === undefined && !this.#hasParts);
    const isKnown = this.#unread !== undefined && errorWordsOf(this.#unread).detail !== '';
    const isDocument = this.#reader.isJson && this.#objects === 1;
    if (isNone && this.#unread && (isKnown || isDocument)) throw this.#failure(this.#unread);
    if (!this.isFinished) return;
    yield* told(this.#tags.end());
    yield* this.#parser.last();
    yield { kind: 'finish', reason: this.#parser.finish ?? 'stop' };
  }

  *#parts(objects: Iterable<Fields | SentFailure>): Generator<StreamPart> {
    for (const object of objects) {
      this.#objects++;
      if (object instanceof SentFailure) throw this.#failure(object.said);
      for (const part of this.#parser.read(object)) {
        this.#hasParts = true;
        if (part.kind === 'text') yield* told(this.#tags.push(part.text));
        else yield part;
      }
      if (!this.#hasParts && (!this.#unread || errorWordsOf(object).detail !== '')) this.#unread = object;
    }
  }
}

/** What stands before a failure is given first. */
function* joined(parts: Iterable<StreamPart>): Generator<StreamPart> {
  let held: Extract<StreamPart, { kind: 'text' | 'reasoning' }> | undefined;
  try {
    for (const part of parts) {
      if (held && part.kind === held.kind) {
        held = { kind: held.kind, text: held.text + part.text };
        continue;
      }
      if (held) yield held;
      held = undefined;
      if (part.kind === 'text' || part.kind === 'reasoning') held = part;
      else yield part;
    }
  } catch (error) {
    if (held) yield held;
    throw error;
  }
  if (held) yield held;
}

function* told(parts: readonly TaggedPart[]): Generator<StreamPart> {
  yield* parts;
}
