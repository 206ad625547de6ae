// Listeners of an event: in order, until they stop.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Listeners } from '../../../daemon/base/listeners.ts';

describe('listeners', () => {
  it('are called in the order in which they came, and their results returned', () => {
    const listeners = new Listeners<[number], string>();
    listeners.add((value) => `first ${value}`);
    listeners.add((value) => `second ${value}`);
    assert.deepEqual(listeners.notify(7), ['first 7', 'second 7']);
  });

  it('stop by what `add` returned, each for itself, even one function that was added twice', () => {
    const listeners = new Listeners<[]>();
    let calls = 0;
    const count = (): void => void calls++;
    const stop = listeners.add(count);
    listeners.add(count);
    stop();
    stop();
    listeners.notify();
    assert.equal(calls, 1);
  });

  it('may stop while they are called, without keeping the others from being called', () => {
    const listeners = new Listeners<[]>();
    const called: string[] = [];
    const stop = listeners.add(() => {
      stop();
      called.push('once');
    });
    listeners.add(() => void called.push('always'));
    listeners.notify();
    listeners.notify();
    assert.deepEqual(called, ['once', 'always', 'always']);
  });
});
