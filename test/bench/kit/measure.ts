// Arms measured in turn, and the numbers drawn from them. Taking turns is what makes a ratio hold on a machine that is not quiet.

/** What one arm measured: for each round, its samples. */
export type Rounds = readonly (readonly number[])[];

/** One turn of an arm: a single sample, or a block of them. */
export type Arm = () => Promise<number | readonly number[]>;

export interface RoundOptions {
  /** Rounds that count. */
  rounds: number;
  /** Rounds before them, thrown away: code is compiled and caches are filled in these. */
  warmUp?: number;
  /** How large the sets of benchmarks are that have sizes: a million entries where it is `1m`. */
  scale?: string;
}

/** Runs every arm once a round, always in the same order (A B C, A B C, …). */
export async function takeTurns<Name extends string>(
  arms: Record<Name, Arm>,
  { rounds, warmUp = 1 }: RoundOptions,
): Promise<Record<Name, Rounds>> {
  const entries = Object.entries(arms) as [Name, Arm][];
  const measured = Object.fromEntries(entries.map(([name]) => [name, []])) as unknown as Record<Name, number[][]>;
  for (let round = -warmUp; round < rounds; round++) {
    for (const [name, arm] of entries) {
      const samples = await arm();
      if (round >= 0) measured[name].push([samples].flat());
    }
  }
  return measured;
}

/** The value below which this share of the samples lies, interpolated between neighbours. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** What the first arm took above the second, round by round, at this quantile. */
export function above(arm: Rounds, base: Rounds, share = 0.5): Rounds {
  return arm.map((samples, round) => [quantile(samples, share) - quantile(base[round] ?? [], share)]);
}

/** Milliseconds that a piece of work took. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
