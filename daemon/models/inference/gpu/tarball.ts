// Checks and unpacks a package of npm's. Nothing leaves the folder, whatever the file says.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { CancelledError, UserError } from '../../../base/errors.ts';

/** The digest of a file, as npm writes it. */
export async function integrityOf(file: string, signal: AbortSignal): Promise<string> {
  const digest = createHash('sha512');
  try {
    for await (const chunk of createReadStream(file, { signal })) digest.update(chunk as Buffer);
  } catch (error) {
    throw signal.aborted ? new CancelledError() : error;
  }
  return `sha512-${digest.digest('base64')}`;
}

const blockBytes = 512;

/**
 * Writes the files of a package into a folder. Refuses links, devices, and names that lead out of the folder. Throws UserError
 * (`bad-package`), CancelledError, and the system's errors.
 */
export async function unpackPackage(file: string, folder: string, signal: AbortSignal): Promise<void> {
  const reader = new TarReader(folder);
  try {
    await pipeline(
      createReadStream(file),
      createGunzip(),
      async (chunks) => {
        for await (const chunk of chunks) await reader.add(chunk as Buffer);
      },
      { signal },
    );
    reader.end();
  } catch (error) {
    if (signal.aborted) throw new CancelledError();
    const code = (error as { code?: unknown }).code;
    throw typeof code === 'string' && code.startsWith('Z_') ? broken('it is cut off or not compressed') : error;
  } finally {
    await reader.close();
  }
}

/** Lives while one file is read. Its format is POSIX ustar, with names in pax headers. */
class TarReader {
  readonly #folder: string;
  #rest: Buffer = Buffer.alloc(0);
  #file: FileHandle | undefined;
  /** Of the entry that is being read: what is left of it, and of the block that it ends in. */
  #leftBytes = 0;
  #paddingBytes = 0;
  /** The text of a pax header, while it is being read. */
  #pax: string | undefined;
  #paxName: string | undefined;
  #files = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async add(chunk: Buffer): Promise<void> {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length > 0) {
      if (this.#leftBytes > 0) await this.#content();
      else if (this.#paddingBytes > 0) this.#paddingBytes -= this.#take(this.#paddingBytes).length;
      else if (this.#rest.length < blockBytes) return;
      else await this.#header(this.#take(blockBytes));
    }
  }

  end(): void {
    if (this.#leftBytes > 0 || this.#files === 0) throw broken('it is cut off');
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }

  #take(bytes: number): Buffer {
    const taken = this.#rest.subarray(0, bytes);
    this.#rest = this.#rest.subarray(taken.length);
    return taken;
  }

  async #content(): Promise<void> {
    const part = this.#take(this.#leftBytes);
    this.#leftBytes -= part.length;
    if (this.#pax !== undefined) this.#pax += part.toString('utf8');
    await this.#file?.writeFile(part);
    if (this.#leftBytes > 0) return;
    await this.close();
    if (this.#pax !== undefined) this.#paxName = /\d+ path=(.*)\n/.exec(this.#pax)?.[1];
    this.#pax = undefined;
  }

  async #header(block: Buffer): Promise<void> {
    if (block.every((byte) => byte === 0)) return;
    const size = Number.parseInt(textOf(block, 124, 12).trim() || '0', 8);
    if (!Number.isSafeInteger(size) || size < 0) throw broken('a size in it is no number');
    this.#leftBytes = size;
    this.#paddingBytes = (blockBytes - (size % blockBytes)) % blockBytes;
    const type = String.fromCharCode(block[156] ?? 0);
    const ustarName = [textOf(block, 345, 155), textOf(block, 0, 100)].filter((part) => part !== '').join('/');
    const name = this.#paxName ?? ustarName;
    if (type === 'x') this.#pax = '';
    if (type === 'x' || type === 'g') return;
    this.#paxName = undefined;
    if (type === '5') return;
    if (type !== '0' && type !== '\0') throw broken(`${name} is no plain file`);
    await this.#create(name);
  }

  async #create(name: string): Promise<void> {
    const path = join(this.#folder, ...partsOf(name));
    await mkdir(dirname(path), { recursive: true });
    this.#file = await open(path, 'wx', 0o644);
    this.#files++;
    if (this.#leftBytes === 0) await this.close();
  }
}

function textOf(block: Buffer, start: number, length: number): string {
  const field = block.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.subarray(0, end < 0 ? length : end).toString('utf8');
}

/** Below the package's own top folder, as npm leaves it out. A name that Windows would read in another way is none. */
function partsOf(name: string): string[] {
  const [, ...parts] = name.split('/');
  const isSafe = parts.every((part) => /^[\w@+-][\w@.+ -]*$/.test(part) && !part.endsWith('.') && !part.endsWith(' '));
  if (name.startsWith('/') || parts.length === 0 || !isSafe)
    throw broken(`it has a file named ${JSON.stringify(name)}`);
  return parts;
}

function broken(why: string): UserError {
  return new UserError('bad-package', `The package can't be unpacked: ${why}. Download it again.`, { retryable: true });
}
