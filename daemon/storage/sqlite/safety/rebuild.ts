// A new database from a damaged one: every row that can still be read, and what is missing from the newest good backup.
import type { Database } from 'better-sqlite3';
import { type ChecksumFields, checksumOf } from '../chats/checksum.ts';
import { isNewer, migrate, migrations, newer } from '../migrate.ts';
import { openDatabase } from '../native.ts';
import { dropUnreadableJson } from './json.ts';
import { mergeBackup } from './merge.ts';
import type { PageRow } from './page.ts';
import { PageFile } from './page-file.ts';
import { mendReferences } from './references.ts';
import { type Damage, type FoundSchema, readApplied, readSchema, salvage } from './salvage.ts';
import { definitionsOf, normalized, type TableInfo, tablesOf } from './tables.ts';
import { damagedMessages } from './verify.ts';

export interface RebuildResult {
  /** Rows that were read from the damaged file. */
  recovered: number;
  /** Rows that were taken from a backup, and when that was made. */
  fromBackup: number;
  backupAt?: number;
  /** Rows that are there but cannot be read, and are in no backup either; and pages of which nothing is known. */
  lostRows: number;
  lostPages: number;
  /** Messages of which parts may be wrong. */
  doubtful: number;
}

const damagedNote = 'This message was damaged on the disk, and parts of it may be wrong.';

/**
 * Fills the empty file `into`. The damaged file is only read. Throws UserError `database-newer` when it was written by a newer
 * Switchyard, whose rows cannot be understood here.
 */
export function rebuild(damaged: string, into: string): RebuildResult {
  using file = new PageFile(damaged);
  const schema = readSchema(file);
  const applied = readApplied(file, schema);
  if (isNewer(applied, migrations)) throw newer(damaged, applied, migrations);
  const database = openDatabase(into);
  try {
    for (const pragma of ['journal_mode = memory', 'synchronous = off', 'foreign_keys = off']) database.pragma(pragma);
    migrate(database, migrations.slice(0, formatOf(applied, schema)));
    const counted = { recovered: 0 };
    const damage = database.transaction(() => fill(database, { file, schema }, counted))();
    migrate(database, migrations, { isCopy: true });
    return database.transaction(() => complete(database, { damaged, damage, recovered: counted.recovered }))();
  } finally {
    database.close();
  }
}

/**
 * How many of the migrations a file has seen: those after which most of its tables and indexes are as they are. Between equals, those
 * after which none is missing; where that cannot be told, since the schema is damaged, the file's own list decides.
 */
function formatOf(applied: readonly string[], { entries, isWhole }: FoundSchema): number {
  const listed = migrations.findLastIndex(({ name }) => applied.includes(name)) + 1 || migrations.length;
  if (entries.size === 0) return listed;
  const found = [...entries]
    .filter(([, { sql }]) => sql !== '')
    .map(([name, { sql }]) => [name, normalized(sql)] as const);
  const blank = openDatabase(':memory:');
  try {
    const likeness = migrations.map((_, index) => {
      migrate(blank, migrations.slice(0, index + 1), { isCopy: true });
      const wanted = definitionsOf(blank);
      const equal = found.filter(([name, sql]) => wanted.get(name) === sql).length;
      return [equal, isWhole ? equal - wanted.size : 0, index + 1 === listed ? 1 : 0, index + 1] as const;
    });
    const [best] = likeness.sort((a, b) => b[0] - a[0] || b[1] - a[1] || b[2] - a[2] || b[3] - a[3]);
    return best?.[3] ?? listed;
  } finally {
    blank.close();
  }
}

function fill(
  database: Database,
  { file, schema }: { file: PageFile; schema: FoundSchema },
  counted: { recovered: number },
): Damage {
  const tables = tablesOf(database).filter(({ name }) => name !== 'migration');
  const inserters = new Map(tables.map((table) => [table.name, inserter(database, table)]));
  return salvage({
    file,
    schema,
    tables,
    onRow({ name }, row) {
      try {
        counted.recovered += inserters.get(name)?.(row) ?? 0;
        return true;
      } catch {
        return false; // a value that the table does not allow
      }
    },
  });
}

/** Stores a row, unless a newer one has its key. Returns how many rows that makes; throws when the table refuses the row. */
function inserter(database: Database, { name, columns, hasRowid, rowidColumn }: TableInfo): (row: PageRow) => number {
  const statements = new Map<number, (values: unknown[]) => number>();
  const keepsRowid = hasRowid && rowidColumn === undefined; // ties are broken by it, and search indexes refer to it
  const prepare = (count: number): ((values: unknown[]) => number) => {
    const names = [...(keepsRowid ? ['rowid'] : []), ...columns.slice(0, count).map((column) => `"${column.name}"`)];
    const statement = database.prepare(
      `insert into "${name}" (${names.join()}) values (${names.map(() => '?').join()}) on conflict do nothing`,
    );
    return (values) => statement.run(...values).changes;
  };
  return ({ rowid, values }) => {
    const insert = statements.get(values.length) ?? prepare(values.length);
    statements.set(values.length, insert);
    const stored = values.map((value, place) => (place === rowidColumn ? rowid : value));
    return insert(keepsRowid ? [rowid, ...stored] : stored);
  };
}

function complete(
  database: Database,
  { damaged, damage, recovered }: { damaged: string; damage: Damage; recovered: number },
): RebuildResult {
  for (const [table, rows] of dropUnreadableJson(database)) {
    damage.tables.add(table);
    damage.rows += rows;
  }
  const doubted = damagedMessages(database);
  const tables = tablesOf(database)
    .filter(({ name }) => damage.tables.has(name) && name !== 'migration')
    .map(({ name }) => name);
  const merged = mergeBackup(database, { damaged, tables, doubted });
  const doubtful = doubted.filter((id) => !merged.messages.has(id));
  for (const id of doubtful) doubt(database, id);
  mendReferences(database);
  database.exec("delete from search_source where kind = 'code'"); // the files themselves are there, and code_file begins anew
  rebuildSearch(database);
  return {
    recovered,
    doubtful: doubtful.length,
    fromBackup: merged.rows + merged.messages.size,
    ...(merged.at !== undefined && { backupAt: merged.at }),
    lostRows: Math.max(0, damage.rows - merged.rows),
    lostPages: merged.rows > 0 && merged.rows >= damage.rows ? 0 : damage.pages,
  };
}

/** Keeps a message whose checksum is wrong, and says so where it is read. */
function doubt(database: Database, id: string): void {
  const row = database.prepare('select * from message where id = ?').get(id) as ChecksumFields;
  const earlier: unknown = row.notes === null ? [] : JSON.parse(row.notes);
  const notes = JSON.stringify([
    ...(Array.isArray(earlier) ? earlier.filter((note) => typeof note === 'string') : []),
    damagedNote,
  ]);
  database
    .prepare('update message set notes = ?, checksum = ? where id = ?')
    .run(notes, checksumOf({ ...row, notes }), id);
}

/** Search indexes are made from the rows again; one that keeps no rows of its own refuses, and was filled by its triggers. */
function rebuildSearch(database: Database): void {
  const names = database
    .prepare("select name from sqlite_schema where type = 'table' and sql like 'create virtual table%using fts5%'")
    .pluck()
    .all() as string[];
  for (const name of names) {
    try {
      database.exec(`insert into "${name}" ("${name}") values ('rebuild')`);
    } catch {
      // Contentless: see above.
    }
  }
}
