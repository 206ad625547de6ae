// Which files have changes of the agent that nobody has kept or undone yet.
import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, it } from 'mocha';
import type { ChangedRunFile } from '../../../../../daemon/features/agent/checkpoints/changes.ts';
import { hunksBetween } from '../../../../../daemon/features/agent/checkpoints/hunks.ts';
import { PendingFiles } from '../../../../../daemon/features/agent/checkpoints/pending-files.ts';
import type { StoredJob } from '../../../../../daemon/storage/jobs.ts';

const uriOf = (name: string): string => pathToFileURL(`/nowhere/${name}`).href;
const a = uriOf('a.ts');
const b = uriOf('b.ts');
const fileOf = (uri: string, isKept = false): ChangedRunFile => ({
  uri,
  path: uri,
  change: 'changed',
  added: 1,
  removed: 1,
  hunks: [],
  isKept,
  id: uri,
});
const lines = (...texts: string[]): string => texts.map((text) => `${text}\n`).join('');

describe('files with changes of the agent', () => {
  /** The newest first. */
  let stored: Pick<StoredJob, 'id' | 'kind'>[];
  let changes: Record<string, string[]>;
  let kept: string[];
  let looked: string[];
  let pending: PendingFiles;
  let hunks: ChangedRunFile['hunks'] = [];

  beforeEach(() => {
    stored = [];
    changes = {};
    kept = [];
    looked = [];
    pending = new PendingFiles({
      checkpoints: {
        hunks: async ({ jobId }, uri) => {
          if (uri !== undefined) return { files: [{ ...fileOf(uri), hunks }], notes: [] };
          looked.push(jobId);
          if (!changes[jobId]) throw new Error('There is no such job.');
          return { files: changes[jobId].map((each) => fileOf(each, kept.includes(each))), notes: [] };
        },
      },
      jobsOf: () => ({ list: async () => ({ items: stored as StoredJob[] }) }),
    });
  });

  const end = (jobId: string): void => pending.jobChanged('p', { jobId, state: 'done' });

  it('are known of the runs of before the start, the newest first, and of no other job', async () => {
    stored = [
      { id: 'text', kind: 'write' },
      { id: 'two', kind: 'agent' },
      { id: 'one', kind: 'agent' },
    ];
    changes = { text: [b], two: [a], one: [a, b] };
    assert.deepEqual(await Promise.all([a, b, uriOf('c.ts')].map((uri) => pending.runOf('p', uri))), [
      'two',
      'one',
      undefined,
    ]);
    assert.equal(await pending.runOf('p'), 'two');
  });

  it('are looked up once, however often they are asked for', async () => {
    stored = [{ id: 'one', kind: 'agent' }];
    changes = { one: [a] };
    for (let i = 0; i < 3; i++) await pending.runOf('p', b);
    assert.deepEqual(looked, ['one']);
  });

  for (const state of ['done', 'failed', 'cancelled', 'stopped'] as const)
    it(`are known of a run that has ${state === 'done' ? 'ended' : state} since`, async () => {
      changes = { one: [a] };
      assert.equal(await pending.runOf('p', a), undefined);
      pending.jobChanged('p', { jobId: 'one', state: 'running' });
      assert.equal(await pending.runOf('p', a), undefined);
      pending.jobChanged('p', { jobId: 'one', state });
      assert.equal(await pending.runOf('p', a), 'one');
    });

  it('are none any more once they are undone', async () => {
    changes = { one: [a] };
    await pending.runOf('p', a);
    end('one');
    changes = { one: [] };
    pending.lookAgain('p', 'one');
    assert.equal(await pending.runOf('p', a), undefined);
  });

  it('are none any more once they are kept, in one file or in all', async () => {
    changes = { one: [a, b, uriOf('c.ts')] };
    await pending.runOf('p', a);
    end('one');
    kept = [a];
    pending.keptIn('p', 'one');
    assert.deepEqual([await pending.runOf('p', a), await pending.runOf('p', b)], [undefined, 'one']);
    kept = [a, b, uriOf('c.ts')];
    pending.keptIn('p', 'one');
    assert.equal(await pending.runOf('p'), undefined);
  });

  it('of an older run stay behind those of a newer one while they are kept', async () => {
    changes = { one: [a, b], two: [a] };
    await pending.runOf('p', a);
    for (const jobId of ['one', 'two']) end(jobId);
    assert.equal(await pending.runOf('p', a), 'two');
    kept = [b];
    pending.keptIn('p', 'one');
    assert.deepEqual([await pending.runOf('p', a), await pending.runOf('p', b)], ['two', undefined]);
  });

  it('are asked for again after storage has failed', async () => {
    let isBroken = true;
    pending = new PendingFiles({
      checkpoints: { hunks: async () => ({ files: [fileOf(a)], notes: [] }) },
      jobsOf: () => ({
        list: async () => {
          if (isBroken) throw new Error('broken');
          return { items: [{ id: 'one', kind: 'agent' }] as StoredJob[] };
        },
      }),
    });
    const asked = pending.runOf('p', a);
    end('one');
    await assert.rejects(asked, /broken/);
    isBroken = false;
    assert.equal(await pending.runOf('p', a), 'one');
  });

  describe('have changes that can be kept or undone by themselves', () => {
    const old = lines('1', '2', '3', '4', '5', '6', '7', '8', '9');
    const now = lines('1', 'two', 'three', '4', '5', '7', '8', '9', 'end');
    const snippet = (text: string) => ({ uri: a, languageId: 'x', version: 1, text });
    const placesIn = async (text: string): Promise<string[]> => {
      const found = await pending.hunksIn(snippet(text), 'p', 'one');
      return found.map(
        ({ canUndo, range: { start, end } }) =>
          `${start.line}-${end.line}:${end.character}${canUndo ? '' : ' is only kept'}`,
      );
    };
    beforeEach(() => {
      hunks = hunksBetween(old, now).map((hunk) => ({ ...hunk, isKept: false }));
    });

    it('in whole lines; where lines went, it is the next one', async () => {
      assert.deepEqual(await placesIn(now), ['1-2:5', '5-5:1', '8-8:3']);
    });
    it('whatever the line ends are in the editor', async () => {
      assert.deepEqual(await placesIn(now.replaceAll('\n', '\r\n')), ['1-2:5', '5-5:1', '8-8:3']);
    });
    it('but not where the document has something else', async () => {
      assert.deepEqual(await placesIn(now.replace('three', 'mine')), ['5-5:1', '8-8:3']);
    });
    it('in a file that has lost all its lines', async () => {
      hunks = hunksBetween('1\n', '').map((hunk) => ({ ...hunk, isKept: false }));
      assert.deepEqual(await placesIn(''), ['0-0:0']);
    });
    it('not undone, though, where others have had a part in them, and not at all where they are theirs', async () => {
      hunks = hunks.map((hunk, at) => ({ ...hunk, by: (['both', 'others', 'agent'] as const)[at] ?? 'agent' }));
      assert.deepEqual(await placesIn(now), ['1-2:5 is only kept', '8-8:3']);
    });
  });

  it('are single changes that nobody has kept', async () => {
    const [old, now] = [lines('1', '2', '3', '4'), lines('one', '2', '3', 'four')];
    hunks = hunksBetween(old, now).map((hunk, at) => ({ ...hunk, isKept: at === 0 }));
    const found = await pending.hunksIn({ uri: a, languageId: 'x', version: 1, text: now }, 'p', 'one');
    assert.deepEqual(
      found.map(({ id }) => id),
      [hunks[1]?.id],
    );
  });

  it('are another profile’s alone', async () => {
    changes = { one: [a] };
    await Promise.all([pending.runOf('p', a), pending.runOf('q', a)]);
    end('one');
    assert.deepEqual([await pending.runOf('p', a), await pending.runOf('q', a)], ['one', undefined]);
  });
});
