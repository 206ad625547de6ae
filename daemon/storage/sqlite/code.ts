// The pieces of a project's code in SQLite. Each file changes whole, in one transaction, so that an interruption leaves it as it was
// or as it is; the search index follows by the triggers of its tables.
import { sql as raw, type SqlBool } from 'kysely';
import { uriWithin } from '../../base/uri.ts';
import type { Code, CodeChunk, CodePiece, IndexedFile, KnownFile } from '../code.ts';
import type { Synchronous } from './call-table.ts';
import type { PartDeps } from './profiles/part-deps.ts';
import { fromJson } from './schema.ts';
import type { Sql } from './sql.ts';

interface PieceRow {
  profile_id: string;
  kind: 'code';
  reference: string;
  parent: string;
  project: string;
  language: string;
  uri: string;
  range: string;
  title: string;
  text: string;
  created_at: number;
}

/** Lives as long as an open database. Roots are URIs without a slash at their end. */
export class SqliteCode implements Synchronous<Code> {
  readonly #sql: Sql;
  readonly #profile: string;

  constructor({ sql, profile }: PartDeps) {
    this.#sql = sql;
    this.#profile = profile;
  }

  files(root: string): KnownFile[] {
    return this.#sql.all(this.#files(root).select(['path', 'stamp', 'hash']));
  }

  put(root: string, file: IndexedFile): void {
    this.#sql.transaction(() => {
      const { path, stamp, hash, chunks } = file;
      const added = this.#keepSame(
        { root, parent: uriWithin(root, path) },
        chunks.map((chunk) => this.#row(root, file, chunk)),
      );
      this.#dropFile(root, path);
      this.#sql.run(
        this.#sql.build
          .insertInto('code_file')
          .values({ profile_id: this.#profile, root, path, stamp, hash, chunks: chunks.length }),
      );
      for (const row of added) this.#sql.run(this.#sql.build.insertInto('search_source').values(row));
    });
  }

  touch(root: string, { path, stamp }: KnownFile): void {
    this.#sql.run(
      this.#sql.build
        .updateTable('code_file')
        .set({ stamp })
        .where('profile_id', '=', this.#profile)
        .where('root', '=', root)
        .where('path', '=', path),
    );
  }

  remove(root: string, paths: readonly string[]): void {
    this.#sql.transaction(() => {
      for (const path of paths) this.#drop(root, path);
    });
  }

  forget(root: string): void {
    this.remove(
      root,
      this.files(root).map(({ path }) => path),
    );
  }

  counts(root: string): { files: number; chunks: number } {
    const row = this.#sql.first(
      this.#files(root).select(({ fn }) => [
        fn.countAll<number>().as('files'),
        fn.sum<number | null>('chunks').as('chunks'),
      ]),
    );
    return { files: row?.files ?? 0, chunks: row?.chunks ?? 0 };
  }

  pieces(references: readonly string[]): CodePiece[] {
    const rows = this.#sql.all(
      this.#pieces().where(
        'reference',
        'in',
        raw<string>`(select value from json_each(${JSON.stringify(references)}))`,
      ),
    );
    const byReference = new Map(rows.map((row) => [row.reference, toPiece(row)]));
    return references.flatMap((reference) => byReference.get(reference) ?? []);
  }

  symbols(root: string, name: string, limit: number): CodePiece[] {
    const member = `.${name}`;
    return this.#sql
      .all(
        this.#pieces()
          .where('project', '=', root)
          .where(
            raw<SqlBool>`(title = ${name} collate nocase or lower(substr(title, ${-member.length})) = lower(${member}))`,
          )
          .orderBy(raw`title <> ${name}`)
          .orderBy('reference')
          .limit(limit),
      )
      .map(toPiece);
  }

  namesLike(root: string, part: string, limit: number): CodePiece[] {
    const place = raw<number>`instr(lower(title), ${part.toLowerCase()})`;
    return this.#sql
      .all(
        this.#pieces()
          .where('project', '=', root)
          .where(place, '>', 0)
          .orderBy(place)
          .orderBy(raw`length(title)`)
          .orderBy('reference')
          .limit(limit),
      )
      .map(toPiece);
  }

  #files(root: string) {
    return this.#sql.build.selectFrom('code_file').where('profile_id', '=', this.#profile).where('root', '=', root);
  }

  #pieces() {
    return this.#sql.build
      .selectFrom('search_source')
      .select(['reference', 'uri', 'range', 'language', 'title', 'text'])
      .where('profile_id', '=', this.#profile)
      .where('kind', '=', 'code');
  }

  /**
   * Keeps the pieces that a file had and still has, with their places in the index and their vectors, wherever their lines are now; the
   * others go. Returns those that are new.
   */
  #keepSame({ root, parent }: { root: string; parent: string }, rows: readonly PieceRow[]): PieceRow[] {
    const known = this.#sql.all(this.#pieces().where('parent', '=', parent).where('project', '=', root));
    const left = Map.groupBy(known, contentOf);
    const pairs = rows.map((row) => ({ row, old: left.get(contentOf(row))?.shift() }));
    this.#removePieces([...left.values()].flat().map(({ reference }) => reference));
    const moved = pairs.flatMap(({ row, old }) => (old && old.reference !== row.reference ? [{ row, old }] : []));
    // One may get the name that another still has: all of them leave their names first.
    for (const { old } of moved) this.#rename(old.reference, `moving:${old.reference}`, old.range ?? '');
    for (const { row, old } of moved) this.#rename(`moving:${old.reference}`, row.reference, row.range);
    return pairs.flatMap(({ row, old }) => (old ? [] : [row]));
  }

  /** No trigger takes this for another text. */
  #rename(from: string, reference: string, range: string): void {
    for (const table of ['search_source', 'search_document'] as const)
      this.#sql.run(
        this.#sql.build
          .updateTable(table)
          .set({ reference, range })
          .where('profile_id', '=', this.#profile)
          .where('kind', '=', 'code')
          .where('reference', '=', from),
      );
  }

  #removePieces(references: readonly string[]): void {
    if (references.length === 0) return;
    this.#sql.run(
      this.#sql.build
        .deleteFrom('search_source')
        .where('profile_id', '=', this.#profile)
        .where('kind', '=', 'code')
        .where('reference', 'in', raw<string>`(select value from json_each(${JSON.stringify(references)}))`),
    );
  }

  #drop(root: string, path: string): void {
    if (!this.#dropFile(root, path)) return;
    this.#sql.run(
      this.#sql.build
        .deleteFrom('search_source')
        .where('profile_id', '=', this.#profile)
        .where('kind', '=', 'code')
        .where('parent', '=', uriWithin(root, path)),
    );
  }

  /** Returns whether it was there. */
  #dropFile(root: string, path: string): boolean {
    const removed = this.#sql.run(
      this.#sql.build
        .deleteFrom('code_file')
        .where('profile_id', '=', this.#profile)
        .where('root', '=', root)
        .where('path', '=', path),
    );
    return removed > 0;
  }

  #row(root: string, { path, language }: IndexedFile, { symbol, startLine, endLine, text }: CodeChunk): PieceRow {
    const uri = uriWithin(root, path);
    const last = text.split('\n').at(-1)?.length ?? 0;
    return {
      profile_id: this.#profile,
      kind: 'code' as const,
      reference: `${uri}#L${startLine + 1}-${endLine}`,
      parent: uri,
      project: root,
      language,
      uri,
      range: JSON.stringify({ start: { line: startLine, character: 0 }, end: { line: endLine - 1, character: last } }),
      title: symbol || (path.split('/').at(-1) ?? path),
      text,
      created_at: Date.now(),
    };
  }
}

function contentOf({ title, text, language }: { title: string; text: string; language: string | null }): string {
  return JSON.stringify([title, text, language]);
}

function toPiece({
  uri,
  range,
  language,
  title,
  text,
}: {
  uri: string | null;
  range: string | null;
  language: string | null;
  title: string;
  text: string;
}): CodePiece {
  const { start, end } = fromJson<{ start: { line: number }; end: { line: number } }>(range ?? '');
  return {
    uri: uri ?? '',
    startLine: start.line,
    endLine: end.line + 1,
    symbol: title,
    text,
    ...(language !== null && { languageId: language }),
  };
}
