import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Listeners } from '../../../../daemon/base/listeners.ts';
import { createSettled } from '../../../../daemon/features/search/settled.ts';

describe('what was just stored', () => {
  const bench = (queued: number) => {
    const indexed = new Listeners<[]>();
    const asked = Promise.withResolvers<void>();
    const settled = createSettled({
      index: {
        async status() {
          asked.resolve();
          return { queued, documents: 0, rebuilding: false, vectors: 0, pending: 0, native: true };
        },
      },
      indexed,
    });
    return { settled, indexed, asked: asked.promise };
  };

  it('is indexed where nothing is queued', async () => {
    assert.equal(await bench(0).settled(new AbortController().signal), true);
  });

  it('is waited for until it is indexed', async () => {
    const { settled, indexed, asked } = bench(3);
    const waiting = settled(new AbortController().signal);
    await asked;
    indexed.notify();
    assert.equal(await waiting, true);
    assert.deepEqual(indexed.notify(), [], 'nobody listens any more');
  });

  it('is not waited for once nobody needs it', async () => {
    const { settled, asked } = bench(3);
    const abort = new AbortController();
    const waiting = settled(abort.signal);
    await asked;
    abort.abort();
    assert.equal(await waiting, false);
    assert.equal(await settled(abort.signal), false);
  });
});
