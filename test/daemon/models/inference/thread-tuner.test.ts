// The number of threads that generate follows what a step takes, on machines whose steps are scripted.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ThreadTuner } from '../../../../daemon/models/inference/thread-tuner.ts';

/** What a step takes with so many threads, in milliseconds. */
type Machine = (threads: number) => number;

const quiet: Machine = (threads) => 20 / threads;
/** Another program runs on one of so many cores: who needs that core too waits for it at every layer. */
const busy =
  (cores: number): Machine =>
  (threads) =>
    threads < cores ? 20 / threads : 90;
/** Memory has no more to give than three threads take. */
const narrow: Machine = (threads) => 20 / Math.min(threads, 3);
/** An odd step now and then takes five times as long. */
const hiccups = (machine: Machine): Machine => {
  let steps = 0;
  return (threads) => machine(threads) * (++steps % 23 === 0 ? 5 : 1);
};

class Run {
  readonly tuner: ThreadTuner;
  changes = 0;
  #now = 0;

  constructor(cores: number) {
    this.tuner = new ThreadTuner(cores, () => this.#now);
  }

  /** Generates for so long, and says how much longer that took than with the best count from the beginning. */
  for(ms: number, machine: Machine, sequences = 1): { cost: number } {
    const end = this.#now + ms;
    const startedAt = this.#now;
    let steps = 0;
    let before = this.tuner.threads;
    for (; this.#now < end; steps++) {
      this.tuner.begin(sequences);
      if (this.tuner.threads !== before) this.changes++;
      before = this.tuner.threads;
      this.#now += machine(before);
      this.tuner.end();
    }
    const best = Math.min(...Array.from({ length: 32 }, (_, i) => machine(i + 1)));
    return { cost: (this.#now - startedAt) / (steps * best) };
  }
}

describe('the number of threads that generate', () => {
  for (const [what, cores, machine, best] of [
    ['both of two free cores', 2, quiet, [2]],
    ['one of two where the other is taken', 2, busy(2), [1]],
    ['all but one of eight where that is taken', 8, busy(8), [7]],
    ['all of sixteen free cores', 16, quiet, [16]],
    ['no more than memory can feed', 16, narrow, [3, 4]],
    ['the only one there is', 1, quiet, [1]],
    ['both in spite of hiccups', 2, hiccups(quiet), [2]],
  ] as const)
    it(`is ${what}`, () => {
      const run = new Run(cores);
      run.for(60_000, machine);
      const counts = new Set<number>();
      for (let i = 0; i < 40; i++) {
        run.for(100, machine);
        counts.add(run.tuner.threads);
      }
      assert.ok(
        [...counts].some((count) => best.includes(count as never)),
        `${[...counts]}`,
      );
    });

  it('falls within a second when another program takes a core, and rises again when that ends', () => {
    const run = new Run(2);
    run.for(5000, quiet);
    assert.equal(run.tuner.threads, 2);
    run.for(1000, busy(2));
    assert.equal(run.tuner.threads, 1);
    run.for(40_000, quiet);
    assert.equal(run.tuner.threads, 2);
  });

  it('costs less than a tenth of the time where a trial makes steps nine times as long', () => {
    assert.ok(new Run(2).for(60_000, busy(2)).cost < 1.1);
  });

  it('tries ever less often where nothing changes', () => {
    const run = new Run(8);
    run.for(120_000, narrow);
    const { changes } = run;
    run.for(120_000, narrow);
    assert.ok(run.changes - changes < 12, `${run.changes - changes}`);
  });

  it('takes a step with more sequences for no slower machine', () => {
    const run = new Run(2);
    run.for(5000, quiet);
    run.for(300, (threads) => quiet(threads) * 3, 3);
    assert.equal(run.tuner.threads, 2);
  });
});
