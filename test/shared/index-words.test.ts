// How far the code is indexed, in one sentence for all folders.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { indexState } from '../../shared/index-words.ts';
import type { IndexStatusResult } from '../../shared/protocol/code-index.ts';

describe('the state of the index in words', () => {
  const folder = (over: Partial<IndexStatusResult>): IndexStatusResult => ({
    state: 'ready',
    files: 10,
    chunks: 40,
    done: 0,
    total: 0,
    notes: [],
    leftOut: [],
    ...over,
  });
  for (const [folders, state, detail] of [
    [[folder({}), folder({ files: 2, chunks: 3 })], 'ready', '12 files indexed, in 43 pieces'],
    [
      [folder({}), folder({ state: 'scanning', done: 120, total: 900 })],
      'scanning',
      'Indexing the code: 120 of 900 files',
    ],
    [[folder({ state: 'scanning' })], 'scanning', 'Indexing the code: looking for files'],
    [[folder({ state: 'paused', error: 'on battery' })], 'paused', 'Indexing is paused: on battery'],
    [
      [folder({ state: 'scanning' }), folder({ state: 'failed', error: 'the disk is full.' })],
      'failed',
      "Couldn't index the code: the disk is full.",
    ],
  ] as const) {
    it(`is ${state}: ${detail}`, () => assert.deepEqual(indexState(folders), { state, detail }));
  }
  it('is nothing where there is no folder', () => assert.equal(indexState([]), undefined));
});
