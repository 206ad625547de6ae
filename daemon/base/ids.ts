// Ids that sort by the time they were made: UUIDs of version 7 (RFC 9562), with a counter inside each millisecond.
import { randomFillSync } from 'node:crypto';

const countsPerMs = 0x1000; // the 12 bits of rand_a

/** Each id sorts after the one before it, even when the clock stands still or steps back. */
export function createIdSource(now: () => number = Date.now): () => string {
  let lastMs = 0;
  let count = 0;
  const random = new RandomBytes();
  return () => {
    const ms = now();
    if (ms > lastMs) {
      lastMs = ms;
      count = 0;
    } else if (++count === countsPerMs) {
      lastMs++;
      count = 0;
    }
    return format(lastMs, count, random.take());
  };
}

const idBytes = 16;

/** Drawn for many ids at a time: each call of the generator costs more than its bytes. Lives as long as its source of ids. */
class RandomBytes {
  readonly #pool = Buffer.alloc(256 * idBytes);
  #at = this.#pool.length;

  /** The bytes of one id, valid until the next ones are drawn. */
  take(): Buffer {
    if (this.#at === this.#pool.length) {
      randomFillSync(this.#pool);
      this.#at = 0;
    }
    this.#at += idBytes;
    return this.#pool.subarray(this.#at - idBytes, this.#at);
  }
}

function format(ms: number, count: number, bytes: Buffer): string {
  bytes.writeUIntBE(ms, 0, 6);
  bytes.writeUInt16BE(0x7000 | count, 6);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
