// The queues of the daemon: places for so many at once, taken in turn. What does not fit: `features/chat/history-window` makes
// summaries of the last answer of each chat only and gives them up for any other request, so its jobs replace each other in place
// of waiting for each other.
import { CancelledError, throwIfCancelled } from './errors.ts';

/** The first goes before all others that have not begun, and so on. */
const ranks = { completion: 0, interactive: 1, steady: 2, background: 3 } as const;
export type Priority = keyof typeof ranks;

export interface QueueOptions {
  /** Whoever is cancelled while waiting leaves at once, with CancelledError; what has begun ends in its own way. */
  signal?: AbortSignal | undefined;
  /** `background` where left out. */
  priority?: Priority | undefined;
  /** Of those who wait with one priority, each owner has its turn before one of them has two. One owner where left out. */
  owner?: string | undefined;
  /** By which it can be preferred while it waits. */
  id?: string | undefined;
  /** Called when it must wait, and whenever that has changed, with how many run or wait before it. */
  onWait?: ((ahead: number) => void) | undefined;
}

interface Waiter {
  priority: Priority;
  readonly id: string | undefined;
  readonly owner: string;
  readonly onWait: QueueOptions['onWait'];
  /** As last told. */
  ahead: number | undefined;
  begin(): void;
}

/** Lives as long as what it guards. */
export class FairQueue {
  /** May be changed at any time; those who have begun are not stopped. */
  concurrency: number;
  #running = 0;
  /** In order of arrival. */
  readonly #waiting = new Set<Waiter>();
  /** Number of the last turn of each owner, as far back as somebody has been waiting. */
  readonly #lastTurns = new Map<string, number>();
  /** Places that background work leaves free, where there are more than these. */
  readonly #spare: number;
  #turn = 0;

  constructor({ concurrency = 1, spare = 0 }: { concurrency?: number; spare?: number } = {}) {
    this.concurrency = concurrency;
    this.#spare = spare;
  }

  get load(): { running: number; waiting: number } {
    return { running: this.#running, waiting: this.#waiting.size };
  }

  /** Resolves when it is the caller's turn, which lasts until the result is disposed of. Throws CancelledError. */
  async take({ signal, priority = 'background', owner = '', id, onWait }: QueueOptions = {}): Promise<Disposable> {
    if (signal) throwIfCancelled(signal);
    if (this.#hasPlaceFor(priority) && this.#waiting.size === 0) this.#begin(owner);
    else await this.#wait({ priority, owner, id, onWait }, signal);
    let isOver = false;
    return {
      [Symbol.dispose]: () => {
        if (isOver) return;
        isOver = true;
        this.#running--;
        this.#advance();
      },
    };
  }

  /** Has what waits under an id go before all of its owner's, whatever its priority was; other owners have their turns as before. */
  prefer(id: string): void {
    const preferred = [...this.#waiting].find((waiting) => waiting.id === id);
    if (!preferred) return;
    const others = [...this.#waiting].filter((waiting) => waiting !== preferred);
    const own = others.filter(({ owner }) => owner === preferred.owner).map(({ priority }) => priority);
    preferred.priority = [...own, preferred.priority, 'interactive' as const].reduce(higherOf);
    this.#waiting.clear();
    for (const waiting of [preferred, ...others]) this.#waiting.add(waiting);
    this.#advance(); // it may be more than background work now
  }

  /** Runs work in its turn; the next begins when it has ended, however it ended. Throws what the work throws, or CancelledError. */
  async run<T>(work: () => Promise<T>, options?: QueueOptions): Promise<T> {
    using _turn = await this.take(options);
    return await work();
  }

  async #wait(who: Omit<Waiter, 'begin' | 'ahead'>, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting: Waiter = { ...who, ahead: undefined, begin: resolve };
    const leave = (): void => {
      if (!this.#waiting.delete(waiting)) return; // its turn has come
      reject(new CancelledError());
      this.#tell();
    };
    this.#waiting.add(waiting);
    signal?.addEventListener('abort', leave, { once: true });
    this.#advance(); // where `concurrency` has grown, or those who wait are background work
    try {
      await promise;
    } finally {
      signal?.removeEventListener('abort', leave);
    }
  }

  #advance(): void {
    this.#beginNext();
    this.#tell();
  }

  /** Tells those who want to know it where they stand now. */
  #tell(): void {
    const queue = [...this.#waiting];
    for (const [place, waiting] of queue.entries()) {
      if (!waiting.onWait) continue;
      const before = queue.filter((other, i) =>
        i < place ? !this.#goesBefore(waiting, other) : this.#goesBefore(other, waiting),
      );
      const ahead = this.#running + before.length;
      if (ahead === waiting.ahead) continue;
      waiting.ahead = ahead;
      waiting.onWait(ahead);
    }
  }

  /** A place is handed on before it can be taken by somebody who comes now. */
  #beginNext(): void {
    for (;;) {
      const next = this.#next();
      if (!next) return this.#lastTurns.clear();
      if (!this.#hasPlaceFor(next.priority)) return;
      this.#waiting.delete(next);
      this.#begin(next.owner);
      next.begin();
    }
  }

  #hasPlaceFor(priority: Priority): boolean {
    const spare = priority === 'background' ? Math.min(this.#spare, this.concurrency - 1) : 0;
    return this.#running < this.concurrency - spare;
  }

  #begin(owner: string): void {
    this.#running++;
    this.#lastTurns.set(owner, ++this.#turn);
  }

  /** Of the higher priority, the first of the owner whose last turn is the longest ago. */
  #next(): Waiter | undefined {
    let best: Waiter | undefined;
    for (const waiting of this.#waiting) if (!best || this.#goesBefore(waiting, best)) best = waiting;
    return best;
  }

  #goesBefore(a: Waiter, b: Waiter): boolean {
    if (a.priority !== b.priority) return ranks[a.priority] < ranks[b.priority];
    return (this.#lastTurns.get(a.owner) ?? 0) < (this.#lastTurns.get(b.owner) ?? 0);
  }
}

function higherOf(a: Priority, b: Priority): Priority {
  return ranks[a] <= ranks[b] ? a : b;
}

/** Work that must not overlap, by key: one queue for each. Lives as long as its owner; a key takes no room once its queue is empty. */
export class SerialQueues {
  readonly #queues = new Map<string, FairQueue>();

  async run<T>(key: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const queue = this.#queues.get(key) ?? new FairQueue();
    this.#queues.set(key, queue);
    try {
      return await queue.run(work, { signal });
    } finally {
      const { running, waiting } = queue.load;
      if (running + waiting === 0 && this.#queues.get(key) === queue) this.#queues.delete(key);
    }
  }
}
