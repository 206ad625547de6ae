// Reads files within a ZIP archive, as a data export is downloaded: its list of files, and the text of one as a stream. Nothing is
// unpacked onto the disk. Sources: APPNOTE.TXT 6.3.10 by PKWARE, sections 4.3.7 to 4.3.16.
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createInflateRaw } from 'node:zlib';
import { TransferError } from './error.ts';

/** A file within an archive. */
export interface ZippedFile {
  archive: string;
  /** Its path within the archive. */
  name: string;
  /** Where its own header begins. */
  offset: number;
  compressedBytes: number;
  isDeflated: boolean;
}

const sizes = { end: 22, locator: 20, end64: 56, entry: 46, header: 30 } as const;
const signatures = { end: 0x06054b50, locator: 0x07064b50, end64: 0x06064b50, entry: 0x02014b50 } as const;
const maxCommentBytes = 0xffff;
const maxDirectoryBytes = 256_000_000;

/** The files of an archive that can be read. Throws TransferError. */
export async function zippedFiles(archive: string): Promise<ZippedFile[]> {
  await using file = await open(archive, 'r').catch(() => {
    throw new TransferError(`Couldn't open ${archive}. Check that it exists and that you can read it.`);
  });
  const { offset, length } = await directoryOf(file, archive);
  if (length > maxDirectoryBytes) throw damaged(archive);
  return entriesIn(await bytesAt(file, offset, length), archive);
}

/** The text of a file within an archive. Throws TransferError. */
export async function* zippedText(file: ZippedFile, signal?: AbortSignal): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of zippedBytes(file, signal)) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

/** The bytes of a file within an archive. Throws TransferError. */
export async function* zippedBytes(
  { archive, name, offset, compressedBytes, isDeflated }: ZippedFile,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  try {
    await using file = await open(archive, 'r');
    const header = await bytesAt(file, offset, sizes.header);
    const start = offset + sizes.header + header.readUInt16LE(26) + header.readUInt16LE(28);
    if (compressedBytes === 0) return;
    const packed = createReadStream(archive, { start, end: start + compressedBytes - 1, highWaterMark: 1 << 18 });
    const bytes = isDeflated ? pipeline(packed, createInflateRaw(), () => {}) : packed;
    for await (const chunk of bytes) {
      signal?.throwIfAborted();
      yield chunk as Buffer;
    }
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new TransferError(`Couldn't read ${name} in ${archive}. The archive is damaged. Download it again.`);
  }
}

/** Where the list of files is: said at the end of the archive, before its comment. Large archives say it in a longer form. */
async function directoryOf(file: FileHandle, archive: string): Promise<{ offset: number; length: number }> {
  const { size } = await file.stat();
  const from = Math.max(0, size - sizes.end - maxCommentBytes);
  const tail = await bytesAt(file, from, size - from);
  for (let at = tail.length - sizes.end; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== signatures.end) continue;
    const short = { offset: tail.readUInt32LE(at + 16), length: tail.readUInt32LE(at + 12) };
    const isLong = short.offset === 0xffffffff || short.length === 0xffffffff;
    if (!isLong || at < sizes.locator || tail.readUInt32LE(at - sizes.locator) !== signatures.locator) return short;
    const end64 = await bytesAt(file, Number(tail.readBigUInt64LE(at - sizes.locator + 8)), sizes.end64);
    if (end64.length < sizes.end64 || end64.readUInt32LE(0) !== signatures.end64) break;
    return { offset: Number(end64.readBigUInt64LE(48)), length: Number(end64.readBigUInt64LE(40)) };
  }
  throw damaged(archive);
}

function entriesIn(directory: Buffer, archive: string): ZippedFile[] {
  const files: ZippedFile[] = [];
  for (let at = 0; at + sizes.entry <= directory.length && directory.readUInt32LE(at) === signatures.entry; ) {
    const [flags, method] = [directory.readUInt16LE(at + 8), directory.readUInt16LE(at + 10)];
    const nameEnd = at + sizes.entry + directory.readUInt16LE(at + 28);
    const extraEnd = nameEnd + directory.readUInt16LE(at + 30);
    const name = directory.toString('utf8', at + sizes.entry, nameEnd);
    const isReadable = (flags & 1) === 0 && (method === 0 || method === 8);
    const { compressedBytes, offset } = placeOf(directory, { at, extra: directory.subarray(nameEnd, extraEnd) });
    if (isReadable) files.push({ archive, name, offset, compressedBytes, isDeflated: method === 8 });
    at = extraEnd + directory.readUInt16LE(at + 32);
  }
  return files;
}

/** Sizes that take more than 32 bits are in an extra field, in this order, each only where its short form is full. */
function placeOf(directory: Buffer, { at, extra }: { at: number; extra: Buffer }) {
  const short = [directory.readUInt32LE(at + 24), directory.readUInt32LE(at + 20), directory.readUInt32LE(at + 42)];
  let long = Buffer.alloc(0);
  for (let field = 0; field + 4 <= extra.length; field += 4 + extra.readUInt16LE(field + 2))
    if (extra.readUInt16LE(field) === 1)
      long = Buffer.from(extra.subarray(field + 4, field + 4 + extra.readUInt16LE(field + 2)));
  const [, compressedBytes = 0, offset = 0] = short.map((value) => {
    if (value !== 0xffffffff || long.length < 8) return value;
    const found = Number(long.readBigUInt64LE(0));
    long = long.subarray(8);
    return found;
  });
  return { compressedBytes, offset };
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function damaged(archive: string): TransferError {
  return new TransferError(`${archive} isn't a complete ZIP archive. Download it again.`);
}
