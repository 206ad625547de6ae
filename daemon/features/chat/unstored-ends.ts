// The ends of answers that a full or failing disk kept from being stored. Each is tried again until it is stored, so that no answer
// stays `streaming` when nothing streams it.
import { UserError } from '../../base/errors.ts';

const defaultRetryMs = 2000;
const maxEnds = 100; // the oldest goes first; the next start of the daemon ends its answer

/** Lives as long as the daemon. A timer runs only while an end is not stored. */
export class UnstoredEnds {
  readonly #retryMs: number;
  #ends: (() => Promise<void>)[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor({ retryMs = defaultRetryMs }: { retryMs?: number } = {}) {
    this.#retryMs = retryMs;
  }

  /** How many are not stored. */
  get size(): number {
    return this.#ends.length;
  }

  /** Stores an end later, where it was refused for a reason that passes. */
  keep(end: () => Promise<void>, refusal: unknown): void {
    if (!(refusal instanceof UserError && refusal.retryable)) return; // its chat is deleted, for one
    this.#ends = [...this.#ends, end].slice(-maxEnds);
    this.#timer ??= setTimeout(() => void this.retry(), this.#retryMs).unref();
  }

  /** Call it when something else was stored: then the disk has room again. Never throws. */
  async retry(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const ends = this.#ends;
    this.#ends = [];
    await Promise.all(ends.map((end) => end().catch((refusal) => this.keep(end, refusal))));
  }
}
