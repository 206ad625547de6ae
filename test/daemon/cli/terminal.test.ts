// What reaches a terminal: nothing that a model or a file says can steer it, and sizes read as people say them.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, it } from 'mocha';
import { readNamedFile } from '../../../daemon/cli/kit/named-file.ts';
import { clean, readableBytes } from '../../../daemon/cli/kit/terminal.ts';
import { testFolder } from '../storage/open-storage.ts';

describe('clean', () => {
  it('takes out what steers a terminal or hides text', () => {
    for (const [steering, shown] of [
      ['\u001b[31mred\u001b[0m', '[31mred[0m'],
      ['\u001b]0;title\u0007', ']0;title'],
      ['\u001b]8;;http://evil\u001b\\link', ']8;;http://evil\\link'],
      ['over\rwritten', 'overwritten'],
      ['back\b\bspace', 'backspace'],
      ['\u009b31m', '31m'],
      ['a\u202eb\u2066c\u2069\u200e', 'abc'],
      ['tag\u{e0041}\u{e007f}', 'tag'],
      ['\u0000\u007f', ''],
    ] as const)
      assert.equal(clean(steering), shown, JSON.stringify(steering));
  });

  it('leaves all other text as it is', () => {
    for (const text of ['', 'two\nlines\n', 'tab\there', 'ä😀 👩‍👩‍👧 日本語 العربية', '`code` [link](x)'])
      assert.equal(clean(text), text);
    assert.equal(clean('windows\r\nlines\r\n'), 'windows\nlines\n');
  });
});

describe('readableBytes', () => {
  it('uses the unit that a person would', () => {
    assert.deepEqual([0, 999, 1000, 1500, 15_000, 491_400_064, 4_683_000_000, 5e15].map(readableBytes), [
      '0 B',
      '999 B',
      '1.0 kB',
      '1.5 kB',
      '15 kB',
      '491 MB',
      '4.7 GB',
      '5000 TB',
    ]);
  });
});

describe('a file that was named', () => {
  it('is read with its address and language; what cannot be read is a sentence', async () => {
    using folder = testFolder();
    const file = join(folder.path, 'a b.TSX');
    writeFileSync(file, 'x');
    mkdirSync(join(folder.path, 'sub'));
    assert.deepEqual(await readNamedFile(file), {
      uri: pathToFileURL(file).href,
      languageId: 'typescriptreact',
      text: 'x',
    });
    await assert.rejects(readNamedFile(join(folder.path, 'none.ts')), {
      code: 'unreadable-file',
      message: /Can't read .*none\.ts: it doesn't exist\.$/,
    });
    await assert.rejects(readNamedFile(join(folder.path, 'sub')), {
      code: 'unreadable-file',
      message: /it's a folder\.$/,
    });
  });
});
