// Each profile's filter: learned in idle moments, applied to what is suggested unasked, forgotten with what it was learned from.
import type { Log } from '../../../base/log.ts';
import type { CompletionLog } from '../../../storage/written.ts';
import { type FilterLesson, isWorthAsking, learnFilter } from './filter.ts';

export interface FiltersDeps {
  storage: { in(profile: string): { completions: CompletionLog } };
  log: Log;
  /** Without a suggestion for so long, the user is taken to rest. */
  idleMs?: number;
}

interface ProfileFilter {
  lesson?: FilterLesson;
  /** Suggestions shown since it was learned. */
  fresh: number;
  held: number;
  timer?: NodeJS.Timeout | undefined;
}

const defaultIdleMs = 4000;
const relearnAfter = 50;
const maxRowsRead = 2000; // habits change; and learning takes some ten milliseconds
/** Of the places that are held back one in so many is asked for all the same, so that it is noticed when habits change. */
const tryEach = 20;

/** Lives as long as the daemon. */
export class CompletionFilters implements Disposable {
  readonly #deps: FiltersDeps;
  readonly #profiles = new Map<string, ProfileFilter>();

  constructor(deps: FiltersDeps) {
    this.#deps = deps;
  }

  /** Whether a model is asked there. */
  allows(profile: string, place: { features: Readonly<Record<string, number>>; language: string }): boolean {
    const own = this.#of(profile);
    if (!own.lesson || own.timer || own.fresh >= relearnAfter) this.#learnLater(profile, own);
    const filter = own.lesson?.filter;
    if (!filter || isWorthAsking(filter, place)) return true;
    return ++own.held % tryEach === 0;
  }

  noteShown(profile: string): void {
    this.#of(profile).fresh++;
  }

  /** Learned now, so that the last outcome counts. */
  async learn(profile: string): Promise<FilterLesson & { held: number }> {
    const own = this.#of(profile);
    return { ...(await this.#learn(profile, own)), held: own.held };
  }

  /** Of a profile that is deleted, or whose user wants it. */
  forget(profile: string): void {
    clearTimeout(this.#profiles.get(profile)?.timer);
    this.#profiles.delete(profile);
  }

  #of(profile: string): ProfileFilter {
    const known = this.#profiles.get(profile);
    if (known) return known;
    const own: ProfileFilter = { fresh: 0, held: 0 };
    this.#profiles.set(profile, own);
    return own;
  }

  #learnLater(profile: string, own: ProfileFilter): void {
    clearTimeout(own.timer);
    own.timer = setTimeout(() => {
      own.timer = undefined;
      this.#learn(profile, own).catch((error: unknown) =>
        this.#deps.log.debug({ error: String(error) }, 'no filter was learned'),
      );
    }, this.#deps.idleMs ?? defaultIdleMs).unref();
  }

  async #learn(profile: string, own: ProfileFilter): Promise<FilterLesson> {
    const { fresh } = own;
    const rows = await this.#deps.storage.in(profile).completions.list(maxRowsRead);
    const lesson = await learnFilter(rows, () => new Promise((resolve) => setImmediate(resolve)));
    own.lesson = lesson;
    own.fresh -= fresh;
    return lesson;
  }

  [Symbol.dispose](): void {
    for (const { timer } of this.#profiles.values()) clearTimeout(timer);
  }
}
