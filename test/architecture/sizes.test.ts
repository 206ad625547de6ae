// The size caps. Every house has one "everything" file, and it is the one that a newcomer must open; ours has none.
import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { describe, it } from 'mocha';
import { projectFiles, read } from './sources.ts';

const maxLines = 500;
const maxMedianLines = 150;
const maxFilesInFolder = 20;
const maxFilesInList = 40; // folders that are lists: a file for each message, command, migration
const lists = /^(daemon\/(handlers|cli|storage\/sqlite\/migrations)|shared\/protocol|extension\/commands)$/;
const maxLooseFiles = 6; // in daemon/ itself
const maxMapLines = 240; // but for the table of messages, which is generated

const sources = projectFiles().filter((file) =>
  /^(extension|daemon|webview|shared|test)\/.*\.(ts|mjs|css)$/.test(file),
);
const lines = (file: string): number => read(file).split('\n').length;

describe('sizes', () => {
  it(`no file is longer than ${maxLines} lines`, () => {
    assert.deepEqual(
      sources.filter((file) => lines(file) > maxLines).map((file) => `${file}: ${lines(file)}`),
      [],
    );
  });

  it(`half the sources are shorter than ${maxMedianLines} lines`, () => {
    const sorted = sources
      .filter((file) => !file.startsWith('test/'))
      .map(lines)
      .sort((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
    assert.ok(median < maxMedianLines, `median ${median}`);
  });

  it(`no folder holds more than ${maxFilesInFolder} files, and a list ${maxFilesInList}`, () => {
    const counts = new Map<string, number>();
    for (const file of sources) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
    const tooFull = [...counts].filter(
      ([folder, count]) => count > (lists.test(folder) ? maxFilesInList : maxFilesInFolder),
    );
    assert.deepEqual(tooFull, []);
  });

  it(`daemon/ itself holds at most ${maxLooseFiles} files`, () => {
    const loose = sources.filter((file) => dirname(file) === 'daemon');
    assert.ok(loose.length <= maxLooseFiles, loose.join(', '));
  });

  it(`ARCHITECTURE.md stays a map of under ${maxMapLines} lines`, () => {
    const [before = '', table = ''] = read('ARCHITECTURE.md').split('<!-- messages:');
    const [, after = ''] = table.split('<!-- /messages -->');
    assert.ok(`${before}${after}`.split('\n').length < maxMapLines);
  });
});
