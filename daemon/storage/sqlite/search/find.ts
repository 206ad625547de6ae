// One search, from the query to a page of hits: words and vectors are ranked apart, fused, freed of copies, and shown with the
// places of the words. A generator that gives way between pieces of work, so that storage goes on answering meanwhile.
import type { Database, Statement } from 'better-sqlite3';
import { UserError } from '../../../base/errors.ts';
import type { SearchHit, SearchKind, SearchRequest, SearchResult } from '../../search.ts';
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
const maxOfChat = 3; // messages of one chat among the hits
const allKinds: readonly SearchKind[] = ['message', 'finding', 'code', 'memory'];

/** A document of the index, without its text. */
interface DocumentRow extends Omit<Source, 'text'> {
  id: number;
  digest: number;
}
type FoundDocument = { score: number; by: SearchHit['by'] } & ({ row: DocumentRow } | { source: Source });

interface FindContext {
  request: SearchRequest;
  filters: Filters;
  profile: string;
  most: number;
  enough: number;
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
    const { text, vector } = yield* this.#ranked(query, { request, filters, profile, most, enough: from + limit });
    yield;
    const kept = this.#inLanguage(
      this.#distinct(
        [...this.#waiting(query, filters, profile), ...this.#loaded(fuse(text, vector, request.weights), filters)],
        filters,
      ),
      filters,
    );
    const page = kept.slice(from, from + limit);
    const hits = page.flatMap((found) => this.#hit(found, query));
    const notes =
      query.wanted.length === 0 && query.unwanted.length > 0
        ? [...query.notes, 'Say what to look for, besides what to leave out.']
        : query.notes;
    return { hits, notes, ...(kept.length > from + limit && { next: cursorOf(from + limit, asOf ?? Date.now()) }) };
  }

  *#ranked(
    query: Query,
    { request, filters, profile, most, enough }: FindContext,
  ): Generator<void, { text: RankedDocument[]; vector: RankedDocument[] }> {
    this.#docValues.forgetGone();
    const visible = this.#docValues.visible(profile, filters.kinds ?? allKinds);
    const { groups, times } = this.#docValues;
    const [since, until] = [(filters.since ?? 0) / 1000, (filters.until ?? Infinity) / 1000];
    const isVisible = (document: number): boolean =>
      visible[groups[document] ?? 0] === 1 && (times[document] ?? 0) >= since && (times[document] ?? 0) < until;
    const ofChat =
      filters.chat === undefined ? undefined : new Set(this.#ofChat.all(filters.chat, profile).filter(isVisible));
    const admits = ofChat
      ? (document: number): boolean => ofChat.has(document)
      : yield* this.#admission(filters, profile, isVisible);
    const { wanted, unwanted } = query;
    if (wanted.length === 0)
      return { text: isFiltered(filters) ? this.#newestOnes(profile, most, admits) : [], vector: [] };
    const text = yield* this.#ranker.rank({ wanted, unwanted, most, enough, sentence, isVisible: admits });
    const vector = request.vector
      ? yield* this.#vectors.nearest(request.vector, most, { visible, admits, ...(ofChat && { among: ofChat }) })
      : [];
    return { text, vector };
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
  #waiting(query: Query, filters: Filters, profile: string): FoundDocument[] {
    const isVisible = (source: Source): boolean =>
      source.profile === profile && (filters.kinds ?? allKinds).includes(source.kind) && fits(source, filters);
    return this.#tail.find(query, isVisible).map((source) => ({ source, score: 1, by: ['text'] }));
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

  /** One of each text, few of each chat, and what waits to be indexed anew only once. */
  #distinct(found: readonly FoundDocument[], { path, chat }: Filters): FoundDocument[] {
    const seen = new Set<string>();
    const perChat = new Map<string, number>();
    return found.filter((one) => {
      const { kind, reference, parent } = 'row' in one ? one.row : one.source;
      const keys = [
        `${kind} ${reference}`,
        ...('row' in one && kind === 'message' ? [`digest ${one.row.digest}`] : []),
      ];
      if (keys.some((key) => seen.has(key))) return false;
      for (const key of keys) seen.add(key);
      if (kind !== 'message' || parent === null || path !== undefined || chat !== undefined) return true;
      const count = (perChat.get(parent) ?? 0) + 1;
      perChat.set(parent, count);
      return count <= maxOfChat;
    });
  }

  /** Of what was said and found it is known only from its text in which languages there is code in it. */
  #inLanguage(found: FoundDocument[], { language }: Filters): FoundDocument[] {
    if (language === undefined) return found;
    return found.filter((one) => {
      const { kind, reference, uri } = 'row' in one ? one.row : one.source;
      if (kind !== 'message' && kind !== 'finding') return true;
      const source = 'row' in one ? this.#sources.current(one.row) : one.source;
      return (
        source !== undefined &&
        hasCodeIn(language, {
          text: source.text,
          uri,
          attachments: kind === 'message' ? (this.#attachments.get(reference) ?? null) : null,
        })
      );
    });
  }

  #hit(found: FoundDocument, query: Query): SearchHit[] {
    const stored = 'row' in found ? found.row : found.source;
    const source = 'row' in found ? this.#sources.current(found.row) : found.source;
    if (!source) return [];
    const { kind, reference, parent, project, language, uri, range, createdAt } = stored;
    return [
      {
        kind,
        id: reference,
        title: source.title,
        snippet: snippetOf(source.text, query.wanted),
        score: found.score,
        by: found.by,
        createdAt,
        ...(parent !== null && { parent }),
        ...(project !== null && { project }),
        ...(language !== null && { language }),
        ...(uri !== null && { uri }),
        ...(range !== null && { range: fromJson(range) }),
      },
    ];
  }
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
    throw new UserError('bad-cursor', 'That page of the search cannot be found any more. Search again.');
  return { from: Number(from), asOf: Number(asOf) };
}

function cursorOf(from: number, asOf: number): string {
  return Buffer.from(`s${from}.${asOf}`).toString('base64url');
}
