// Whether other programs leave this process too little of the processors: a step of native code may then take many times as long as usual.
import { cpus } from 'node:os';

/** Milliseconds of all cores together, since some moment in the past. */
export interface ProcessorTimes {
  all: number;
  idle: number;
  /** Of this process. */
  own: number;
}

/** Shorter spans tell nothing: the system counts in ticks. */
const leastSpanMs = 500;
/** Of all cores: where so much is idle, nobody waits for one; where others have less, they can't slow a step down much. */
const shares = { idle: 0.05, others: 0.25 };

/** Lives as long as the host process. */
export class Crowding {
  readonly #times: () => ProcessorTimes;
  #last: ProcessorTimes;
  #isCrowded = false;

  constructor(times: () => ProcessorTimes = processorTimes) {
    this.#times = times;
    this.#last = times();
  }

  /** As it was since the question before. */
  get isCrowded(): boolean {
    const times = this.#times();
    const all = times.all - this.#last.all;
    if (all < leastSpanMs) return this.#isCrowded;
    const idle = times.idle - this.#last.idle;
    const others = all - idle - (times.own - this.#last.own);
    this.#last = times;
    this.#isCrowded = idle < shares.idle * all && others > shares.others * all;
    return this.#isCrowded;
  }
}

function processorTimes(): ProcessorTimes {
  const cores = cpus().map(({ times }) => times);
  const { user, system } = process.cpuUsage();
  return {
    all: sumOf(cores.flatMap((times) => Object.values(times))),
    idle: sumOf(cores.map(({ idle }) => idle)),
    own: (user + system) / 1000,
  };
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0);
}
