// What the editor attaches of its own, and what it says of the index.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { problemLines } from '../../../extension/logic/problems.ts';
import { indexState } from '../../../shared/index-words.ts';
import type { IndexStatusResult } from '../../../shared/protocol/code-index.ts';

describe("the editor's problems for a model", () => {
  it('are a line each, the worst first, from one, without hints', () => {
    const lines = problemLines([
      {
        path: 'src/a.ts',
        problems: [
          { line: 4, character: 0, severity: 1, message: 'unused\n  variable' },
          { line: 0, character: 0, severity: 3, message: 'a hint' },
        ],
      },
      {
        path: 'src/b.ts',
        problems: [{ line: 11, character: 4, severity: 0, message: 'Cannot find name "total".', source: 'ts' }],
      },
    ]);
    assert.deepEqual(lines, [
      'src/b.ts:12:5: error: Cannot find name "total". (ts)',
      'src/a.ts:5:1: warning: unused variable',
    ]);
  });
  it('are bounded', () => {
    const problems = Array.from({ length: 2000 }, (_, line) => ({ line, character: 0, severity: 0, message: 'x' }));
    assert.equal(problemLines([{ path: 'a', problems }]).length, 500);
  });
});

describe('the state of the index in words', () => {
  const folder = (over: Partial<IndexStatusResult>): IndexStatusResult => ({
    state: 'ready',
    files: 10,
    chunks: 40,
    done: 0,
    total: 0,
    notes: [],
    ...over,
  });
  for (const [folders, state, detail] of [
    [[folder({}), folder({ files: 2, chunks: 3 })], 'ready', '12 files of code indexed, in 43 pieces'],
    [
      [folder({}), folder({ state: 'scanning', done: 120, total: 900 })],
      'scanning',
      'Indexing the code: 120 of 900 files',
    ],
    [[folder({ state: 'scanning' })], 'scanning', 'Indexing the code: looking for files'],
    [[folder({ state: 'paused', error: 'on battery' })], 'paused', 'The index of the code is paused: on battery'],
    [
      [folder({ state: 'scanning' }), folder({ state: 'failed', error: 'the disk is full.' })],
      'failed',
      'The code could not be indexed: the disk is full.',
    ],
  ] as const) {
    it(`is ${state}: ${detail}`, () => assert.deepEqual(indexState(folders), { state, detail }));
  }
  it('is nothing where there is no folder', () => assert.equal(indexState([]), undefined));
});
