// The breaker against a model of it that is too small to be wrong, over random histories; and its rules one by one.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Breaker, type BreakerOutcome } from '../../../../daemon/models/resilience/breaker.ts';
import { ManualClock } from './workbench.ts';

const settings = { failuresToOpen: 3, restMs: 1_000 };
const maxRestMs = 300_000;

/** The rules in words: so many failures in a row open it, one probe may try after a rest, the rest doubles while probes fail. */
class Reference {
  state: 'closed' | 'open' | 'half-open' = 'closed';
  failures = 0;
  restMs = 0;
  until = 0;
  /** Counts probes, so that the end of a former one is known to be void. */
  probe = 0;

  mayEnter(now: number): boolean {
    return this.state === 'closed' || (this.state === 'open' && now >= this.until);
  }

  enter(): number | undefined {
    if (this.state === 'closed') return undefined;
    this.state = 'half-open';
    return ++this.probe;
  }

  end(probe: number | undefined, outcome: BreakerOutcome, now: number): void {
    const isCurrent = probe !== undefined && this.state === 'half-open' && probe === this.probe;
    if (probe !== undefined && !isCurrent) return;
    if (outcome === 'answered') {
      this.failures = 0;
      if (isCurrent) this.state = 'closed';
    } else if (outcome === 'failed' || isCurrent) {
      this.failures++;
      const opens = isCurrent || (this.failures >= settings.failuresToOpen && this.state !== 'open');
      if (!opens) return;
      if (outcome === 'failed') {
        this.restMs = this.state === 'closed' ? settings.restMs : Math.min(this.restMs * 2, maxRestMs);
        this.until = now + this.restMs;
      }
      this.state = 'open';
    }
  }
}

function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('the breaker', () => {
  it('does what its model does, in 300 random histories of 100 steps', async () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 300; seed++) {
      const random = randomNumbers(seed);
      const clock = new ManualClock(0);
      const breaker = new Breaker(clock, settings);
      const reference = new Reference();
      const running: { end: (outcome: BreakerOutcome) => Promise<void>; probe: number | undefined }[] = [];
      for (let step = 0; step < 100; step++) {
        const chance = random();
        if (chance < 0.25) clock.advance(Math.floor(random() * 3_000));
        else if (chance < 0.6 || running.length === 0) {
          const mayEnter = reference.mayEnter(clock.now());
          assert.equal(breaker.refusesUntil === undefined, mayEnter, `seed ${seed}, step ${step}: entering`);
          if (mayEnter) running.push({ probe: reference.enter(), end: breaker.enter() });
        } else {
          const [call] = running.splice(Math.floor(random() * running.length), 1);
          const outcome =
            (['answered', 'failed', 'failed', 'failed', 'nothing'] as const)[Math.floor(random() * 5)] ?? 'failed';
          reference.end(call?.probe, outcome, clock.now());
          await call?.end(outcome);
        }
        assert.equal(breaker.state.state, reference.state, `seed ${seed}, step ${step}: state`);
        if (reference.state === 'open')
          assert.equal(breaker.state.nextProbeAt, reference.until, `seed ${seed}, step ${step}: rest`);
        seen.add(reference.state);
      }
    }
    assert.deepEqual([...seen].toSorted(), ['closed', 'half-open', 'open']);
  });

  it('lets one probe through after its rest, and refuses all others until that has ended', async () => {
    const clock = new ManualClock(0);
    const breaker = new Breaker(clock, settings);
    for (let i = 0; i < 3; i++) await breaker.enter()('failed');
    assert.deepEqual(breaker.state, { state: 'open', openedAt: 0, nextProbeAt: 1_000 });
    clock.advance(999);
    assert.equal(breaker.refusesUntil, 1_000);
    clock.advance(1);
    assert.equal(breaker.refusesUntil, undefined);
    const end = breaker.enter();
    assert.equal(breaker.refusesUntil, 1_000);
    await end('answered');
    assert.deepEqual(breaker.state, { state: 'closed' });
  });

  it('gives the place of a cancelled probe to the next request', async () => {
    const clock = new ManualClock(0);
    const breaker = new Breaker(clock, settings);
    for (let i = 0; i < 3; i++) await breaker.enter()('failed');
    clock.advance(1_000);
    await breaker.enter()('nothing');
    assert.equal(breaker.state.state, 'open');
    assert.equal(breaker.refusesUntil, undefined);
  });
});
