// Vectors of documents: stored as float32 beside the model that made them, found by a scan of their signs in memory and an exact
// look at the nearest of these. Vectors of another model are kept until they are replaced, and never compared.

import type { Database, Statement } from 'better-sqlite3';
import type { VectorModel } from '../../../search.ts';
import type { DocValues } from '../inverted-index/doc-values.ts';
import { type RankedDocument, Top } from '../rank/top.ts';
import { BinaryVectors, toBinary } from './binary-quantization.ts';
import { defaultInt8Bytes, Int8Vectors } from './int8-quantization.ts';
import { TwoBitVectors, toTwoBit } from './two-bit-quantization.ts';

/**
 * How many of the nearest by signs are looked at more closely: at least so many, and this share of all there are; and how many of these
 * exactly, at least and for each that is asked for.
 */
const closer = { least: 1000, share: 0.002, exactPerAsked: Infinity, exact: 0 };
const closerByInt8 = { least: 2000, share: 0.06, exactPerAsked: 3, exact: 0 };
const closerByTwoBit = { least: 4000, share: 0.02, exactPerAsked: 4, exact: 200 };
const maxLookedAt = 5000;
const rowsPerTurn = 1000;
const rowsPerStep = 1000;
const modelState = 'model';

/** Lives as long as an open database. */
export class Vectors {
  readonly #database: Database;
  readonly #docValues: DocValues;
  readonly #hasNative: boolean;
  readonly #maxInt8Bytes: number;
  readonly #page: Statement<[number, number], { document: number; bits: Uint8Array }>;
  readonly #insertVector: Statement;
  readonly #insertBits: Statement;
  readonly #mark: Statement;
  readonly #sizesPage: Statement<
    [number, number],
    { document: number; bits: Uint8Array; sizes: Uint8Array | null; vector: Uint8Array | null }
  >;
  readonly #vectorPage: Statement<[number, number], { document: number; vector: Uint8Array }>;
  readonly #native: Statement<[Uint8Array, string, number], { document: number; distance: number }> | undefined;
  readonly #stored: Statement<[string, number], { document: number; vector: Uint8Array }>;
  #model: (VectorModel & { id: number }) | undefined;
  #signs: BinaryVectors | undefined;
  #codes: Int8Vectors | undefined;
  #sizes: TwoBitVectors | undefined;
  #loadedUpTo = 0;
  #codesUpTo = 0;
  #sizesUpTo = 0;
  #isLoaded = false;
  #areCodesLoaded = false;
  #areSizesLoaded = false;

  constructor(database: Database, docValues: DocValues, { maxInt8Bytes = defaultInt8Bytes } = {}) {
    this.#database = database;
    this.#maxInt8Bytes = maxInt8Bytes;
    this.#docValues = docValues;
    this.#hasNative = hasNative(database);
    this.#page = database.prepare(
      `select document, bits from search_bits where model = ? and document > ? order by document limit ${rowsPerStep}`,
    );
    this.#sizesPage = database.prepare(
      `select document, bits, sizes, case when sizes is null then (select vector from search_vector as own where own.document = search_bits.document) end as vector
       from search_bits where model = ? and document > ? order by document limit ${rowsPerStep / 2}`,
    );
    this.#vectorPage = database.prepare(
      `select document, vector from search_vector where model = ? and document > ? order by document limit ${rowsPerStep / 2}`,
    );
    this.#insertVector = database.prepare(
      'insert into search_vector (document, model, vector) values (?, ?, ?) on conflict do update set model = excluded.model, vector = excluded.vector',
    );
    this.#insertBits = database.prepare(
      'insert into search_bits (document, model, bits, sizes) values (?, ?, ?, ?) on conflict do update set model = excluded.model, bits = excluded.bits, sizes = excluded.sizes',
    );
    this.#mark = database.prepare('update search_document set model = ? where id = ?');
    const among = 'document in (select value from json_each(?)) and model = ?';
    this.#native = this.#hasNative
      ? database.prepare(
          `select document, vec_distance_cosine(vector, ?) as distance from search_vector where ${among}`,
        )
      : undefined;
    this.#stored = database.prepare(`select document, vector from search_vector where ${among}`);
    this.#use(
      database
        .prepare(
          `select search_model.* from search_state join search_model on id = value where search_state.name = '${modelState}'`,
        )
        .get() as (VectorModel & { id: number }) | undefined,
    );
  }

  get model(): VectorModel | undefined {
    return this.#model;
  }

  /** How many can be found. */
  get count(): number {
    return this.#signs?.count ?? 0;
  }

  /** Whether a document has a vector; one that was deleted may be taken for one that has. */
  has(document: number): boolean {
    return this.#signs?.has(document) ?? false;
  }

  /** Which part of some documents has a vector; of all that are visible where none are named. */
  share(visible: Uint8Array, among?: ReadonlySet<number>): number {
    const { groups, size } = this.#docValues;
    let [all, having] = [0, 0];
    const count = (document: number): void => {
      all++;
      if (this.has(document)) having++;
    };
    if (among) for (const document of among) count(document);
    else
      for (let document = 0; document < size; document++)
        if (visible[groups[document] as number] === 1) count(document);
    return all === 0 ? 0 : having / all;
  }

  get ready(): boolean {
    return this.#isLoaded;
  }

  /** Makes this the model whose vectors are found; every document without one is pending from now on. */
  choose({ name, dimensions }: VectorModel): void {
    if (this.#model?.name === name && this.#model.dimensions === dimensions) return;
    const key = `${name} ${dimensions}`;
    this.#database
      .prepare('insert into search_model (name, dimensions) values (?, ?) on conflict do nothing')
      .run(key, dimensions);
    const id = this.#database.prepare('select id from search_model where name = ?').pluck().get(key) as number;
    this.#database
      .prepare(
        `insert into search_state (name, value) values ('${modelState}', ?) on conflict do update set value = excluded.value`,
      )
      .run(id);
    this.#use({ id, name, dimensions });
  }

  /** Documents that have no vector of the model, the newest first. */
  pending(limit: number): number[] {
    const id = this.#model?.id;
    if (id === undefined) return [];
    const rows = (range: string): number[] =>
      this.#database
        .prepare(`select id from search_document where ${range} order by model desc, id desc limit ?`)
        .pluck()
        .all(id, limit) as number[];
    return [...rows('model > ?'), ...rows('model < ?')].sort((a, b) => b - a).slice(0, limit);
  }

  pendingCount(): number {
    const id = this.#model?.id ?? 0;
    return this.#database
      .prepare(
        'select (select count(*) from search_document where model < ?) + (select count(*) from search_document where model > ?)',
      )
      .pluck()
      .get(id, id) as number;
  }

  /** Ignores what was deleted meanwhile; to be called in a transaction. Throws for a vector of another length. */
  store(vectors: readonly { document: number; vector: Float32Array }[]): void {
    const model = this.#model;
    if (!model) return;
    for (const { document, vector } of vectors) {
      if (vector.length !== model.dimensions)
        throw new Error(`a vector of ${vector.length} numbers for a model of ${model.dimensions}`);
      if (this.#mark.run(model.id, document).changes === 0) continue;
      const [bits, sizes] = [toBinary(vector), toTwoBit(vector)];
      this.#insertVector.run(document, model.id, bytesOf(vector));
      this.#insertBits.run(document, model.id, bits, sizes);
      if (this.#isLoaded || document <= this.#loadedUpTo) this.#signs?.set(document, bits);
      if (this.#areCodesLoaded || document <= this.#codesUpTo) this.#keepCode(document, vector);
      if (this.#areSizesLoaded || document <= this.#sizesUpTo) this.#keepSizes(document, bits, sizes);
    }
  }

  /** Reads some more of the signs after the start, and then the codes, or the sizes where these are too many; returns whether there is more. */
  load(): boolean {
    if (!this.#model) return false;
    if (this.#isLoaded) return this.#codes ? this.#loadCodes(this.#model.id) : this.#loadSizes(this.#model.id);
    const rows = this.#page.all(this.#model.id, this.#loadedUpTo);
    for (const { document, bits } of rows) this.#signs?.set(document, bits);
    this.#loadedUpTo = rows.at(-1)?.document ?? this.#loadedUpTo;
    this.#isLoaded = rows.length < rowsPerStep;
    return true;
  }

  /** The nearest documents by the cosine of their angle, best first; among few of them each is looked at. Gives way between pieces of work. */
  *nearest(
    query: Float32Array,
    most: number,
    { visible, admits, among }: { visible: Uint8Array; admits(document: number): boolean; among?: ReadonlySet<number> },
  ): Generator<void, RankedDocument[]> {
    const signs = this.#signs;
    if (!signs || query.length !== this.#model?.dimensions) return [];
    if (among && among.size <= maxLookedAt) return yield* this.#nearestOf(query, most, Uint32Array.from(among));
    const codes = this.#areCodesLoaded ? this.#codes : undefined;
    const sorting = codes ?? (this.#areSizesLoaded ? this.#sizes : undefined);
    const { least, share, exact, exactPerAsked } = codes ? closerByInt8 : sorting ? closerByTwoBit : closer;
    const bySigns = yield* signs.nearest(query, Math.max(least, 4 * most, Math.ceil(signs.count * share)), {
      docValues: this.#docValues,
      visible,
    });
    const admitted = kept(bySigns, admits);
    yield;
    const looked = Math.max(exact, most * exactPerAsked);
    const candidates =
      sorting && admitted.length > looked
        ? Uint32Array.from(sorting.nearest(query, admitted, looked), ({ document }) => document)
        : admitted;
    yield;
    return yield* this.#nearestOf(query, most, candidates);
  }

  *#nearestOf(query: Float32Array, most: number, candidates: Uint32Array): Generator<void, RankedDocument[]> {
    const top = new Top(most);
    for (let from = 0; from < candidates.length; from += rowsPerTurn) {
      for (const { document, score } of this.#rescored(query, candidates.subarray(from, from + rowsPerTurn)))
        if (score >= top.least) top.offer(document, score);
      yield;
    }
    return top.ranked();
  }

  #loadCodes(model: number): boolean {
    if (this.#areCodesLoaded) return false;
    const rows = this.#vectorPage.all(model, this.#codesUpTo);
    for (const { document, vector } of rows) this.#keepCode(document, floatsOf(vector));
    this.#codesUpTo = rows.at(-1)?.document ?? this.#codesUpTo;
    this.#areCodesLoaded = rows.length < rowsPerStep / 2;
    return true;
  }

  #keepCode(document: number, vector: Float32Array): void {
    if (this.#codes?.hasRoomFor(document)) this.#codes.set(document, vector);
    else this.#codes = undefined; // too many by now
  }

  #loadSizes(model: number): boolean {
    if (this.#areSizesLoaded || !this.#sizes) return false;
    const rows = this.#sizesPage.all(model, this.#sizesUpTo);
    for (const { document, bits, sizes, vector } of rows)
      this.#keepSizes(document, bits, sizes ?? toTwoBit(floatsOf(vector ?? new Uint8Array(0))));
    this.#sizesUpTo = rows.at(-1)?.document ?? this.#sizesUpTo;
    this.#areSizesLoaded = rows.length < rowsPerStep / 2;
    return true;
  }

  #keepSizes(document: number, bits: Uint8Array, sizes: Uint8Array): void {
    if (this.#sizes?.hasRoomFor(document)) this.#sizes.set(document, bits, sizes);
    else this.#sizes = undefined; // too many by now: the database is read instead
  }

  /** The cosine for each, from the stored numbers. */
  #rescored(query: Float32Array, documents: Uint32Array): RankedDocument[] {
    const list = `[${documents.join()}]`;
    const model = this.#model?.id ?? 0;
    if (this.#native)
      return this.#native
        .all(bytesOf(query), list, model)
        .map(({ document, distance }) => ({ document, score: 1 - distance }));
    return this.#stored
      .all(list, model)
      .map(({ document, vector }) => ({ document, score: dot(query, floatsOf(vector)) }));
  }

  #use(model: (VectorModel & { id: number }) | undefined): void {
    this.#model = model && { ...model, name: model.name.replace(/ \d+$/, '') };
    this.#signs = model && new BinaryVectors(model.dimensions);
    this.#codes = model && new Int8Vectors(model.dimensions, this.#maxInt8Bytes);
    this.#sizes = model && new TwoBitVectors(model.dimensions);
    if (
      model &&
      !this.#codes?.hasRoomFor(
        this.#database.prepare('select coalesce(max(document), 0) from search_bits').pluck().get() as number,
      )
    )
      this.#codes = undefined;
    this.#sizesUpTo = 0;
    this.#areSizesLoaded = false;
    this.#loadedUpTo = 0;
    this.#codesUpTo = 0;
    this.#isLoaded = false;
    this.#areCodesLoaded = false;
  }
}

/** A typed array's own filter is several times slower. */
function kept(documents: Uint32Array, admits: (document: number) => boolean): Uint32Array {
  let count = 0;
  for (const document of documents) if (admits(document)) documents[count++] = document;
  return documents.subarray(0, count);
}

/** Whether sqlite-vec is there to measure distances; without it they are measured here, some times slower. */
export function hasNative(database: Database): boolean {
  try {
    database.prepare('select vec_version()').get();
    return true;
  } catch {
    return false;
  }
}

export function bytesOf(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
}

function floatsOf(bytes: Uint8Array): Float32Array {
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
