// What was spent today and this month, kept in memory so that a budget is checked without asking storage.
import { firstOfMonth, localDay } from '../base/day.ts';
import type { SpendingLog } from '../memory/memory.ts';
import type { Spent } from './budget.ts';

/** Of all profiles: budgets hold for the whole machine. Lives as long as the daemon, whose requests are all there are: the log is read once, and then added to. */
export class Spending {
  readonly #log: SpendingLog;
  readonly #now: () => number;
  readonly #reservations = new Set<{ profile: string; usd: number }>();
  #day = '';
  #today = new Tally();
  #month = new Tally();
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

  /** What counts for a profile now, estimates of requests under way included. */
  of(profile: string): Spent {
    this.#turnOver();
    const reserved = tallyOf(this.#reservations);
    return {
      dayUsd: this.#today.total + reserved.total,
      monthUsd: this.#month.total + reserved.total,
      profileUsd: this.#month.of(profile) + reserved.of(profile),
    };
  }

  add(day: string, profile: string, usd: number): void {
    this.#turnOver();
    if (day === this.#day) this.#today.add(profile, usd);
    if (firstOfMonth(day) === firstOfMonth(this.#day)) this.#month.add(profile, usd);
  }

  /** Counts an estimate until the returned function is called, so that requests made at once do not overspend together. */
  reserve(profile: string, usd: number): () => void {
    const reservation = { profile, usd };
    this.#reservations.add(reservation);
    return () => void this.#reservations.delete(reservation);
  }

  /** The log holds what was recorded before it is asked; what is added while it answers is counted here. */
  async #load(): Promise<void> {
    this.#turnOver();
    const day = this.#day;
    const today = new Tally();
    const month = new Tally();
    this.#today = today;
    this.#month = month;
    const [ofToday, ofMonth] = await Promise.all([
      this.#log.since(day),
      this.#log.since(firstOfMonth(day)),
    ]);
    for (const { profile, costUsd } of ofToday) today.add(profile, costUsd);
    for (const { profile, costUsd } of ofMonth) month.add(profile, costUsd);
  }

  #turnOver(): void {
    const day = localDay(this.#now());
    if (day === this.#day) return;
    if (firstOfMonth(day) !== firstOfMonth(this.#day)) this.#month = new Tally();
    this.#today = new Tally();
    this.#day = day;
  }
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
