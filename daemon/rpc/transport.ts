// JSON-RPC over a pair of byte streams: vscode-jsonrpc over our own framing, which survives any bytes.
import type { Readable, Writable } from 'node:stream';
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  createMessageConnection,
  type DataCallback,
  Disposable,
  type Message,
  type MessageConnection,
  type MessageReader,
  type MessageWriter,
} from 'vscode-jsonrpc/node';
import { type Frame, FrameReader, frameText } from './frames.ts';

const parseError = -32700; // JSON-RPC 2.0
const invalidRequest = -32600;
const maxCharsPerTurn = 1024 * 1024; // joining longer strings costs more than a write
const maxUnreadBytes = 128 * 1024 * 1024;

interface TransportOptions {
  input: Readable;
  output: Writable;
  /** Bytes that were read before this connection began. */
  rest?: Buffer;
  /** Called when the peer broke the framing: the connection is of no more use. */
  onBroken(reason: string): void;
}

/** Returns a connection that does not listen yet. It answers a message that is not JSON-RPC with an error, and goes on. */
export function createTransport(options: TransportOptions): MessageConnection {
  const writer = new FrameWriter(options.output);
  return createMessageConnection(new CheckedReader(options, writer), writer, silent);
}

const silent = { error() {}, warn() {}, info() {}, log() {} };

class CheckedReader extends AbstractMessageReader implements MessageReader {
  readonly #options: TransportOptions;
  readonly #writer: FrameWriter;
  readonly #frames = new FrameReader();

  constructor(options: TransportOptions, writer: FrameWriter) {
    super();
    this.#options = options;
    this.#writer = writer;
  }

  override listen(callback: DataCallback): Disposable {
    const { input, rest } = this.#options;
    const onData = (chunk: Buffer): void => this.#take(chunk, callback);
    const onEnd = (): void => this.fireClose();
    if (rest && rest.length > 0) onData(rest);
    input.on('data', onData);
    input.once('close', onEnd);
    input.once('end', onEnd);
    input.resume();
    return Disposable.create(() => input.off('data', onData).off('close', onEnd).off('end', onEnd));
  }

  #take(chunk: Buffer, callback: DataCallback): void {
    let frames: Frame[];
    try {
      frames = this.#frames.push(chunk);
    } catch (error) {
      return this.#options.onBroken((error as Error).message);
    }
    for (const { body, refusal } of frames) {
      const message = parse(body);
      if (refusal) void this.#writer.write(refusal as Message);
      else if (message) callback(message);
      else void this.#writer.write(notJsonRpc(body));
    }
  }
}

function parse(body: Buffer): Message | undefined {
  try {
    const message: unknown = JSON.parse(body.toString('utf8'));
    return isMessage(message) ? message : undefined;
  } catch {
    return undefined;
  }
}

/** The shape that vscode-jsonrpc relies on: a request or notification with a method, or an answer with an id. */
function isMessage(value: unknown): value is Message {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { id, method, params } = value as { id?: unknown; method?: unknown; params?: unknown };
  if (method === undefined) return id === null || isId(id);
  if (method === '$/cancelRequest') return isId((params as { id?: unknown } | null | undefined)?.id); // vscode-jsonrpc reads it before a handler could check it
  return typeof method === 'string' && (id === undefined || isId(id));
}

function isId(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number';
}

function notJsonRpc(body: Buffer): Message {
  const isJson = ((): boolean => {
    try {
      JSON.parse(body.toString('utf8'));
      return true;
    } catch {
      return false;
    }
  })();
  const error = isJson
    ? { code: invalidRequest, message: 'Not a JSON-RPC message.' }
    : { code: parseError, message: 'Not JSON.' };
  return { jsonrpc: '2.0', id: null, error } as Message;
}

/** Writes the messages of one turn of the event loop at once: a streamed answer is many small ones, and each write costs a system call. */
class FrameWriter extends AbstractMessageWriter implements MessageWriter {
  readonly #output: Writable;
  #waiting = '';
  /** Parts of answers wait until all packets that have come in are read, since with many answers at a time most packets bring parts. */
  #afterReading: NodeJS.Immediate | undefined;
  #isDue = false;

  constructor(output: Writable) {
    super();
    this.#output = output;
    output.on('error', (error) => this.fireError(error, undefined, undefined));
    output.once('close', () => this.fireClose());
  }

  write(message: Message): Promise<void> {
    if (!this.#output.writable) return Promise.resolve();
    const isPart = (message as { method?: string }).method === '$/progress';
    if (isPart) this.#afterReading ??= setImmediate(() => this.#flush());
    else if (!this.#isDue) process.nextTick(() => this.#flush());
    this.#isDue ||= !isPart;
    this.#waiting += frameText(message);
    if (this.#waiting.length > maxCharsPerTurn) this.#flush();
    return Promise.resolve();
  }

  end(): void {
    this.#flush();
    this.#output.end();
  }

  override dispose(): void {
    this.#flush();
    super.dispose();
  }

  #flush(): void {
    const text = this.#waiting;
    this.#waiting = '';
    this.#isDue = false;
    clearImmediate(this.#afterReading);
    this.#afterReading = undefined;
    if (text === '' || !this.#output.writable) return;
    this.#output.write(text);
    // A peer that never reads must not fill our memory.
    if (this.#output.writableLength > maxUnreadBytes) this.#output.destroy();
  }
}
