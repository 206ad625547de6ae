// Server-sent events (WHATWG HTML, 9.2.6) as model servers send them: the data of each event, out of packets that split anywhere.
// The package `eventsource-parser` (4.1.3) reads the same events, but cannot tell what was left in the middle of one at the end.

/** An event by the name of `error`, or llama-server's field of that name (until 2025): whatever it says is a failure. */
export class ErrorEvent {
  readonly data: string;
  constructor(data: string) {
    this.data = data;
  }
}

/** Lives as long as one stream. Other names and ids of events are passed over: in an answer everything is in the data. */
export class EventReader {
  readonly #decoder = new TextDecoder(); // drops a byte order mark, and keeps characters whole that packets split
  /** The beginning of a line, in the pieces in which it came: joined once, since it may be long. */
  #line: string[] = [];
  #endsInReturn = false;
  #data: string[] = [];
  #isError = false;

  /** Takes bytes, returns the data of the events they complete. */
  push(bytes: Uint8Array): (string | ErrorEvent)[] {
    let text = this.#decoder.decode(bytes, { stream: true });
    if (text === '') return [];
    if (this.#endsInReturn && text.startsWith('\n')) text = text.slice(1); // the second half of a line end
    this.#endsInReturn = text.endsWith('\r');
    const lines = text.split(text.includes('\r') ? anyLineEnd : '\n');
    this.#line.push(lines[0] ?? '');
    if (lines.length === 1) return [];
    lines[0] = this.#line.join('');
    this.#line = [lines.pop() ?? ''];
    const events: (string | ErrorEvent)[] = [];
    for (const line of lines) {
      const event = this.#take(line);
      if (event !== undefined) events.push(event);
    }
    return events;
  }

  /** The data of an event that the stream ended in, which may be half of it: by the standard such an event is none. */
  end(): string | ErrorEvent | undefined {
    const line = this.#line.join('');
    this.#line = [];
    if (line !== '') this.#take(line);
    return this.#take('');
  }

  /** The data of an event that this line ends. */
  #take(line: string): string | ErrorEvent | undefined {
    if (line !== '') {
      if (line.startsWith('data:')) this.#data.push(fieldValue(line, 'data:'));
      else if (line === 'data') this.#data.push('');
      else if (line.startsWith('event:')) this.#isError = fieldValue(line, 'event:') === 'error';
      else if (line.startsWith('error:')) return new ErrorEvent(fieldValue(line, 'error:'));
      return undefined;
    }
    const isError = this.#isError;
    this.#isError = false;
    if (this.#data.length === 0) return undefined;
    const data = this.#data.join('\n');
    this.#data = [];
    return isError ? new ErrorEvent(data) : data;
  }
}

const anyLineEnd = /\r\n|\n|\r/;

function fieldValue(line: string, field: string): string {
  return line.slice(field.length + (line[field.length] === ' ' ? 1 : 0));
}
