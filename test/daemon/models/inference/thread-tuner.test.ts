// The number of threads that generate follows what a step takes, on machines whose steps are scripted.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ThreadTuner } from '../../../../daemon/models/inference/thread-tuner.ts';

interface Machine {
  /** Milliseconds of a step with so many threads. */
  stepMs(threads: number): number;
  idleCores(threads: number): number;
}

const quiet = (cores: number): Machine => ({
  stepMs: (threads) => 20 / threads,
  idleCores: (threads) => cores - threads,
});
/** Another program is at work on one core: who needs that core too waits for it at every layer. */
const busy = (cores: number, slowStepMs = 90): Machine => ({
  stepMs: (threads) => (threads < cores ? 20 / threads : slowStepMs),
  idleCores: (threads) => Math.max(0, cores - 1 - threads),
});
/** The same, but for the numbers of the system. */
const secretlyBusy = (cores: number): Machine => ({ ...busy(cores), idleCores: (threads) => cores - threads });
/** Memory has no more to give than three threads take. */
const narrow = (cores: number): Machine => ({ ...quiet(cores), stepMs: (threads) => 20 / Math.min(threads, 3) });
/** A step now and then takes five times as long. */
const hiccups = (machine: Machine): Machine => {
  let steps = 0;
  return { ...machine, stepMs: (threads) => machine.stepMs(threads) * (++steps % 23 === 0 ? 5 : 1) };
};

class Run {
  readonly tuner: ThreadTuner;
  changes = 0;
  now = 0;
  #idleCores = 0;

  constructor(cores: number) {
    this.tuner = new ThreadTuner(cores, { now: () => this.now, idleCores: () => this.#idleCores });
  }

  /** Generates for so long, and says how much longer a token took than with the best count from the beginning. */
  for(ms: number, machine: Machine, sequences = 1): { cost: number } {
    const startedAt = this.now;
    let steps = 0;
    let before = this.tuner.threads;
    for (; this.now < startedAt + ms; steps++) {
      this.tuner.begin(sequences);
      const { threads } = this.tuner;
      if (threads !== before) this.changes++;
      before = threads;
      this.#idleCores = machine.idleCores(threads);
      this.now += machine.stepMs(threads);
      this.tuner.end();
    }
    const best = Math.min(...Array.from({ length: 32 }, (_, i) => machine.stepMs(i + 1)));
    return { cost: (this.now - startedAt) / (steps * best) };
  }
}

describe('the number of threads that generate', () => {
  for (const [what, cores, machine, best] of [
    ['both of two free cores', 2, quiet(2), [2]],
    ['one of two where the other is taken', 2, busy(2), [1]],
    ['one of two where nobody tells that the other is taken', 2, secretlyBusy(2), [1]],
    ['all but one of eight where that is taken', 8, busy(8), [7]],
    ['all of sixteen free cores', 16, quiet(16), [16]],
    ['no more than memory can feed', 16, narrow(16), [3, 4]],
    ['the only one there is', 1, quiet(1), [1]],
    ['both in spite of hiccups', 2, hiccups(quiet(2)), [2]],
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
    run.for(5000, quiet(2));
    assert.equal(run.tuner.threads, 2);
    run.for(1000, busy(2));
    assert.equal(run.tuner.threads, 1);
    run.for(40_000, quiet(2));
    assert.equal(run.tuner.threads, 2);
  });

  it('falls after one step that takes seconds', () => {
    const run = new Run(2);
    run.for(5000, quiet(2));
    run.for(1, busy(2, 7000));
    assert.equal(run.tuner.threads, 1);
  });

  it('leaves a core to others after a rest, and while a prompt is read', () => {
    const run = new Run(4);
    run.for(5000, quiet(4));
    assert.equal(run.tuner.threads, 4);
    run.tuner.begin(0);
    assert.equal(run.tuner.threads, 3);
    run.now += 60_000;
    run.tuner.begin(1);
    assert.equal(run.tuner.threads, 3);
  });

  it('costs less than a tenth of the time where a trial makes steps nine times as long', () => {
    assert.ok(new Run(2).for(60_000, secretlyBusy(2)).cost < 1.1);
  });

  it('is never tried higher while no core is idle', () => {
    const run = new Run(2);
    run.for(60_000, busy(2));
    assert.equal(run.changes, 0);
  });

  it('is changed ever less often where nothing changes', () => {
    const run = new Run(8);
    run.for(120_000, narrow(8));
    const { changes } = run;
    run.for(120_000, narrow(8));
    assert.ok(run.changes - changes < 12, `${run.changes - changes}`);
  });

  it('takes a step with more sequences for no slower machine', () => {
    const run = new Run(2);
    run.for(5000, quiet(2));
    run.for(300, { ...quiet(2), stepMs: (threads) => 60 / threads }, 3);
    assert.equal(run.tuner.threads, 2);
  });
});
