// A database may hold the tables, indexes and triggers of our migrations and nothing else. Whatever else stands in a file's schema would
// run inside our own queries: a trigger at each write, an expression of an index or of a generated column at a check, a view where a
// table is expected. So the schema is compared, as text, before any query reads a row.
import type { Database } from 'better-sqlite3';
import { normalized } from './tables.ts';

interface SchemaRow {
  type: string;
  name: string;
  tbl_name: string;
  sql: string | null;
}

const maxNameLength = 60;

/** The table by which a database is known as ours. It is read first, so its definition is checked before that. */
export const migrationTable = 'create table migration (name text primary key, applied_at integer not null) strict';

/** Whether a database has our list of migrations, and not something else under its name. */
export function hasMigrationTable(database: Database): boolean {
  const rows = schemaOf(database).filter(({ name }) => name.toLowerCase() === 'migration');
  const [row] = rows;
  return rows.length === 1 && row?.type === 'table' && normalized(row.sql ?? '') === migrationTable;
}

/** A sentence for each object that is not as in `wanted`, which has `newest` as its last migration. Runs nothing of the file's own. */
export function schemaDifferences(database: Database, wanted: Database, newest: string): string[] {
  const present = Map.groupBy(schemaOf(database), keyOf);
  const expected = new Map(schemaOf(wanted).map((row) => [keyOf(row), row]));
  const changed = [...expected]
    .filter(([key, row]) => !isSame(present.get(key), row))
    .map(([, { name }]) => `The definition of ${name} differs from the one that ${newest} created.`);
  const foreign = [...present]
    .filter(([key]) => !expected.has(key))
    .flatMap(([, rows]) => rows)
    .map((row) => `It contains ${described(row)} that Switchyard didn't create.`);
  return [...foreign, ...changed];
}

function schemaOf(database: Database): SchemaRow[] {
  return database.prepare('select type, name, tbl_name, sql from sqlite_schema').all() as SchemaRow[];
}

/** SQLite finds objects by name, whatever its case, and takes what an object is from its SQL alone. */
function keyOf({ name }: SchemaRow): string {
  return String(name).toLowerCase();
}

function isSame(found: readonly SchemaRow[] | undefined, row: SchemaRow): boolean {
  const [one] = found ?? [];
  return (
    one !== undefined &&
    found?.length === 1 &&
    one.type === row.type &&
    one.name === row.name &&
    one.tbl_name === row.tbl_name &&
    normalized(one.sql ?? '') === normalized(row.sql ?? '')
  );
}

/** The name is a stranger's text: nothing of it may steer a terminal. */
function described({ type, name, sql }: SchemaRow): string {
  const kind = /^\s*create\s+virtual\b/i.test(sql ?? '') ? 'virtual table' : String(type);
  const article = /^[aeiou]/i.test(kind) ? 'an' : 'a';
  const shown = String(name)
    .replaceAll(/[^\p{L}\p{N} _.-]/gu, '?')
    .slice(0, maxNameLength);
  return `${article} ${kind.replaceAll(/[^a-z ]/g, '?').slice(0, maxNameLength)} "${shown}"`;
}
