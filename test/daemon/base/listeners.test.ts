// Listeners of an event: in order, until they stop.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, it } from 'mocha';
import { LinkedAbort, Listeners } from '../../../daemon/base/listeners.ts';

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

const reason = new Error('left');

describe('a linked signal', () => {
  it('follows each of its sources, with its reason', () => {
    for (const index of [0, 1]) {
      const sources = [new AbortController(), new AbortController()];
      using linked = new LinkedAbort(sources.map(({ signal }) => signal));
      sources[index]?.abort(reason);
      assert.equal(linked.signal.reason, reason);
    }
  });

  it('is aborted from the start where a source is', () => {
    using linked = new LinkedAbort([new AbortController().signal, AbortSignal.abort(reason)]);
    assert.equal(linked.signal.reason, reason);
  });

  it('can be aborted by itself, and its sources stay', () => {
    const source = new AbortController();
    using linked = new LinkedAbort([source.signal]);
    linked.abort(reason);
    assert.deepEqual([linked.signal.aborted, source.signal.aborted], [true, false]);
  });

  it('ends when its time is over', async () => {
    using linked = new LinkedAbort([], 1);
    const ref = setInterval(() => {}, 1000); // its own timer keeps no process
    await new Promise((resolve) => linked.signal.addEventListener('abort', resolve));
    clearInterval(ref);
    assert.equal((linked.signal.reason as Error).name, 'TimeoutError');
  });

  it('has the time that it is given beside its limit', async () => {
    const ref = setInterval(() => {}, 1000);
    using linked = new LinkedAbort([], 60_000);
    linked.extend(-60_000);
    await new Promise((resolve) => linked.signal.addEventListener('abort', resolve));
    clearInterval(ref);
    using unlimited = new LinkedAbort([]);
    unlimited.extend(-1);
    assert.equal(unlimited.signal.aborted, false);
  });

  it('follows nothing any more when its work is done, and its sources have no listener', () => {
    const source = new AbortController();
    const linked = new LinkedAbort([source.signal]);
    linked[Symbol.dispose]();
    assert.equal(getEventListeners(source.signal, 'abort').length, 0);
    source.abort(reason);
    assert.equal(linked.signal.aborted, false);
  });
});
