// Which files the agent has changed and nobody has kept or undone yet, for editors that have no review of a run: they offer that where the
// file is open.
import { LRUCache } from 'lru-cache';
import { stampOf } from '../../../base/disk.ts';
import type { Range, Snippet } from '../../../base/snippet.ts';
import { fileIdentity, toPath } from '../../../base/uri.ts';
import { type JobState, type Jobs, openJobStates } from '../../../storage/jobs.ts';
import { agentKind } from '../agent.ts';
import type { Checkpoints } from './checkpoints.ts';
import { placesIn, type RunHunk } from './hunks.ts';

export interface PendingFilesDeps {
  checkpoints: Pick<Checkpoints, 'changes' | 'hunks'>;
  jobsOf(profile: string): Pick<Jobs, 'list'>;
  /** How long a file must have stayed as it is for its hunks to be remembered. */
  settledMs?: number;
}

const maxRecalled = 3; // runs of before the start: looking at one asks git some times for each of its steps
const jobsLookedAt = 20;
const maxFilesRemembered = 8; // with the texts of their hunks

/** By job, the last one last. Undefined of one that wasn't looked at yet. */
type Runs = Map<string, Promise<ReadonlySet<string>> | undefined>;

/** Of one file, as the run's steps and the disk were. */
interface KnownHunks {
  stamp: string;
  hunks: Promise<readonly RunHunk[]>;
}

/** Lives as long as the daemon. What was kept is known as long. */
export class PendingFiles {
  readonly #deps: PendingFilesDeps;
  readonly #runs = new Map<string, Promise<Runs>>();
  /** By profile, job and file. */
  readonly #kept = new Set<string>();
  /** By profile, job and file: editors ask at every move of the cursor, and git would be asked for each step of the run. */
  readonly #hunks = new LRUCache<string, KnownHunks>({ max: maxFilesRemembered });

  constructor(deps: PendingFilesDeps) {
    this.#deps = deps;
  }

  /** Told of each change of a job: what one has changed is looked up when somebody asks after its end. */
  jobChanged(profile: string, { jobId, state }: { jobId: string; state: JobState }): void {
    if (!openJobStates.includes(state)) this.lookAgain(profile, jobId);
  }

  lookAgain(profile: string, jobId: string): void {
    this.#hunks.clear();
    const move = (runs: Runs): void => {
      runs.delete(jobId);
      runs.set(jobId, undefined);
    };
    this.#runs.get(profile)?.then(move, () => {}); // whoever asked is told
  }

  /** The last run that changed a file, which is neither kept nor undone; without a file, the last one that has any. */
  async runOf(profile: string, uri?: string): Promise<string | undefined> {
    const identity = uri === undefined ? undefined : fileIdentity(uri);
    const runs = await this.#runsOf(profile);
    for (const jobId of [...runs.keys()].reverse()) {
      const files = await this.#filesOf(profile, jobId, runs);
      const left = [...files].filter((file) => !this.#kept.has(keyOf(profile, jobId, file)));
      if (identity === undefined ? left.length > 0 : left.includes(identity)) return jobId;
    }
    return undefined;
  }

  /** Keeps what a run did, in one file or in all of them. Returns how many files that was. */
  async keep(profile: string, jobId: string, uri?: string): Promise<number> {
    const files = await this.#filesOf(profile, jobId, await this.#runsOf(profile));
    const identity = uri === undefined ? undefined : fileIdentity(uri);
    const chosen = [...files].filter((file) => identity === undefined || file === identity);
    for (const file of chosen) this.#kept.add(keyOf(profile, jobId, file));
    return chosen.length;
  }

  /** What a run changed in a document and can be undone by itself: where that stands, in whole lines. */
  async hunksIn({ uri, text }: Snippet, profile: string, jobId: string): Promise<{ id: string; range: Range }[]> {
    const hunks = await this.#hunksOf(profile, jobId, uri);
    return placesIn(text, hunks).filter(({ by }) => by === 'agent');
  }

  async #hunksOf(profile: string, jobId: string, uri: string): Promise<readonly RunHunk[]> {
    const [key, path] = [keyOf(profile, jobId, fileIdentity(uri)), toPath(uri)];
    const stamp = path === undefined ? undefined : await stampOf([path], this.#deps.settledMs);
    const known = this.#hunks.get(key);
    if (known && known.stamp === stamp) return await known.hunks;
    const hunks = this.#deps.checkpoints
      .hunks({ profile, jobId }, uri)
      .then(({ files }) => files.flatMap((file) => file.hunks));
    if (stamp !== undefined) this.#hunks.set(key, { stamp, hunks });
    hunks.catch(() => this.#hunks.delete(key)); // whoever asked is told
    return await hunks;
  }

  forget(profile: string): void {
    this.#hunks.clear();
    this.#runs.delete(profile);
  }

  #runsOf(profile: string): Promise<Runs> {
    const known = this.#runs.get(profile);
    if (known) return known;
    const recalled = this.#recall(profile);
    this.#runs.set(profile, recalled);
    recalled.catch(() => this.#runs.delete(profile));
    return recalled;
  }

  async #recall(profile: string): Promise<Runs> {
    const { items } = await this.#deps.jobsOf(profile).list({ limit: jobsLookedAt });
    const runs = items.filter(({ kind }) => kind === agentKind).slice(0, maxRecalled);
    return new Map(runs.reverse().map(({ id }) => [id, undefined]));
  }

  #filesOf(profile: string, jobId: string, runs: Runs): Promise<ReadonlySet<string>> {
    const known = runs.get(jobId) ?? this.#look(profile, jobId);
    runs.set(jobId, known);
    return known;
  }

  async #look(profile: string, jobId: string): Promise<ReadonlySet<string>> {
    const files = await this.#deps.checkpoints.changes({ profile, jobId }).catch(() => []); // a job that is gone, say
    return new Set(files.map(({ uri }) => fileIdentity(uri)));
  }
}

function keyOf(...parts: string[]): string {
  return parts.join('\n');
}
