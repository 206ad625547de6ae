// Work in slices: in order, a few milliseconds at a time, and not at all once nobody waits for it.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Slices } from '../../../webview/markdown/slices.ts';

describe('work in slices', () => {
  /** Runs every task that was planned; returns how many there were. */
  function runAll(tasks: (() => void)[]): number {
    let count = 0;
    for (let task = tasks.shift(); task; task = tasks.shift(), count++) task();
    return count;
  }

  function* busy(name: string, log: string[], ms: number): Generator<void, void> {
    for (const step of [1, 2, 3]) {
      const endsAt = performance.now() + ms;
      while (performance.now() < endsAt);
      log.push(`${name}${step}`);
      yield;
    }
  }

  it('gives way between slices, and does one job after the other', () => {
    const [tasks, log]: [(() => void)[], string[]] = [[], []];
    const slices = new Slices((work) => tasks.push(work));
    for (const name of ['a', 'b']) slices.add({ steps: busy(name, log, 9), isWanted: () => true });
    assert.deepEqual(log, [], 'nothing is done at once');
    assert.ok(runAll(tasks) >= 6, 'a step longer than a slice is a task of its own');
    assert.deepEqual(log, ['a1', 'a2', 'a3', 'b1', 'b2', 'b3']);
  });

  it('drops what nobody waits for any more, and what fails', () => {
    const [tasks, log]: [(() => void)[], string[]] = [[], []];
    const slices = new Slices((work) => tasks.push(work));
    let isWanted = true;
    slices.add({ steps: busy('a', log, 9), isWanted: () => isWanted });
    const broken = { next: (): IteratorResult<void> => assert.fail('broken') };
    slices.add({ steps: broken, isWanted: () => true });
    slices.add({ steps: busy('c', log, 0), isWanted: () => true });
    tasks.shift()?.();
    isWanted = false;
    assert.throws(() => runAll(tasks), /broken/);
    runAll(tasks);
    assert.deepEqual(log, ['a1', 'c1', 'c2', 'c3']);
  });
});
