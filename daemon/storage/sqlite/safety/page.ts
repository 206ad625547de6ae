// One b-tree page as rows. Whatever does not fit the format is left out and counted, never guessed at.
// Formats: sqlite.org/fileformat2.html, sections 1.6 and 2.1.
import type { PageFile } from './page-file.ts';

export type SqlValue = null | number | bigint | string | Buffer;

export interface PageRow {
  /** Absent in a table without rowid. */
  rowid?: number | bigint;
  values: SqlValue[];
}

export interface BtreePage {
  rows: PageRow[];
  /** Numbers of the pages below this one. */
  children: number[];
  /** Cells that could not be read. */
  badCells: number;
}

const kinds = { 2: 'index-interior', 5: 'table-interior', 10: 'index-leaf', 13: 'table-leaf' } as const;
export type PageKind = (typeof kinds)[keyof typeof kinds];

const fileHeaderBytes = 100;
const maxOverflowPages = 300_000; // SQLite's own limit of a row, 1 GB, in pages

/** Undefined when the page is not one of a b-tree. With `as`, the page is read as one of that kind, whatever it says it is. */
export function readPage(file: PageFile, number: number, as?: PageKind): BtreePage | undefined {
  const bytes = file.page(number);
  const start = number === 1 ? fileHeaderBytes : 0;
  const kind = as ?? (kinds as Record<number, PageKind | undefined>)[bytes[start] ?? 0];
  if (!kind) return undefined;
  const isInterior = kind.endsWith('interior');
  const cells = bytes.readUInt16BE(start + 3);
  const pointers = start + (isInterior ? 12 : 8);
  if (pointers + cells * 2 > bytes.length) return undefined;
  const page: BtreePage = { rows: [], children: [], badCells: 0 };
  for (let cell = 0; cell < cells; cell++)
    readCell({ file, bytes, kind }, bytes.readUInt16BE(pointers + cell * 2), page);
  if (isInterior) page.children.push(bytes.readUInt32BE(start + 8));
  return page;
}

interface Cells {
  file: PageFile;
  bytes: Buffer;
  kind: PageKind;
}

function readCell({ file, bytes, kind }: Cells, offset: number, page: BtreePage): void {
  try {
    const reader = new RecordReader(bytes, offset);
    if (kind.endsWith('interior')) page.children.push(reader.uint32());
    if (kind === 'table-interior') return;
    const length = Number(reader.varint());
    const rowid = kind === 'table-leaf' ? reader.varint() : undefined;
    const values = readRecord(readPayload(file, reader, length, kind === 'table-leaf'));
    page.rows.push({ values, ...(rowid !== undefined && { rowid: toNumber(rowid) }) });
  } catch {
    page.badCells++;
  }
}

/** A row's bytes, with those that did not fit into the page. Throws when they are not all there. */
function readPayload(file: PageFile, reader: RecordReader, length: number, isTable: boolean): Buffer {
  const usable = file.pageBytes;
  const most = isTable ? usable - 35 : Math.floor(((usable - 12) * 64) / 255) - 23;
  if (length <= most) return reader.take(length);
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const fitting = least + ((length - least) % (usable - 4));
  const local = reader.take(fitting <= most ? fitting : least);
  const parts = [local];
  let missing = length - local.length;
  let next = reader.uint32();
  for (let pages = 0; missing > 0; pages++) {
    if (next < 1 || next > file.pageCount || pages > maxOverflowPages) throw new RangeError('the row goes on nowhere');
    const overflow = file.page(next);
    const part = overflow.subarray(4, 4 + missing);
    parts.push(part);
    missing -= part.length;
    next = overflow.readUInt32BE(0);
  }
  if (next !== 0) throw new RangeError('the row goes on after its end');
  return Buffer.concat(parts);
}

function readRecord(payload: Buffer): SqlValue[] {
  const header = new RecordReader(payload, 0);
  const headerBytes = Number(header.varint());
  const body = new RecordReader(payload, headerBytes);
  const values: SqlValue[] = [];
  while (header.offset < headerBytes) values.push(readValue(body, Number(header.varint())));
  if (header.offset !== headerBytes || body.offset !== payload.length)
    throw new RangeError('the row is not as long as it says');
  return values;
}

const integerBytes = [0, 1, 2, 3, 4, 6, 8];

function readValue(body: RecordReader, type: number): SqlValue {
  if (type === 0) return null;
  if (type === 8 || type === 9) return type - 8;
  if (type === 7) return body.take(8).readDoubleBE(0);
  if (type < 7) return body.integer(integerBytes[type] ?? 0);
  if (type < 12) throw new RangeError('no such type');
  const bytes = body.take(Math.floor((type - 12) / 2));
  return type % 2 === 0 ? bytes : bytes.toString('utf8');
}

/** Reads on from an offset; throws RangeError at the end of the bytes. */
class RecordReader {
  readonly #bytes: Buffer;
  offset: number;

  constructor(bytes: Buffer, offset: number) {
    this.#bytes = bytes;
    this.offset = offset;
  }

  take(length: number): Buffer {
    const end = this.offset + length;
    if (!(length >= 0 && end <= this.#bytes.length)) throw new RangeError('past the end');
    const bytes = this.#bytes.subarray(this.offset, end);
    this.offset = end;
    return bytes;
  }

  uint32(): number {
    return this.take(4).readUInt32BE(0);
  }

  integer(length: number): number | bigint {
    const bytes = this.take(length);
    return length === 8 ? toNumber(bytes.readBigInt64BE(0)) : bytes.readIntBE(0, length);
  }

  /** One to nine bytes, seven bits in each but the ninth, which has eight. */
  varint(): bigint {
    let value = 0n;
    for (let i = 0; i < 8; i++) {
      const byte = this.take(1).readUInt8(0);
      value = (value << 7n) | BigInt(byte & 0x7f);
      if (byte < 0x80) return value;
    }
    return BigInt.asIntN(64, (value << 8n) | BigInt(this.take(1).readUInt8(0)));
  }
}

function toNumber(value: bigint): number | bigint {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}
