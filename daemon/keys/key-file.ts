// keys.json on the disk: its shape, and how it is read and replaced. Handles no secret in clear.
import { statSync } from 'node:fs';
import { chmod, mkdir, open, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import { diskError, moveFile, readPlainFile } from '../base/disk.ts';
import { errnoCode, UserError } from '../base/errors.ts';

export const KeyEntry = z.strictObject({
  provider: z.string(),
  scope: z.string(),
  last4: z.string(),
  createdAt: z.number(),
  /** The key, sealed. */
  key: z.string(),
});

export const KeyFile = z.strictObject({
  version: z.literal(1),
  /**
   * How often the key store was written, counted on when the file is created again; absent in files from before this
   * was counted.
   */
  generation: z.number().int().min(1).optional(),
  /** Which master key all of it is sealed with. */
  masterKey: z.discriminatedUnion('place', [
    z.strictObject({ place: z.literal('keychain'), account: z.string() }),
    z.strictObject({
      place: z.literal('file'),
      name: z
        .string()
        .regex(/^master-[0-9a-f-]{36}\.key$/)
        .optional(),
    }),
  ]),
  entries: z.array(KeyEntry),
  /** An empty secret sealed with everything above, so that a changed, added or removed entry is detected. */
  seal: z.string(),
});

export type KeyEntry = z.infer<typeof KeyEntry>;
export type KeyFile = z.infer<typeof KeyFile>;

/**
 * The file's content; undefined when there is no file. Throws UserError `keystore-tampered` when its form is not ours.
 */
export async function readKeyFile(file: string, onExposed: (notice: string) => void): Promise<KeyFile | undefined> {
  const text = await readPrivateFile(file, onExposed);
  if (text === undefined) return undefined;
  const parsed = KeyFile.safeParse(parseJson(text));
  if (!parsed.success) throw tampered(file);
  return parsed.data;
}

/**
 * A file for this user only; undefined when it does not exist. If others could read it, its mode is corrected and
 * `onExposed` called.
 */
export async function readPrivateFile(file: string, onExposed: (notice: string) => void): Promise<string | undefined> {
  try {
    const found = await stat(file);
    const isExposed = process.platform !== 'win32' && (found.mode & 0o077) !== 0;
    if (isExposed && found.isFile()) await closeToOthers(file, onExposed);
    return await readPlainFile(file);
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return undefined;
    if (error instanceof UserError) throw error;
    throw new UserError(
      'keystore-unreadable',
      `Can't read ${file} (${errnoCode(error)}). Make it readable for your user and try again.`,
      { cause: error },
    );
  }
}

async function closeToOthers(file: string, onExposed: (notice: string) => void): Promise<void> {
  try {
    await chmod(file, 0o600);
  } catch (cause) {
    throw new UserError(
      'keystore-exposed',
      `Other users can read or change ${file}, and Switchyard couldn't prevent that (${errnoCode(cause)}), so the file isn't used. Make it yours, with mode 600.`,
      { cause },
    );
  }
  onExposed(
    `Other users of this machine could read or change ${file}. Now only you can. If someone may have, run \`switchyard keys rotate\` and replace your API keys.`,
  );
}

const settledMs = 2000; // file systems store times in steps of milliseconds, some of two seconds

/**
 * Reads the file only when it has changed, or is too new to be sure. Checking its times takes microseconds, and a chat
 * asks for keys many times. Lives as long as the keystore.
 */
export class KeyFileReader {
  readonly #file: string;
  readonly #onExposed: (notice: string) => void;
  #known: { stamp: string; content: KeyFile | undefined } | undefined;

  constructor(file: string, onExposed: (notice: string) => void) {
    this.#file = file;
    this.#onExposed = onExposed;
  }

  /** Returns and throws what `readKeyFile` does. */
  async read(): Promise<KeyFile | undefined> {
    const stamp = this.#stamp();
    if (stamp !== undefined && this.#known?.stamp === stamp) return this.#known.content;
    const content = await readKeyFile(this.#file, this.#onExposed);
    this.#known = stamp !== undefined && this.#stamp() === stamp ? { stamp, content } : undefined;
    return content;
  }

  /** Differs after any change. Undefined when a change could be missed, or the file's status cannot be read. */
  #stamp(): string | undefined {
    try {
      const stats = statSync(this.#file, { throwIfNoEntry: false });
      if (!stats) return 'no file';
      const { ino, size, mode, mtimeMs, ctimeMs } = stats;
      return Date.now() - Math.max(mtimeMs, ctimeMs) < settledMs
        ? undefined
        : [ino, size, mode, mtimeMs, ctimeMs].join(' ');
    } catch {
      return undefined;
    }
  }
}

/** Replaces a file atomically and durably, readable by this user only. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const folder = dirname(file);
  const unfinished = join(folder, `.${basename(file)}.${process.pid}.unfinished`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700); // the folder may be older than this rule
    await rm(unfinished, { force: true });
    await writeThrough(unfinished, text);
    await moveFile(unfinished, file);
    await flushFolder(folder);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => {});
    throw diskError(error, folder) ?? error;
  }
}

export function tampered(file: string): UserError {
  return new UserError(
    'keystore-tampered',
    `The saved API keys or their master key were changed outside Switchyard, so none of them is used (${file}). ` +
      'Restore the file from a backup, or delete it and add your keys again with `switchyard keys set`.',
  );
}

/** The error for an older copy, with a valid seal, in the place of a newer one. */
export function olderCopy(file: string, { generation = 0 }: Pick<KeyFile, 'generation'>, latest: number): UserError {
  return new UserError(
    'keystore-older',
    `The saved API keys are an older copy (${file} is number ${generation}, but number ${latest} was already used), so none of them is used. The copy may contain keys that you since deleted or replaced. ` +
      'If you restored the copy yourself, accept it with `switchyard keys rotate`. Otherwise delete the file and add your keys again with `switchyard keys set`.',
  );
}

async function writeThrough(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the rename itself durable. Windows does so by itself, and has no call for it. */
async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
