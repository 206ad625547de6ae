// How many threads generate tokens, as measured while they do. llama.cpp's threads wait for each other by spinning at every layer: one that
// shares its core with another program makes all of them slow, and no count of cores tells when that is so.

/** Steps are compared by samples: long enough to meet the other programs of the machine too. */
const sampleMs = 100;
const leastSampleSteps = 4;
/** More threads must be worth it; fewer leave a core to others, and need only be as fast. */
const limits = { more: 0.95, fewer: 1.02 };
/** Slower than this, the machine has become busy: fewer threads are tried at once. */
const slower = 1.25;
/** Time of generating between two trials. It doubles with each that fails. */
const pauseMs = { least: 1000, most: 32_000 };

/** Lives as long as its context. */
export class ThreadTuner {
  /** Counts of threads to choose from, the fewest first. */
  readonly #counts: readonly number[];
  readonly #now: () => number;
  /** The count in use, as its place among them. */
  #place: number;
  /** One more or one less, while that is tried. */
  #trial: 1 | -1 | undefined;
  #direction: 1 | -1 = 1;
  /** Of a step with the count in use; unknown at first. */
  #stepMs: number | undefined;
  #sample: number[] = [];
  #sequences = 0;
  #startedMs: number | undefined;
  /** No time is lost at first: what is best is not known then. */
  #waitMs = 0;
  #pauseMs: number = pauseMs.least;

  constructor(maxThreads: number, now: () => number = performance.now.bind(performance)) {
    this.#counts = countsTo(maxThreads);
    this.#place = Math.max(0, this.#counts.length - 2); // one core is left to the editor until it is known to be free
    this.#now = now;
  }

  /** For the next step. */
  get threads(): number {
    return this.#counts[this.#place + (this.#trial ?? 0)] ?? 1;
  }

  /** A step begins that generates a token in so many sequences; 0 where it reads a prompt too, which is not measured. */
  begin(sequences: number): void {
    if (sequences > 0 && sequences !== this.#sequences) {
      this.#sequences = sequences;
      this.#stepMs = undefined;
      this.#drop();
    }
    this.#startedMs = sequences > 0 ? this.#now() : undefined;
  }

  /** The first token of that step is there. */
  end(): void {
    if (this.#startedMs === undefined) return;
    const ms = this.#now() - this.#startedMs;
    this.#startedMs = undefined;
    this.#waitMs -= ms;
    this.#sample.push(ms);
    if (this.#trial === undefined) this.#watch();
    else this.#judge(this.#trial);
  }

  #watch(): void {
    const stepMs = this.#takeSample();
    if (stepMs === undefined) return;
    const before = this.#stepMs ?? stepMs;
    const isSlower = stepMs > before * slower;
    this.#stepMs = isSlower ? stepMs : before + (stepMs - before) / 4;
    if (isSlower && this.#place > 0) this.#trial = -1;
    else if (this.#waitMs <= 0) this.#tryNext();
  }

  #tryNext(): void {
    if (this.#counts[this.#place + this.#direction] === undefined) this.#direction = this.#direction === 1 ? -1 : 1;
    if (this.#counts[this.#place + this.#direction] !== undefined) this.#trial = this.#direction;
  }

  /** A trial that can't win any more ends at once: too many threads can make a step ten times as long. */
  #judge(trial: 1 | -1): void {
    const nowMs = this.#stepMs ?? 0;
    const isLost = sum(this.#sample) > 1.5 * Math.max(sampleMs, nowMs * leastSampleSteps);
    const stepMs = this.#takeSample();
    if (stepMs === undefined && !isLost) return;
    this.#drop();
    if (stepMs !== undefined && stepMs <= nowMs * (trial === 1 ? limits.more : limits.fewer)) {
      this.#place += trial;
      this.#stepMs = stepMs;
      this.#direction = trial;
      this.#pauseMs = pauseMs.least;
      this.#waitMs = 0;
    } else {
      this.#direction = trial === 1 ? -1 : 1;
      this.#waitMs = this.#pauseMs;
      this.#pauseMs = Math.min(this.#pauseMs * 2, pauseMs.most);
    }
  }

  #drop(): void {
    this.#sample = [];
    this.#trial = undefined;
  }

  /** The mean of a step, without the slowest one, once there are enough of them. */
  #takeSample(): number | undefined {
    const total = sum(this.#sample);
    if (this.#sample.length < leastSampleSteps || total < sampleMs) return undefined;
    const stepMs = (total - Math.max(...this.#sample)) / (this.#sample.length - 1);
    this.#sample = [];
    return stepMs;
  }
}

/** All up to four, then in steps of about a third, and the most but one. */
function countsTo(most: number): number[] {
  const counts = new Set([most, Math.max(1, most - 1)]);
  for (let count = most - 1; count >= 1; count = Math.min(count - 1, Math.round(count * 0.7))) counts.add(count);
  return [...counts].toSorted((a, b) => a - b);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
