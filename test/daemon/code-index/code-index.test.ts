import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { renameSync, symlinkSync, truncateSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { CodeIndex, type CodeIndexOptions } from '../../../daemon/code-index/code-index.ts';
import { readText } from '../../../daemon/code-index/walk.ts';
import { randomFrom, tokens } from '../models/secrets/corpus.ts';
import { silentLog } from '../storage/open-storage.ts';
import { KeptChunks, Project } from './kit.ts';

const hostPath = fileURLToPath(new URL('../../../daemon/code-index/host.ts', import.meta.url));

let project: Project;
let store: KeptChunks;
let index: CodeIndex;
let settings: { enabled: boolean; onBattery: boolean };
let changes: () => void;

function create(options: Partial<CodeIndexOptions> = {}): CodeIndex {
  const created = new CodeIndex({
    hostPath,
    ownFolders: [],
    settings: () => settings,
    log: silentLog,
    isOnBattery: async () => false,
    startDelayMs: 0,
    ...options,
  });
  created.onChange(() => changes());
  return created;
}
const state = async (): Promise<string> => (await index.status(project.root, 'p')).state;

/** Resolves when it holds; looked at again after each change that the index tells of. */
async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  for (;;) {
    const changed = new Promise<void>((resolve) => {
      changes = resolve;
    });
    if (await holds()) return;
    await changed;
  }
}

describe('code on a disk', () => {
  beforeEach(() => {
    project = new Project();
    store = new KeptChunks();
    settings = { enabled: true, onBattery: false };
    changes = () => {};
    index = create();
  });
  afterEach(async () => {
    await index[Symbol.asyncDispose]();
    project[Symbol.dispose]();
  });

  it('reads no file but a text inside its folder: no pipe, no device, nothing by a link that leads out', async function () {
    if (process.platform === 'win32') this.skip(); // no mkfifo there, and links need a right of their own
    project.write('a.ts', 'export {};\n');
    symlinkSync('a.ts', join(project.root, 'link.ts'));
    symlinkSync('/etc/hostname', join(project.root, 'out.ts'));
    symlinkSync('/dev/zero', join(project.root, 'zero.ts'));
    symlinkSync('/proc/self/environ', join(project.root, 'environ.ts'));
    execFileSync('mkfifo', [join(project.root, 'pipe.ts')]);
    project.write('huge.ts', '');
    truncateSync(join(project.root, 'huge.ts'), 3 * 2 ** 30);
    const texts = await Promise.all(
      ['a.ts', 'link.ts', 'out.ts', 'zero.ts', 'environ.ts', 'pipe.ts', 'huge.ts', '../', 'none.ts'].map((path) =>
        readText(project.root, path),
      ),
    );
    assert.deepEqual(texts, ['export {};\n', 'export {};\n', ...Array.from({ length: 7 }, () => undefined)]);
  });

  describe('the index of code', () => {
    it('holds what is code and not what is ignored, binary, generated, huge or elsewhere', async () => {
      project.write('src/a.ts', 'export const a = 1;\n');
      project.write('README.md', '# Read\n');
      project.write('.gitignore', 'ignored/\n');
      project.write('.switchyardignore', 'secret.ts\n');
      project.write('.env', 'A=1\n');
      project.write('ignored/b.ts', 'b');
      project.write('secret.ts', 'c');
      project.write('node_modules/x/d.ts', 'd');
      project.write('bin.ts', 'e\u0000e');
      project.write('bundle.js', 'x'.repeat(5000));
      project.write('big.ts', 'line\n'.repeat(300_000));
      project.write('picture.png', 'f');
      project.write('package-lock.json', '{}\n');
      symlinkSync('/etc', join(project.root, 'etc'));
      index.open(project.root, store, 'p');
      await index.refresh(project.root, 'p');
      assert.deepEqual(store.paths, ['README.md', 'src/a.ts']);
      assert.deepEqual(
        store.kept.get('src/a.ts')?.chunks.map(({ text }) => text),
        ['export const a = 1;'],
      );
      const { state: ready, files, chunks, done, total } = await index.status(project.root, 'p');
      assert.deepEqual({ ready, files, chunks }, { ready: 'ready', files: 2, chunks: 2 });
      assert.equal(done, total);
    });

    it('says what it leaves out, and why', async () => {
      project.write('.gitignore', 'secret/\n*.log.ts\n');
      project.write('a.ts', 'export const a = 1;\n');
      project.write('secret/key.ts', 'export const k = 1;\n');
      project.write('b.log.ts', 'export const b = 1;\n');
      project.write('node_modules/x/index.js', 'module.exports = 1;\n');
      project.write('package-lock.json', '{}\n');
      project.write('picture.png', 'PNG');
      project.write('binary.ts', 'a\0b');
      project.write('long.js', `var a=${'1+'.repeat(2000)}1\n`);
      project.write('huge.ts', `${'// x\n'.repeat(300_000)}`);
      project.write('.git/HEAD', 'ref: refs/heads/main\n');
      index.open(project.root, store, 'p');
      await index.refresh(project.root, 'p');
      const { leftOut } = await index.status(project.root, 'p');
      const told = leftOut.map(({ reason, why, count, examples }) => [reason, why, count, examples]);
      for (const expected of [
        ['ignored', 'ignored by .gitignore, line 1 (secret/)', 1, ['secret']],
        ['ignored', 'ignored by .gitignore, line 2 (*.log.ts)', 1, ['b.log.ts']],
        ['packages', 'package and tool folders', 1, ['node_modules']],
        ['generated', 'lock files, minified files, and source maps', 1, ['package-lock.json']],
        ['large', 'larger than 1 MB', 1, ['huge.ts']],
        ['binary', 'binary, or with lines too long for code', 2, ['binary.ts', 'long.js']],
      ])
        assert.ok(
          told.some((group) => JSON.stringify(group) === JSON.stringify(expected)),
          JSON.stringify([expected, told]),
        );
      const kinds = leftOut.find(({ reason }) => reason === 'kind');
      assert.ok(kinds?.examples.includes('picture.png'));
      assert.ok(!JSON.stringify(leftOut).includes('.git/'));
      assert.ok(index.leftOut().includes('1 larger than 1 MB'));
      assert.ok(!index.leftOut().join().includes('secret'));
    });

    it('masks secrets, in their lines', async () => {
      const [token = ''] = Object.values(tokens).map((make) => make(randomFrom(7)));
      project.write('a.ts', `const before = 1;\nconst key = "${token}";\nconst after = 2;\n`);
      index.open(project.root, store, 'p');
      await index.refresh(project.root, 'p');
      const text =
        store.kept
          .get('a.ts')
          ?.chunks.map((chunk) => chunk.text)
          .join('\n') ?? '';
      assert.ok(!text.includes(token) && text.includes('redacted'));
      assert.equal(text.split('\n').length, 3);
    });

    it('reads again only what has changed, and drops what is gone', async () => {
      for (const name of ['a', 'b', 'c']) project.write(`${name}.ts`, `export const ${name} = 1;\n`);
      index.open(project.root, store, 'p');
      await index.refresh(project.root, 'p');
      store.calls.length = 0;
      await index.refresh(project.root, 'p');
      assert.deepEqual(store.calls, []);
      project.write('a.ts', 'export const a = 2;\n');
      utimesSync(join(project.root, 'b.ts'), 1, 1); // new times, old content
      project.remove('c.ts');
      await index.refresh(project.root, 'p');
      assert.deepEqual(new Set(store.calls), new Set(['put a.ts', 'touch b.ts', 'remove c.ts']));
    });

    it('follows changes by itself: files, new folders, moved and ignored ones', async () => {
      project.write('a.ts', 'one\n');
      index.open(project.root, store, 'p');
      await index.refresh(project.root, 'p');
      project.write('new/deep/b.ts', 'two\n');
      await until(() => store.paths.includes('new/deep/b.ts'));
      project.write('new/deep/c.ts', 'three\n');
      await until(() => store.paths.includes('new/deep/c.ts'));
      renameSync(join(project.root, 'new'), join(project.root, 'moved'));
      await until(() => store.paths.join() === 'a.ts,moved/deep/b.ts,moved/deep/c.ts');
      project.write('.gitignore', 'moved/\n');
      await until(() => store.paths.join() === 'a.ts');
    });

    it('goes on where it stopped, after its process was killed', async () => {
      for (let i = 0; i < 60; i++) project.write(`f${i}.ts`, `export const value${i} = ${i};\n`);
      let stored = 0;
      store.onPut = async () => {
        if (++stored === 20) await index[Symbol.asyncDispose](); // kills the indexer while files are under way
      };
      index.open(project.root, store, 'p');
      await index.refresh(project.root, 'p').catch(() => {});
      const before = store.kept.size;
      assert.ok(before >= 19 && before < 60, `${before}`);
      store.onPut = () => {};
      index = create();
      index.open(project.root, store, 'p');
      await index.refresh(project.root, 'p');
      assert.equal(store.kept.size, 60);
      assert.equal(store.calls.filter((call) => call.startsWith('put')).length, 60, 'nothing was read twice');
    });

    it('waits while the user types, and says so', async () => {
      for (let i = 0; i < 200; i++) project.write(`f${i}.ts`, `export const value${i} = ${i};\n`);
      store.onPut = () => index.noteTyping();
      index.open(project.root, store, 'p');
      await until(async () => (await state()) === 'paused');
      assert.equal((await index.status(project.root, 'p')).error, 'while you type');
      store.onPut = () => {};
      await until(async () => (await state()) === 'ready');
      assert.equal(store.kept.size, 200);
    });

    it('waits on battery, unless it may go on', async () => {
      project.write('a.ts', 'one\n');
      await index[Symbol.asyncDispose]();
      index = create({ isOnBattery: async () => true });
      index.open(project.root, store, 'p');
      await until(async () => (await state()) === 'paused');
      assert.equal((await index.status(project.root, 'p')).error, 'while on battery');
      assert.deepEqual(store.paths, []);
      settings.onBattery = true;
      await index[Symbol.asyncDispose]();
      index = create({ isOnBattery: async () => true });
      index.open(project.root, store, 'p');
      await index.refresh(project.root, 'p');
      assert.deepEqual(store.paths, ['a.ts']);
    });

    it('off means off: no process, no timer, a sentence', async () => {
      settings.enabled = false;
      project.write('a.ts', 'one\n');
      await setImmediate(); // the test's own timer runs from here on
      const running = (): string[] =>
        process
          .getActiveResourcesInfo()
          .filter((kind) => kind !== 'CloseReq')
          .sort();
      const before = running();
      index.open(project.root, store, 'p');
      await assert.rejects(index.refresh(project.root, 'p'), { code: 'index-off' });
      assert.equal(await state(), 'off');
      assert.deepEqual(running(), before);
      settings.enabled = true;
      index.reconsider();
      await until(async () => (await state()) === 'ready');
      assert.deepEqual(store.paths, ['a.ts']);
    });

    it('a storage that fails is told, and the next refresh tries again', async () => {
      project.write('a.ts', 'one\n');
      store.onPut = () => {
        throw new Error('the disk is full');
      };
      index.open(project.root, store, 'p');
      await assert.rejects(index.refresh(project.root, 'p'), { code: 'index-failed', message: /the disk is full/ });
      assert.equal(await state(), 'failed');
      store.onPut = () => {};
      await index.refresh(project.root, 'p');
      assert.deepEqual(store.paths, ['a.ts']);
      assert.equal(await state(), 'ready');
    });

    it('what nobody has open is not indexed', async () => {
      await assert.rejects(index.refresh(project.root, 'p'), { code: 'not-indexed' });
      const [first, second] = [index.open(project.root, store, 'p'), index.open(project.root, store, 'p')];
      first[Symbol.dispose]();
      first[Symbol.dispose]();
      await index.refresh(project.root, 'p');
      second[Symbol.dispose]();
      await assert.rejects(index.refresh(project.root, 'p'), { code: 'not-indexed' });
      await assert.rejects(index.refresh(project.root, 'another'), { code: 'not-indexed' });
    });
  });
});
