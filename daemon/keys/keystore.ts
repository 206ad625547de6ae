// The providers' keys: encrypted on disk, in clear only inside this process, and known to the redactor before they can
// be logged.
import { join } from 'node:path';
import { FairQueue } from '../base/fair-queue.ts';
import type { Log, Redactor } from '../base/log.ts';
import { Generations, type GenerationWitness, noWitness } from './generations.ts';
import {
  type KeyEntry,
  type KeyFile,
  KeyFileReader,
  olderCopy,
  readKeyFile,
  replaceFile,
  tampered,
} from './key-file.ts';
import { createKeychain, type Keychain } from './keychain.ts';
import { type MasterKey, MasterKeys } from './master-key.ts';
import { seal, unseal } from './seal.ts';

export interface KeystoreOptions {
  dataDir: string;
  redactor: Redactor;
  log: Log;
  keychain?: Keychain;
  /** Records the last generation outside the key store's files. */
  witness?: GenerationWitness;
}

export interface KeyInfo {
  provider: string;
  /** `global`, or the URI of the workspace it is for. */
  scope: string;
  /** The last four characters; hidden too when the key is so short that they would reveal much of it. */
  last4: string;
  createdAt: number;
}

const globalScope = 'global';

export interface SetKeyResult {
  masterKey: 'keychain' | 'file';
  /** A sentence for the user about where the master key is. */
  notice?: string;
}

/** Opens nothing until its first call. */
export function createKeystore(options: KeystoreOptions): Keystore {
  return new Keystore(options);
}

/**
 * Lives as long as the daemon, the only writer of its files. Checks them at each use, so that a change from outside is
 * seen at once.
 */
export class Keystore {
  readonly #file: string;
  readonly #reader: KeyFileReader;
  readonly #redactor: Redactor;
  readonly #masterKeys: MasterKeys;
  readonly #generations: Generations;
  readonly #listeners: ((provider: string) => void)[] = [];
  readonly #notices = new Set<string>();
  readonly #queue = new FairQueue();
  /** The last fetched master key, since asking the keychain starts a process. */
  #masterKey: MasterKey | undefined;
  /**
   * Whether moving the master key to the keychain was tried. Tried once, since a keychain that never answers costs its
   * timeout.
   */
  #hasTriedKeychain = false;
  /** A queued read of the file that has not begun. */
  #nextRead: Promise<KeyFile | undefined> | undefined;

  constructor({ dataDir, redactor, log, keychain = createKeychain(), witness = noWitness }: KeystoreOptions) {
    this.#file = join(dataDir, 'keys.json');
    this.#reader = new KeyFileReader(this.#file, this.#onExposed);
    this.#redactor = redactor;
    this.#generations = new Generations(witness, log);
    this.#masterKeys = new MasterKeys({ dataDir, keychain, log, onExposed: this.#onExposed });
  }

  /** Calls back after a provider's key was set or deleted, whatever its scope. */
  onChange(listener: (provider: string) => void): void {
    this.#listeners.push(listener);
  }

  /** Sentences about what was found wrong and corrected since the start. */
  get notices(): string[] {
    return [...this.#notices];
  }

  /** Stores a key in place of an older one. The notice tells the user when the master key is only in a file. */
  async set(provider: string, key: string, scope = globalScope): Promise<SetKeyResult> {
    this.#redactor.add(key);
    const stored = await this.#inTurn(async () => {
      const opened = await this.#open();
      const moved = opened && (await this.#moveToKeychain(opened));
      const { masterKey, entries } = moved ?? opened ?? { masterKey: await this.#create(), entries: [] };
      const info = { provider, scope, last4: lastFour(key), createdAt: Date.now() };
      const entry = { ...info, key: seal(masterKey.key, key, boundTo(info)) };
      await this.#save(masterKey, [...entries.filter((other) => !isFor(other, provider, scope)), entry]);
      return { masterKey: masterKey.record.place, ...this.#noticeOf(masterKey, moved !== undefined) };
    });
    this.#notify(provider);
    return stored;
  }

  /**
   * Seals every key under a new master key and removes the old one; `keys` is how many there are. If it is interrupted,
   * the keystore still opens with one of the two. Moves the master key into the keychain if one answers now. Accepts an
   * older copy of the keystore, which counts as the newest afterwards.
   */
  rotate(): Promise<Partial<SetKeyResult> & { keys: number }> {
    return this.#inTurn(async () => {
      const opened = await this.#open({ takesOlder: true });
      if (!opened) return { keys: 0 };
      const { masterKey, entries } = await this.#reseal(
        opened,
        await this.#masterKeys.createAfter(opened.masterKey.record),
      );
      await this.#masterKeys.sweep(masterKey.record);
      this.#notices.clear();
      const isMoved = opened.masterKey.record.place !== masterKey.record.place;
      return { keys: entries.length, masterKey: masterKey.record.place, ...this.#noticeOf(masterKey, isMoved) };
    });
  }

  /**
   * The key for a scope, else the global one; undefined when there is neither. Throws UserErrors `keystore-tampered`
   * and `keystore-older`.
   */
  get(provider: string, scope = globalScope): Promise<string | undefined> {
    return this.#inTurn(async () => {
      const opened = await this.#open();
      const entry = opened && findEntry(opened.entries, provider, scope);
      if (!entry) return undefined;
      const key = unseal(opened.masterKey.key, entry.key, boundTo(entry));
      if (key === undefined) throw tampered(this.#file);
      this.#redactor.add(key);
      return key;
    });
  }

  /** Whether `get` would find a key. Needs no master key. */
  async has(provider: string, scope = globalScope): Promise<boolean> {
    return (await this.scopeOf(provider, scope)) !== undefined;
  }

  /** The scope of the key that `get` would find; undefined when it would find none. Needs no master key. */
  async scopeOf(provider: string, scope = globalScope): Promise<string | undefined> {
    const file = await this.#read();
    return file && findEntry(file.entries, provider, scope)?.scope;
  }

  /** Describes the stored keys, without the keys themselves. Needs no master key. */
  async list(): Promise<KeyInfo[]> {
    const file = await this.#read();
    return file?.entries.map(({ provider, scope, last4, createdAt }) => ({ provider, scope, last4, createdAt })) ?? [];
  }

  /** Returns whether there was one. */
  async delete(provider: string, scope = globalScope): Promise<boolean> {
    const isDeleted = await this.#inTurn(async () => {
      const opened = await this.#open();
      const kept = opened?.entries.filter((entry) => !isFor(entry, provider, scope));
      if (!opened || !kept || kept.length === opened.entries.length) return false;
      await this.#save(opened.masterKey, kept);
      return true;
    });
    if (isDeleted) this.#notify(provider);
    return isDeleted;
  }

  /** Where the master key is; `none` until the first key is stored. */
  async masterKeyPlace(): Promise<'keychain' | 'file' | 'none'> {
    return (await this.#read())?.masterKey.place ?? 'none';
  }

  #notify(provider: string): void {
    for (const listener of this.#listeners) listener(provider);
  }

  /** Calls that come before a queued read begins share it. The keys of all providers are often asked for at once. */
  #read(): Promise<KeyFile | undefined> {
    this.#nextRead ??= this.#inTurn(() => {
      this.#nextRead = undefined;
      return this.#reader.read();
    });
    return this.#nextRead;
  }

  /** The entries, after the seal over all of them was verified; undefined when nothing is stored yet. */
  async #open({ takesOlder = false } = {}): Promise<OpenKeyFile | undefined> {
    const file = await this.#reader.read();
    if (!file) return undefined;
    const masterKey = await this.#fetch(file.masterKey);
    if (unseal(masterKey.key, file.seal, boundToAll(file)) === undefined) {
      this.#masterKey = undefined; // so that a restored master key is read again
      throw tampered(this.#file);
    }
    const latest = await this.#generations.latest();
    if ((file.generation ?? 0) < latest && !takesOlder) throw olderCopy(this.#file, file, latest);
    await this.#generations.note(file.generation ?? 0);
    return { masterKey, entries: file.entries };
  }

  async #fetch(record: MasterKey['record']): Promise<MasterKey> {
    if (JSON.stringify(this.#masterKey?.record) === JSON.stringify(record) && this.#masterKey) return this.#masterKey;
    return this.#remember(await this.#masterKeys.read(record));
  }

  async #create(): Promise<MasterKey> {
    this.#hasTriedKeychain = true;
    return this.#remember(await this.#masterKeys.create());
  }

  /** Undefined when the master key is in the keychain already, or no keychain accepts it. */
  async #moveToKeychain(opened: OpenKeyFile): Promise<OpenKeyFile | undefined> {
    if (opened.masterKey.record.place === 'keychain' || this.#hasTriedKeychain) return undefined;
    this.#hasTriedKeychain = true;
    const fresh = await this.#masterKeys.createInKeychain();
    return fresh && this.#reseal(opened, fresh);
  }

  /** The rename of keys.json is the commit: before it the old master key opens everything, after it the new one. */
  async #reseal(opened: OpenKeyFile, fresh: MasterKey): Promise<OpenKeyFile> {
    this.#redactor.add(fresh.key.toString('base64'));
    const entries = opened.entries.map((entry) => {
      const key = unseal(opened.masterKey.key, entry.key, boundTo(entry));
      if (key === undefined) throw tampered(this.#file);
      return { ...entry, key: seal(fresh.key, key, boundTo(entry)) };
    });
    try {
      await this.#save(fresh, entries);
    } finally {
      await this.#forgetUnused([opened.masterKey, fresh]);
    }
    return { masterKey: this.#remember(fresh), entries };
  }

  /**
   * Removes the master keys that keys.json does not name. Removes none when it cannot be read, since one of them opens
   * it.
   */
  async #forgetUnused(masterKeys: readonly MasterKey[]): Promise<void> {
    const file = await readKeyFile(this.#file, this.#onExposed).catch(() => undefined);
    if (!file) return;
    for (const { record } of masterKeys) {
      if (JSON.stringify(record) !== JSON.stringify(file.masterKey)) await this.#masterKeys.remove(record);
    }
  }

  #remember(masterKey: MasterKey): MasterKey {
    this.#redactor.add(masterKey.key.toString('base64'));
    this.#masterKey = masterKey;
    return masterKey;
  }

  async #save({ key, record }: MasterKey, entries: KeyEntry[]): Promise<void> {
    // The file is written before its generation is noted, so that an interruption never leaves a file older than the
    // noted generation.
    const before = Math.max(await this.#generations.latest(), (await this.#reader.read())?.generation ?? 0);
    const content = { version: 1 as const, generation: before + 1, masterKey: record, entries };
    await replaceFile(
      this.#file,
      `${JSON.stringify({ ...content, seal: seal(key, '', boundToAll(content)) }, null, 2)}\n`,
    );
    await this.#generations.note(content.generation);
  }

  /** Runs one task after another, since two concurrent changes would overwrite each other. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#queue.run(work);
  }

  readonly #onExposed = (notice: string): void => void this.#notices.add(notice);

  #noticeOf({ record }: MasterKey, isMoved: boolean): { notice?: string } {
    if (isMoved)
      return {
        notice:
          "This system's keychain is now available, so the master key was moved there from its file, and your API keys were encrypted again.",
      };
    if (record.place === 'keychain') return {};
    return {
      notice:
        `This machine has no available keychain, so the API key is encrypted with a master key in ${this.#masterKeys.placeOf(record)}, which only your user can read. ` +
        'Anyone who can read both files can read your keys.',
    };
  }
}

interface OpenKeyFile {
  masterKey: MasterKey;
  entries: KeyEntry[];
}

const minShownLength = 12;

function lastFour(key: string): string {
  return key.length >= minShownLength ? key.slice(-4) : '••••';
}

function findEntry(entries: readonly KeyEntry[], provider: string, scope: string): KeyEntry | undefined {
  return (
    entries.find((entry) => isFor(entry, provider, scope)) ??
    entries.find((entry) => isFor(entry, provider, globalScope))
  );
}

function isFor(entry: KeyEntry, provider: string, scope: string): boolean {
  return entry.provider === provider && entry.scope === scope;
}

/** The text that an entry's key is bound to. Moved under another provider or scope, the key does not open. */
function boundTo({ provider, scope, last4, createdAt }: KeyInfo): string {
  return JSON.stringify(['switchyard key', 1, provider, scope, last4, createdAt]);
}

function boundToAll({ version, generation, masterKey, entries }: Omit<KeyFile, 'seal'>): string {
  const place =
    masterKey.place === 'file'
      ? ['file', ...(masterKey.name ? [masterKey.name] : [])]
      : ['keychain', masterKey.account];
  return JSON.stringify([
    'switchyard keys',
    version,
    place,
    entries.map((entry) => [boundTo(entry), entry.key]),
    ...(generation === undefined ? [] : [generation]),
  ]);
}
