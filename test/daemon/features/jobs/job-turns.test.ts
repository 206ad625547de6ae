// Jobs of a profile work beside each other, but not in one place.
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, it } from 'mocha';
import { CancelledError } from '../../../../daemon/base/errors.ts';
import { JobTurns, type WorkPlace } from '../../../../daemon/features/jobs/job-turns.ts';

const folder = (...names: string[]): string => resolve('/work', ...names);

/** Jobs that are at work until they are told to end, by name. */
function bench() {
  const turns = new JobTurns();
  const atWork: string[] = [];
  const ends = new Map<string, () => void>();
  const order = (
    name: string,
    place: WorkPlace,
    { kind = 'agent', profile = 'own', signal = new AbortController().signal } = {},
  ) =>
    turns.run(profile, { kind, place, signal }, async () => {
      const { promise, resolve: end } = Promise.withResolvers<void>();
      ends.set(name, end);
      atWork.push(name);
      await promise;
      atWork.splice(atWork.indexOf(name), 1);
    });
  const end = async (name: string, job: Promise<void>): Promise<void> => {
    ends.get(name)?.();
    await job;
    await settled();
  };
  return { order, end, atWork };
}

/** All that goes on by itself has gone on. */
function settled(): Promise<void> {
  return new Promise((done) => {
    setImmediate(done);
  });
}

describe('the turns of jobs', () => {
  const pairs: [name: string, a: WorkPlace, b: WorkPlace, isBeside: boolean][] = [
    [
      'runs of different chats and folders',
      { chat: 'a', folder: folder('a') },
      { chat: 'b', folder: folder('b') },
      true,
    ],
    ['folders whose names begin alike', { chat: 'a', folder: folder('a') }, { chat: 'b', folder: folder('ab') }, true],
    ['runs without a folder', { chat: 'a' }, { chat: 'b' }, true],
    ['a run without a folder, and one with', { chat: 'a' }, { chat: 'b', folder: folder('b') }, true],
    ['runs of one chat', { chat: 'a', folder: folder('a') }, { chat: 'a', folder: folder('b') }, false],
    ['runs in one folder', { chat: 'a', folder: folder('a') }, { chat: 'b', folder: folder('a') }, false],
    [
      'a run in a folder of the other',
      { chat: 'a', folder: folder('a') },
      { chat: 'b', folder: folder('a', 'b') },
      false,
    ],
    ['a run around the other', { chat: 'a', folder: folder('a', 'b') }, { chat: 'b', folder: folder('a') }, false],
    ['jobs without a place', {}, {}, false],
  ];
  for (const [name, a, b, isBeside] of pairs)
    it(`${isBeside ? 'let work beside each other' : 'let wait for each other'} ${name}`, async () => {
      const { order, end, atWork } = bench();
      const jobs = [order('first', a), order('second', b)] as const;
      await settled();
      assert.deepEqual(atWork, isBeside ? ['first', 'second'] : ['first']);
      await end('first', jobs[0]);
      assert.deepEqual(atWork, ['second']);
      await end('second', jobs[1]);
    });

  it('keep no kind waiting for another, and no profile for another', async () => {
    const { order, atWork } = bench();
    void order('run', { chat: 'a', folder: folder('a') });
    void order('write', {}, { kind: 'write' });
    void order("another's", { chat: 'a', folder: folder('a') }, { profile: 'other' });
    await settled();
    assert.deepEqual(atWork, ['run', 'write', "another's"]);
  });

  it('are three at a time, and come in order', async () => {
    const { order, end, atWork } = bench();
    const jobs = ['a', 'b', 'c', 'd', 'e'].map((name) => order(name, { chat: name }));
    await settled();
    assert.deepEqual(atWork, ['a', 'b', 'c']);
    await end('b', jobs[1] as Promise<void>);
    assert.deepEqual(atWork, ['a', 'c', 'd']);
  });

  it('let nobody overtake one that they would meet', async () => {
    const { order, end, atWork } = bench();
    const inner = order('inner', { chat: 'a', folder: folder('a', 'b') });
    void order('outer', { chat: 'b', folder: folder('a') });
    void order('other', { chat: 'c', folder: folder('a', 'c') });
    await settled();
    assert.deepEqual(atWork, ['inner']);
    await end('inner', inner);
    assert.deepEqual(atWork, ['outer']);
  });

  it('pass over one that was cancelled while it waited', async () => {
    const { order, end, atWork } = bench();
    const stop = new AbortController();
    const first = order('first', { chat: 'a' });
    const cancelled = order('cancelled', { chat: 'a' }, { signal: stop.signal });
    void order('last', { chat: 'a' });
    stop.abort();
    await assert.rejects(cancelled, CancelledError);
    await end('first', first);
    assert.deepEqual(atWork, ['last']);
  });
});
