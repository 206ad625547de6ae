// An end that the disk refuses is stored when there is room; one that can never be stored is given up.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { diskFailed, diskFull, readOnly } from '../../../../daemon/base/disk.ts';
import { UserError } from '../../../../daemon/base/errors.ts';
import { UnstoredEnds } from '../../../../daemon/features/chat/unstored-ends.ts';

const never = 3_600_000;

describe('the ends of answers that were not stored', () => {
  for (const [name, refusal] of [
    ['a full disk', diskFull('/nowhere', undefined)],
    ['a read-only disk', readOnly('/nowhere', undefined)],
    ['a failing disk', diskFailed('/nowhere', undefined)],
  ] as const)
    it(`are stored once, when ${name} takes writes again`, async () => {
      const ends = new UnstoredEnds({ retryMs: never });
      let isRefused = true;
      const stored: string[] = [];
      const end = async (): Promise<void> => {
        if (isRefused) throw refusal;
        stored.push('end');
      };
      ends.keep(end, refusal);
      await ends.retry();
      assert.deepEqual([stored, ends.size], [[], 1]);
      isRefused = false;
      await ends.retry();
      await ends.retry();
      assert.deepEqual([stored, ends.size], [['end'], 0]);
    });

  it('are stored without another question', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = setTimeout(() => {}, never); // the retry keeps no process alive
    new UnstoredEnds({ retryMs: 1 }).keep(async () => resolve(), diskFull('/nowhere', undefined));
    await promise;
    clearTimeout(waiting);
  });

  it('are given up where the message is gone, and are never many', async () => {
    const ends = new UnstoredEnds({ retryMs: never });
    ends.keep(async () => {}, new UserError('not-found', 'This message is gone.'));
    assert.equal(ends.size, 0);
    for (let count = 0; count < 150; count++) ends.keep(async () => {}, diskFull('/nowhere', undefined));
    assert.equal(ends.size, 100);
    await ends.retry();
    assert.equal(ends.size, 0);
  });
});
