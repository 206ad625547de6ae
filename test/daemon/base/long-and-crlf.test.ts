// Files as Windows has them: paths of more than 260 characters, and lines that end in CR and LF.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, it } from 'mocha';
import { ConfigFile } from '../../../daemon/base/config/config.ts';
import { changeConfig } from '../../../daemon/base/config/edit.ts';
import { moveFile, readPlainFile } from '../../../daemon/base/disk.ts';
import { fileIdentity } from '../../../daemon/base/uri.ts';
import { filesUnder } from '../../../daemon/code-index/walk.ts';
import { createIgnore } from '../../../daemon/ignore/ignore.ts';
import { testFolder } from '../storage/open-storage.ts';

describe('a path of more than 260 characters', () => {
  const parts = Array.from({ length: 8 }, (_, index) => `${'a long name '.repeat(4)}${index}`);

  it('is read, moved and known by its URI', async () => {
    using home = testFolder();
    const folder = join(realpathSync.native(home.path), ...parts);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'draft'), 'export const a = 1;\n');
    const file = join(folder, 'a.ts');
    await moveFile(join(folder, 'draft'), file);
    assert.equal(await readPlainFile(file), 'export const a = 1;\n');
    const uri = pathToFileURL(file).href;
    assert.equal(fileIdentity(uri.replace('.ts', '.%74s')), fileIdentity(uri));
  });

  it('is judged by ignore files and indexed', async () => {
    using home = testFolder();
    const root = realpathSync.native(home.path);
    const folder = join(root, ...parts);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'a.ts'), 'export const a = 1;\n');
    writeFileSync(join(folder, '.gitignore'), 'kept.ts\r\n');
    const ignore = createIgnore({ ownFolders: [] });
    assert.match((await ignore.isIgnored(join(folder, 'kept.ts'), root)).by ?? '', /\.gitignore, line 1 /);
    const found: string[] = [];
    for await (const { path } of filesUnder({ root, ignore })) found.push(path);
    assert.deepEqual(found, [[...parts, 'a.ts'].join('/')]);
  });
});

describe('config.json whose lines end in CR and LF', () => {
  for (const [path, value] of [
    [['a'], 1],
    [['providers', 'lab'], { type: 'ollama' }],
    [['log', 'level'], 'debug'],
  ] as const)
    it(`keeps them when ${path.join('.')} is written`, () => {
      using home = testFolder();
      const file = join(home.path, 'config.json');
      writeFileSync(file, '{\r\n  // mine\r\n  "log": {\r\n    "level": "info"\r\n  }\r\n}\r\n');
      using config = new ConfigFile(file);
      changeConfig(config, [...path], value);
      assert.deepEqual(readFileSync(file, 'utf8').match(/(?<!\r)\n/g), null);
    });
});
