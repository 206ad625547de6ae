// The rows from which the changes to review are chosen.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import {
  ageWords,
  baseGroups,
  commitGroups,
  scopeWords,
  typedItems,
} from '../../../extension/review/revision-items.ts';

const now = 1_700_000_000_000;
const minute = 60_000;
const day = 24 * 60 * minute;

const revisions = {
  commits: [{ id: '1a2b3c4', subject: 'Round $(once)', author: 'Ada', at: now - 2 * day }],
  branches: [
    { name: 'main', subject: 'Begin', at: now - 3 * minute, isCurrent: false },
    { name: 'feature', subject: 'Round', at: now - 2 * day, isCurrent: true },
  ],
  tags: [{ name: 'v1', subject: 'First', at: now - day }],
};

describe('rows for what to review', () => {
  it('say what a commit did, who made it, and when', () => {
    const [group] = commitGroups(revisions, now);
    assert.deepEqual(group?.items, [
      { label: 'Round $ (once)', description: '1a2b3c4 · Ada · 2 days ago', changes: { commit: '1a2b3c4' } },
    ]);
  });

  it('offer branches and tags to compare with', () => {
    const rows = baseGroups(revisions, now).flatMap(({ items }) => items);
    assert.deepEqual(
      rows.map(({ label, description }) => [label, description]),
      [
        ['$(git-branch) main', '3 minutes ago · Begin'],
        ['$(git-branch) feature', 'current: uncommitted changes · 2 days ago · Round'],
        ['$(tag) v1', '1 day ago · First'],
      ],
    );
    assert.deepEqual(
      rows.map(({ changes }) => changes),
      [{ base: 'main' }, { base: 'feature' }, { base: 'v1' }],
    );
  });

  it('take what is typed for a revision, unless it holds spaces', () => {
    const typed = (text: string, which: 'commit' | 'base') => typedItems(text, which).map(({ changes }) => changes);
    assert.deepEqual(typed(' HEAD~2 ', 'commit'), [{ commit: 'HEAD~2' }]);
    assert.deepEqual(typed('v1..v2', 'commit'), [{ commit: 'v1..v2' }]);
    assert.deepEqual(typed('origin/main', 'base'), [{ base: 'origin/main' }]);
    for (const text of ['', '  ', 'round once']) assert.deepEqual(typed(text, 'commit'), []);
  });

  it('have none of what is typed in their label, since VS Code would put the shortest before the branch that is meant', () => {
    for (const which of ['commit', 'base'] as const) {
      const [row] = typedItems('mai', which);
      assert.ok(row && !row.label.includes('mai'));
      assert.equal(row.description, 'mai');
    }
  });

  for (const [scope, words] of [
    [{ files: 1, lines: 1, leftOut: 0 }, '1 file, 1 changed line'],
    [{ files: 3, lines: 41, leftOut: 2 }, '3 files, 41 changed lines, 2 left out'],
    [{ files: 0, lines: 0, leftOut: 0 }, 'no changes'],
    [{ files: 0, lines: 0, leftOut: 1 }, 'nothing to read, 1 left out'],
  ] as const)
    it(`say of how much: ${words}`, () => assert.equal(scopeWords(scope), words));

  for (const [before, words] of [
    [10_000, 'just now'],
    [-minute, 'just now'],
    [minute, '1 minute ago'],
    [5 * 60 * minute, '5 hours ago'],
    [8 * day, '1 week ago'],
    [70 * day, '2 months ago'],
    [800 * day, '2 years ago'],
  ] as const)
    it(`say of when: ${words} (${before} ms)`, () => assert.equal(ageWords(now - before, now), words));
});
