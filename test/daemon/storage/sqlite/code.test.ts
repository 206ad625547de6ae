import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import Database from 'better-sqlite3';
import { beforeEach, describe, it } from 'mocha';
import type { IndexedFile } from '../../../../daemon/storage/code.ts';
import { SqliteCode } from '../../../../daemon/storage/sqlite/code.ts';
import { migrate } from '../../../../daemon/storage/sqlite/migrate.ts';
import { Sql } from '../../../../daemon/storage/sqlite/sql.ts';

const root = 'file:///home/me/shop';
const file = (path: string, ...symbols: string[]): IndexedFile => ({
  path,
  stamp: `stamp of ${path}`,
  hash: symbols.join(),
  language: 'typescript',
  chunks: symbols.map((symbol, i) => ({ symbol, startLine: i * 10, endLine: i * 10 + 2, text: `// ${symbol}\nbody` })),
});

let database: Database.Database;
let code: SqliteCode;
const sources = (): unknown[] =>
  database.prepare('select reference from search_source order by reference').pluck().all();

describe('pieces of code in storage', () => {
  beforeEach(() => {
    database = new Database(':memory:');
    migrate(database);
    code = new SqliteCode({ sql: new Sql(database), newId: randomUUID, profile: 'default' });
  });

  it('a file changes whole: its old pieces are gone, those of others stay', () => {
    code.put(root, file('a.ts', 'one', 'two'));
    code.put(root, file('b.ts', 'three'));
    code.put(root, file('a.ts', 'new'));
    assert.deepEqual(sources(), [`${root}/a.ts#L1-2`, `${root}/b.ts#L1-2`]);
    assert.deepEqual(code.counts(root), { files: 2, chunks: 2 });
    assert.deepEqual(
      code.files(root).map(({ path, hash }) => [path, hash]),
      [
        ['a.ts', 'new'],
        ['b.ts', 'three'],
      ],
    );
  });

  it('removing files and forgetting a folder take their pieces along; other folders stay', () => {
    code.put(root, file('a.ts', 'one'));
    code.put(root, file('b.ts', 'two'));
    code.put(`${root}-2`, file('a.ts', 'other'));
    code.remove(root, ['a.ts', 'never.ts']);
    assert.deepEqual(code.counts(root), { files: 1, chunks: 1 });
    code.forget(root);
    assert.deepEqual(sources(), [`${root}-2/a.ts#L1-2`]);
  });

  it('a new stamp is kept without the pieces being written again', () => {
    code.put(root, file('a.ts', 'one'));
    code.touch(root, { path: 'a.ts', stamp: 'later', hash: 'one' });
    assert.deepEqual(code.files(root), [{ path: 'a.ts', stamp: 'later', hash: 'one' }]);
  });

  it('symbols are found by name and by member, exact ones first; LIKE and SQL in a name are only characters', () => {
    code.put(root, file('a.ts', 'Router', 'Router.select', 'Other.Select', 'selector', 'se%ct'));
    const found = (name: string): string[] => code.symbols(root, name, 10).map(({ symbol }) => symbol);
    assert.deepEqual(found('select'), ['Router.select', 'Other.Select']);
    assert.deepEqual(found('Router.select'), ['Router.select']);
    assert.deepEqual(found('router'), ['Router']);
    assert.deepEqual(found('se%ct'), ['se%ct']);
    assert.deepEqual(found("' or 1=1 --"), []);
    assert.deepEqual(code.symbols('file:///other', 'Router', 10), []);
  });

  it('pieces by reference, in the order asked for; what is gone is left out', () => {
    code.put(root, file('with blank.ts', 'one', 'two'));
    const [first, second] = sources() as string[];
    assert.match(first ?? '', /with%20blank\.ts#L1-2$/);
    const pieces = code.pieces([second ?? '', 'gone', first ?? '']);
    assert.deepEqual(
      pieces.map(({ symbol, startLine, endLine, text }) => ({ symbol, startLine, endLine, text })),
      [
        { symbol: 'two', startLine: 10, endLine: 12, text: '// two\nbody' },
        { symbol: 'one', startLine: 0, endLine: 2, text: '// one\nbody' },
      ],
    );
  });

  it('another profile sees and changes nothing', () => {
    const other = new SqliteCode({ sql: new Sql(database), newId: randomUUID, profile: 'other' });
    code.put(root, file('a.ts', 'one'));
    assert.deepEqual(
      [other.files(root), other.counts(root), other.symbols(root, 'one', 5), other.pieces(sources() as string[])],
      [[], { files: 0, chunks: 0 }, [], []],
    );
    other.forget(root);
    other.remove(root, ['a.ts']);
    other.put(root, file('a.ts', 'theirs'));
    assert.deepEqual(
      code.symbols(root, 'one', 5).map(({ symbol }) => symbol),
      ['one'],
    );
  });
});
