// Reads little-endian values from a file that may lie about its own lengths. Knows nothing of models.
import type { FileHandle } from 'node:fs/promises';

/** What is wrong with a file, as the end of a sentence ("it is …"). */
export class MalformedFile extends Error {}

const chunkBytes = 1024 * 1024;
const tagStart = 0x3c; // <
const maxShownBytes = 32;

/** A position in a file that never passes its end. Lives as long as one reading of the file. */
export class ByteReader {
  readonly sizeBytes: number;
  readonly #file: FileHandle;
  #chunk = Buffer.alloc(0);
  #chunkStart = 0;
  #position = 0;

  constructor(file: FileHandle, sizeBytes: number) {
    this.#file = file;
    this.sizeBytes = sizeBytes;
  }

  get position(): number {
    return this.#position;
  }
  get remainingBytes(): number {
    return this.sizeBytes - this.#position;
  }

  skip(length: number): void {
    if (!Number.isSafeInteger(length) || length < 0 || length > this.remainingBytes)
      throw new MalformedFile('it is truncated, or its header is damaged');
    this.#position += length;
  }

  /** A view that holds until the next call. */
  async bytes(length: number): Promise<Buffer> {
    if (!this.#holds(length)) await this.#fill(length);
    return this.#take(length);
  }

  async text(length: number): Promise<string> {
    return (await this.bytes(length)).toString('latin1');
  }

  async uint32(): Promise<number> {
    return (await this.bytes(4)).readUInt32LE();
  }

  /** A 64-bit number that says how many of something follow. */
  async count(what: string, most: number): Promise<number> {
    const value = (await this.bytes(8)).readBigUInt64LE();
    if (value > BigInt(most)) throw new MalformedFile(`its header claims ${value} ${what}`);
    return Number(value);
  }

  async string(maxBytes: number): Promise<string> {
    const length = await this.count('bytes of text', Math.min(maxBytes, this.remainingBytes));
    return (await this.bytes(length)).toString('utf8');
  }

  /**
   * Passes over strings and shows the short ones that begin with `<`, as special tokens do. Waits for the disk alone: awaiting each of
   * a vocabulary's strings would take longer than reading them.
   */
  async passStrings(count: number, show: (text: string) => void): Promise<void> {
    for (let i = 0; i < count; i++) {
      if (!this.#holds(8)) await this.#fill(8);
      const length = Number(this.#take(8).readBigUInt64LE());
      if (length > 0 && length <= maxShownBytes) {
        if (!this.#holds(length)) await this.#fill(length);
        if (this.#chunk[this.#position - this.#chunkStart] === tagStart) {
          show(this.#take(length).toString('utf8'));
          continue;
        }
      }
      this.skip(length);
    }
  }

  #holds(length: number): boolean {
    const start = this.#position - this.#chunkStart;
    return start >= 0 && start + length <= this.#chunk.length;
  }

  #take(length: number): Buffer {
    const start = this.#position - this.#chunkStart;
    this.#position += length;
    return this.#chunk.subarray(start, start + length);
  }

  async #fill(length: number): Promise<void> {
    if (length > this.remainingBytes) throw new MalformedFile('it is truncated, or its header is damaged');
    const chunk = Buffer.allocUnsafe(Math.min(this.remainingBytes, Math.max(length, chunkBytes)));
    const { bytesRead } = await this.#file.read(chunk, 0, chunk.length, this.#position);
    if (bytesRead < length) throw new MalformedFile('it became shorter while being read');
    this.#chunk = chunk.subarray(0, bytesRead);
    this.#chunkStart = this.#position;
  }
}
