// The pure parts of storage: ids that sort, and names for chats.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createIdSource } from '../../../daemon/base/ids.ts';
import { forkTitle, titleFrom } from '../../../daemon/storage/sqlite/chats/title.ts';

describe('ids', () => {
  it('sort in the order they were made, though the clock stands still or steps back', () => {
    const times = [1000, 1001, 900, 1001, 1002];
    let at = 0;
    const newId = createIdSource(() => times[Math.min(Math.floor(at++ / 5000), times.length - 1)] ?? 0);
    const ids = Array.from({ length: 25_000 }, newId);
    assert.deepEqual(ids.toSorted(), ids);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('are UUIDs of version 7', () => {
    assert.match(createIdSource()(), /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe('the title of a chat', () => {
  for (const [promise, text, title] of [
    ['is the first line that says something', '\n \t\nWhy?\nBecause.', 'Why?'],
    ['has single spaces', '  fix\tthe   test ', 'fix the test'],
    ['stays whole at sixty characters', 'x'.repeat(60), 'x'.repeat(60)],
    ['is cut on a word border', `${'word '.repeat(20)}`, `${'word '.repeat(12).trim()}…`],
    ['is cut before the word that does not fit', `${'a'.repeat(55)} sentence`, `${'a'.repeat(55)}…`],
    ['is cut inside a word that is too long by itself', 'y'.repeat(80), `${'y'.repeat(60)}…`],
    ['never ends in half a character', '🚀'.repeat(70), `${'🚀'.repeat(60)}…`],
    ['is empty when nothing was said', ' \n ', ''],
  ] as const) {
    it(promise, () => assert.equal(titleFrom(text), title));
  }
});

describe('the title of a fork', () => {
  for (const [title, taken, expected] of [
    ['Trains', ['Trains'], 'Trains (fork)'],
    ['Trains', ['Trains', 'Trains (fork)'], 'Trains (fork 2)'],
    ['Trains (fork)', ['Trains', 'Trains (fork)'], 'Trains (fork 2)'],
    ['Trains (fork 2)', ['Trains (fork)', 'Trains (fork 2)'], 'Trains (fork 3)'],
    ['Trains (forked)', [], 'Trains (forked) (fork)'],
    ['🚂'.repeat(500), [], `${'🚂'.repeat(480)} (fork)`],
    ['', ['', 'x'], ''],
  ] as const)
    it(`“${title.slice(0, 20)}” beside ${taken.length} becomes “${expected.slice(-20)}”`, () =>
      assert.equal(forkTitle(title, taken), expected));
});
