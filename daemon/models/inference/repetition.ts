// Notices an answer that only repeats itself, as small models do. Pure.

/** Runs of so many tokens are counted. */
const runTokens = 6;
/**
 * In so many last tokens, so few different runs are a loop. A sentence that is said again and again is found by the first, a
 * paragraph by the others. Code with many equal lines has more, since its names and numbers differ.
 */
const loops = [
  { window: 320, fewest: 32 },
  { window: 1024, fewest: 128 },
  { window: 2048, fewest: 340 },
] as const;
const longestWindow = 2048;

/** Lives as long as one answer. */
export class RepetitionWatch {
  /** The last runs, oldest first. */
  readonly #runs: string[] = [];
  #tokens: number[] = [];
  readonly #counts = loops.map(() => new Map<string, number>());

  /** Whether the answer, with this token, has become a loop. */
  add(token: number): boolean {
    this.#tokens = [...this.#tokens.slice(1 - runTokens), token];
    this.#runs.push(this.#tokens.join());
    const isLoop = loops.some(({ window, fewest }, i) => this.#different(window, i) < fewest);
    if (this.#runs.length > longestWindow) this.#runs.shift();
    return isLoop;
  }

  /** Different runs of a window that is full. */
  #different(window: number, i: number): number {
    const counts = this.#counts[i] ?? new Map<string, number>();
    count(counts, this.#runs.at(-1), 1);
    if (this.#runs.length <= window) return Number.POSITIVE_INFINITY;
    count(counts, this.#runs.at(-1 - window), -1);
    return counts.size;
  }
}

function count(counts: Map<string, number>, run: string | undefined, by: 1 | -1): void {
  if (run === undefined) return;
  const sum = (counts.get(run) ?? 0) + by;
  if (sum > 0) counts.set(run, sum);
  else counts.delete(run);
}
