// Every row that can still be read from a damaged database. The trees are followed from their roots as far as they hold; then the
// pages that no tree led to are looked at one by one, and their rows given to the table that they fit. Pages on the free list hold
// what was deleted, and are left alone.

import { type BtreePage, type PageRow, readPage } from './page.ts';
import type { PageFile } from './page-file.ts';
import { fits, type TableInfo } from './tables.ts';

export interface Damage {
  /** Tables of which something could not be read. */
  tables: Set<string>;
  /** Pages in whose place something else stands; how many rows they held is not known. */
  pages: number;
  /** Rows that are there, but cannot be read. */
  rows: number;
}

const schemaPage = 1;

/** Of a table or an index: its root page, and the SQL that made it. */
interface SchemaEntry {
  root: number;
  sql: string;
}
export interface FoundSchema {
  /** Each table and index by name. */
  entries: ReadonlyMap<string, SchemaEntry>;
  /** Whether all of them could be read. */
  isWhole: boolean;
}

export function readSchema(file: PageFile): FoundSchema {
  const entries = new Map<string, SchemaEntry>();
  let isWhole = true;
  for (const { page } of walk(file, schemaPage, new Set())) {
    isWhole &&= page?.badCells === 0;
    for (const {
      values: [, name, , root, sql],
    } of page?.rows ?? []) {
      if (typeof name === 'string' && typeof root === 'number' && root > 1 && root <= file.pageCount)
        entries.set(name, { root, sql: typeof sql === 'string' ? sql : '' });
    }
  }
  return { entries, isWhole };
}

/** Names of the migrations that the file says it has seen; none when that cannot be read. */
export function readApplied(file: PageFile, { entries }: FoundSchema): string[] {
  const root = entries.get('migration')?.root;
  const named =
    root === undefined
      ? []
      : [...walk(file, root, new Set())].flatMap(({ page }) => page?.rows ?? []).flatMap(migrationName);
  if (named.length > 0) return named.sort();
  for (let number = 2; number <= file.pageCount; number++) {
    const rows = readPage(file, number)?.rows ?? [];
    const names = rows.flatMap(migrationName);
    if (names.length > 0 && names.length === rows.length && rows.every(({ rowid }) => rowid !== undefined))
      return names.sort();
  }
  return [];
}

function migrationName({ values: [name, appliedAt, ...rest] }: PageRow): string[] {
  return typeof name === 'string' && /^\d{4}-[\w-]+$/.test(name) && typeof appliedAt === 'number' && rest.length === 0
    ? [name]
    : [];
}

interface Salvage {
  file: PageFile;
  schema: FoundSchema;
  tables: readonly TableInfo[];
  /** Takes a row; false when the table refuses it. */
  onRow(table: TableInfo, row: PageRow): boolean;
}

/** Hands on every row, those that the trees lead to first. */
export function salvage({ file, schema, tables, onRow }: Salvage): Damage {
  const damage: Damage = { tables: new Set(), pages: 0, rows: 0 };
  const seen = new Set<number>([schemaPage]);
  const take = (table: TableInfo, { rows, badCells }: BtreePage): void => {
    const refused = rows.filter((row) => !fits(table, row) || !onRow(table, row)).length;
    if (refused + badCells === 0) return;
    damage.rows += refused + badCells;
    damage.tables.add(table.name);
  };
  for (const table of tables) {
    const root = schema.entries.get(table.name)?.root;
    if (root === undefined) damage.tables.add(table.name);
    for (const { number, page } of root === undefined ? [] : walk(file, root, seen)) {
      const own = page && isOf(table, page) ? page : readAsLeaf(file, number, table);
      if (own) take(table, own);
      if (own && own === page) continue;
      damage.tables.add(table.name);
      if (own) seen.add(number);
      else {
        damage.pages++;
        seen.delete(number); // perhaps another table's
      }
    }
  }
  const names = new Set(tables.map(({ name }) => name));
  for (const [name, { root }] of schema.entries) if (!names.has(name)) Array.from(walk(file, root, seen)); // indexes: their pages are nobody's rows
  const free = readFreeList(file);
  for (let number = 2; number <= file.pageCount; number++) {
    if (seen.has(number) || free.has(number)) continue;
    const page = readPage(file, number);
    const table = page && page.rows.length > 0 ? tables.find((candidate) => isOf(candidate, page)) : undefined;
    if (!page || !table) continue;
    damage.tables.add(table.name);
    take(table, page);
  }
  return damage;
}

/** Whether a page is one of a table's: one without rows, or one of which most rows fit. */
function isOf(table: TableInfo, { rows }: BtreePage): boolean {
  const fitting = rows.filter((row) => fits(table, row)).length;
  return rows.length === 0 || fitting * 2 > rows.length;
}

/** A page where one of the table's should be, and which says that it is something else: its rows may be there all the same. */
function readAsLeaf(file: PageFile, number: number, table: TableInfo): BtreePage | undefined {
  if (number < 2 || number > file.pageCount) return undefined;
  const page = readPage(file, number, table.hasRowid ? 'table-leaf' : 'index-leaf');
  return page && page.rows.length > page.badCells && isOf(table, page) ? page : undefined;
}

/** The pages of a tree in order; `page` is undefined where the tree leads to something else. No page comes twice. */
function* walk(
  file: PageFile,
  root: number,
  seen: Set<number>,
): Generator<{ number: number; page: BtreePage | undefined }> {
  const waiting = [root];
  for (let number = waiting.pop(); number !== undefined; number = waiting.pop()) {
    if (number < 1 || number > file.pageCount) yield { number, page: undefined };
    else if (!seen.has(number)) {
      seen.add(number);
      const page = readPage(file, number);
      if (!page) seen.delete(number);
      yield { number, page };
      for (const child of page?.children.toReversed() ?? []) waiting.push(child);
    }
  }
}

/** Numbers of the pages that hold nothing any more. */
function readFreeList(file: PageFile): Set<number> {
  const free = new Set<number>();
  let trunk = file.page(schemaPage).readUInt32BE(32);
  while (trunk > 1 && trunk <= file.pageCount && !free.has(trunk)) {
    free.add(trunk);
    const page = file.page(trunk);
    const leaves = Math.min(page.readUInt32BE(4), Math.floor(file.pageBytes / 4) - 2);
    for (let leaf = 0; leaf < leaves; leaf++) free.add(page.readUInt32BE(8 + leaf * 4));
    trunk = page.readUInt32BE(0);
  }
  return free;
}
