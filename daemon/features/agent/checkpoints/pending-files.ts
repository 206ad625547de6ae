// Which files the agent has changed and nobody has kept or undone yet, for editors that have no review of a run: they offer that where the
// file is open.
import { LRUCache } from 'lru-cache';
import { stampOf } from '../../../base/disk.ts';
import type { Range, Snippet } from '../../../base/snippet.ts';
import { fileIdentity, toPath } from '../../../base/uri.ts';
import { type JobState, type Jobs, openJobStates } from '../../../storage/jobs.ts';
import { agentKind } from '../agent.ts';
import type { ChangedRunFile } from './changes.ts';
import type { Checkpoints } from './checkpoints.ts';
import { placesIn } from './hunks.ts';

export interface PendingFilesDeps {
  checkpoints: Pick<Checkpoints, 'hunks'>;
  jobsOf(profile: string): Pick<Jobs, 'list'>;
  /** How long a file must have stayed as it is for its hunks to be remembered. */
  settledMs?: number;
}

const maxRecalled = 3; // runs of before the start: looking at one asks git some times for each of its steps
const jobsLookedAt = 20;
const maxFilesRemembered = 8; // with the texts of their hunks

/** By job, the last one last, the files that are left. Undefined of one that wasn't looked at yet. */
type Runs = Map<string, Promise<ReadonlySet<string>> | undefined>;

interface PendingHunk {
  id: string;
  range: Range;
  /** By itself: nobody else has changed these lines too. */
  canUndo: boolean;
}

/** Of one file, as the run's steps and the disk were. */
interface KnownHunks {
  stamp: string;
  hunks: Promise<ChangedRunFile['hunks']>;
}

/** Lives as long as the daemon. */
export class PendingFiles {
  readonly #deps: PendingFilesDeps;
  readonly #runs = new Map<string, Promise<Runs>>();
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

  /** Told when something of a run was kept, which makes it no newer than it was. */
  keptIn(profile: string, jobId: string): void {
    this.#hunks.clear();
    const forgetFiles = (runs: Runs): void => {
      if (runs.has(jobId)) runs.set(jobId, undefined);
    };
    this.#runs.get(profile)?.then(forgetFiles, () => {}); // whoever asked is told
  }

  /** The last run that changed a file, which is neither kept nor undone; without a file, the last one that has any. */
  async runOf(profile: string, uri?: string): Promise<string | undefined> {
    const identity = uri === undefined ? undefined : fileIdentity(uri);
    const runs = await this.#runsOf(profile);
    for (const jobId of [...runs.keys()].reverse()) {
      const files = await this.#filesOf(profile, jobId, runs);
      if (identity === undefined ? files.size > 0 : files.has(identity)) return jobId;
    }
    return undefined;
  }

  /** What a run changed in a document and nobody has kept: where that stands, in whole lines. */
  async hunksIn({ uri, text }: Snippet, profile: string, jobId: string): Promise<PendingHunk[]> {
    const hunks = await this.#hunksOf(profile, jobId, uri);
    const kept = new Set(hunks.flatMap(({ id, isKept }) => (isKept ? [id] : [])));
    const open = placesIn(text, hunks).filter(({ id, by }) => by !== 'others' && !kept.has(id));
    return open.map(({ id, range, by }) => ({ id, range, canUndo: by === 'agent' }));
  }

  async #hunksOf(profile: string, jobId: string, uri: string): Promise<ChangedRunFile['hunks']> {
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
    const { files } = await this.#deps.checkpoints.hunks({ profile, jobId }).catch(() => ({ files: [] })); // a job that is gone, say
    return new Set(files.flatMap(({ uri, isKept }) => (isKept ? [] : [fileIdentity(uri)])));
  }
}

function keyOf(...parts: string[]): string {
  return parts.join('\n');
}
