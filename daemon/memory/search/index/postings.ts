// In which documents a term occurs and how often: in memory as two arrays, in the database as a few bytes an entry.

/** Documents in ascending order. */
export interface Postings {
  documents: Uint32Array;
  /** At most 255. */
  frequencies: Uint8Array;
  count: number;
}

export const entriesPerPart = 3000; // most parts fit into a page and an overflow page

const mostBytes = 6; // of an entry: five of a distance with its flag, one of a frequency

/** Distances between documents, seven bits a byte, lowest first; the lowest bit tells that a frequency above 1 follows. */
export function encode({ documents, frequencies }: Postings, from: number, to: number): Uint8Array {
  const bytes = new Uint8Array((to - from) * mostBytes);
  let at = 0;
  let last = 0;
  for (let i = from; i < to; i++) {
    const document = documents[i] ?? 0;
    const frequency = frequencies[i] ?? 1;
    let value = (document - last) * 2 + (frequency > 1 ? 1 : 0); // may need 33 bits, so no shifts
    last = document;
    while (value >= 0x80) {
      bytes[at++] = (value % 0x80) | 0x80;
      value = Math.floor(value / 0x80);
    }
    bytes[at++] = value;
    if (frequency > 1) bytes[at++] = frequency;
  }
  return bytes.slice(0, at);
}

/** Adds what a part holds to postings that have room for it. */
export function decode(bytes: Uint8Array, into: Postings): void {
  const { documents, frequencies } = into;
  let { count } = into;
  let document = 0;
  let at = 0;
  while (at < bytes.length) {
    let byte = bytes[at++] as number;
    let value = byte & 0x7f;
    for (let factor = 0x80; byte >= 0x80; factor *= 0x80) {
      byte = bytes[at++] as number;
      value += (byte & 0x7f) * factor;
    }
    document += value > 0x7fffffff ? Math.floor(value / 2) : value >> 1;
    documents[count] = document;
    frequencies[count++] = value & 1 ? (bytes[at++] as number) : 1;
  }
  into.count = count;
}

export function roomFor(count: number): Postings {
  return { documents: new Uint32Array(count), frequencies: new Uint8Array(count), count: 0 };
}
