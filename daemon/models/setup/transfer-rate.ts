// How fast bytes have been coming in the last seconds, and so how long the rest takes. Pure but for the clock.

const windowMs = 10_000;
const minMs = 500; // the first moments say nothing

/** Lives as long as one transfer. */
export class TransferRate {
  readonly #now: () => number;
  /** The oldest first; at most a few hundred. */
  #samples: { ms: number; bytes: number }[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Says how many bytes are there in all. */
  add(bytes: number): void {
    const ms = this.#now();
    const last = this.#samples.at(-1);
    if (this.#samples.length > 1 && last && ms - last.ms < windowMs / 100) last.bytes = bytes;
    else this.#samples.push({ ms, bytes });
    while ((this.#samples[1]?.ms ?? ms) < ms - windowMs) this.#samples.shift();
  }

  /** Seconds until so many more bytes are there; undefined where it cannot be known. */
  secondsFor(bytes: number): number | undefined {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (!first || !last) return undefined;
    const elapsedMs = this.#now() - first.ms;
    const moved = last.bytes - first.bytes;
    return elapsedMs < minMs || moved <= 0 ? undefined : Math.ceil((bytes / moved) * (elapsedMs / 1000));
  }
}
