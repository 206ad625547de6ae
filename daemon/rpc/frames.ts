// LSP framing (`Content-Length: N`, blank line, N bytes of JSON), read defensively: a peer may send anything.

/** The peer broke the framing; nothing after it can be trusted, so the connection must end. */
export class FramingError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FramingError';
  }
}

const maxHeaderBytes = 4096;
const maxBodyBytes = 64 * 1024 * 1024; // a document of this size is beyond what any editor sends

/** One message of a byte stream. */
export interface Frame {
  /** With its header. */
  raw: Buffer;
  body: Buffer;
}

/** Splits a byte stream into frames. Lives as long as one direction of a connection. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #size = 0;
  /** Bytes of the frame being read, header included; undefined while the header is incomplete. */
  #expected: { header: number; total: number } | undefined;

  /** Takes bytes and returns the frames that they complete. Throws FramingError. */
  push(chunk: Buffer): Frame[] {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    const frames: Frame[] = [];
    for (;;) {
      this.#expected ??= this.#readHeader();
      if (!this.#expected || this.#size < this.#expected.total) return frames;
      const { header, total } = this.#expected;
      const all = this.#joined();
      const raw = all.subarray(0, total);
      frames.push({ raw, body: raw.subarray(header) });
      this.#chunks = all.length > total ? [all.subarray(total)] : [];
      this.#size = all.length - total;
      this.#expected = undefined;
    }
  }

  #readHeader(): { header: number; total: number } | undefined {
    if (this.#size === 0) return undefined;
    const all = this.#joined();
    const end = all.subarray(0, maxHeaderBytes).indexOf('\r\n\r\n');
    if (end < 0) {
      if (all.length >= maxHeaderBytes) throw new FramingError(`no end of header within ${maxHeaderBytes} bytes`);
      return undefined;
    }
    const length = contentLength(all.toString('latin1', 0, end));
    return { header: end + 4, total: end + 4 + length };
  }

  #joined(): Buffer {
    const [first] = this.#chunks;
    const all = this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks, this.#size);
    this.#chunks = [all];
    return all;
  }
}

function contentLength(header: string): number {
  for (const line of header.split('\r\n')) {
    const match = /^content-length:[ \t]*(\S*)[ \t]*$/i.exec(line);
    if (!match) continue;
    const digits = match[1] ?? '';
    if (!/^\d{1,10}$/.test(digits))
      throw new FramingError(`Content-Length is not a number: ${JSON.stringify(digits.slice(0, 40))}`);
    const length = Number(digits);
    if (length > maxBodyBytes)
      throw new FramingError(`a message of ${length} bytes is over the limit of ${maxBodyBytes}`);
    return length;
  }
  throw new FramingError('a header without Content-Length');
}

/** A message as bytes on the wire. */
export function frame(message: unknown): Buffer {
  return Buffer.from(frameText(message), 'utf8');
}

/** The same as text, so that several frames can be encoded and written at once. */
export function frameText(message: unknown): string {
  const body = JSON.stringify(message);
  return `Content-Length: ${Buffer.byteLength(body, 'utf8')}\r\n\r\n${body}`;
}
