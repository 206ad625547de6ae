// The paths that a hostile answer names: none of them becomes a change.
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { Folder, fenced, searchBlock } from './kit.ts';

const diffOf = (path: string): string => fenced('diff', `--- ${path}`, `+++ ${path}`, '@@ -1 +1 @@', '-a();', '+b();');

describe('the path of an edit', () => {
  const forbidden: [string, RegExp][] = [
    ['../outside.ts', /leads outside the folder/],
    ['src/../../outside.ts', /leads outside the folder/],
    ['..\\outside.ts', /leads outside the folder/],
    ['/etc/cron.d/job.sh', /names an absolute path/],
    ['~/.bashrc', /names an absolute path/],
    ['C:\\Windows\\a.ts', /names an absolute path/],
    ['c:a.ts', /names an absolute path/],
    ['\\\\server\\share\\a.ts', /names an absolute path/],
    ['src/a\0.ts', /characters you can't see/],
    ['src/\u202Est.a.ts', /characters you can't see/],
    ['src/a\u200B.ts', /characters you can't see/],
    ['con.ts', /isn't valid on every system/],
    ['src/NUL.ts', /isn't valid on every system/],
    ['src/com1/a.ts', /isn't valid on every system/],
    ['src/a.ts.', /isn't valid on every system/],
    ['src/a.ts ./b.ts', /isn't valid on every system/],
    ['src/a.ts::$DATA', /isn't valid on every system/],
    ['GIT~1/config.ts', /isn't valid on every system/],
    ['src/', /doesn't name a file/],
    [`${'d/'.repeat(40)}a.ts`, /too long/],
    [`${'d'.repeat(400)}.ts`, /too long/],
    ['.git/hooks/pre-commit', /run programs/],
    ['.GIT/config', /run programs/],
    ['sub/.git/config', /run programs/],
    ['.vscode/tasks.json', /run programs/],
    ['.VSCode/settings.json', /run programs/],
    ['.idea/workspace.xml', /run programs/],
    ['.husky/pre-commit', /run programs/],
    ['.devcontainer/devcontainer.json', /run programs/],
    ['.switchyard/review.md', /run programs/],
    ['.claude/settings.json', /run programs/],
    ['a.code-workspace', /run programs/],
    ['.mcp.json', /run programs/],
    ['.envrc', /run programs/],
    ['.cargo/config.toml', /run programs/],
    ['.pnpmfile.cjs', /run programs/],
    ['.env', /kept from models by a built-in rule/],
    ['keys/id_rsa', /kept from models by a built-in rule/],
    ['.npmrc', /kept from models by a built-in rule/],
    ['ignored/a.ts', /kept from models by \.gitignore, line 1/],
    ['private.ts', /kept from models by \.switchyardignore, line 1/],
  ];
  for (const [path, why] of forbidden)
    it(`is not ${JSON.stringify(path.slice(0, 40))}`, async () => {
      using folder = new Folder({ '.gitignore': 'ignored/\n', '.switchyardignore': 'private.ts\n' });
      const { files, whys } = await folder.read(diffOf(path));
      assert.deepEqual(files, []);
      assert.match(whys[0] ?? '', why);
    });

  it('is judged in every form of an edit', async () => {
    for (const answer of [
      fenced('ts ../a.ts', 'a();'),
      fenced('ts file="../a.ts"', 'a();'),
      `\`../a.ts\`\n${fenced('ts', 'a();')}`,
      fenced('', '../a.ts', searchBlock('', 'a();')),
    ]) {
      using folder = new Folder();
      const { files, whys } = await folder.read(answer);
      assert.deepEqual(files, []);
      assert.match(whys[0] ?? '', /leads outside the folder/);
    }
  });

  const links: [string, (folder: string) => void, string][] = [
    ['a link to a file outside', (folder) => symlinkSync('/etc/hostname', join(folder, 'a.ts')), 'a.ts'],
    ['a link to a file inside', (folder) => symlinkSync('real.ts', join(folder, 'a.ts')), 'a.ts'],
    ['a link to nothing', (folder) => symlinkSync('/nowhere/at/all', join(folder, 'a.ts')), 'a.ts'],
    ['a file below a link out of the folder', (folder) => symlinkSync('/tmp', join(folder, 'out')), 'out/new.ts'],
    ['a file below a link within the folder', (folder) => symlinkSync('src', join(folder, 'in')), 'in/new.ts'],
  ];
  for (const [name, make, path] of links)
    it(`is not ${name}`, async function () {
      if (process.platform === 'win32') this.skip(); // links need a right there
      using folder = new Folder({ 'real.ts': 'a();\n', 'src/b.ts': '' });
      make(folder.path);
      const { files, whys } = await folder.read(diffOf(path));
      assert.deepEqual(files, []);
      assert.match(whys[0] ?? '', /goes through a symbolic link/);
    });

  it('is no folder, and no file below a file', async () => {
    using folder = new Folder({ 'a.ts': 'a();\n' });
    mkdirSync(join(folder.path, 'folder.ts'));
    assert.match((await folder.read(diffOf('folder.ts'))).whys[0] ?? '', /something that isn't a file/);
    assert.match((await folder.read(diffOf('a.ts/b.ts'))).whys[0] ?? '', /needs a folder where there's a file/);
  });

  it('is no file that is no text', async () => {
    using folder = new Folder({ 'a.ts': 'a();\n\0\n' });
    assert.match((await folder.read(diffOf('a.ts'))).whys[0] ?? '', /isn't text, or is too large/);
  });

  it('is judged as a whole where a file is known by the end of its path', async () => {
    using folder = new Folder({ '.vscode/tasks.ts': 'a();\n' });
    const { files, whys } = await folder.read(diffOf('tasks.ts'), { shown: ['.vscode/tasks.ts'] });
    assert.deepEqual(files, []);
    assert.match(whys[0] ?? '', /run programs/);
  });

  it('shows nothing hidden in the sentence of why', async () => {
    using folder = new Folder();
    const { refused } = await folder.read(diffOf('src/\u202Ea.ts'));
    assert.equal(refused[0]?.path, 'src/a.ts');
  });

  for (const path of [
    './src/a.ts',
    'src//a.ts',
    'src/[id].ts',
    'src/+page.ts',
    'src/ü.ts',
    'my folder/a.ts',
    'Dockerfile',
  ])
    it(`may be ${path}`, async () => {
      using folder = new Folder();
      folder.write(path, 'a();\n');
      const { files, refused } = await folder.read(diffOf(path));
      assert.deepEqual(refused, []);
      assert.equal(files.length, 1);
    });
});
