// One search, from the query to a page of hits: words and vectors are ranked apart, fused, freed of copies, gathered by chat, and shown
// with the places of the words. A generator that gives way between pieces of work, so that storage goes on answering meanwhile.
import type { Database, Statement } from 'better-sqlite3';
import { UserError } from '../../../base/errors.ts';
import type { SearchHit, SearchKind, SearchPlace, SearchRequest, SearchResult } from '../../search.ts';
import { fromJson } from '../schema.ts';
import type { DocValues } from './inverted-index/doc-values.ts';
import { type Source, Sources } from './inverted-index/sources.ts';
import type { TermDictionary } from './inverted-index/term-dictionary.ts';
import { Ranker } from './rank/bm25.ts';
import { type FusedDocument, fuse } from './rank/fuse.ts';
import type { RankedDocument } from './rank/top.ts';
import { hasCodeIn } from './text/code-languages.ts';
import { type Filters, parseQuery, type Query } from './text/query.ts';
import { snippetOf } from './text/snippet.ts';
import { UnindexedTail } from './unindexed.ts';
import type { Vectors } from './vectors/vectors.ts';

const defaultLimit = 20;
const highestLimit = 100;
const minRanked = 100; // of each ranking, so that fusion sees more than a page
const maxRanked = 1000;
const rowsPerTurn = 20_000;
const sentence = 4; // from so many words on, a document need not have all of them
const maxPlaces = 5; // further messages of a chat that are shown with the first
const maxTitled = 20; // chats of one title
const maxScanned = 20_000; // documents that are read for signs, which are not in the index
const perTurn = 20; // documents that are read before other calls get their turn
const allKinds: readonly SearchKind[] = ['message', 'finding', 'code', 'memory'];

/** A document of the index, without its text. */
interface DocumentRow extends Omit<Source, 'text'> {
  id: number;
  digest: number;
}
type FoundDocument = { score: number; by: SearchHit['by'] } & ({ row: DocumentRow } | { source: Source });
/** A hit, and what else of its chat was found. */
type FoundGroup = FoundDocument & { others: FoundDocument[] };

interface FindContext {
  request: SearchRequest;
  filters: Filters;
  profile: string;
  most: number;
  enough: number;
  /** Of each group of documents whether the profile may see it, by the kinds that are asked for. */
  visible: Uint8Array;
  /** Whether the filters let a document through. */
  admits(document: number): boolean;
  /** The documents of the one chat that is searched. */
  among?: ReadonlySet<number>;
}

interface FinderDeps {
  database: Database;
  docValues: DocValues;
  termDictionary: TermDictionary;
  vectors: Vectors;
}

/** Lives as long as an open database. */
export class Finder {
  readonly #docValues: DocValues;
  readonly #vectors: Vectors;
  readonly #ranker: Ranker;
  readonly #sources: Sources;
  readonly #tail: UnindexedTail;
  readonly #rows: Statement<[string], DocumentRow>;
  readonly #allowed: Statement<[Record<string, string | number | null>], number>;
  readonly #ofChat: Statement<[string, string], number>;
  readonly #newest: Statement<[string, number], number>;
  readonly #ofTitle: Statement<[{ profile: string; title: string; limit: number }], number>;
  readonly #attachments: Statement<[string], string | null>;

  constructor({ database, docValues, termDictionary, vectors }: FinderDeps) {
    this.#docValues = docValues;
    this.#vectors = vectors;
    this.#ranker = new Ranker(docValues, termDictionary);
    this.#sources = new Sources(database);
    this.#tail = new UnindexedTail(database);
    const columns =
      'id, profile_id as profile, kind, reference, parent, project, language, uri, range, title, created_at as createdAt, digest';
    this.#rows = database.prepare(
      `select ${columns} from search_document where id in (select value from json_each(?))`,
    );
    this.#allowed = database
      .prepare(
        `select id from search_document where id >= @from and id < @to and profile_id = @profile and (@language is null or lower(language) = @language or kind in ('message', 'finding'))
           and (@project is null or project = @project) and (@path is null or instr(lower(coalesce(uri, parent, '')), @path) > 0)`,
      )
      .pluck() as Statement<[Record<string, string | number | null>], number>;
    this.#ofChat = database
      .prepare(
        "select document.id from message join search_document as document on document.kind = 'message' and document.reference = message.id where chat_id = ? and profile_id = ?",
      )
      .pluck() as Statement<[string, string], number>;
    this.#newest = database
      .prepare('select id from search_document where profile_id = ? order by id desc limit ?')
      .pluck() as Statement<[string, number], number>;
    this.#ofTitle = database
      .prepare(
        `select document.id from (select id from chat where profile_id = @profile and title = @title collate nocase order by updated_at desc limit @limit) as titled
           join message on chat_id = titled.id and parent_id is null and active = 1
           join search_document as document on document.kind = 'message' and document.reference = message.id and document.profile_id = @profile`,
      )
      .pluck() as Statement<[{ profile: string; title: string; limit: number }], number>;
    this.#attachments = database.prepare('select attachments from message where id = ?').pluck() as Statement<
      [string],
      string | null
    >;
  }

  *find(request: SearchRequest, profile: string): Generator<void, SearchResult> {
    const query = parseQuery(request.query);
    const { from, asOf } = placeOf(request.cursor);
    const filters = narrowed(
      query.filters,
      asOf === undefined ? request : { ...request, until: Math.min(asOf, request.until ?? Infinity) },
    );
    const limit = Math.max(1, Math.min(request.limit ?? defaultLimit, highestLimit));
    const most =
      filters.language === undefined ? Math.min(maxRanked, Math.max(minRanked, 2 * (from + limit))) : maxRanked;
    const context = yield* this.#contextOf({ request, filters, profile, most, enough: from + limit });
    const fused = yield* this.#ranked(query, context);
    yield;
    const found = [
      ...this.#titled(isFiltered(query.filters) ? query.said : request.query, context),
      ...(yield* this.#waiting(query, filters, profile)),
      ...this.#loaded(fused, filters),
    ];
    yield;
    const kept = yield* this.#inLanguage(this.#distinct(found, filters), filters);
    const hits: SearchHit[] = [];
    for (const group of kept.slice(from, from + limit)) {
      hits.push(...this.#hit(group, query));
      yield;
    }
    return {
      hits,
      notes: notesOf(query, hits.length === 0 && from === 0),
      ...(kept.length > from + limit && { next: cursorOf(from + limit, asOf ?? Date.now()) }),
    };
  }

  *#contextOf(asked: Omit<FindContext, 'visible' | 'admits' | 'among'>): Generator<void, FindContext> {
    const { filters, profile } = asked;
    this.#docValues.forgetGone();
    const visible = this.#docValues.visible(profile, filters.kinds ?? allKinds);
    const { groups, times } = this.#docValues;
    const [since, until] = [(filters.since ?? 0) / 1000, (filters.until ?? Infinity) / 1000];
    const isVisible = (document: number): boolean =>
      visible[groups[document] ?? 0] === 1 && (times[document] ?? 0) >= since && (times[document] ?? 0) < until;
    if (filters.chat === undefined)
      return { ...asked, visible, admits: yield* this.#admission(filters, profile, isVisible) };
    const among = new Set(this.#ofChat.all(filters.chat, profile).filter(isVisible));
    return { ...asked, visible, admits: (document) => among.has(document), among };
  }

  *#ranked(query: Query, context: FindContext): Generator<void, FusedDocument[]> {
    const { request, filters, profile, most, enough, visible, admits, among } = context;
    const { wanted, unwanted, signs } = query;
    const { minSimilarity = -1 } = request;
    const byText = (documents: RankedDocument[]): FusedDocument[] =>
      documents.map(({ document, score }) => ({ document, score, by: ['text'] }));
    if (signs !== undefined) return byText(yield* this.#withSigns(signs, context));
    if (wanted.length === 0) return byText(isFiltered(filters) ? this.#newestOnes(profile, most, admits) : []);
    const text = yield* this.#ranker.rank({ wanted, unwanted, most, enough, sentence, isVisible: admits });
    const nearest = request.vector
      ? yield* this.#vectors.nearest(request.vector, most, { visible, admits, ...(among && { among }) })
      : [];
    const byWords = new Set(text.documents.map(({ document }) => document));
    const mayBe = nearest.length > 0 ? yield* this.#admissionByWords(query, byWords) : () => true;
    const vector = {
      documents: nearest.filter(
        ({ document, score }) => byWords.has(document) || (score >= minSimilarity && mayBe(document)),
      ),
      share: nearest.length > 0 ? this.#vectors.share(visible, among) : 1,
      has: (document: number) => nearest.length > 0 && this.#vectors.has(document),
    };
    return fuse(request.weights?.text === 0 ? { documents: [], complete: 0 } : text, vector, request.weights);
  }

  /** What has a word that is to be left out, or misses one that is required, is not found by its meaning either. */
  *#admissionByWords(
    { wanted, unwanted }: Query,
    byWords: ReadonlySet<number>,
  ): Generator<void, (document: number) => boolean> {
    const forbidden = yield* this.#ranker.having(unwanted);
    const isRequired = wanted.some((clause) => clause.isRequired);
    return (document) => forbidden?.[document] !== 1 && (!isRequired || byWords.has(document));
  }

  /** Documents in whose text these signs stand, the newest first. Signs are in no index, so that texts are read. */
  *#withSigns(signs: string, { profile, most, admits }: FindContext): Generator<void, RankedDocument[]> {
    const found: RankedDocument[] = [];
    const newest = this.#newest.all(profile, maxScanned).filter(admits);
    for (let from = 0; from < newest.length && found.length < most; from += perTurn) {
      const some = newest.slice(from, from + perTurn);
      for (const row of this.#rows.all(`[${some.join()}]`))
        if (this.#sources.current(row)?.text.includes(signs)) found.push({ document: row.id, score: 1 });
      yield;
    }
    return found.sort((a, b) => b.document - a.document).slice(0, most);
  }

  /** The chats that are called what was typed. */
  #titled(typed: string, { filters, profile, admits }: FindContext): FoundDocument[] {
    const title = typed
      .trim()
      .replace(/\*$/, '')
      .replace(/^"([^"]*)"$/, '$1');
    if (title === '' || filters.chat !== undefined || !(filters.kinds ?? allKinds).includes('message')) return [];
    return this.#loaded(
      this.#ofTitle
        .all({ profile, title, limit: maxTitled })
        .filter(admits)
        .map((document) => ({ document, score: 1, by: ['text'] })),
      filters,
    );
  }

  /** Language, path and project stand in the database alone: which documents they let through is read before ranking. */
  *#admission(
    { language, path, project }: Filters,
    profile: string,
    isVisible: (document: number) => boolean,
  ): Generator<void, (document: number) => boolean> {
    if (language === undefined && path === undefined && project === undefined) return isVisible;
    const { size } = this.#docValues;
    const allowed = new Uint8Array(size);
    for (let from = 0; from < size; from += rowsPerTurn) {
      const values = {
        from,
        to: from + rowsPerTurn,
        profile,
        language: language ?? null,
        project: project ?? null,
        path: path?.toLowerCase() ?? null,
      };
      for (const document of this.#allowed.all(values)) allowed[document] = 1;
      yield;
    }
    return (document) => allowed[document] === 1 && isVisible(document);
  }

  #newestOnes(profile: string, most: number, admits: (document: number) => boolean): RankedDocument[] {
    return this.#newest
      .all(profile, 20 * maxRanked)
      .filter(admits)
      .slice(0, most)
      .map((document) => ({ document, score: 0 }));
  }

  /** What is not indexed yet comes first: it is the newest, and has no rank. */
  *#waiting(query: Query, filters: Filters, profile: string): Generator<void, FoundDocument[]> {
    const isVisible = (source: Source): boolean =>
      source.profile === profile && (filters.kinds ?? allKinds).includes(source.kind) && fits(source, filters);
    return (yield* this.#tail.find(query, isVisible)).map((source) => ({ source, score: 1, by: ['text'] }));
  }

  /** What was deleted since it was ranked is not among them, nor what is younger by less than the directory tells apart. */
  #loaded(fused: readonly FusedDocument[], { until = Infinity }: Filters): FoundDocument[] {
    const rows = new Map(
      this.#rows.all(`[${fused.map(({ document }) => document).join()}]`).map((row) => [row.id, row]),
    );
    return fused.flatMap(({ document, score, by }) => {
      const row = rows.get(document);
      return row && row.createdAt < until ? [{ row, score, by }] : [];
    });
  }

  /** One of each text, one of each chat with what else of it was found, and what waits to be indexed anew only once. */
  #distinct(found: readonly FoundDocument[], { path, chat }: Filters): FoundGroup[] {
    const seen = new Set<string>();
    const chats = new Map<string, FoundGroup>();
    return found.flatMap((one) => {
      const { kind, reference, parent } = 'row' in one ? one.row : one.source;
      const keys = [
        `${kind} ${reference}`,
        ...('row' in one && kind === 'message' ? [`digest ${one.row.digest}`] : []),
      ];
      if (keys.some((key) => seen.has(key))) return [];
      for (const key of keys) seen.add(key);
      const group: FoundGroup = { ...one, others: [] };
      if (kind !== 'message' || parent === null || path !== undefined || chat !== undefined) return [group];
      const known = chats.get(parent);
      if (!known) chats.set(parent, group);
      else if (known.others.length < maxPlaces) known.others.push(one);
      return known ? [] : [group];
    });
  }

  /** Of what was said and found it is known only from its text in which languages there is code in it. */
  *#inLanguage(found: FoundGroup[], { language }: Filters): Generator<void, FoundGroup[]> {
    if (language === undefined) return found;
    const kept: FoundGroup[] = [];
    for (const group of found) {
      const [first, ...others] = [group, ...group.others].filter((one) => this.#hasCode(one, language));
      if (first) kept.push({ ...first, others });
      yield;
    }
    return kept;
  }

  #hasCode(one: FoundDocument, language: string): boolean {
    const { kind, reference, uri } = 'row' in one ? one.row : one.source;
    if (kind !== 'message' && kind !== 'finding') return true;
    const text = this.#sourceOf(one)?.text;
    const attachments = kind === 'message' ? (this.#attachments.get(reference) ?? null) : null;
    return text !== undefined && hasCodeIn(language, { text, uri, attachments });
  }

  #sourceOf(found: FoundDocument): Source | undefined {
    return 'row' in found ? this.#sources.current(found.row) : found.source;
  }

  #hit(found: FoundGroup, query: Query): SearchHit[] {
    const stored = 'row' in found ? found.row : found.source;
    const source = this.#sourceOf(found);
    if (!source) return [];
    const { kind, reference, parent, project, language, uri, range, createdAt } = stored;
    const places = found.others.flatMap((other) => this.#place(other, query));
    return [
      {
        kind,
        id: reference,
        title: source.title,
        snippet: snippetOf(source.text, query.wanted),
        score: found.score,
        by: found.by,
        createdAt,
        ...(places.length > 0 && { places }),
        ...(parent !== null && { parent }),
        ...(project !== null && { project }),
        ...(language !== null && { language }),
        ...(uri !== null && { uri }),
        ...(range !== null && { range: fromJson(range) }),
      },
    ];
  }

  #place(other: FoundDocument, query: Query): SearchPlace[] {
    const source = this.#sourceOf(other);
    return source ? [{ id: source.reference, snippet: snippetOf(source.text, query.wanted), by: other.by }] : [];
  }
}

function notesOf({ notes, signs }: Query, isEmpty: boolean): string[] {
  return isEmpty && signs !== undefined ? [...notes, `Nothing contains ${signs} as typed.`] : notes;
}

/** What is asked for both in the query and beside it must hold both. */
function narrowed(typed: Filters, { kinds, project, language, path, chat, since, until }: SearchRequest): Filters {
  const both = kinds && typed.kinds ? kinds.filter((kind) => typed.kinds?.includes(kind)) : (kinds ?? typed.kinds);
  return {
    ...typed,
    ...(both && { kinds: [...both] }),
    ...(project !== undefined && { project }),
    ...(language !== undefined && { language: language.toLowerCase() }),
    ...(path !== undefined && { path }),
    ...(chat !== undefined && { chat }),
    ...((since ?? typed.since) !== undefined && { since: Math.max(since ?? 0, typed.since ?? 0) }),
    ...((until ?? typed.until) !== undefined && { until: Math.min(until ?? Infinity, typed.until ?? Infinity) }),
  };
}

function isFiltered(filters: Filters): boolean {
  return Object.keys(filters).length > 0;
}

function fits(
  row: Pick<DocumentRow, 'kind' | 'language' | 'uri' | 'parent' | 'project' | 'createdAt'>,
  { language, path, project, chat, since = -Infinity, until = Infinity }: Filters,
): boolean {
  if (
    language !== undefined &&
    row.kind !== 'message' &&
    row.kind !== 'finding' &&
    row.language?.toLowerCase() !== language
  )
    return false;
  if (project !== undefined && row.project !== project) return false;
  if (chat !== undefined && row.parent !== chat) return false;
  if (path !== undefined && !(row.uri ?? row.parent ?? '').toLowerCase().includes(path.toLowerCase())) return false;
  return row.createdAt >= since && row.createdAt < until;
}

/** A cursor says how many hits were told, and when the first of them were: what came later would push some to the next page. */
function placeOf(cursor: string | undefined): { from: number; asOf?: number } {
  if (cursor === undefined) return { from: 0 };
  const [, from, asOf] = /^s(\d{1,4})\.(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (from === undefined || asOf === undefined)
    throw new UserError('bad-cursor', 'That page of results is no longer available. Search again.');
  return { from: Number(from), asOf: Number(asOf) };
}

function cursorOf(from: number, asOf: number): string {
  return Buffer.from(`s${from}.${asOf}`).toString('base64url');
}
