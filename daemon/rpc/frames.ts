// LSP framing (`Content-Length: N`, blank line, N bytes of JSON), read defensively: a peer may send anything.

/** The peer broke the framing; nothing after it can be trusted, so the connection must end. */
export class FramingError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FramingError';
  }
}

const maxHeaderBytes = 4096;
const maxBodyBytes = 64 * 1024 * 1024; // a longer message is skipped, and costs nobody the connection
const maxSkippedBytes = 1024 ** 3; // no editor sends a longer one: what follows is no message
const maxHeadBytes = 8192; // of a skipped message, in which its method, its id and its document stand

/** One message of a byte stream. */
export interface Frame {
  /** With its header. */
  raw: Buffer;
  body: Buffer;
  /** What to answer instead of reading the message: it was a request, and too long. */
  refusal?: unknown;
}

/** A message that is too long to read, while its bytes pass. */
interface SkippedMessage {
  bytes: number;
  left: number;
  head: Buffer;
  tail: Buffer;
}

/** Splits a byte stream into frames. Lives as long as one direction of a connection. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #size = 0;
  /** Bytes of the frame being read, header included; undefined while the header is incomplete. */
  #expected: { header: number; total: number } | undefined;

  #skipped: SkippedMessage | undefined;

  /**
   * Takes bytes and returns the frames that they complete. In place of a message that is too long comes a short one: what its beginning
   * tells of it. Throws FramingError.
   */
  push(chunk: Buffer): Frame[] {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    const frames: Frame[] = [];
    for (;;) {
      if (this.#skipped && !this.#skip(this.#skipped, frames)) return frames;
      this.#expected ??= this.#readHeader();
      if (this.#skipped) continue;
      if (!this.#expected || this.#size < this.#expected.total) return frames;
      const { header, total } = this.#expected;
      const all = this.#joined();
      const raw = all.subarray(0, total);
      frames.push({ raw, body: raw.subarray(header) });
      this.#keep(all.subarray(total));
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
    if (length > maxSkippedBytes)
      throw new FramingError(`a message of ${length} bytes is over the limit of ${maxSkippedBytes}`);
    if (length > maxBodyBytes) {
      this.#keep(all.subarray(end + 4));
      this.#skipped = { bytes: length, left: length, head: Buffer.alloc(0), tail: Buffer.alloc(0) };
      return undefined;
    }
    return { header: end + 4, total: end + 4 + length };
  }

  /** False until all bytes of the message have passed. */
  #skip(message: SkippedMessage, frames: Frame[]): boolean {
    const all = this.#joined();
    const part = all.subarray(0, message.left);
    this.#keep(all.subarray(part.length));
    message.left -= part.length;
    if (message.head.length < maxHeadBytes)
      message.head = Buffer.concat([message.head, part.subarray(0, maxHeadBytes - message.head.length)]);
    message.tail = Buffer.from(Buffer.concat([message.tail, part.subarray(-maxTailBytes)]).subarray(-maxTailBytes));
    if (message.left > 0) return false;
    this.#skipped = undefined;
    frames.push(standInFor(message));
    return true;
  }

  #keep(rest: Buffer): void {
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#size = rest.length;
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
    if (!/^\d{1,15}$/.test(digits))
      throw new FramingError(`Content-Length is not a number: ${JSON.stringify(digits.slice(0, 40))}`);
    return Number(digits);
  }
  throw new FramingError('a header without Content-Length');
}

const maxTailBytes = 4096;
const invalidRequest = -32600; // JSON-RPC 2.0
const string = String.raw`"(?:[^"\\]|\\.)*"`;
const member = new RegExp(String.raw`[{,]\s*"(jsonrpc|method|id)"\s*:\s*(${string}|-?\d+)`, 'y');
const lastId = new RegExp(String.raw`[}\]"\d]\s*,\s*"id"\s*:\s*(${string}|-?\d+)\s*\}\s*$`);
const documentUri = new RegExp(String.raw`"uri"\s*:\s*(${string})`);

/** A short message in place of one that is too long: a notification keeps its document alone, and an answer becomes an error. */
function standInFor({ bytes, head, tail }: SkippedMessage): Frame {
  const text = head.toString('utf8');
  const { method, id = idAtEnd(tail) } = leadingMembers(text);
  const megabytes = (size: number): number => Math.ceil(size / 1024 / 1024);
  const message = `A message of ${megabytes(bytes)} MB is too large. The limit is ${megabytes(maxBodyBytes)} MB.`;
  const error = { code: invalidRequest, message };
  if (id !== undefined && method === undefined) return frameOf({ jsonrpc: '2.0', id, error });
  const uri = parsed((documentUri.exec(text) ?? documentUri.exec(tail.toString('utf8')))?.[1]);
  const short = frameOf({
    jsonrpc: '2.0',
    method: method ?? '',
    params: { ...(uri !== undefined && { textDocument: { uri } }) },
  });
  const isNotification = id === undefined && method !== undefined;
  return isNotification ? short : { ...short, refusal: { jsonrpc: '2.0', id: id ?? null, error } };
}

/** What stands before the first long member: clients write method and id first. */
function leadingMembers(text: string): { method?: unknown; id?: unknown } {
  const found: Record<string, unknown> = {};
  member.lastIndex = 0;
  for (let match = member.exec(text); match; match = member.exec(text)) found[match[1] ?? ''] = parsed(match[2]);
  return found;
}

/** Some write the id last. */
function idAtEnd(tail: Buffer): unknown {
  return parsed(lastId.exec(tail.toString('utf8'))?.[1]);
}

function parsed(json: string | undefined): unknown {
  try {
    return json === undefined ? undefined : JSON.parse(json);
  } catch {
    return undefined;
  }
}

function frameOf(message: unknown): Frame {
  const raw = frame(message);
  return { raw, body: raw.subarray(raw.indexOf('\r\n\r\n') + 4) };
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
