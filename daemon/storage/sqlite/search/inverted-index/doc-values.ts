// What ranking has to know of every document, in arrays by its number: whose it is, of which kind, how long and how old.
import type { Database, Statement } from 'better-sqlite3';
import type { SearchKind } from '../../../search.ts';

export interface DocEntry {
  id: number;
  profile: string;
  kind: SearchKind;
  words: number;
  createdAt: number;
}

const rowsPerStep = 4000;
type DocRow = [id: number, profile: string, kind: SearchKind, words: number, createdAt: number];

/** Lives as long as an open database. Follows what is added through `add`, and what is deleted through `forgetGone`. */
export class DocValues {
  /** 0 where there is no document, else the number of a group: a profile's documents of one kind. */
  groups = new Uint16Array(1024);
  lengths = new Uint16Array(1024);
  /** Seconds since the epoch. */
  times = new Uint32Array(1024);
  /** One more than the highest number of a document. */
  size = 1;
  count = 0;
  words = 0;
  readonly #groups = new Map<string, number>();
  readonly #page: Statement<[number], DocRow>;
  readonly #gone: Statement<[], number>;
  #loadedUpTo = 0;
  loaded = false;

  constructor(database: Database) {
    this.#page = database
      .prepare(
        `select id, profile_id, kind, words, created_at from search_document where id > ? order by id limit ${rowsPerStep}`,
      )
      .raw() as Statement<[number], DocRow>;
    this.#gone = database.prepare('select document from search_gone').pluck() as Statement<[], number>;
  }

  /** Reads some more of the documents; `loaded` tells when it was all. */
  load(): void {
    const rows = this.#page.all(this.#loadedUpTo);
    for (const [id, profile, kind, words, createdAt] of rows) this.add({ id, profile, kind, words, createdAt });
    this.#loadedUpTo = rows.at(-1)?.[0] ?? this.#loadedUpTo;
    this.loaded = rows.length < rowsPerStep;
  }

  add({ id, profile, kind, words, createdAt }: DocEntry): void {
    this.#grow(id + 1);
    this.groups[id] = this.#groupOf(profile, kind);
    this.lengths[id] = Math.min(words, 0xffff);
    this.times[id] = Math.max(0, Math.floor(createdAt / 1000));
    this.count++;
    this.words += this.lengths[id] ?? 0;
  }

  /** Takes out what was deleted since. */
  forgetGone(): void {
    for (const id of this.#gone.all()) {
      if (!this.groups[id]) continue;
      this.groups[id] = 0;
      this.count--;
      this.words -= this.lengths[id] ?? 0;
    }
  }

  /** For each group whether a profile's search for these kinds may see it. */
  visible(profile: string, kinds: readonly SearchKind[]): Uint8Array {
    const visible = new Uint8Array(this.#groups.size + 1);
    for (const kind of kinds) visible[this.#groups.get(keyOf(profile, kind)) ?? 0] = 1;
    visible[0] = 0;
    return visible;
  }

  has(document: number): boolean {
    return (this.groups[document] ?? 0) > 0;
  }

  #groupOf(profile: string, kind: SearchKind): number {
    const key = keyOf(profile, kind);
    const group = this.#groups.get(key) ?? this.#groups.size + 1;
    this.#groups.set(key, group);
    return group;
  }

  #grow(size: number): void {
    this.size = Math.max(this.size, size);
    if (size <= this.groups.length) return;
    const room = Math.max(size, this.groups.length * 2);
    const [groups, lengths, times] = [new Uint16Array(room), new Uint16Array(room), new Uint32Array(room)];
    groups.set(this.groups);
    lengths.set(this.lengths);
    times.set(this.times);
    [this.groups, this.lengths, this.times] = [groups, lengths, times];
  }
}

function keyOf(profile: string, kind: SearchKind): string {
  return `${kind} ${profile}`;
}
