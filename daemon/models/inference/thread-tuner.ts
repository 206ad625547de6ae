// How many threads generate tokens, as measured while they do. llama.cpp's threads wait for each other by spinning at every layer: one that
// shares its core with another program makes all of them slow, and no count of cores tells when that is so.
import { cpus } from 'node:os';

/** Steps are compared by samples: long enough to meet the other programs of the machine too. */
const sampleMs = 100;
const leastSampleSteps = 4;
/** More threads must be worth it; fewer leave a core to others, and need only be as fast. */
const limits = { more: 0.95, fewer: 1.02 };
/** Slower than this, the machine has become busy: fewer threads are tried at once. */
const slower = 1.25;
/** Of each core for one thread more: with less, that thread would have to wait for another program, and all the others for it. */
const idleShare = 0.6;
/** After such a rest nobody knows what else the machine does by now. */
const restMs = 2000;
/** Time of generating between two trials. It doubles with each that fails. */
const pauseMs = { least: 1000, most: 32_000 };

interface ThreadTunerDeps {
  now(): number;
  /** How many cores were idle since it was asked last. */
  idleCores(): number;
}

/** Lives as long as its context. */
export class ThreadTuner {
  /** Counts of threads to choose from, the fewest first. */
  readonly #counts: readonly number[];
  readonly #deps: ThreadTunerDeps;
  /** One core is left to the editor until it is known to be free, and while prompts are read. */
  readonly #safePlace: number;
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
  #endedMs = Number.NEGATIVE_INFINITY;
  #isPrompt = false;
  /** No time is lost at first: what is best is not known then. */
  #waitMs = 0;
  #pauseMs: number = pauseMs.least;

  constructor(
    maxThreads: number,
    deps: ThreadTunerDeps = { now: () => performance.now(), idleCores: idleCoresSince() },
  ) {
    this.#counts = countsTo(maxThreads);
    this.#safePlace = Math.max(0, this.#counts.length - 2);
    this.#place = this.#safePlace;
    this.#deps = deps;
  }

  /** For the step that begins. */
  get threads(): number {
    const place = this.#isPrompt ? Math.min(this.#place, this.#safePlace) : this.#place + (this.#trial ?? 0);
    return this.#counts[place] ?? 1;
  }

  /** A step begins that generates a token in so many sequences; 0 where it reads a prompt too, which is not measured. */
  begin(sequences: number): void {
    const now = this.#deps.now();
    this.#isPrompt = sequences === 0;
    this.#startedMs = this.#isPrompt ? undefined : now;
    if (this.#isPrompt) return;
    const isRested = now - this.#endedMs > restMs;
    if (isRested) {
      this.#place = Math.min(this.#place, this.#safePlace);
      this.#waitMs = 0;
    }
    if (!isRested && sequences === this.#sequences) return;
    this.#sequences = sequences;
    this.#stepMs = undefined;
    this.#drop();
    this.#deps.idleCores();
  }

  /** The first token of that step is there. */
  end(): void {
    if (this.#startedMs === undefined) return;
    this.#endedMs = this.#deps.now();
    const ms = this.#endedMs - this.#startedMs;
    this.#startedMs = undefined;
    this.#waitMs -= ms;
    this.#sample.push(ms);
    if (this.#trial === undefined) this.#watch();
    else this.#judge(this.#trial);
  }

  #watch(): void {
    const stepMs = this.#takeSample();
    if (stepMs === undefined) return;
    const idleCores = this.#deps.idleCores();
    const before = this.#stepMs ?? stepMs;
    const isSlower = stepMs > before * slower;
    this.#stepMs = isSlower ? stepMs : before + (stepMs - before) / 4;
    if (isSlower && this.#place > 0) this.#trial = -1;
    else if (this.#waitMs <= 0) this.#tryNext(idleCores);
  }

  #tryNext(idleCores: number): void {
    if (this.#counts[this.#place + this.#direction] === undefined) this.#direction = this.#direction === 1 ? -1 : 1;
    const next = this.#counts[this.#place + this.#direction];
    if (next === undefined || (next - this.threads) * idleShare > idleCores) return;
    this.#trial = this.#direction;
  }

  #judge(trial: 1 | -1): void {
    const nowMs = this.#stepMs ?? 0;
    const stepMs = this.#takeSample();
    if (stepMs === undefined) return;
    this.#drop();
    if (stepMs <= nowMs * (trial === 1 ? limits.more : limits.fewer)) {
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

  /**
   * The mean of a step, once there are enough of them: without the slowest one, unless it is so slow that nobody should wait for more. A
   * thread without a core of its own can make a step a hundred times as long.
   */
  #takeSample(): number | undefined {
    const total = sum(this.#sample);
    const count = this.#sample.length;
    const isEnough = count >= leastSampleSteps && total >= sampleMs;
    const isTooSlow = total > 2 * Math.max(sampleMs, (this.#stepMs ?? Number.POSITIVE_INFINITY) * leastSampleSteps);
    if (!isEnough && !isTooSlow) return undefined;
    const stepMs = isEnough ? (total - Math.max(...this.#sample)) / (count - 1) : total / count;
    this.#sample = [];
    return stepMs;
  }
}

/** How many cores were idle since it was asked last, on average. */
function idleCoresSince(): () => number {
  const read = () => {
    const times = cpus().map((cpu) => cpu.times);
    const idle = sum(times.map((time) => time.idle));
    return {
      cores: times.length,
      idle,
      all: sum(times.map(({ user, nice, sys, irq }) => user + nice + sys + irq)) + idle,
    };
  };
  let before = read();
  return () => {
    const now = read();
    const passed = now.all - before.all;
    const idleCores = passed > 0 ? (now.cores * (now.idle - before.idle)) / passed : 0;
    before = now;
    return idleCores;
  };
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
