// Files `history_YYYYMMDD_NNN.jsonl` in one folder. Each day, and when a file is full, a new one is begun and the
// oldest are removed.
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { localDay } from '../base/day.ts';

export interface RollingLimits {
  /** A file that would grow beyond this is followed by a new one. */
  fileBytes: number;
  /** How many files are kept, and how many bytes in all of them but the newest. */
  files: number;
  totalBytes: number;
}

const defaultLimits: RollingLimits = { fileBytes: 10 * 1024 * 1024, files: 60, totalBytes: 100 * 1024 * 1024 };

interface OpenFile {
  handle: FileHandle;
  day: string;
  sizeBytes: number;
}

/** Lives as long as the log that writes to it. One append at a time. */
export class RollingFiles {
  readonly #folder: string;
  readonly #now: () => number;
  readonly #limits: RollingLimits;
  #current: OpenFile | undefined;

  constructor({ folder, now, limits = defaultLimits }: { folder: string; now(): number; limits?: RollingLimits }) {
    this.#folder = folder;
    this.#now = now;
    this.#limits = limits;
  }

  /** Writes whole lines. Throws the disk's error; the next append then opens a file again. */
  async append(lines: string): Promise<void> {
    const bytes = Buffer.from(lines);
    const file = await this.#fileFor(bytes.length);
    try {
      await file.handle.appendFile(bytes);
      file.sizeBytes += bytes.length;
    } catch (error) {
      await this.close().catch(() => {});
      throw error;
    }
  }

  async close(): Promise<void> {
    const handle = this.#current?.handle;
    this.#current = undefined;
    await handle?.close();
  }

  async #fileFor(addedBytes: number): Promise<OpenFile> {
    const day = localDay(this.#now()).replaceAll('-', '');
    if (this.#current?.day === day && this.#hasRoom(this.#current.sizeBytes, addedBytes)) return this.#current;
    await this.close();
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const files = await this.#list();
    const newest = files.findLast((file) => file.day === day)?.number ?? 0;
    const usable = newest > 0 ? await this.#open(nameOf(day, newest), addedBytes) : undefined;
    const opened = usable ?? (await this.#open(nameOf(day, newest + 1), addedBytes));
    if (!opened) throw new Error(`no history file of ${day} can be written to`);
    this.#current = { ...opened, day };
    await this.#prune();
    return this.#current;
  }

  /** Opens a file to append to it; undefined when it is full, or not a regular file. */
  async #open(name: string, addedBytes: number): Promise<{ handle: FileHandle; sizeBytes: number } | undefined> {
    const handle = await open(join(this.#folder, name), openFlags, 0o600);
    try {
      const stats = await handle.stat();
      if (stats.isFile() && this.#hasRoom(stats.size, addedBytes))
        return { handle, sizeBytes: stats.size + (await endLine(handle, stats.size)) };
    } catch (error) {
      await handle.close();
      throw error;
    }
    await handle.close();
    return undefined;
  }

  /** Lines longer than a whole file get a file of their own. */
  #hasRoom(sizeBytes: number, addedBytes: number): boolean {
    return sizeBytes === 0 || sizeBytes + addedBytes <= this.#limits.fileBytes;
  }

  /** Removes the oldest; another process may be doing the same. */
  async #prune(): Promise<void> {
    const [, ...older] = (await this.#list()).reverse();
    let bytes = 0;
    for (const [index, { name }] of older.entries()) {
      const path = join(this.#folder, name);
      bytes += (await stat(path).catch(() => undefined))?.size ?? 0;
      if (index + 1 >= this.#limits.files || bytes > this.#limits.totalBytes)
        await rm(path, { force: true }).catch(() => {}); // Windows: another program has it open
    }
  }

  /** Oldest first. */
  async #list(): Promise<{ name: string; day: string; number: number }[]> {
    const files = (await readdir(this.#folder)).flatMap((name) => {
      const [, day, number] = /^history_(\d{8})_(\d{3,})\.jsonl$/.exec(name) ?? [];
      return day && number ? [{ name, day, number: Number(number) }] : [];
    });
    return files.sort((a, b) => a.day.localeCompare(b.day) || a.number - b.number);
  }
}

// For reading too, and non-blocking, since opening a pipe in a file's place would block a pool thread, and the
// process's end, for ever.
const openFlags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | (constants.O_NONBLOCK ?? 0);

function nameOf(day: string, number: number): string {
  return `history_${day}_${String(number).padStart(3, '0')}.jsonl`;
}

/**
 * Ends a line that a crash or a full disk left incomplete, so that the next one is whole. Returns the bytes written.
 */
async function endLine(handle: FileHandle, sizeBytes: number): Promise<number> {
  if (sizeBytes === 0) return 0;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, sizeBytes - 1);
  if (buffer.toString() === '\n') return 0;
  await handle.appendFile('\n');
  return 1;
}
