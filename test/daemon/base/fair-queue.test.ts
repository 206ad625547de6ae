// The queues: order, priority, fairness, and leaving while waiting.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { CancelledError } from '../../../daemon/base/errors.ts';
import { FairQueue, type QueueOptions, SerialQueues } from '../../../daemon/base/fair-queue.ts';

/** Notes what begins, each of which ends when the next is asked for. */
class Order {
  readonly begun: string[] = [];
  readonly #queue: FairQueue;
  #gates: PromiseWithResolvers<void>[] = [];

  constructor(queue: FairQueue) {
    this.#queue = queue;
  }

  add(name: string, options: QueueOptions = {}): Promise<void> {
    return this.#queue.run(async () => {
      this.begun.push(name);
      const gate = Promise.withResolvers<void>();
      this.#gates.push(gate);
      await gate.promise;
    }, options);
  }

  /** Ends one after another until nothing runs. */
  async drain(): Promise<string> {
    for (await settled(); this.#gates.length > 0; await settled()) this.#gates.shift()?.resolve();
    return this.begun.join(' ');
  }
}
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a fair queue', () => {
  it('begins in order of arrival, as many at once as it may', async () => {
    const queue = new FairQueue({ concurrency: 2 });
    const order = new Order(queue);
    for (const name of ['a', 'b', 'c', 'd']) void order.add(name);
    await settled();
    assert.deepEqual(order.begun, ['a', 'b']);
    assert.deepEqual(queue.load, { running: 2, waiting: 2 });
    assert.equal(await order.drain(), 'a b c d');
    assert.deepEqual(queue.load, { running: 0, waiting: 0 });
  });

  it('lets what somebody waits for go before background work that has not begun', async () => {
    const order = new Order(new FairQueue());
    for (const name of ['a', 'b', 'c']) void order.add(name);
    for (const name of ['x', 'y']) void order.add(name, { priority: 'interactive' });
    assert.equal(await order.drain(), 'a x y b c');
  });

  for (const [preferred, expected] of [
    ['a3', 'a1 a3 x b1 a2 b2'],
    ['x', 'a1 x b1 a2 b2 a3'],
    ['b2', 'a1 b2 x b1 a2 a3'],
    ['gone', 'a1 x b1 a2 b2 a3'],
  ] as const)
    it(`lets ${preferred}, once preferred, go before its owner's others, and before no other owner's turn`, async () => {
      const queue = new FairQueue();
      const order = new Order(queue);
      for (const id of ['a1', 'a2', 'a3']) void order.add(id, { owner: 'a', id });
      for (const id of ['b1', 'b2']) void order.add(id, { owner: 'b', id });
      void order.add('x', { owner: 'a', id: 'x', priority: 'interactive' });
      await settled();
      queue.prefer(preferred);
      assert.equal(await order.drain(), expected);
    });

  it('gives each owner a turn before one of them has two', async () => {
    const order = new Order(new FairQueue());
    for (const name of ['a1', 'a2', 'a3', 'a4']) void order.add(name, { owner: 'a' });
    for (const name of ['b1', 'b2']) void order.add(name, { owner: 'b' });
    void order.add('c1', { owner: 'c' });
    void order.add('b0', { owner: 'b', priority: 'interactive' });
    assert.equal(await order.drain(), 'a1 b0 c1 a2 b1 a3 b2 a4');
  });

  it('tells those who wait how many are before them, once for each time that changes', async () => {
    const queue = new FairQueue();
    const order = new Order(queue);
    const told: string[] = [];
    const add = (name: string, options: QueueOptions = {}) =>
      order.add(name, {
        id: name,
        owner: 'one',
        priority: 'steady',
        onWait: (ahead) => told.push(`${name} ${ahead}`),
        ...options,
      });
    const said = async () => {
      await settled();
      return told.splice(0).join(', ');
    };
    const leaving = new AbortController();
    for (const name of ['a', 'b', 'c']) void add(name);
    const left = add('d', { signal: leaving.signal });
    void add('e');
    assert.equal(await said(), 'b 1, c 2, d 3, e 4');
    void add('x', { priority: 'interactive' });
    assert.equal(await said(), 'b 2, c 3, d 4, e 5, x 1');
    queue.prefer('e');
    assert.equal(await said(), 'e 1, b 3, c 4, d 5, x 2');
    leaving.abort();
    await assert.rejects(left, CancelledError);
    assert.equal(await said(), '');
    assert.equal(await order.drain(), 'a e x b c');
    assert.equal(await said(), 'b 2, c 3, x 1, b 1, c 2, c 1');
  });

  it('hands a place on before somebody who comes now can take it', async () => {
    const queue = new FairQueue();
    const first = await queue.take();
    const order: string[] = [];
    const second = queue.take().then(() => order.push('second'));
    first[Symbol.dispose]();
    const third = queue.take().then(() => order.push('third'));
    await second;
    assert.deepEqual([order, queue.load], [['second'], { running: 1, waiting: 1 }]);
    first[Symbol.dispose](); // once more: a turn ends once
    assert.deepEqual(queue.load, { running: 1, waiting: 1 });
    void third;
  });

  it('is left at once by whoever is cancelled while waiting, and not by what has begun', async () => {
    const queue = new FairQueue();
    const order = new Order(queue);
    const [running, waiting] = [new AbortController(), new AbortController()];
    const first = order.add('a', { signal: running.signal });
    const second = order.add('b', { signal: waiting.signal });
    const third = order.add('c');
    await settled();
    running.abort();
    waiting.abort();
    await assert.rejects(second, CancelledError);
    assert.deepEqual(queue.load, { running: 1, waiting: 1 });
    assert.equal(await order.drain(), 'a c');
    await Promise.all([first, third]);
    await assert.rejects(queue.take({ signal: AbortSignal.abort() }), CancelledError);
    assert.deepEqual(queue.load, { running: 0, waiting: 0 });
  });

  it('goes on after work that failed', async () => {
    const queue = new FairQueue();
    const failing = queue.run(() => Promise.reject(new Error('failed')));
    const next = queue.run(async () => 'next');
    await assert.rejects(failing, /failed/);
    assert.equal(await next, 'next');
  });

  it('takes in more at once when it may, and fewer without stopping what has begun', async () => {
    const queue = new FairQueue();
    const order = new Order(queue);
    for (const name of ['a', 'b']) void order.add(name);
    queue.concurrency = 3;
    void order.add('c');
    await settled();
    assert.deepEqual(order.begun, ['a', 'b', 'c']);
    queue.concurrency = 1;
    void order.add('d');
    assert.equal(await order.drain(), 'a b c d');
  });
});

describe('serial queues', () => {
  it('run work of one key in order and one at a time, also after a failure; other keys do not wait', async () => {
    const queues = new SerialQueues();
    const order: string[] = [];
    const gate = Promise.withResolvers<void>();
    const first = queues.run('a', async () => {
      order.push('first begins');
      await gate.promise;
      order.push('first ends');
      throw new Error('failed');
    });
    const second = queues.run('a', async () => void order.push('second'));
    await queues.run('b', async () => void order.push('other key'));
    gate.resolve();
    await assert.rejects(first, /failed/);
    await second;
    assert.deepEqual(order, ['first begins', 'other key', 'first ends', 'second']);
  });

  it('are left at once by whoever is cancelled while waiting', async () => {
    const queues = new SerialQueues();
    const [gate, controller] = [Promise.withResolvers<void>(), new AbortController()];
    const first = queues.run('a', () => gate.promise);
    const second = queues.run('a', () => assert.fail('it began'), controller.signal);
    controller.abort();
    await assert.rejects(second, CancelledError);
    gate.resolve();
    await first;
  });
});
