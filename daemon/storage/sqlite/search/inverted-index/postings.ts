// In which documents a term occurs, how often, and at which places among their words: in memory as arrays, in the database as parts
// of a few kilobytes. A part is cut into blocks, and tells of each which documents it spans and what the best score in it can be, so
// that a search reads only the blocks that matter. (Block-max indexes: Ding and Suel, SIGIR 2011; a block's best score as the pairs of
// frequency and length that no other pair of the block beats: Grand, Muir, Ferenczi and Lin, ECIR 2020.)

/** Documents in ascending order. */
export interface Postings {
  documents: Uint32Array;
  /** At most 255. */
  frequencies: Uint8Array;
  count: number;
  /** For each document in turn its places, see `Places`; and where those of each end. */
  places: Uint8Array;
  ends: Uint32Array;
}

/** Postings of one term as a row of the database. */
export interface PostingsPart {
  first: number;
  count: number;
  /**
   * First of each block: how far its last document is from that of the block before, bytes of its postings, bytes of its places, how many
   * pairs, and the pairs. Then of each block its postings: distances between documents, whose lowest bit tells that a frequency above 1
   * follows. Numbers have seven bits a byte, lowest first.
   */
  data: Uint8Array;
  places: Uint8Array;
}

export const entriesPerPart = 3072; // most parts fit into two pages
export const entriesPerBlock = 128;

const maxBytes = 6; // of an entry: five of a distance with its flag, one of a frequency

export function roomFor(count: number, placesBytes: number): Postings {
  return {
    documents: new Uint32Array(count),
    frequencies: new Uint8Array(count),
    count: 0,
    places: new Uint8Array(placesBytes),
    ends: new Uint32Array(count),
  };
}

/** The lengths are the documents', in words. */
export function encode(postings: Postings, [from, to]: readonly [number, number], lengths: Uint16Array): PostingsPart {
  const { documents, places, ends } = postings;
  const bytes = new Uint8Array((to - from) * maxBytes);
  const header: number[] = [];
  let at = 0;
  let before = 0;
  for (let start = from; start < to; start += entriesPerBlock) {
    const end = Math.min(start + entriesPerBlock, to);
    const startsAt = at;
    at = encodeBlock(postings, { start, end, before }, bytes, at);
    const last = documents[end - 1] ?? 0;
    pushNumber(header, last - before);
    pushNumber(header, at - startsAt);
    pushNumber(header, (ends[end - 1] ?? 0) - placesStart(postings, start));
    pushBest(header, postings, [start, end], lengths);
    before = last;
  }
  const data = new Uint8Array(header.length + at);
  data.set(header);
  data.set(bytes.subarray(0, at), header.length);
  return {
    first: documents[from] ?? 0,
    count: to - from,
    data,
    places: places.subarray(placesStart(postings, from), ends[to - 1] ?? 0),
  };
}

function encodeBlock(
  { documents, frequencies }: Postings,
  { start, end, before }: { start: number; end: number; before: number },
  bytes: Uint8Array,
  from: number,
): number {
  let at = from;
  let last = before;
  for (let i = start; i < end; i++) {
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
  return at;
}

const shortest = new Uint16Array(256);

/** The pairs of frequency and length that may score best: of each frequency the shortest document, unless a higher one has one as short. */
function pushBest(
  header: number[],
  { documents, frequencies }: Postings,
  [start, end]: readonly [number, number],
  lengths: Uint16Array,
): void {
  let highest = 0;
  for (let i = start; i < end; i++) {
    const frequency = frequencies[i] ?? 1;
    const length = lengths[documents[i] ?? 0] ?? 0;
    if (frequency > highest) {
      shortest.fill(0xffff, highest + 1, frequency + 1);
      highest = frequency;
    }
    if (length < (shortest[frequency] ?? 0)) shortest[frequency] = length;
  }
  const countAt = header.push(0) - 1;
  for (let frequency = highest, least = 0x10000; frequency > 0; frequency--) {
    const length = shortest[frequency] ?? 0;
    if (length >= least) continue;
    header.push(frequency, length & 0xff, length >> 8);
    header[countAt] = (header[countAt] ?? 0) + 1;
    least = length;
  }
}

/** Reads a block's postings into the beginning of two arrays; `before` is the last document of the block before it, or 0. */
export function decodeBlock(
  bytes: Uint8Array,
  { at: from, count, before }: { at: number; count: number; before: number },
  documents: Uint32Array,
  frequencies: Uint8Array,
): void {
  let at = from;
  let document = before;
  for (let i = 0; i < count; i++) {
    let byte = bytes[at++] as number;
    let value = byte & 0x7f;
    for (let factor = 0x80; byte >= 0x80; factor *= 0x80) {
      byte = bytes[at++] as number;
      value += (byte & 0x7f) * factor;
    }
    document += value > 0x7fffffff ? Math.floor(value / 2) : value >> 1;
    documents[i] = document;
    frequencies[i] = value & 1 ? (bytes[at++] as number) : 1;
  }
}

/** Adds what a part holds to postings that have room for it. */
export function decode({ count, data, places }: PostingsPart, into: Postings): void {
  const blocks = blocksOf({ count, data });
  let placesAt = into.count === 0 ? 0 : (into.ends[into.count - 1] ?? 0);
  into.places.set(places, placesAt);
  for (const block of blocks) {
    decodeBlock(data, block, into.documents.subarray(into.count), into.frequencies.subarray(into.count));
    for (const end = into.count + block.count; into.count < end; into.count++) {
      placesAt = afterPlaces(into.places, placesAt);
      into.ends[into.count] = placesAt;
    }
  }
}

export interface PostingsBlock {
  last: number;
  /** Where its pairs of frequency and length lie, and how many they are. */
  pairsAt: number;
  pairs: number;
  /** Where its postings lie. */
  at: number;
  count: number;
  before: number;
  /** Where its places begin. */
  placesFrom: number;
}

/** What a part tells of its blocks. */
export function blocksOf({ count, data }: Pick<PostingsPart, 'count' | 'data'>): PostingsBlock[] {
  const blocks: PostingsBlock[] = [];
  const sizes: number[] = [];
  const reader = { at: 0 };
  let before = 0;
  let placesFrom = 0;
  for (let left = count; left > 0; left -= entriesPerBlock) {
    const last = before + readNumber(data, reader);
    sizes.push(readNumber(data, reader));
    const placesBytes = readNumber(data, reader);
    const pairs = data[reader.at++] ?? 0;
    blocks.push({ last, pairsAt: reader.at, pairs, at: 0, count: Math.min(left, entriesPerBlock), before, placesFrom });
    reader.at += 3 * pairs;
    before = last;
    placesFrom += placesBytes;
  }
  for (const [index, block] of blocks.entries()) {
    block.at = reader.at;
    reader.at += sizes[index] ?? 0;
  }
  return blocks;
}

/** Appends one document of postings to others that have room for it. */
export function append(from: Postings, index: number, to: Postings): void {
  const [start, end] = [placesStart(from, index), from.ends[index] ?? 0];
  const at = placesStart(to, to.count);
  for (let i = start; i < end; i++) to.places[at + i - start] = from.places[i] as number;
  to.documents[to.count] = from.documents[index] ?? 0;
  to.frequencies[to.count] = from.frequencies[index] ?? 1;
  to.ends[to.count++] = at + end - start;
}

export function placesStart({ ends }: Pick<Postings, 'ends'>, index: number): number {
  return index === 0 ? 0 : (ends[index - 1] ?? 0);
}

/**
 * A document's places lie one after another: the distance from the one before, the first from -1; the lowest bit tells that another
 * follows. A term that is no word of the text has none, which is 0. Returns where the next document's begin.
 */
export function afterPlaces(bytes: Uint8Array, from: number): number {
  let at = from;
  for (let more = true; more; ) {
    let byte = bytes[at++] as number;
    more = (byte & 1) === 1;
    while (byte >= 0x80) byte = bytes[at++] as number;
  }
  return at;
}

/** The places of one document, in ascending order, into an array; returns how many. */
export function placesAt(bytes: Uint8Array, from: number, into: number[]): number {
  const reader = { at: from };
  let place = -1;
  let count = 0;
  for (let more = true; more; ) {
    more = ((bytes[reader.at] ?? 0) & 1) === 1;
    const distance = readNumber(bytes, reader) >>> 1;
    if (distance === 0) break;
    place += distance;
    into[count++] = place;
  }
  return count;
}

/** Adds a place to bytes that grow; returns where it lies, for `followed`. */
export function pushPlace(bytes: number[], distance: number): number {
  const at = bytes.length;
  pushNumber(bytes, distance * 2);
  return at;
}

/** Marks a place as one that another follows. */
export function followed(bytes: number[], at: number): void {
  bytes[at] = (bytes[at] ?? 0) | 1;
}

function pushNumber(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
}

function readNumber(bytes: Uint8Array, reader: { at: number }): number {
  let byte = bytes[reader.at++] ?? 0;
  let value = byte & 0x7f;
  for (let factor = 0x80; byte >= 0x80; factor *= 0x80) {
    byte = bytes[reader.at++] ?? 0;
    value += (byte & 0x7f) * factor;
  }
  return value;
}
