// What is noticed of a host that has come to a standstill, and what is not held against it.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { HostActivity } from '../../../../daemon/models/inference/host-messages.ts';
import { HostWatch } from '../../../../daemon/models/inference/watchdog.ts';

const still: HostActivity = { running: 1, isSlow: false, progress: 7, generatedTokens: 0 };

/** Resolves with how many checks there were before the host was given up, or after `most` checks with undefined. */
async function checksUntilStuck(
  activity: (check: number) => Promise<HostActivity>,
  most = 30,
): Promise<number | undefined> {
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  let checks = 0;
  const watch = new HostWatch({
    checkMs: 1,
    onStuck: () => resolve(checks),
    activity() {
      if (++checks >= most) resolve(undefined);
      return activity(checks);
    },
  });
  using _request = watch.watch();
  return await promise;
}

describe('the watch over the inference host', () => {
  it('gives up a host whose native code stands still', async () => {
    const checks = await checksUntilStuck(async () => still);
    assert.ok(checks !== undefined && checks >= 5 && checks <= 8, `after ${checks} checks`);
  });

  it('gives up a host that no longer answers', async () => {
    assert.equal(await checksUntilStuck(() => new Promise(() => {})), 1);
  });

  it('leaves one alone that reads, generates, loads, or has nothing to do', async () => {
    for (const activity of [
      async (check: number) => ({ ...still, progress: check }),
      async (check: number) => ({ ...still, progress: Math.floor(check / 3) }),
      async () => ({ ...still, isSlow: true }),
      async () => ({ ...still, running: 0 }),
    ])
      assert.equal(await checksUntilStuck(activity), undefined);
  });
});
