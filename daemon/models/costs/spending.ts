// What was spent today and this month, kept in memory so that a budget is checked without asking storage.
import { firstOfMonth, localDay } from '../../base/day.ts';
import type { SpendingLog } from '../../storage/ledger.ts';
import type { BudgetTotals } from './budget.ts';

/**
 * Lives as long as the daemon. Counts all profiles, because budgets hold for the whole machine. It reads the log once and then adds
 * to what it read, because no other process makes requests.
 */
export class Spending {
  readonly #log: SpendingLog;
  readonly #now: () => number;
  readonly #reservations = new Set<{ profile: string; usd: number }>();
  /** By day, so that what was spent is found again when the clock is set back and forth. */
  readonly #days = new Map<string, Tally>();
  /** By the first of a month: what was spent in it before the day on which the log was read. */
  readonly #earlier = new Map<string, Tally>();
  #loading: Promise<void> | undefined;

  constructor(log: SpendingLog, now: () => number) {
    this.#log = log;
    this.#now = now;
  }

  /** Resolves when earlier spending is known. Throws what storage threw, and tries again at the next call. */
  ready(): Promise<void> {
    this.#loading ??= this.#load().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  /** What counts for a profile now, including the estimates of requests under way. */
  of(profile: string): BudgetTotals {
    const today = localDay(this.#now());
    const month = firstOfMonth(today);
    const reserved = tallyOf(this.#reservations);
    const ofMonth = [
      this.#earlier.get(month),
      ...[...this.#days].map(([day, tally]) => (firstOfMonth(day) === month ? tally : undefined)),
    ];
    return {
      dayUsd: (this.#days.get(today)?.total ?? 0) + reserved.total,
      monthUsd: ofMonth.reduce((sum, tally) => sum + (tally?.total ?? 0), reserved.total),
      profileUsd: ofMonth.reduce((sum, tally) => sum + (tally?.of(profile) ?? 0), reserved.of(profile)),
    };
  }

  add(day: string, profile: string, usd: number): void {
    tallyIn(this.#days, day).add(profile, usd);
    for (const oldest of [...this.#days.keys()].sort().slice(0, -maxDays)) this.#days.delete(oldest);
  }

  /** Counts an estimate until the returned function is called, so that concurrent requests do not overspend together. */
  reserve(profile: string, usd: number): () => void {
    const reservation = { profile, usd };
    this.#reservations.add(reservation);
    return () => void this.#reservations.delete(reservation);
  }

  /** The log holds what was recorded before it is asked; what is added while it answers is counted here. */
  async #load(): Promise<void> {
    const day = localDay(this.#now());
    this.#days.clear();
    this.#earlier.clear();
    const [ofToday, ofMonth] = await Promise.all([this.#log.since(day), this.#log.since(firstOfMonth(day))]);
    const [today, earlier] = [tallyIn(this.#days, day), tallyIn(this.#earlier, firstOfMonth(day))];
    for (const { profile, costUsd } of ofMonth) earlier.add(profile, costUsd);
    for (const { profile, costUsd } of ofToday) {
      today.add(profile, costUsd);
      earlier.add(profile, -costUsd);
    }
  }
}

const maxDays = 62; // this month and the one before

function tallyIn(tallies: Map<string, Tally>, key: string): Tally {
  const tally = tallies.get(key) ?? new Tally();
  tallies.set(key, tally);
  return tally;
}

/** Sums by profile. */
class Tally {
  readonly #byProfile = new Map<string, number>();
  #total = 0;

  get total(): number {
    return this.#total;
  }
  of(profile: string): number {
    return this.#byProfile.get(profile) ?? 0;
  }
  add(profile: string, usd: number): void {
    this.#byProfile.set(profile, this.of(profile) + usd);
    this.#total += usd;
  }
}

function tallyOf(amounts: Iterable<{ profile: string; usd: number }>): Tally {
  const tally = new Tally();
  for (const { profile, usd } of amounts) tally.add(profile, usd);
  return tally;
}
