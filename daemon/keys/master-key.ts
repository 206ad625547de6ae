// Stores the master key in the system's keychain, or in a file beside the keys when there is no keychain. Each master
// key has its own name, so that a new one does not overwrite an older one before the keys are sealed with it.
import { randomBytes, randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { type KeyFile, readPrivateFile, replaceFile, tampered } from './key-file.ts';
import type { Keychain } from './keychain.ts';
import { keyBytes } from './seal.ts';

export type MasterKeyRecord = KeyFile['masterKey'];

export interface MasterKey {
  readonly record: MasterKeyRecord;
  readonly key: Buffer;
}

export interface MasterKeysOptions {
  dataDir: string;
  keychain: Keychain;
  log: Log;
  /** Called with a sentence when a file of ours could be read by others and was corrected. */
  onExposed(notice: string): void;
}

/** Lives as long as the keystore. Holds no secret. */
export class MasterKeys {
  readonly #options: MasterKeysOptions;

  constructor(options: MasterKeysOptions) {
    this.#options = options;
  }

  /** Creates the first master key and stores it in the best place on this machine. */
  async create(): Promise<MasterKey> {
    return (await this.createInKeychain()) ?? this.#createFile({ place: 'file' });
  }

  /** Creates a successor in a place that is no worse. Throws UserError `keychain-unavailable`. */
  async createAfter(before: MasterKeyRecord): Promise<MasterKey> {
    const inKeychain = await this.createInKeychain();
    if (inKeychain) return inKeychain;
    if (before.place === 'keychain') throw locked(undefined);
    return this.#createFile({ place: 'file', name: `master-${randomUUID()}.key` });
  }

  /** Undefined when no keychain stores it. */
  async createInKeychain(): Promise<MasterKey | undefined> {
    const { keychain, log } = this.#options;
    const key = randomBytes(keyBytes);
    const account = `master-key-${randomUUID()}`; // of its own, so that a second data folder never overwrites it
    try {
      await keychain.write(account, key.toString('base64'));
      return { record: { place: 'keychain', account }, key };
    } catch (error) {
      log.warn(
        { why: error instanceof Error ? error.message : String(error) },
        'no keychain: the master key goes into a file',
      );
      return undefined;
    }
  }

  /** Reads a master key from its place. */
  async read(record: MasterKeyRecord): Promise<MasterKey> {
    const { onExposed } = this.#options;
    const text =
      record.place === 'file'
        ? await readPrivateFile(this.#fileOf(record), onExposed)
        : await this.#readKeychain(record.account);
    if (text === undefined) throw missing(this.placeOf(record));
    const key = Buffer.from(text.trim(), 'base64');
    if (key.length !== keyBytes) throw tampered(this.placeOf(record));
    return { record, key };
  }

  /** Removes a master key that nothing is sealed with. A failure is logged only, since the key opens nothing. */
  async remove(record: MasterKeyRecord): Promise<void> {
    const { keychain, log } = this.#options;
    try {
      if (record.place === 'file') await rm(this.#fileOf(record), { force: true });
      else await keychain.remove(record.account);
    } catch (error) {
      log.warn({ why: error instanceof Error ? error.message : String(error) }, 'an older master key was not removed');
    }
  }

  /** Removes the files that interrupted changes left behind, except the file of the master key in use. */
  async sweep(inUse: MasterKeyRecord): Promise<void> {
    const { dataDir } = this.#options;
    const kept = inUse.place === 'file' ? this.#fileOf(inUse) : undefined;
    const ours = (await readdir(dataDir)).filter((name) =>
      /^master(-[\w-]+)?\.key$|^\.(master.*\.key|keys\.json)\.\d+\.unfinished$/.test(name),
    );
    await Promise.all(
      ours
        .map((name) => join(dataDir, name))
        .filter((file) => file !== kept)
        .map((file) => rm(file, { force: true })),
    );
  }

  /** Where a master key is, as words for a sentence. */
  placeOf(record: MasterKeyRecord): string {
    return record.place === 'file' ? this.#fileOf(record) : "the system's keychain";
  }

  async #createFile(record: Extract<MasterKeyRecord, { place: 'file' }>): Promise<MasterKey> {
    const key = randomBytes(keyBytes);
    await replaceFile(this.#fileOf(record), `${key.toString('base64')}\n`);
    return { record, key };
  }

  #fileOf({ name = 'master.key' }: Extract<MasterKeyRecord, { place: 'file' }>): string {
    return join(this.#options.dataDir, name);
  }

  async #readKeychain(account: string): Promise<string | undefined> {
    try {
      return await this.#options.keychain.read(account);
    } catch (cause) {
      throw locked(cause);
    }
  }
}

function locked(cause: unknown): UserError {
  const message =
    "Your API keys are locked with a master key in the system's keychain, and the keychain doesn't respond. Unlock it and try again.";
  return new UserError('keychain-unavailable', message, { retryable: true, cause });
}

function missing(where: string): UserError {
  const message = `The master key is missing from ${where}, so the saved API keys can't be read. Restore it, or delete keys.json and add your keys again.`;
  return new UserError('master-key-missing', message);
}
