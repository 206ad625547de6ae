// Every earlier schema with rows in every table, and a failure and a kill after every statement of each migration that follows:
// what is there afterwards is the old schema or the new one, never something between, and no row is lost. All of it is made from
// the list of migrations, so that a new one is tried as soon as it is in the list.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { describe, it } from 'mocha';
import { SqliteEngine } from '../../../../../daemon/storage/sqlite/engine.ts';
import { appliedMigrations, migrate, migrations } from '../../../../../daemon/storage/sqlite/migrate.ts';
import type { Migration } from '../../../../../daemon/storage/sqlite/migrations/migration.ts';
import { openDatabase } from '../../../../../daemon/storage/sqlite/native.ts';
import { filesOf } from '../../../../../daemon/storage/sqlite/safety/copies.ts';
import { definitionsOf, tablesOf } from '../../../../../daemon/storage/sqlite/safety/tables.ts';
import { verifyFile } from '../../../../../daemon/storage/sqlite/safety/verify.ts';
import { folderInMemory } from '../../open-storage.ts';
import { callsOf } from './filled.ts';

const rowsPerTable = 3;

describe('a migration that is cut short', () => {
  for (const [index, { name }] of migrations.slice(0, -1).entries()) {
    it(`by a failure after any statement, from ${name} on, leaves the schema before it`, () => {
      using folder = folderInMemory();
      const database = create(folder.database, index + 1);
      for (const [later, migration] of migrations.entries()) {
        if (later <= index) continue;
        const before = [...definitionsOf(database)];
        for (const sql of cutAfterEach(migration.sql, 'insert into nowhere values (1)')) {
          const failing: Migration = { name: migration.name, sql };
          assert.throws(() => migrate(database, [...migrations.slice(0, later), failing]), /nowhere/);
          assert.deepEqual([...definitionsOf(database)], before);
          assert.equal(appliedMigrations(database).length, later);
        }
        migrate(database, migrations.slice(0, later + 1));
      }
      database.close();
      assertUsable(folder.database, index + 1);
    });

    it(`by a kill after any statement, from ${name} on, goes on at the next start`, () => {
      using folder = folderInMemory();
      const database = create(folder.database, index + 1);
      const snapshots: string[] = [];
      database.function('be_killed', { directOnly: false }, () => {
        const copy = join(folder.path, `killed-${snapshots.length}`, 'switchyard.db');
        copyAsItIs(folder.database, copy);
        snapshots.push(copy);
        return null;
      });
      const watched = migrations.map((migration, later) =>
        later <= index
          ? migration
          : {
              ...migration,
              sql: statementsOf(migration.sql)
                .map((sql) => `${sql};\nselect be_killed();`)
                .join('\n'),
            },
      );
      migrate(database, watched);
      database.close();
      assert.ok(snapshots.length >= migrations.length - index - 1);
      for (const copy of snapshots) {
        const killed = openDatabase(copy);
        const applied = appliedMigrations(killed);
        assert.deepEqual(
          [...definitionsOf(killed)],
          [...definitionsAfter(applied.length)],
          `${copy} is what ${applied.at(-1)} left`,
        );
        killed.close();
        assertUsable(copy, index + 1);
      }
    });
  }

  it('is no matter to an older build: it names both versions, and changes nothing', () => {
    using folder = folderInMemory();
    const database = create(folder.database, migrations.length);
    migrate(database, [...migrations, { name: '9000-tomorrow', sql: 'create table tomorrow (x)' }], { isCopy: true });
    database.pragma('wal_checkpoint(truncate)');
    database.close();
    const print = (): string => createHash('sha256').update(readFileSync(folder.database)).digest('hex');
    const before = print();
    const storage = new SqliteEngine(folder.database);
    for (const name of ['listChats', 'createChat']) {
      assert.throws(() => callsOf(storage)('chats', name, {}), {
        code: 'database-newer',
        message: /9000-tomorrow.*Update Switchyard/s,
      });
    }
    storage.close();
    assert.equal(print(), before);
    assert.equal(existsSync(join(dirname(folder.database), 'damaged')), false);
  });
});

/** A database of the first migrations, with rows in each of its tables. */
function create(file: string, count: number): Database {
  mkdirSync(dirname(file), { recursive: true });
  const database = openDatabase(file);
  migrate(database, migrations.slice(0, count));
  database.pragma('journal_mode = WAL');
  for (const table of ordinaryTables(database)) addRows(database, table);
  assert.deepEqual(database.pragma('foreign_key_check'), []);
  return database;
}

function ordinaryTables(database: Database): ReturnType<typeof tablesOf> {
  return tablesOf(database).filter(({ name }) => name !== 'migration');
}

/** Columns whose values must agree with those of other rows or columns, where they may be as they are here: each message is the only one at its place. */
const dependent: Record<string, number | null> = {
  deleted_at: Date.now(),
  checksum: null,
  superseded_by: null,
  parent_id: null,
  chosen: 1,
  active: 1,
};

/** Every text is the same JSON string in all tables, so that references between them hold whatever they are. */
function addRows(database: Database, { name, columns }: ReturnType<typeof tablesOf>[number]): void {
  const definition = database.prepare('select sql from sqlite_schema where name = ?').pluck().get(name) as string;
  database.pragma('foreign_keys = off');
  for (let row = 1; row <= rowsPerTable; row++) {
    const values = columns.map((column) => {
      const [, number, word] =
        new RegExp(`check \\(${column.name} (?:= (\\d+)\\)|in \\('([^']+)')`).exec(definition) ?? [];
      if (number !== undefined) return Number(number);
      if (word !== undefined) return word;
      return { INTEGER: row, INT: row, REAL: row + 0.5, BLOB: Buffer.from([row]) }[column.type] ?? `"row-${row}"`;
    });
    const mayBe = (value: number | null | undefined, column: string): boolean =>
      value !== null || !new RegExp(`\\b${column} \\w+ not null`).test(definition);
    const given = columns.map(({ name: column }, place) =>
      column in dependent && mayBe(dependent[column], column) ? dependent[column] : values[place],
    );
    database
      .prepare(
        `insert into "${name}" (${columns.map((column) => `"${column.name}"`).join()}) values (${columns.map(() => '?').join()}) on conflict do nothing`,
      )
      .run(...given);
  }
  database.pragma('foreign_keys = on');
}

/** As a kill would leave it: each file as it is now. */
function copyAsItIs(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  for (const [index, file] of filesOf(from).entries())
    if (existsSync(file)) copyFileSync(file, filesOf(to)[index] ?? '');
}

/** Opens it as the daemon does: it becomes the newest schema, whole, with its rows. */
function assertUsable(file: string, startedFrom: number): void {
  const notices: string[] = [];
  const storage = new SqliteEngine(file, { onNotice: (notice) => notices.push(notice) });
  callsOf(storage)('chats', 'listChats', {});
  storage.close();
  assert.deepEqual(notices, []);
  const { problems, schema } = verifyFile(file);
  assert.deepEqual(problems, []);
  assert.equal(schema, migrations.at(-1)?.name);
  const database = openDatabase(file, { readonly: true });
  const blank = openDatabase(':memory:');
  migrate(blank, migrations.slice(0, startedFrom));
  const present = new Set(ordinaryTables(database).map(({ name }) => name));
  for (const { name } of ordinaryTables(blank).filter((table) => present.has(table.name))) {
    const count = database.prepare(`select count(*) from "${name}"`).pluck().get() as number;
    const least = name === 'message_chunk' ? 0 : name === 'key_file' ? 1 : rowsPerTable; // pieces move into their answer; the key store is one
    assert.ok(count >= least, `${name} has ${count} rows`);
  }
  database.close();
  blank.close();
}

function definitionsAfter(count: number): Map<string, string> {
  const blank = openDatabase(':memory:');
  try {
    migrate(blank, migrations.slice(0, count));
    return definitionsOf(blank);
  } finally {
    blank.close();
  }
}

/** The SQL up to each of its statements, and then another. */
function cutAfterEach(sql: string, then: string): string[] {
  const statements = statementsOf(sql);
  return [...statements, ''].map((_, count) => [...statements.slice(0, count), then].join(';\n'));
}

/** A trigger holds statements of its own, and ends with `end`. */
function statementsOf(sql: string): string[] {
  const statements: string[] = [];
  let open = '';
  for (const piece of sql.replaceAll(/--[^\n]*/g, '').split(';')) {
    open = open === '' ? piece : `${open};${piece}`;
    if (/create\s+(temp\w*\s+)?trigger/i.test(open) && !/\bend\s*$/i.test(open)) continue;
    if (open.trim() !== '') statements.push(open.trim());
    open = '';
  }
  return statements;
}
