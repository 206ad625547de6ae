// The objects of an answer's body, whatever form the server gave it: events, lines of JSON, or one JSON document where a stream was
// asked for. What only keeps a connection alive (empty events, `null`, `ping`, a comment as data) is passed over. Errors are told
// apart from parts of the answer by their shape, since many servers send them under status 200.
import { ErrorEvent, EventReader } from './events.ts';
import { type Fields, fieldsOf } from './shapes.ts';

/** A failure that the server put into its answer: an object, or words. */
export class SentFailure {
  readonly said: unknown;
  constructor(said: unknown) {
    this.said = said;
  }
}

export type AnswerObject = Fields | SentFailure;

const endMarker = '[DONE]';
const heartbeat = /^\s*(:.*|ping|pong|keep-?alive|heartbeat)?\s*$/is;

/** Lives as long as one answer. */
export class AnswerReader {
  /** Whether the server has said that nothing more comes. */
  isDone = false;
  #form: AnswerForm | undefined;
  #waiting: Uint8Array[] = [];

  /** Whether it is JSON, as lines or as one document, and no stream of events. */
  get isJson(): boolean {
    return this.#form instanceof JsonBody;
  }

  /** Takes bytes, gives the objects they complete. Throws where the body is no answer at all, after what came before that. */
  push(bytes: Uint8Array): Iterable<AnswerObject> {
    if (!this.#form) {
      this.#waiting.push(bytes);
      const first = firstCharacter(this.#waiting);
      if (first === undefined) return [];
      this.#form = first === '{' || first === '[' ? new JsonBody() : new EventBody();
      const all = Buffer.concat(this.#waiting);
      this.#waiting = [];
      return this.#objects(this.#form.push(all));
    }
    return this.#objects(this.#form.push(bytes));
  }

  /** What the end of the body completes. Throws for a JSON document that broke off. */
  end(): Iterable<AnswerObject> {
    return this.isDone || !this.#form ? [] : this.#objects(this.#form.end());
  }

  *#objects(values: Iterable<unknown>): Generator<AnswerObject> {
    for (const value of values) {
      if (value === endMarker) {
        this.isDone = true;
        return;
      }
      for (const each of Array.isArray(value) ? (value as unknown[]) : [value]) {
        if (each instanceof SentFailure) yield each;
        else if (typeof each === 'object' && each !== null)
          yield isFailure(each) ? new SentFailure(each) : (each as Fields);
      }
    }
  }
}

/** Gives values of JSON, the end marker, and failures. */
interface AnswerForm {
  push(bytes: Uint8Array): Iterable<unknown>;
  end(): Iterable<unknown>;
}

class EventBody implements AnswerForm {
  readonly #events = new EventReader();

  *push(bytes: Uint8Array): Generator<unknown> {
    for (const event of this.#events.push(bytes)) yield* valuesIn(event);
  }

  /** Some servers leave out the empty line after the last event; one that broke off says nothing. */
  end(): unknown[] {
    const event = this.#events.end();
    if (event === undefined) return [];
    try {
      return valuesIn(event);
    } catch {
      return [];
    }
  }
}

function valuesIn(event: string | ErrorEvent): unknown[] {
  if (event instanceof ErrorEvent) return [new SentFailure(parsedOr(event.data))];
  const data = event.startsWith('data:') ? event.slice('data:'.length).trimStart() : event; // a proxy has wrapped an event in an event
  if (data.startsWith(endMarker)) return [endMarker];
  return !data.startsWith('{') && heartbeat.test(data) ? [] : [JSON.parse(data) as unknown];
}

/** Lines of JSON, or one document of several lines: its first line tells which. */
class JsonBody implements AnswerForm {
  readonly #decoder = new TextDecoder();
  #pieces: string[] = [];
  #isDocument = false;
  #hasLines = false;

  push(bytes: Uint8Array): unknown[] {
    const text = this.#decoder.decode(bytes, { stream: true });
    const end = this.#isDocument ? -1 : text.lastIndexOf('\n');
    if (end < 0) {
      this.#pieces.push(text);
      return [];
    }
    const whole = [...this.#pieces, text.slice(0, end + 1)].join('');
    const values = this.#lines(whole);
    this.#pieces = values ? [text.slice(end + 1)] : [whole, text.slice(end + 1)];
    return values ?? [];
  }

  end(): unknown[] {
    const rest = this.#pieces.join('').trim();
    this.#pieces = [];
    if (rest === '') return [];
    const value = this.#hasLines ? parsedOr(rest) : (JSON.parse(rest) as unknown);
    return typeof value === 'object' ? [value] : []; // half a line says nothing
  }

  /** Undefined where these are lines of one document. */
  #lines(text: string): unknown[] | undefined {
    const values: unknown[] = [];
    for (const line of text.split('\n')) {
      if (line.trim() === '') continue;
      try {
        values.push(JSON.parse(line));
        this.#hasLines = true;
      } catch (error) {
        if (this.#hasLines) throw error;
        this.#isDocument = true;
        return undefined;
      }
    }
    return values;
  }
}

/** `{error: …}`, `{type: "error"}` (Anthropic, responses) and `{object: "error"}` (vLLM). */
function isFailure(value: object): boolean {
  const { error, type, object } = fieldsOf(value);
  if (type === 'error' || object === 'error') return true;
  return typeof error === 'object' ? Object.keys(error ?? {}).length > 0 : Boolean(error);
}

function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The first that is neither white space nor a byte order mark. */
function firstCharacter(packets: readonly Uint8Array[]): string | undefined {
  for (const packet of packets)
    for (const byte of packet) if (byte > 0x20 && !byteOrderMark.has(byte)) return String.fromCharCode(byte);
  return undefined;
}

const byteOrderMark: ReadonlySet<number> = new Set([0xef, 0xbb, 0xbf]);
