// Server-sent events (WHATWG HTML, 9.2.6) as model servers send them: the data of each event, out of packets that split anywhere.
// The package `eventsource-parser` (4.1.3) reads the same events, but cannot say at the end of a stream whether it broke one off, by
// which an answer that was cut short is told from a whole one.

/** Lives as long as one stream. Names and ids of events are passed over: in an answer everything is in the data. */
export class EventReader {
  readonly #decoder = new TextDecoder(); // drops a byte order mark, and keeps characters whole that packets split
  /** The beginning of a line, in the pieces in which it came: joined once, since it may be long. */
  #line: string[] = [];
  #endsInReturn = false;
  #data: string[] = [];

  /** Takes bytes, returns the data of the events they complete. An event that the stream breaks off is none. */
  push(bytes: Uint8Array): string[] {
    let text = this.#decoder.decode(bytes, { stream: true });
    if (text === '') return [];
    if (this.#endsInReturn && text.startsWith('\n')) text = text.slice(1); // the second half of a line end
    this.#endsInReturn = text.endsWith('\r');
    const lines = text.split(/\r\n|\n|\r/);
    this.#line.push(lines[0] ?? '');
    if (lines.length === 1) return [];
    lines[0] = this.#line.join('');
    this.#line = [lines.pop() ?? ''];
    return lines.flatMap((line) => this.#take(line) ?? []);
  }

  /** Whether an event has begun that nothing ended yet: at the end of a stream, it was broken off. */
  get isInEvent(): boolean {
    return this.#data.length > 0 || this.#line.some((piece) => piece !== '');
  }

  /** The data of an event that this line ends. */
  #take(line: string): string | undefined {
    if (line !== '') {
      if (line.startsWith('data:')) this.#data.push(line.slice(line[5] === ' ' ? 6 : 5));
      else if (line === 'data') this.#data.push('');
      return undefined;
    }
    if (this.#data.length === 0) return undefined;
    const data = this.#data.join('\n');
    this.#data = [];
    return data;
  }
}
