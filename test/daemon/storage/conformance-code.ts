// What every storage engine has to do about the code of indexed folders: whole files change, and pieces are found by name and reference.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { Code, IndexedFile } from '../../../daemon/storage/code.ts';
import { indexed, vectorOf } from './indexed.ts';
import type { OpenEmpty, TestStorage } from './open-storage.ts';

const root = 'file:///home/me/shop';
const file = (path: string, ...symbols: string[]): IndexedFile => ({
  path,
  stamp: `stamp of ${path}`,
  hash: symbols.join(),
  language: 'typescript',
  chunks: symbols.map((symbol, i) => ({ symbol, startLine: i * 10, endLine: i * 10 + 2, text: `// ${symbol}\nbody` })),
});

export function describeCode(open: OpenEmpty): void {
  describe('pieces of code in storage', () => {
    let storage: TestStorage;
    let code: Code;
    beforeEach(() => {
      storage = open();
      code = storage.code;
    });
    afterEach(() => storage[Symbol.asyncDispose]());

    /** References of all pieces. */
    const sources = async (): Promise<string[]> =>
      (await storage.search.find({ query: 'body', kinds: ['code'] })).hits.map(({ id }) => id).toSorted();

    it('a file changes whole: its old pieces are gone, those of others stay', async () => {
      await code.put(root, file('a.ts', 'one', 'two'));
      await code.put(root, file('b.ts', 'three'));
      await code.put(root, file('a.ts', 'new'));
      assert.deepEqual(await sources(), [`${root}/a.ts#L1-2`, `${root}/b.ts#L1-2`]);
      assert.deepEqual(await code.counts(root), { files: 2, chunks: 2 });
      assert.deepEqual(
        (await code.files(root)).map(({ path, hash }) => [path, hash]),
        [
          ['a.ts', 'new'],
          ['b.ts', 'three'],
        ],
      );
    });

    it('a piece that is still there keeps its vector, wherever its lines are now', async () => {
      const at = (...pieces: [symbol: string, startLine: number][]): IndexedFile => ({
        ...file('a.ts'),
        chunks: pieces.map(([symbol, startLine]) => ({
          symbol,
          startLine,
          endLine: startLine + 2,
          text: `body of ${symbol}`,
        })),
      });
      await code.put(root, at(['one', 0], ['two', 10], ['three', 20]));
      await indexed(storage);
      await storage.searchIndex.useModel({ name: 'test', dimensions: 64 });
      const pending = async (): Promise<string[]> => (await storage.searchIndex.pending(10)).map(({ text }) => text);
      await storage.searchIndex.store(
        (await storage.searchIndex.pending(10)).map(({ document, text }) => ({ document, vector: vectorOf(text) })),
      );
      for (const [title, now, added] of [
        ['lines above it', at(['one', 10], ['two', 20], ['three', 30]), []],
        ['another order', at(['three', 10], ['one', 20], ['two', 30]), []],
        ['one that goes', at(['three', 10], ['two', 20]), []],
        ['one that comes', at(['new', 10], ['three', 20], ['two', 30]), ['new\nbody of new']],
        ['a copy of it', at(['three', 20], ['two', 30], ['two', 40]), ['two\nbody of two']],
      ] as const) {
        await code.put(root, now);
        await indexed(storage);
        assert.deepEqual(await pending(), added, title);
        const { hits } = await storage.search.find({ query: 'body', kinds: ['code'] });
        assert.deepEqual(
          hits.map(({ id, range }) => [id, range?.start.line]).toSorted(),
          now.chunks.map(({ startLine }) => [`${root}/a.ts#L${startLine + 1}-${startLine + 2}`, startLine]).toSorted(),
          title,
        );
        await storage.searchIndex.store(
          (await storage.searchIndex.pending(10)).map(({ document, text }) => ({ document, vector: vectorOf(text) })),
        );
      }
    });

    it('removing files and forgetting a folder take their pieces along; other folders stay', async () => {
      await code.put(root, file('a.ts', 'one'));
      await code.put(root, file('b.ts', 'two'));
      await code.put(`${root}-2`, file('a.ts', 'other'));
      await code.remove(root, ['a.ts', 'never.ts']);
      assert.deepEqual(await code.counts(root), { files: 1, chunks: 1 });
      await code.forget(root);
      assert.deepEqual(await sources(), [`${root}-2/a.ts#L1-2`]);
    });

    it('a new stamp is kept without the pieces being written again', async () => {
      await code.put(root, file('a.ts', 'one'));
      await code.touch(root, { path: 'a.ts', stamp: 'later', hash: 'one' });
      assert.deepEqual(await code.files(root), [{ path: 'a.ts', stamp: 'later', hash: 'one' }]);
    });

    it('symbols are found by name and by member, exact ones first; LIKE and SQL in a name are only characters', async () => {
      await code.put(root, file('a.ts', 'Router', 'Router.select', 'Other.Select', 'selector', 'se%ct'));
      const found = async (name: string): Promise<string[]> =>
        (await code.symbols(root, name, 10)).map(({ symbol }) => symbol);
      assert.deepEqual(await found('select'), ['Router.select', 'Other.Select']);
      assert.deepEqual(await found('Router.select'), ['Router.select']);
      assert.deepEqual(await found('router'), ['Router']);
      assert.deepEqual(await found('se%ct'), ['se%ct']);
      assert.deepEqual(await found("' or 1=1 --"), []);
      assert.deepEqual(await code.symbols('file:///other', 'Router', 10), []);
    });

    it('pieces by reference, in the order asked for; what is gone is left out', async () => {
      await code.put(root, file('with blank.ts', 'one', 'two'));
      const [first, second] = await sources();
      assert.match(first ?? '', /with%20blank\.ts#L1-2$/);
      const pieces = await code.pieces([second ?? '', 'gone', first ?? '']);
      assert.deepEqual(
        pieces.map(({ symbol, startLine, endLine, text }) => ({ symbol, startLine, endLine, text })),
        [
          { symbol: 'two', startLine: 10, endLine: 12, text: '// two\nbody' },
          { symbol: 'one', startLine: 0, endLine: 2, text: '// one\nbody' },
        ],
      );
    });

    it('another profile sees and changes nothing', async () => {
      const other = storage.in((await storage.profiles.create({ name: 'Other' })).id).code;
      await code.put(root, file('a.ts', 'one'));
      assert.deepEqual(
        await Promise.all([
          other.files(root),
          other.counts(root),
          other.symbols(root, 'one', 5),
          other.pieces(await sources()),
        ]),
        [[], { files: 0, chunks: 0 }, [], []],
      );
      await other.forget(root);
      await other.remove(root, ['a.ts']);
      await other.put(root, file('a.ts', 'theirs'));
      assert.deepEqual(
        (await code.symbols(root, 'one', 5)).map(({ symbol }) => symbol),
        ['one'],
      );
    });

    it('names that have a part in them are found, those that begin with it first', async () => {
      await code.put(root, file('a.ts', 'reroute', 'Router', 'Router.select', 'other'));
      assert.deepEqual(
        (await code.namesLike(root, 'rout', 10)).map(({ symbol }) => symbol),
        ['Router', 'Router.select', 'reroute'],
      );
      assert.equal((await code.namesLike(root, 'rout', 1)).length, 1);
      assert.deepEqual(await code.namesLike(root, '%', 10), []);
    });
  });
}
