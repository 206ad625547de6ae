// A database file as its pages, read without SQLite, which refuses a file as soon as one page of the way is damaged. What the
// write-ahead log holds lies over the file. Formats: sqlite.org/fileformat2.html, sections 1.3 and 4.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const defaultPageBytes = 4096;
const walHeaderBytes = 32;
const frameHeaderBytes = 24;
/** The magic number of a log whose checksums are over big-endian words; one less: little-endian. */
const walMagic = 0x377f0683;

/** Lives as long as a salvage. Pages are numbered from 1. */
export class PageFile implements Disposable {
  readonly pageBytes: number;
  readonly pageCount: number;
  readonly #file: number;
  readonly #wal: number | undefined;
  /** Where in the log a page's newest committed content begins. */
  readonly #inWal = new Map<number, number>();

  /** Throws what the system throws when the file cannot be opened. */
  constructor(database: string) {
    this.#file = openSync(database, 'r');
    const { size } = fstatSync(this.#file);
    this.pageBytes = this.#findPageBytes(size);
    this.#wal = openIfThere(`${database}-wal`);
    const walPages = this.#wal === undefined ? 0 : this.#readWal(this.#wal);
    this.pageCount = Math.max(Math.ceil(size / this.pageBytes), walPages);
  }

  /** A page's bytes; zeros where the file ends early or the disk cannot read it. */
  page(number: number): Buffer {
    const offset = this.#inWal.get(number);
    const page = Buffer.alloc(this.pageBytes);
    if (offset !== undefined && this.#wal !== undefined) readAt(this.#wal, page, offset);
    else readAt(this.#file, page, (number - 1) * this.pageBytes);
    return page;
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
    if (this.#wal !== undefined) closeSync(this.#wal);
  }

  /** The header says it; where that cannot be true, it is the size that our databases have. */
  #findPageBytes(fileBytes: number): number {
    if (fileBytes % defaultPageBytes === 0) return defaultPageBytes;
    const header = Buffer.alloc(100);
    readAt(this.#file, header, 0);
    const said = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
    return said >= 512 && (said & (said - 1)) === 0 && fileBytes % said === 0 ? said : defaultPageBytes;
  }

  /** Notes the pages of every committed transaction; the log ends at the first frame that does not continue it. */
  #readWal(wal: number): number {
    const header = Buffer.alloc(walHeaderBytes);
    if (readAt(wal, header, 0) < walHeaderBytes || (header.readUInt32BE(0) & ~1) !== (walMagic & ~1)) return 0;
    if (header.readUInt32BE(8) !== this.pageBytes) return 0;
    const sum = new WalChecksum(header.readUInt32BE(0) === walMagic);
    if (!sum.matches(header.subarray(0, 24), header, 24)) return 0;
    const frame = Buffer.alloc(frameHeaderBytes + this.pageBytes);
    let uncommitted = new Map<number, number>();
    let pages = 0;
    for (let offset = walHeaderBytes; readAt(wal, frame, offset) === frame.length; offset += frame.length) {
      if (!frame.subarray(8, 16).equals(header.subarray(16, 24))) break;
      sum.add(frame.subarray(0, 8));
      if (!sum.matches(frame.subarray(frameHeaderBytes), frame, 16)) break;
      uncommitted.set(frame.readUInt32BE(0), offset + frameHeaderBytes);
      const pagesAfterCommit = frame.readUInt32BE(4);
      if (pagesAfterCommit === 0) continue;
      for (const [page, at] of uncommitted) this.#inWal.set(page, at);
      uncommitted = new Map();
      pages = pagesAfterCommit;
    }
    return pages;
  }
}

/** The log's running checksum: two sums over pairs of 32-bit words. */
class WalChecksum {
  readonly #bigEndian: boolean;
  #a = 0;
  #b = 0;

  constructor(bigEndian: boolean) {
    this.#bigEndian = bigEndian;
  }

  add(bytes: Buffer): void {
    for (let at = 0; at + 8 <= bytes.length; at += 8) {
      this.#a = (this.#a + (this.#bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)) + this.#b) >>> 0;
      this.#b = (this.#b + (this.#bigEndian ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4)) + this.#a) >>> 0;
    }
  }

  /** Adds the bytes, and compares with the two sums that stand in a header. */
  matches(bytes: Buffer, header: Buffer, at: number): boolean {
    this.add(bytes);
    return this.#a === header.readUInt32BE(at) && this.#b === header.readUInt32BE(at + 4);
  }
}

/** Returns how many bytes could be read. */
function readAt(file: number, into: Buffer, offset: number): number {
  try {
    return readSync(file, into, 0, into.length, offset);
  } catch {
    return 0; // a bad sector: the page counts as damaged, the others can still be read
  }
}

function openIfThere(file: string): number | undefined {
  try {
    return openSync(file, 'r');
  } catch {
    return undefined;
  }
}
