// The tool that changes files: what a quotation changes, what is kept of a file, and what is refused.
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { WorkedFolder } from '../kit.ts';

const isWindows = process.platform === 'win32';
const source = 'export function one() {\n  return 1;\n}\n';

describe('an edit of the agent', () => {
  const kept: [string, string, Record<string, string>, string][] = [
    ['a piece of a line', 'a = 1;\nb = 2;\n', { old: '1', new: '3' }, 'a = 3;\nb = 2;\n'],
    ['several lines', source, { old: '{\n  return 1;\n', new: '{\n  return 2;\n' }, source.replace('1;', '2;')],
    [
      'line ends of Windows',
      'a();\r\nb();\r\n',
      { old: 'a();\nb();', new: 'a();\nc();\nd();' },
      'a();\r\nc();\r\nd();\r\n',
    ],
    ['mixed line ends', 'a();\nb();\r\nc();\n', { old: 'c();', new: 'd();' }, 'a();\nb();\r\nd();\n'],
    ['a byte order mark', '\uFEFFa();\nb();\n', { old: 'a();', new: 'c();' }, '\uFEFFc();\nb();\n'],
    ['an open end', 'a();\nb();', { old: 'b();', new: 'c();' }, 'a();\nc();'],
    ['an end that is added', 'a();\nb();', { old: 'b();', new: 'b();\n' }, 'a();\nb();\n'],
    ['an end that goes', 'a();\nb();\n', { old: 'b();\n', new: 'b();' }, 'a();\nb();'],
    ['lines that go', 'a();\nb();\nc();\n', { old: 'b();\n', new: '' }, 'a();\nc();\n'],
    ['lines that are joined', 'a(\n1);\nc();\n', { old: 'a(\n', new: 'a(' }, 'a(1);\nc();\n'],
    ['hidden characters that were there', "x('\u200B');\na();\n", { old: 'a();', new: 'b();' }, "x('\u200B');\nb();\n"],
    ['no hidden characters that were not', 'a();\n', { old: 'a();', new: 'b();\u202E // x' }, 'b(); // x\n'],
    ['nothing, and adds a line', 'a();\nb();\n', { add: 'c();', after: 'a();' }, 'a();\nc();\nb();\n'],
    ['nothing, and adds a line at the end', 'a();\r\n', { add: 'b();' }, 'a();\r\nb();\r\n'],
    ['nothing, and adds lines behind an open end', 'a();', { add: 'b();\nc();\n' }, 'a();\nb();\nc();'],
    [
      'nothing, and adds a line of Windows',
      'a();\r\nb();\r\n',
      { add: 'c();', after: 'a();\n' },
      'a();\r\nc();\r\nb();\r\n',
    ],
    ['letters that regular expressions know', 'a = /$&/;\n', { old: '/$&/', new: "/$1$'$$/" }, "a = /$1$'$$/;\n"],
  ];
  for (const [name, before, said, after] of kept)
    it(`changes or keeps ${name}`, async () => {
      using folder = new WorkedFolder({ files: { 'a.ts': before } });
      const { ok } = await folder.perform('edit', { path: 'a.ts', ...said });
      assert.ok(ok);
      assert.equal(folder.read('a.ts'), after);
    });

  it('says where a name still is that it has taken out of a file', async () => {
    const files = {
      'core.ts': 'export function calc(x: number) {\n  return x;\n}\n',
      'one.ts': "import { calc } from './core.ts';\nexport const one = calc(1);\n",
      'two.ts': 'export const calculated = 1;\n',
    };
    using folder = new WorkedFolder({ files });
    const { said } = await folder.perform('edit', { path: 'core.ts', old: 'calc(', new: 'total(' });
    assert.match(said, /still have what core\.ts defined before\n```\none\.ts:1: calc\none\.ts:2: calc\n```$/);
    const { said: quiet } = await folder.perform('edit', { path: 'core.ts', old: 'return x;', new: 'return x + 1;' });
    assert.equal(quiet, 'Changed core.ts: 1 line added, 1 removed.');
  });

  it('makes a file and the folders above it, and deletes one', async () => {
    using folder = new WorkedFolder({ files: { 'old.ts': source } });
    await folder.perform('edit', { path: 'src/deep/new.ts', new: source });
    assert.equal(folder.read('src/deep/new.ts'), source);
    await folder.perform('edit', { path: 'old.ts', delete: true });
    assert.deepEqual(readdirSync(folder.root), ['src']);
    assert.deepEqual(readdirSync(join(folder.root, 'src/deep')), ['new.ts']);
  });

  it('keeps the names that the disk has, whichever case a model writes', async function () {
    using folder = new WorkedFolder({ files: { 'src/a.ts': source } });
    if (!existsSync(join(folder.root, 'SRC'))) this.skip(); // those are other names here
    const { title } = await folder.prepare('edit', { path: 'SRC/A.ts', old: '1', new: '2' });
    assert.equal(title, 'Change src/a.ts');
    await folder.perform('edit', { path: 'SRC/A.ts', old: '1', new: '2' });
    await folder.perform('edit', { path: 'Src/b.ts', new: source });
    assert.deepEqual(readdirSync(join(folder.root, 'src')), ['a.ts', 'b.ts']);
    assert.deepEqual(readdirSync(folder.root), ['src']);
  });

  it('does nothing before it is performed, and shows its diff before', async () => {
    using folder = new WorkedFolder({ files: { 'a.ts': source } });
    const { title, approval, perform } = await folder.prepare('edit', {
      path: 'a.ts',
      old: 'return 1',
      new: 'return 2',
    });
    assert.equal(title, 'Change a.ts');
    assert.equal(folder.read('a.ts'), source);
    assert.equal(
      approval?.shown.diff,
      '--- a/a.ts\n+++ b/a.ts\n@@ -1,3 +1,3 @@\n export function one() {\n-  return 1;\n+  return 2;\n }\n',
    );
    const { diff, summary } = await perform();
    assert.equal(diff, approval?.shown.diff);
    assert.equal(summary, 'Changed a.ts: 1 line added, 1 removed.');
  });

  it('shows characters that nobody sees as escapes', async () => {
    using folder = new WorkedFolder({ files: { 'a.ts': "x('\u202E');\na();\n" } });
    const { approval } = await folder.prepare('edit', { path: 'a.ts', old: 'a();', new: 'b();' });
    assert.match(approval?.shown.diff ?? '', /x\('\\u202e'\)/);
  });

  it('keeps the mode of a file, and breaks off a hard link', async function () {
    if (isWindows) this.skip(); // it has no modes
    using folder = new WorkedFolder({ files: { 'a.sh': 'echo 1\n' } });
    const path = join(folder.root, 'a.sh');
    const other = join(folder.outside, 'other');
    chmodSync(path, 0o751);
    linkSync(path, other);
    await folder.perform('edit', { path: 'a.sh', old: '1', new: '2' });
    assert.equal(statSync(path).mode & 0o777, 0o751);
    assert.equal(readFileSync(other, 'utf8'), 'echo 1\n');
  });

  it('takes an absolute path in the folder', async () => {
    using folder = new WorkedFolder({ files: { 'a.ts': source } });
    await folder.perform('edit', { path: join(folder.root, 'a.ts'), old: '1', new: '2' });
    assert.match(folder.read('a.ts'), /return 2/);
  });

  const refused: [string, RegExp, Record<string, string>, Record<string, unknown>][] = [
    [
      'of text that is there twice',
      /there 2 times, in lines 1, 3/,
      { 'a.ts': 'a();\nb();\na();\n' },
      { old: 'a();', new: 'c();' },
    ],
    [
      'behind text that is there twice',
      /there 2 times, in lines 1, 2/,
      { 'a.ts': 'a(1);\na(2);\n' },
      { add: 'b();', after: 'a(' },
    ],
    ['behind text that is nowhere', /Read the file again/, { 'a.ts': 'a();\n' }, { add: 'b();', after: 'z();' }],
    [
      'in place of a text and behind one',
      /without old and new/,
      { 'a.ts': 'a();\n' },
      { old: 'a', after: 'a', new: 'b();' },
    ],
    ['of overlapping text', /there 2 times/, { 'a.ts': 'aaa\n' }, { old: 'aa', new: 'b' }],
    ['of text that is nowhere', /Read the file again/, { 'a.ts': 'a();\n' }, { old: 'z();\ny();', new: 'a();' }],
    ['that changes nothing', /changes nothing/, { 'a.ts': 'a();\n' }, { old: 'a();', new: 'a();' }],
    ['that does not parse', /doesn't parse/, { 'a.ts': source }, { old: 'return 1;\n}', new: 'return 1;' }],
    [
      'of the beginning of a block by the whole of it',
      /Quote as old the whole block/,
      { 'a.ts': 'function f() {\n  return 1;\n}\n' },
      { old: 'function f() {', new: 'function f() { return 2; }' },
    ],
    ['with a new file that does not parse', /doesn't parse/, {}, { new: 'function (' }],
    [
      'with a placeholder for code',
      /placeholder such as "the rest"/,
      { 'a.ts': source },
      { old: '  return 1;', new: '  // ... rest of the code' },
    ],
    [
      'with a placeholder for a secret',
      /placeholder in place of a secret/,
      { 'a.ts': source },
      { old: '1', new: "'[redacted: key]'" },
    ],
    ['of a new file that is there', /is there already/, { 'a.ts': source }, { new: 'a();\n' }],
    ['of a file that is not there', /no file a\.ts/, {}, { old: 'a', new: 'b' }],
    ['that deletes what is not there', /no file a\.ts/, {}, { delete: true }],
    ['without new text', /Give the new text/, { 'a.ts': source }, { old: '1' }],
    ['of bytes', /isn't a text file/, { 'a.ts': 'a\0b' }, { old: 'a', new: 'b' }],
    ['with arguments it has not', /Give edit a path/, { 'a.ts': source }, { old: '1', new: '2', force: true }],
  ];
  for (const [name, why, files, said] of refused)
    it(`is refused ${name}`, async () => {
      using folder = new WorkedFolder({ files });
      await assert.rejects(folder.perform('edit', { path: 'a.ts', ...said }), why);
      for (const [file, text] of Object.entries(files)) assert.equal(folder.read(file), text);
    });

  it('of text that is not UTF-8 is refused', async () => {
    using folder = new WorkedFolder();
    folder.write('a.ts', Buffer.from([0x61, 0xe9, 0x0a]));
    await assert.rejects(folder.prepare('edit', { path: 'a.ts', old: 'a', new: 'b' }), /isn't a text file/);
  });

  const misses: [string, string, string, RegExp][] = [
    [
      'white space',
      'if (a) {\n    b();\n}\n',
      'if (a) {\n  b();\n}',
      /white space[\s\S]*a\.ts, lines 1-3\n```typescript\nif \(a\) \{\n {4}b\(\);\n\}\n```/,
    ],
    ['tabs', 'f() {\n\ta();\n}\n', '        a();\n', /white space[\s\S]*\ta\(\);/],
    ['a hidden character', "x('a\u200Bb');\n", "x('ab');", /can't see differ[\s\S]*lines 1-1/],
    ['a line of three', 'a();\nb(1);\nc();\n', 'a();\nb(2);\nc();', /isn't in the file as it is now[\s\S]*b\(1\);/],
  ];
  for (const [name, text, old, told] of misses)
    it(`whose quotation differs in ${name} changes nothing, and tells what is there`, async () => {
      using folder = new WorkedFolder({ files: { 'a.ts': text } });
      const call = await folder.prepare('edit', { path: 'a.ts', old, new: 'new();' });
      assert.equal(call.approval, undefined);
      const { ok, said } = await folder.perform('edit', { path: 'a.ts', old, new: 'new();' });
      assert.equal(ok, false);
      assert.match(said, told);
      assert.equal(folder.read('a.ts'), text);
    });

  it('is refused where the file has changed since it was asked about', async () => {
    using folder = new WorkedFolder({ files: { 'a.ts': source, 'b.ts': source } });
    const edit = await folder.prepare('edit', { path: 'a.ts', old: '1', new: '2' });
    const deletion = await folder.prepare('edit', { path: 'b.ts', delete: true });
    const creation = await folder.prepare('edit', { path: 'c.ts', new: 'a();\n' });
    for (const name of ['a.ts', 'b.ts', 'c.ts']) folder.write(name, `${source}// mine\n`);
    for (const call of [edit, deletion, creation]) await assert.rejects(call.perform(), /has changed meanwhile/);
    for (const name of ['a.ts', 'b.ts', 'c.ts']) assert.equal(folder.read(name), `${source}// mine\n`);
    assert.equal(readdirSync(folder.root).length, 3, 'no drafts are left');
  });

  it('is refused where an editor has unsaved changes, and is done where it has none', async () => {
    using folder = new WorkedFolder({ files: { 'a.ts': 'a();\r\n' } });
    folder.open.set(folder.uri('a.ts'), 'a();\n// mine\n');
    await assert.rejects(folder.prepare('edit', { path: 'a.ts', old: 'a', new: 'b' }), /unsaved changes/);
    folder.open.set(folder.uri('a.ts'), 'a();\r\n');
    assert.ok((await folder.perform('edit', { path: 'a.ts', old: 'a', new: 'b' })).ok);
  });

  it('of a read-only file is refused', async () => {
    using folder = new WorkedFolder({ files: { 'a.ts': source } });
    chmodSync(join(folder.root, 'a.ts'), 0o444);
    await assert.rejects(folder.perform('edit', { path: 'a.ts', old: '1', new: '2' }), /read-only/);
    chmodSync(join(folder.root, 'a.ts'), 0o644);
  });

  const swap = (path: string, to: string): void => {
    rmSync(path, { recursive: true });
    symlinkSync(to, path);
  };
  const links: [string, (folder: WorkedFolder) => void, string][] = [
    ['the file', ({ root, outside }) => swap(join(root, 'src/a.ts'), join(outside, 'a.ts')), 'src/a.ts'],
    ['its folder', ({ root, outside }) => swap(join(root, 'src'), join(outside, 'src')), 'src/a.ts'],
    ['its folder, within the folder', ({ root }) => swap(join(root, 'src'), join(root, 'lib')), 'src/a.ts'],
  ];
  for (const [name, change, path] of links)
    for (const said of [{ old: '1', new: '2' }, { delete: true }])
      it(`${'delete' in said ? 'that deletes' : 'that writes'} does not go through a link that has come in the place of ${name}`, async function () {
        if (isWindows) this.skip(); // links need a right there
        using folder = new WorkedFolder({ files: { 'src/a.ts': source, 'lib/a.ts': source } });
        folder.write('../a.ts', source);
        folder.write('../src/a.ts', source);
        const call = await folder.prepare('edit', { path, ...said });
        change(folder);
        await assert.rejects(call.perform());
        for (const place of ['../a.ts', '../src/a.ts', 'lib/a.ts']) assert.equal(folder.read(place), source);
      });

  it('that makes a file does not go through a link that has come in the place of its folder', async function () {
    if (isWindows) this.skip(); // links need a right there
    using folder = new WorkedFolder({ files: { 'src/b.ts': source } });
    mkdirSync(join(folder.outside, 'elsewhere'));
    const call = await folder.prepare('edit', { path: 'src/deep/a.ts', new: source });
    rmSync(join(folder.root, 'src'), { recursive: true });
    symlinkSync(join(folder.outside, 'elsewhere'), join(folder.root, 'src'));
    await assert.rejects(call.perform(), /symbolic link/);
    assert.deepEqual(readdirSync(join(folder.outside, 'elsewhere')), []);
    assert.ok(!existsSync(join(folder.root, 'src/deep')));
  });
});
