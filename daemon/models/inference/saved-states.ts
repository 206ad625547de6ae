// What models have read, kept on disk: the state of a sequence, so that a chat which lost its place is not read again. A state
// belongs to one owner and one key (a chat, or the words that begin a task), and fits one model file under one build and settings. It
// holds its text as tokens, so it is as private as the chat, and goes when the chat or the profile goes.
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, open, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LlamaContextSequence, Token } from 'node-llama-cpp';
import { moveFile } from '../../base/disk.ts';

/** Whose state it is, and of what: neither is stored as text. */
export interface StateKey {
  owner: string;
  key: string;
}

/** A state on disk. */
export interface SavedState {
  readonly file: string;
  readonly tokens: Uint32Array;
  readonly bytes: number;
  lastUsedMs: number;
}

const fileName = /^([0-9a-f]{16})-([0-9a-f]{16})-([0-9a-f]{16})-([0-9a-f]{32})\.state$/;
const secretBytes = 32;
const defaultMaxBytes = 2e9;

/** Lives as long as the host process. Writes nothing before the first state is saved. */
export class SavedStates {
  readonly #folder: string;
  readonly #maxBytes: number;
  #states: Promise<Map<string, SavedState>> | undefined;
  #secret: Promise<Buffer> | undefined;

  constructor(folder: string, maxBytes: number = defaultMaxBytes) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
  }

  /** The state of this owner and model that begins with the most of these tokens, and how many those are. */
  async best(model: string, owner: string, tokens: readonly Token[]): Promise<{ state?: SavedState; common: number }> {
    let best: { state?: SavedState; common: number } = { common: 0 };
    for (const [name, state] of await this.#open()) {
      const [, ofOwner, , ofModel] = fileName.exec(name) ?? [];
      if (ofOwner !== short(owner) || ofModel !== short(model)) continue;
      const common = commonLength(state.tokens, tokens);
      if (common > best.common) best = { state, common };
    }
    return best;
  }

  /** Replaces what was saved under the key. A state that does not fit the bounds, or the disk, is not kept: it can be read again. */
  async save(model: string, key: StateKey, sequence: LlamaContextSequence): Promise<void> {
    const states = await this.#open();
    const temporary = join(this.#folder, `${randomBytes(8).toString('hex')}.tmp`);
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      const { fileSize } = await sequence.saveStateToFile(temporary);
      await chmod(temporary, 0o600);
      const names = [short(key.owner), nameOf(key.key), short(model)];
      const name = `${[...names, await this.#sign(temporary, names)].join('-')}.state`;
      await this.#drop(states, (other) => other !== name && other.startsWith(`${names.join('-')}-`));
      await moveFile(temporary, join(this.#folder, name));
      const tokens = Uint32Array.from(sequence.contextTokens);
      states.set(name, { file: join(this.#folder, name), tokens, bytes: fileSize, lastUsedMs: Date.now() });
      await this.#makeRoom(states);
    } catch {
      await rm(temporary, { force: true });
    }
  }

  /** Whether the sequence now holds the state. One that was changed, or is gone, is forgotten. */
  async load(state: SavedState, sequence: LlamaContextSequence): Promise<boolean> {
    const states = await this.#open();
    const [name] = [...states].find(([, other]) => other === state) ?? [];
    const [, owner = '', key = '', model = '', signature] = fileName.exec(name ?? '') ?? [];
    try {
      if (signature !== (await this.#sign(state.file, [owner, key, model]))) throw new Error('it was changed');
      await sequence.loadStateFromFile(state.file, { acceptRisk: true }); // it is what this build wrote for this very model
      state.lastUsedMs = Date.now();
      await utimes(state.file, new Date(), new Date());
      return true;
    } catch {
      await sequence.clearHistory();
      await this.#drop(states, (other) => other === name);
      return false;
    }
  }

  /** Removes what was saved of an owner, or under a key, or of both. */
  async forget(key: Partial<StateKey>): Promise<void> {
    const states = this.#states && (await this.#states);
    await removeSavedStates(this.#folder, key);
    if (states) await this.#drop(states, (name) => isOf(name, key));
  }

  async #makeRoom(states: Map<string, SavedState>): Promise<void> {
    let total = [...states.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    for (const [name, { bytes }] of [...states].toSorted(([, a], [, b]) => a.lastUsedMs - b.lastUsedMs)) {
      if (total <= this.#maxBytes) return;
      await this.#drop(states, (other) => other === name);
      total -= bytes;
    }
  }

  async #drop(states: Map<string, SavedState>, isMeant: (name: string) => boolean): Promise<void> {
    for (const [name, { file }] of states) {
      if (!isMeant(name)) continue;
      states.delete(name);
      await rm(file, { force: true });
    }
  }

  /** The name says whose a state is, so that a state renamed by hand is as void as a changed one. */
  async #sign(file: string, names: readonly string[]): Promise<string> {
    const hmac = createHmac('sha256', await this.#key()).update(names.join('-'));
    for await (const bytes of createReadStream(file, { highWaterMark: 1 << 20 })) hmac.update(bytes as Buffer);
    return hmac.digest('hex').slice(0, 32);
  }

  #key(): Promise<Buffer> {
    this.#secret ??= readSecret(join(this.#folder, 'secret'));
    return this.#secret;
  }

  #open(): Promise<Map<string, SavedState>> {
    this.#states ??= readFolder(this.#folder);
    return this.#states;
  }
}

/** The same from outside of the host, which need not run for it. */
export async function removeSavedStates(folder: string, key: Partial<StateKey>): Promise<void> {
  for (const name of await readdir(folder).catch(() => []))
    if (isOf(name, key)) await rm(join(folder, name), { force: true });
}

function isOf(name: string, { owner, key }: Partial<StateKey>): boolean {
  const [, ofOwner, ofKey] = fileName.exec(name) ?? [];
  if (!ofOwner) return false;
  return (
    (owner === undefined || ofOwner === short(owner)) &&
    (key === undefined || ofKey === nameOf(key) || isOfPrefix(ofKey))
  );
}

async function readFolder(folder: string): Promise<Map<string, SavedState>> {
  const states = new Map<string, SavedState>();
  for (const name of await readdir(folder).catch(() => [])) {
    const file = join(folder, name);
    if (name.endsWith('.tmp')) await rm(file, { force: true });
    const state = fileName.test(name) ? await readState(file).catch(() => undefined) : undefined;
    if (state) states.set(name, state);
  }
  return states;
}

const magic = 0x67_67_73_71; // `ggsq`, a sequence's state in llama.cpp
const headerBytes = 12;

/** A state's tokens stand at its beginning: magic, version, count, and four bytes each. */
async function readState(file: string): Promise<SavedState | undefined> {
  const { size, mtimeMs } = await stat(file);
  await using handle = await open(file, 'r');
  const { buffer } = await handle.read({ buffer: Buffer.alloc(headerBytes), position: 0 });
  const count = buffer.readUInt32LE(8);
  if (buffer.readUInt32LE(0) !== magic || headerBytes + 4 * count > size) return undefined;
  const bytes = new Uint8Array(4 * count);
  await handle.read({ buffer: bytes, position: headerBytes });
  return { file, tokens: new Uint32Array(bytes.buffer), bytes: size, lastUsedMs: mtimeMs };
}

/** A new one where there is none: what was signed with another is void. */
async function readSecret(file: string): Promise<Buffer> {
  const stored = await readFile(file).catch(() => undefined);
  if (stored?.length === secretBytes) return stored;
  const secret = randomBytes(secretBytes);
  await writeFile(file, secret, { mode: 0o600 });
  return secret;
}

/** What a kind of work begins with may name what a chat or a memory said, so it goes with any of them; it is soon read again. */
const prefixKey = 'prefix ';
const prefixMark = '00000000';

export function prefixKeyOf(tokens: readonly Token[]): string {
  return `${prefixKey}${tokens.join()}`;
}

function nameOf(key: string): string {
  return key.startsWith(prefixKey) ? prefixMark + short(key).slice(prefixMark.length) : short(key);
}

function isOfPrefix(name: string | undefined): boolean {
  return name?.startsWith(prefixMark) ?? false;
}

function short(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** How many tokens two texts begin with in common. */
export function commonLength(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length++;
  return length;
}
