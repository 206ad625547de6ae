// The tables of a database as a salvage needs them: their columns in the order in which rows hold them.
import type { Database } from 'better-sqlite3';
import type { PageRow, SqlValue } from './page.ts';

interface Column {
  name: string;
  type: string;
  isNullable: boolean;
  hasDefault: boolean;
}

export interface TableInfo {
  name: string;
  hasRowid: boolean;
  /** Keys come first in a table without rowid. */
  columns: Column[];
  /** Place of the column that is the rowid itself, whose value rows do not hold. */
  rowidColumn: number | undefined;
}

interface ColumnInfo {
  name: string;
  type: string;
  notnull: number;
  dflt_value: string | null;
  pk: number;
  hidden: number;
}

/**
 * What is made from other tables, or from files of the user, again: a rebuilt database begins without it. Its triggers queue what is
 * to be indexed; code is indexed again when its folder is opened.
 */
const derived: ReadonlySet<string> = new Set([
  'search_queue',
  'search_document',
  'search_segment',
  'search_posting',
  'search_gone',
  'search_model',
  'search_vector',
  'search_bits',
  'search_state',
  'code_file',
]);

/** Ordinary tables that hold what the user has: neither SQLite's own, nor what is made from the others again. */
export function tablesOf(database: Database): TableInfo[] {
  const list = database
    .prepare(
      "select name, wr from pragma_table_list where schema = 'main' and type = 'table' and name not like 'sqlite\\_%' escape '\\'",
    )
    .all();
  return (list as { name: string; wr: number }[])
    .filter(({ name }) => !derived.has(name))
    .map(({ name, wr }) => toTable(database, name, wr === 0));
}

function toTable(database: Database, name: string, hasRowid: boolean): TableInfo {
  const stored = (database.prepare('select * from pragma_table_xinfo(?)').all(name) as ColumnInfo[]).filter(
    ({ hidden }) => hidden === 0,
  );
  const keys = stored.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
  const ordered = hasRowid ? stored : [...keys, ...stored.filter(({ pk }) => pk === 0)];
  const [key] = keys;
  const isRowid = hasRowid && keys.length === 1 && key?.type.toUpperCase() === 'INTEGER';
  return {
    name,
    hasRowid,
    columns: ordered.map((column) => ({
      name: column.name,
      type: column.type.toUpperCase(),
      isNullable: column.notnull === 0,
      hasDefault: column.dflt_value !== null,
    })),
    rowidColumn: isRowid && key ? ordered.indexOf(key) : undefined,
  };
}

/** Whether a row could be one of this table. Rows from before a column was added are shorter. */
export function fits({ hasRowid, columns, rowidColumn }: TableInfo, { rowid, values }: PageRow): boolean {
  if (hasRowid !== (rowid !== undefined) || values.length > columns.length || values.length === 0) return false;
  return columns.every((column, place) => {
    const value = values[place];
    if (value === undefined) return column.isNullable || column.hasDefault;
    if (value === null) return column.isNullable || place === rowidColumn;
    return isOfType(value, column.type);
  });
}

function isOfType(value: Exclude<SqlValue, null>, type: string): boolean {
  switch (type) {
    case 'TEXT':
      return typeof value === 'string';
    case 'INTEGER':
    case 'INT':
      return typeof value === 'bigint' || Number.isInteger(value);
    case 'REAL':
      return typeof value === 'number';
    case 'BLOB':
      return Buffer.isBuffer(value);
    default:
      return true;
  }
}

/** The SQL of each table, index and trigger, by name. */
export function definitionsOf(database: Database): Map<string, string> {
  const rows = database.prepare('select name, sql from sqlite_schema where sql is not null').all() as {
    name: string;
    sql: string;
  }[];
  return new Map(rows.map(({ name, sql }) => [name, normalized(sql)]));
}

const partsOfSql =
  /('(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])|((?:--[^\n]*|[ \t\n\f\r])+)|[^'"`[ \t\n\f\r-]+|[\s\S]/g;

/** Layout, comments and the case of words mean nothing; within quotes every letter counts. */
export function normalized(sql: string): string {
  const parts = [...sql.matchAll(partsOfSql)];
  return parts
    .map(([part, quoted, space]) => quoted ?? (space === undefined ? part.toLowerCase() : ' '))
    .join('')
    .trim();
}
