// Work that may wait, done in slices so short that a key pressed or a wheel turned in between is answered at once.

/** Browsers report tasks of 50 ms and more. A step may take longer than planned. */
const sliceMs = 8;

export interface Job {
  /** What is left to do, a step of a few milliseconds at a time. */
  readonly steps: Iterator<unknown>;
  /** Whether its result is still wanted. A job whose result is not wanted any more is dropped. */
  isWanted(): boolean;
}

/** Lives as long as the page. Jobs are done in the order they came. */
export class Slices {
  readonly #jobs: Job[] = [];
  readonly #later: (work: () => void) => void;
  #isPlanned = false;

  /** `later` calls its work in a task of its own. */
  constructor(later: (work: () => void) => void = (work) => void setTimeout(work)) {
    this.#later = later;
  }

  add(job: Job): void {
    this.#jobs.push(job);
    this.#plan();
  }

  #plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    this.#later(() => {
      this.#isPlanned = false;
      try {
        this.#work();
      } finally {
        if (this.#jobs.length > 0) this.#plan();
      }
    });
  }

  #work(): void {
    const endsAt = performance.now() + sliceMs;
    for (let job = this.#jobs[0]; job && performance.now() < endsAt; job = this.#jobs[0]) {
      if (job.isWanted() && !stepOf(job, () => this.#jobs.shift())) continue;
      this.#jobs.shift();
    }
  }
}

/** Says whether that was the last step. A job that fails is dropped. */
function stepOf({ steps }: Job, onFailure: () => void): boolean {
  try {
    return steps.next().done === true;
  } catch (error) {
    onFailure();
    throw error;
  }
}
