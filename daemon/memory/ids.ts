// Ids that sort by the time they were made: UUIDs of version 7 (RFC 9562), with a counter inside each millisecond.
import { randomBytes } from 'node:crypto';

const countsPerMs = 0x1000; // the 12 bits of rand_a

/** Each id sorts after the one before it, even when the clock stands still or steps back. */
export function createIdSource(now: () => number = Date.now): () => string {
  let lastMs = 0;
  let count = 0;
  return () => {
    const ms = now();
    if (ms > lastMs) {
      lastMs = ms;
      count = 0;
    } else if (++count === countsPerMs) {
      lastMs++;
      count = 0;
    }
    return format(lastMs, count);
  };
}

function format(ms: number, count: number): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(ms, 0, 6);
  bytes.writeUInt16BE(0x7000 | count, 6);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
