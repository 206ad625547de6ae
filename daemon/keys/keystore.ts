// The providers' keys: encrypted on disk, in clear only inside this process, and known to the redactor before anyone can log them.
import { join } from 'node:path';
import type { Log, Redactor } from '../base/log.ts';
import { type KeyEntry, type KeyFile, KeyFileReader, replaceFile, tampered } from './key-file.ts';
import { createKeychain, type Keychain } from './keychain.ts';
import { createMasterKey, type MasterKey, readMasterKey } from './master-key.ts';
import { seal, unseal } from './seal.ts';

export interface KeystoreOptions {
  dataDir: string;
  redactor: Redactor;
  log: Log;
  keychain?: Keychain;
}

export interface KeyInfo {
  provider: string;
  scope: string;
  /** The last four characters; hidden as well when the key is so short that they would tell much of it. */
  last4: string;
  createdAt: number;
}

export const globalScope = 'global';

/** Does nothing until it is asked for something. */
export function createKeystore(options: KeystoreOptions): Keystore {
  return new Keystore(options);
}

/** Lives as long as the daemon, the only writer of its files. Looks at them at each use, so that a change behind its back is seen at once. */
export class Keystore {
  readonly #file: string;
  readonly #reader: KeyFileReader;
  readonly #masterKeyFile: string;
  readonly #redactor: Redactor;
  readonly #log: Log;
  readonly #keychain: Keychain;
  /** The last fetched master key: asking the keychain takes a process. */
  #masterKey: MasterKey | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor({ dataDir, redactor, log, keychain }: KeystoreOptions) {
    this.#file = join(dataDir, 'keys.json');
    this.#reader = new KeyFileReader(this.#file);
    this.#masterKeyFile = join(dataDir, 'master.key');
    this.#redactor = redactor;
    this.#log = log;
    this.#keychain = keychain ?? createKeychain();
  }

  /** Stores a key in place of an older one. The notice tells the user when the master key is only in a file. */
  set(provider: string, key: string, scope = globalScope): Promise<{ masterKey: 'keychain' | 'file'; notice?: string }> {
    this.#redactor.add(key);
    return this.#inTurn(async () => {
      const { masterKey, entries } = (await this.#open()) ?? { masterKey: await this.#create(), entries: [] };
      const info = { provider, scope, last4: lastFour(key), createdAt: Date.now() };
      const entry = { ...info, key: seal(masterKey.key, key, boundTo(info)) };
      await this.#save(masterKey, [...entries.filter((other) => !isFor(other, provider, scope)), entry]);
      const { place } = masterKey.record;
      return { masterKey: place, ...(place === 'file' && { notice: this.#fileNotice() }) };
    });
  }

  /** The key for a scope, else the global one; undefined when there is neither. Throws UserError `keystore-tampered`. */
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
    const file = await this.#inTurn(() => this.#reader.read());
    return file !== undefined && find(file.entries, provider, scope) !== undefined;
  }

  /** What keys there are: never the keys. Needs no master key. */
  async list(): Promise<KeyInfo[]> {
    const file = await this.#inTurn(() => this.#reader.read());
    return file?.entries.map(({ provider, scope, last4, createdAt }) => ({ provider, scope, last4, createdAt })) ?? [];
  }

  /** Returns whether there was one. */
  delete(provider: string, scope = globalScope): Promise<boolean> {
    return this.#inTurn(async () => {
      const opened = await this.#open();
      const kept = opened?.entries.filter((entry) => !isFor(entry, provider, scope));
      if (!opened || !kept || kept.length === opened.entries.length) return false;
      await this.#save(opened.masterKey, kept);
      return true;
    });
  }

  /** Where the master key is; `none` until the first key is stored. */
  async masterKeyPlace(): Promise<'keychain' | 'file' | 'none'> {
    return (await this.#inTurn(() => this.#reader.read()))?.masterKey.place ?? 'none';
  }

  /** The entries, once the seal over all of them is found whole; undefined when nothing is stored yet. */
  async #open(): Promise<{ masterKey: MasterKey; entries: KeyEntry[] } | undefined> {
    const file = await this.#reader.read();
    if (!file) return undefined;
    const masterKey = await this.#fetch(file.masterKey);
    if (unseal(masterKey.key, file.seal, boundToAll(file)) === undefined) {
      this.#masterKey = undefined; // so that a master key which was put back is seen
      throw tampered(this.#file);
    }
    return { masterKey, entries: file.entries };
  }

  async #fetch(record: MasterKey['record']): Promise<MasterKey> {
    if (JSON.stringify(this.#masterKey?.record) === JSON.stringify(record) && this.#masterKey) return this.#masterKey;
    return this.#remember(await readMasterKey(this.#keychain, this.#masterKeyFile, record));
  }

  async #create(): Promise<MasterKey> {
    return this.#remember(await createMasterKey(this.#keychain, this.#masterKeyFile, this.#log));
  }

  #remember(masterKey: MasterKey): MasterKey {
    this.#redactor.add(masterKey.key.toString('base64'));
    this.#masterKey = masterKey;
    return masterKey;
  }

  async #save({ key, record }: MasterKey, entries: KeyEntry[]): Promise<void> {
    const content = { version: 1 as const, masterKey: record, entries };
    await replaceFile(this.#file, `${JSON.stringify({ ...content, seal: seal(key, '', boundToAll(content)) }, null, 2)}\n`);
  }

  /** One after another: two changes at once would each write back what they had read. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work);
    this.#queue = turn.catch(() => {});
    return turn;
  }

  #fileNotice(): string {
    return (
      `This machine has no keychain that answers, so the key is encrypted with a master key in ${this.#masterKeyFile}, which only your user can read. ` +
      'Anyone who can read both files can read your keys.'
    );
  }
}

const shortestShown = 12;

function lastFour(key: string): string {
  return key.length >= shortestShown ? key.slice(-4) : '••••';
}

function find(entries: readonly KeyEntry[], provider: string, scope: string): KeyEntry | undefined {
  return entries.find((entry) => isFor(entry, provider, scope)) ?? entries.find((entry) => isFor(entry, provider, globalScope));
}

function isFor(entry: KeyEntry, provider: string, scope: string): boolean {
  return entry.provider === provider && entry.scope === scope;
}

/** What an entry's key is bound to: moved under another provider or scope, it does not open. */
function boundTo({ provider, scope, last4, createdAt }: KeyInfo): string {
  return JSON.stringify(['switchyard key', 1, provider, scope, last4, createdAt]);
}

function boundToAll({ version, masterKey, entries }: Omit<KeyFile, 'seal'>): string {
  const place = masterKey.place === 'file' ? ['file'] : ['keychain', masterKey.account];
  return JSON.stringify(['switchyard keys', version, place, entries.map((entry) => [boundTo(entry), entry.key])]);
}
