// The providers' keys: encrypted on disk, in clear only inside this process, and known to the redactor before anyone can log them.
import { join } from 'node:path';
import { FairQueue } from '../base/fair-queue.ts';
import type { Log, Redactor } from '../base/log.ts';
import { Generations, noWitness, type Witness } from './generations.ts';
import { type KeyEntry, type KeyFile, KeyFileReader, older, readKeyFile, replaceFile, tampered } from './key-file.ts';
import { createKeychain, type Keychain } from './keychain.ts';
import { type MasterKey, MasterKeys } from './master-key.ts';
import { seal, unseal } from './seal.ts';

export interface KeystoreOptions {
  dataDir: string;
  redactor: Redactor;
  log: Log;
  keychain?: Keychain;
  /** What remembers, apart from the files, which of their states was the last one. */
  witness?: Witness;
}

export interface KeyInfo {
  provider: string;
  /** `global`, or the URI of the workspace it is for. */
  scope: string;
  /** The last four characters; hidden as well when the key is so short that they would tell much of it. */
  last4: string;
  createdAt: number;
}

export const globalScope = 'global';

export interface Stored {
  masterKey: 'keychain' | 'file';
  /** What the user should know of where the master key is. */
  notice?: string;
}

/** Does nothing until it is asked for something. */
export function createKeystore(options: KeystoreOptions): Keystore {
  return new Keystore(options);
}

/** Lives as long as the daemon, the only writer of its files. Looks at them at each use, so that a change behind its back is seen at once. */
export class Keystore {
  readonly #file: string;
  readonly #reader: KeyFileReader;
  readonly #redactor: Redactor;
  readonly #masterKeys: MasterKeys;
  readonly #generations: Generations;
  readonly #listeners: ((provider: string) => void)[] = [];
  readonly #notices = new Set<string>();
  readonly #queue = new FairQueue();
  /** The last fetched master key: asking the keychain takes a process. */
  #masterKey: MasterKey | undefined;
  /** Whether the keychain was asked to take the master key over; once in this life, since one that never answers takes its time. */
  #hasTriedKeychain = false;
  /** A look at the file that has not begun yet. */
  #next: Promise<KeyFile | undefined> | undefined;

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

  /** What was found amiss and mended since the start, in sentences. */
  get notices(): string[] {
    return [...this.#notices];
  }

  /** Stores a key in place of an older one. The notice tells the user when the master key is only in a file. */
  async set(provider: string, key: string, scope = globalScope): Promise<Stored> {
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
    this.#tell(provider);
    return stored;
  }

  /**
   * Seals every key anew under a new master key, and forgets the old one; `keys` is how many there are. Cut short at any moment it
   * leaves a keystore that opens, under one of the two. Moves the master key into the keychain where one answers by now. An older copy
   * of the keystore that was put back is in use from then on.
   */
  rotate(): Promise<Partial<Stored> & { keys: number }> {
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

  /** The key for a scope, else the global one; undefined when there is neither. Throws UserErrors `keystore-tampered` and `keystore-older`. */
  get(provider: string, scope = globalScope): Promise<string | undefined> {
    return this.#inTurn(async () => {
      const opened = await this.#open();
      const entry = opened && find(opened.entries, provider, scope);
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
    return file && find(file.entries, provider, scope)?.scope;
  }

  /** What keys there are: never the keys. Needs no master key. */
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
    if (isDeleted) this.#tell(provider);
    return isDeleted;
  }

  /** Where the master key is; `none` until the first key is stored. */
  async masterKeyPlace(): Promise<'keychain' | 'file' | 'none'> {
    return (await this.#read())?.masterKey.place ?? 'none';
  }

  #tell(provider: string): void {
    for (const listener of this.#listeners) listener(provider);
  }

  /** Those who ask before it is their turn, as one does for every provider's key at once, look together. */
  #read(): Promise<KeyFile | undefined> {
    this.#next ??= this.#inTurn(() => {
      this.#next = undefined;
      return this.#reader.read();
    });
    return this.#next;
  }

  /** The entries, once the seal over all of them is found whole; undefined when nothing is stored yet. */
  async #open({ takesOlder = false } = {}): Promise<Opened | undefined> {
    const file = await this.#reader.read();
    if (!file) return undefined;
    const masterKey = await this.#fetch(file.masterKey);
    if (unseal(masterKey.key, file.seal, boundToAll(file)) === undefined) {
      this.#masterKey = undefined; // so that a master key which was put back is seen
      throw tampered(this.#file);
    }
    const latest = await this.#generations.latest();
    if ((file.generation ?? 0) < latest && !takesOlder) throw older(this.#file, file, latest);
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

  /** Undefined where the master key is in the keychain already, or no keychain takes it. */
  async #moveToKeychain(opened: Opened): Promise<Opened | undefined> {
    if (opened.masterKey.record.place === 'keychain' || this.#hasTriedKeychain) return undefined;
    this.#hasTriedKeychain = true;
    const fresh = await this.#masterKeys.createInKeychain();
    return fresh && this.#reseal(opened, fresh);
  }

  /** The one step that counts is the rename of keys.json: before it the old master key opens everything, after it the new one. */
  async #reseal(opened: Opened, fresh: MasterKey): Promise<Opened> {
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

  /** Removes those of the master keys that keys.json does not name. None while it cannot be read: one of them opens it. */
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
    // Written before it is noted: cut short between the two, the file is newer than what was seen of it, and never older.
    const before = Math.max(await this.#generations.latest(), (await this.#reader.read())?.generation ?? 0);
    const content = { version: 1 as const, generation: before + 1, masterKey: record, entries };
    await replaceFile(
      this.#file,
      `${JSON.stringify({ ...content, seal: seal(key, '', boundToAll(content)) }, null, 2)}\n`,
    );
    await this.#generations.note(content.generation);
  }

  /** One after another: two changes at once would each write back what they had read. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#queue.run(work);
  }

  readonly #onExposed = (notice: string): void => void this.#notices.add(notice);

  #noticeOf({ record }: MasterKey, isMoved: boolean): { notice?: string } {
    if (isMoved)
      return {
        notice:
          "This system's keychain answers now: the master key was moved there out of its file, and your keys were encrypted anew.",
      };
    if (record.place === 'keychain') return {};
    return {
      notice:
        `This machine has no keychain that answers, so the key is encrypted with a master key in ${this.#masterKeys.placeOf(record)}, which only your user can read. ` +
        'Anyone who can read both files can read your keys.',
    };
  }
}

interface Opened {
  masterKey: MasterKey;
  entries: KeyEntry[];
}

const shortestShown = 12;

function lastFour(key: string): string {
  return key.length >= shortestShown ? key.slice(-4) : '••••';
}

function find(entries: readonly KeyEntry[], provider: string, scope: string): KeyEntry | undefined {
  return (
    entries.find((entry) => isFor(entry, provider, scope)) ??
    entries.find((entry) => isFor(entry, provider, globalScope))
  );
}

function isFor(entry: KeyEntry, provider: string, scope: string): boolean {
  return entry.provider === provider && entry.scope === scope;
}

/** What an entry's key is bound to: moved under another provider or scope, it does not open. */
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
