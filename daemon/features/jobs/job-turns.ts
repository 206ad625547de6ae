// Whose turn it is: some jobs of a profile work beside each other, but never two in one place.
import { CancelledError, throwIfCancelled } from '../../base/errors.ts';
import { isInside } from '../../base/paths.ts';

/** What a job has to itself while it works. One that names nothing has its kind to itself. */
export interface WorkPlace {
  chat?: string;
  /** With all that is below it, as a path without links. */
  folder?: string;
}

export interface JobTurn {
  kind: string;
  place: WorkPlace;
  signal: AbortSignal;
}

interface WaitingJob extends JobTurn {
  isAtWork: boolean;
  begin(): void;
}

const maxAtOnce = 3; // jobs of a profile

/** Lives as long as the daemon. */
export class JobTurns {
  /** Who works or waits, by profile, in order of arrival. */
  readonly #jobs = new Map<string, WaitingJob[]>();

  /** Does work in its turn. Throws what it throws, and CancelledError when `signal` is aborted before. */
  async run<T>(profile: string, turn: JobTurn, work: () => Promise<T>): Promise<T> {
    const { signal } = turn;
    throwIfCancelled(signal);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const job: WaitingJob = { ...turn, isAtWork: false, begin: resolve };
    const leave = (): void => reject(new CancelledError());
    signal.addEventListener('abort', leave, { once: true });
    this.#set(profile, [...(this.#jobs.get(profile) ?? []), job]);
    try {
      await promise;
      return await work();
    } finally {
      signal.removeEventListener('abort', leave);
      this.#set(
        profile,
        (this.#jobs.get(profile) ?? []).filter((other) => other !== job),
      );
    }
  }

  /** Nobody overtakes whom they would meet. */
  #set(profile: string, jobs: WaitingJob[]): void {
    if (jobs.length === 0) this.#jobs.delete(profile);
    else this.#jobs.set(profile, jobs);
    for (const [i, job] of jobs.entries()) {
      const isFull = jobs.filter(({ isAtWork }) => isAtWork).length >= maxAtOnce;
      const before = jobs.filter((other, at) => other !== job && (other.isAtWork || at < i));
      if (job.isAtWork || isFull || before.some((other) => meet(job, other))) continue;
      job.isAtWork = true;
      job.begin();
    }
  }
}

function meet(a: WaitingJob, b: WaitingJob): boolean {
  if (a.kind !== b.kind) return false;
  if (a.place.chat === b.place.chat) return true; // also where neither has one
  const [one, other] = [a.place.folder, b.place.folder];
  return one !== undefined && other !== undefined && (isInside(one, other) || isInside(other, one));
}
