// What is noticed of a host that has come to a standstill, and what is not held against it.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Crowding, type ProcessorTimes } from '../../../../daemon/models/inference/crowding.ts';
import type { HostActivity } from '../../../../daemon/models/inference/host-messages.ts';
import { HostWatch } from '../../../../daemon/models/inference/watchdog.ts';

const still: HostActivity = { running: 1, isSlow: false, isCrowded: false, progress: 7, generatedTokens: 0 };

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
      async () => ({ ...still, isCrowded: true }),
      async () => ({ ...still, running: 0 }),
    ])
      assert.equal(await checksUntilStuck(activity), undefined);
  });

  it('gives up in the end one that stands still on a crowded machine', async () => {
    const checks = await checksUntilStuck(async () => ({ ...still, isCrowded: true }), 100);
    assert.ok(checks !== undefined && checks > 50, `after ${checks} checks`);
  });

  it('gives up soon one that no longer answers on a crowded machine', async () => {
    const crowded = { ...still, isCrowded: true };
    const checks = await checksUntilStuck((check) => (check < 20 ? Promise.resolve(crowded) : new Promise(() => {})));
    assert.equal(checks, 20);
  });
});

describe('a crowded machine', () => {
  const span = 2000 * 4; // of four cores
  const spans: [what: string, times: Omit<ProcessorTimes, 'all'>, isCrowded: boolean][] = [
    ['all cores work for other programs', { idle: 0, own: 0 }, true],
    ['other programs have half of what there is', { idle: 0, own: span / 2 }, true],
    ['the host alone uses every core', { idle: 0, own: span }, false],
    ['the host uses every core, and the editor a little', { idle: 0, own: span * 0.9 }, false],
    ['one core is idle', { idle: span / 4, own: span / 4 }, false],
    ['nothing happens', { idle: span, own: 0 }, false],
  ];
  for (const [what, times, isCrowded] of spans)
    it(`is ${isCrowded ? '' : 'not '}one where ${what}`, () => {
      let now: ProcessorTimes = { all: 1e6, idle: 5e5, own: 100 };
      const crowding = new Crowding(() => now);
      now = { all: now.all + span, idle: now.idle + times.idle, own: now.own + times.own };
      assert.equal(crowding.isCrowded, isCrowded);
      assert.equal(crowding.isCrowded, isCrowded, 'asked again at once');
      now = { all: now.all + span, idle: now.idle + span, own: now.own };
      assert.equal(crowding.isCrowded, false, 'once it is over');
    });

  it('is measured on this one without a failure', () => assert.equal(typeof new Crowding().isCrowded, 'boolean'));
});
