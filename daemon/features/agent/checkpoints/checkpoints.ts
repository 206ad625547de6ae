// What the agent's steps change, so that it can be shown and undone, byte for byte: a snapshot of the folder before and after each step, in
// a repository of ours in the data folder. The user's own repository is never written to.
import { readdir, rm } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { diskFull } from '../../../base/disk.ts';
import { errnoCode, UserError } from '../../../base/errors.ts';
import { SerialQueues } from '../../../base/fair-queue.ts';
import type { Log } from '../../../base/log.ts';
import { isInside } from '../../../base/paths.ts';
import { askGit } from '../../../base/process/git.ts';
import { fileIdentity } from '../../../base/uri.ts';
import { type JobState, openJobStates } from '../../../storage/jobs.ts';
import { needFolder } from '../approvals/need-folder.ts';
import { type ChangedRunFile, changesOf, type RunChanges } from './changes.ts';
import { factsOf, foldersOf, KnownDifferences, type PathDifference } from './differences.ts';
import { historiesOf, type PathHistory } from './history.ts';
import { goneFrom, idsToKeep, keepIds, keptIdsOf } from './kept-hunks.ts';
import { type HunkPlan, planHunks } from './plan-hunks.ts';
import { planUndo } from './plan-undo.ts';
import { defaultCaps, dropRuns, type KeptCaps, prune, removeUnused } from './prune.ts';
import { keepRecord, nextRecord, recordsOf, type StepRecord } from './records.ts';
import { restore, type UndoConflict } from './restore.ts';
import { allShadows, Shadow, shadowsOf } from './shadow.ts';
import { type SnapshotLimits, snapshotLimits, takeSnapshot } from './snapshot.ts';
import { type OpenTexts, withoutUnsaved } from './unsaved.ts';

interface RunPlace {
  profile: string;
  jobId: string;
  signal?: AbortSignal;
}

/** A run at work. */
interface WorkingRun extends RunPlace {
  /** The folder that it works in, as a path. */
  root: string;
}

/** A file that a run has changed. */
type ChangedPath = Omit<ChangedRunFile, 'hunks' | 'id' | 'isKept'>;

/** What is undone: everything, where nothing is left out. */
export interface UndoRequest {
  /** The first step that is undone. */
  step?: number | undefined;
  /** The one file that is put back. */
  uri?: string | undefined;
  /** The hunks of that file that are put back, by their ids: nothing else in it. */
  hunks?: readonly string[] | undefined;
  /** What editors have of a file: one with unsaved changes stays. */
  openTexts?: OpenTexts;
}

/** What is kept: everything, where nothing is left out. */
export interface KeepRequest {
  uri?: string | undefined;
  /** Hunks of that file, by their ids. */
  hunks?: readonly string[] | undefined;
}

interface Kept {
  /** From the root: files of which something is kept that wasn't before. */
  kept: string[];
  conflicts: UndoConflict[];
}

interface Undone {
  /** From the root. */
  restored: string[];
  conflicts: UndoConflict[];
  /** The step by which the undo itself can be undone; undefined where nothing was put back. */
  step?: number;
}

/** What is kept on the disk, of all profiles. */
interface KeptCheckpoints {
  bytes: number;
  /** Runs that can be undone. */
  runs: number;
  /** Milliseconds since the epoch, when the last step of the oldest was kept; absent where there is none. */
  oldestAt?: number;
}

/** Lives as long as the daemon. */
export interface Checkpoints {
  /**
   * Keeps what the folder is before a step's first effect; steps count from 1. What was kept for it already stays, since the step was cut
   * off then. `paths`, from the root or whole, are the files that the step is going to change: those are kept even where they are ignored.
   * Throws UserError `git-missing`, CancelledError.
   */
  before(run: WorkingRun, step: number, paths?: readonly string[]): Promise<void>;
  /** Keeps what the folder is after a step. */
  after(run: WorkingRun, step: number): Promise<void>;
  /** Which files a run has changed, between what was there at first and what is there now. Throws UserError `job-not-found`. */
  changes(run: RunPlace): Promise<ChangedPath[]>;
  /** The same with what changed in them, or in one file alone. */
  hunks(run: RunPlace, uri?: string): Promise<RunChanges>;
  /**
   * Keeps changes of a run as they are now: whoever asks is told so, until the run's checkpoints go. Nothing is written to the folder, and
   * what is kept can still be undone. Throws UserError `job-not-found`.
   */
  keep(run: RunPlace, request?: KeepRequest): Promise<Kept>;
  /** Puts back what a run's steps changed. Throws UserErrors `job-not-found` and `job-running`. */
  undo(run: RunPlace, request?: UndoRequest): Promise<Undone>;
  kept(): Promise<KeptCheckpoints>;
  /** Deletes what is kept of a profile's runs that did nothing since a time, in milliseconds since the epoch; not of those under way. */
  prune(profile: string, before: number): Promise<{ runs: number; freedBytes: number }>;
  /** Deletes what is kept of a deleted profile. */
  forget(profile: string): void;
}

export interface CheckpointsDeps {
  /** Where everything is kept. */
  folder: string;
  /** The jobs that runs are: what is kept of a run goes with its job. Asked later, since they are made after this. */
  jobs(): { stateOf(profile: string, jobId: string): Promise<JobState> };
  log: Log;
  caps?: KeptCaps;
  limits?: SnapshotLimits;
}

export function createCheckpoints(deps: CheckpointsDeps): Checkpoints {
  return new ShadowCheckpoints(deps);
}

class ShadowCheckpoints implements Checkpoints {
  readonly #deps: CheckpointsDeps;
  readonly #queues = new SerialQueues();
  /** Repositories that were looked after since the start, by run. */
  readonly #looked = new Set<string>();
  /** Of repositories that were not worked in since they were measured. */
  readonly #sizes = new Map<string, number>();
  readonly #differences = new KnownDifferences();

  constructor(deps: CheckpointsDeps) {
    this.#deps = deps;
  }

  async before(
    { profile, jobId, root, signal }: WorkingRun,
    step: number,
    paths: readonly string[] = [],
  ): Promise<void> {
    const shadow = await this.#open(profile, root);
    await this.#inTurn(shadow, signal, async () => {
      const records = await recordsOf(shadow, jobId);
      if (records.some((record) => record.kind === 'step' && record.step === step)) return;
      const isFirst = !this.#looked.has(jobId);
      if (isFirst) await this.#lookAfter(shadow, { profile, jobId });
      const named = [...namedIn(shadow, root, paths), ...(isFirst ? await keptThoughIgnored(shadow, signal) : [])];
      const commit = await this.#snapshot(shadow, named, signal);
      const last = records.at(-1);
      if (last && last.after === undefined) await keepRecord(shadow, jobId, { ...last, after: commit }); // it was cut off
      await keepRecord(shadow, jobId, { ...nextRecord(records, { step, kind: 'step' }), before: commit });
    });
  }

  async after({ profile, jobId, root }: WorkingRun, step: number): Promise<void> {
    const shadow = await this.#open(profile, root);
    // A run that is cancelled has changed what it has changed: this isn't ended with it.
    await this.#inTurn(shadow, undefined, async () => {
      const record = (await recordsOf(shadow, jobId)).findLast((each) => each.kind === 'step' && each.step === step);
      if (!record || record.after !== undefined) return;
      const { named } = await factsOf(shadow, record.before);
      await keepRecord(shadow, jobId, { ...record, after: await this.#snapshot(shadow, named) });
    });
  }

  async changes(run: RunPlace): Promise<ChangedPath[]> {
    return (await this.hunks(run)).files.map(({ hunks: _, id: __, isKept: ___, ...file }) => file);
  }

  async hunks({ profile, jobId, signal }: RunPlace, uri?: string): Promise<RunChanges> {
    await this.#deps.jobs().stateOf(profile, jobId);
    const files: ChangedRunFile[] = [];
    const notes = new Set<string>();
    for (const shadow of await this.#shadowsOf({ profile, jobId }))
      await this.#inTurn(shadow, signal, async () => {
        const { records, steps } = await this.#stepsOf(shadow, jobId, signal);
        for (const { before } of records.slice(0, 1)) {
          for (const note of (await factsOf(shadow, before)).notes) notes.add(note);
        }
        const histories = await historiesOf(shadow, onlyMeant(steps, meantBy(shadow, uri)));
        const found = await changesOf(shadow, histories, await keptIdsOf(shadow, jobId));
        files.push(...found.files);
        for (const note of found.notes) notes.add(note);
      });
    return { files, notes: [...notes] };
  }

  async keep({ profile, jobId, signal }: RunPlace, request: KeepRequest = {}): Promise<Kept> {
    if (request.hunks && request.uri === undefined)
      throw new UserError('wrong-argument', 'Hunks are kept in one file. Pass its `uri` with them.');
    await this.#deps.jobs().stateOf(profile, jobId);
    const all: Kept = { kept: [], conflicts: [] };
    for (const shadow of await this.#shadowsOf({ profile, jobId })) {
      const { kept, conflicts } = await this.#inTurn(shadow, signal, async () => {
        const { steps } = await this.#stepsOf(shadow, jobId, signal);
        const histories = await historiesOf(shadow, onlyMeant(steps, meantBy(shadow, request.uri)));
        return this.#keepIn(shadow, histories, { ...request, jobId });
      });
      all.kept.push(...kept);
      all.conflicts.push(...conflicts);
    }
    return all;
  }

  async undo({ profile, jobId, signal }: RunPlace, request: UndoRequest = {}): Promise<Undone> {
    if (request.hunks && (request.uri === undefined || request.step !== undefined))
      throw new UserError('wrong-argument', 'Hunks are undone in one file. Pass its `uri` with them, and no `step`.');
    if (isOpen(await this.#deps.jobs().stateOf(profile, jobId)))
      throw new UserError('job-running', "That run isn't over yet. Cancel it first, and then undo what it changed.");
    const all: Undone = { restored: [], conflicts: [] };
    for (const shadow of await this.#shadowsOf({ profile, jobId })) {
      const undone = await this.#inTurn(shadow, signal, () => this.#undoIn(shadow, { ...request, jobId }, signal));
      all.restored.push(...undone.restored);
      all.conflicts.push(...undone.conflicts);
      if (undone.step !== undefined) all.step = undone.step;
    }
    return all;
  }

  async kept(): Promise<KeptCheckpoints> {
    const all: KeptCheckpoints = { bytes: 0, runs: 0 };
    for (const profile of await readdir(this.#deps.folder).catch(() => []))
      for (const shadow of await allShadows(join(this.#deps.folder, profile))) {
        const [oldest, ...others] = await shadow.runs();
        all.bytes += await this.#sizeOf(shadow);
        if (!oldest) continue;
        all.runs += 1 + others.length;
        all.oldestAt = Math.min(all.oldestAt ?? oldest.touchedAt, oldest.touchedAt);
      }
    return all;
  }

  async prune(profile: string, before: number): Promise<{ runs: number; freedBytes: number }> {
    const pruned = { runs: 0, freedBytes: 0 };
    for (const shadow of await allShadows(this.#profileFolder(profile)))
      await this.#queues.run(shadow.folder, async () => {
        const size = await shadow.size();
        const old = (await shadow.runs()).filter(({ touchedAt }) => touchedAt < before);
        const states = await Promise.all(old.map(({ jobId }) => this.#stateOf(profile, jobId)));
        const dropped = old.map(({ jobId }) => jobId).filter((_, i) => !isOpen(states[i]));
        await dropRuns(shadow, dropped);
        this.#sizes.delete(shadow.folder);
        pruned.runs += dropped.length;
        pruned.freedBytes += Math.max(0, size - (await shadow.size()));
      });
    return pruned;
  }

  /** Undefined of a job that is gone. */
  #stateOf(profile: string, jobId: string): Promise<JobState | undefined> {
    const states = this.#deps.jobs();
    return states.stateOf(profile, jobId).catch((error: unknown) => {
      if (error instanceof UserError && error.code === 'job-not-found') return undefined;
      throw error;
    });
  }

  async #sizeOf(shadow: Shadow): Promise<number> {
    const known = this.#sizes.get(shadow.folder);
    if (known !== undefined) return known;
    const size = await shadow.size().catch(() => 0); // without git there is none
    this.#sizes.set(shadow.folder, size);
    return size;
  }

  forget(profile: string): void {
    void rm(this.#profileFolder(profile), { recursive: true, force: true }).catch((error: unknown) =>
      this.#deps.log.warn({ error: String(error) }, 'the checkpoints of a profile were not deleted'),
    );
  }

  async #keepIn(
    shadow: Shadow,
    histories: readonly PathHistory[],
    { jobId, hunks }: KeepRequest & { jobId: string },
  ): Promise<Kept> {
    const { files } = await changesOf(shadow, histories, await keptIdsOf(shadow, jobId));
    const chosen = new Map<string, Set<string>>();
    const said: Kept = { kept: [], conflicts: [] };
    for (const { path } of histories) {
      const shown = fromRoot(shadow, path);
      const file = files.find((each) => each.path === shown);
      const ids = file ? idsToKeep(file, hunks) : new Set<string>();
      if (ids.size > 0) {
        said.kept.push(shown);
        chosen.set(path, ids);
      }
      said.conflicts.push(...goneFrom(shown, file?.hunks ?? [], hunks));
    }
    if (said.kept.length > 0) await keepIds(shadow, jobId, chosen);
    said.kept.sort();
    return said;
  }

  async #undoIn(
    shadow: Shadow,
    { jobId, step = 1, uri, hunks, openTexts = () => [] }: UndoRequest & { jobId: string },
    signal: AbortSignal | undefined,
  ): Promise<Undone> {
    const { records, steps } = await this.#stepsOf(shadow, jobId, signal);
    const chosen = records.flatMap((record, at) => (record.step >= step ? [{ record, changed: steps[at] ?? [] }] : []));
    const [first] = chosen;
    const last = chosen.at(-1);
    if (!first || !last) return { restored: [], conflicts: [] };
    const meant = onlyMeant(
      chosen.map(({ changed }) => changed),
      meantBy(shadow, uri),
    );
    const inHunks: HunkPlan | undefined = hunks && (await planHunks(shadow, await historiesOf(shadow, meant), hunks));
    const plan = await withoutUnsaved(inHunks ?? planUndo(meant), { shadow, steps, openTexts });
    const named = plan.restorations.map(({ path }) => path);
    const before = await this.#snapshot(shadow, named, signal);
    const was = await foldersOf(shadow, first.record.before);
    const is = await foldersOf(shadow, last.record.after ?? before);
    const { restored, conflicts } = await restore({
      workTree: shadow.place.workTree,
      modes: shadow.place.modes,
      restorations: plan.restorations,
      folders: was.all,
      newFolders: uri === undefined ? is.empty.filter((folder) => !was.all.has(folder)) : [],
      lostFolders: uri === undefined ? was.empty.filter((folder) => !is.all.has(folder)) : [],
      blobs: async (ids) => new Map([...(await shadow.blobs(ids)), ...(inHunks?.contents ?? [])]),
    });
    const own = nextRecord(records, { step: Math.max(...records.map((record) => record.step)) + 1, kind: 'undo' });
    const after = await this.#snapshot(shadow, named);
    await keepRecord(shadow, jobId, { ...own, before, after });
    const shown = (path: string): string => fromRoot(shadow, path);
    return {
      restored: restored.map(shown),
      conflicts: [...plan.conflicts, ...conflicts].map(({ path, why }) => ({ path: shown(path), why })),
      ...(restored.length > 0 && { step: own.step }),
    };
  }

  /** What each record of a run changed. A step that was cut off has changed what differs now. */
  async #stepsOf(
    shadow: Shadow,
    jobId: string,
    signal: AbortSignal | undefined,
  ): Promise<{ records: StepRecord[]; steps: (readonly PathDifference[])[] }> {
    const records = await recordsOf(shadow, jobId);
    const steps: (readonly PathDifference[])[] = [];
    for (const { before, after } of records) {
      const end = after ?? (await this.#snapshot(shadow, (await factsOf(shadow, before)).named, signal));
      steps.push(await this.#differences.of(shadow, [before, end]));
    }
    return { records, steps };
  }

  #snapshot(shadow: Shadow, named: readonly string[], signal?: AbortSignal): Promise<string> {
    return takeSnapshot(shadow, { named: [...new Set(named)], limits: this.#deps.limits ?? snapshotLimits, signal });
  }

  async #lookAfter(shadow: Shadow, run: Pick<RunPlace, 'profile' | 'jobId'>): Promise<void> {
    const caps = this.#deps.caps ?? defaultCaps;
    const isKnown = async (jobId: string) => (await this.#stateOf(run.profile, jobId)) !== undefined;
    try {
      if (this.#looked.size === 0) await removeUnused(this.#deps.folder, caps);
      await prune(shadow, { current: run.jobId, isKnown, caps });
    } catch (error) {
      this.#deps.log.warn({ error: String(error) }, 'old checkpoints were not deleted');
    }
    this.#looked.add(run.jobId);
  }

  #shadowsOf({ profile, jobId }: Pick<RunPlace, 'profile' | 'jobId'>): Promise<Shadow[]> {
    return shadowsOf(this.#profileFolder(profile), jobId);
  }

  #open(profile: string, root: string): Promise<Shadow> {
    return Shadow.open(this.#profileFolder(profile), root).catch((error: unknown) => this.#fail(error));
  }

  async #inTurn<T>(shadow: Shadow, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    const inTurn = async (): Promise<T> => {
      await needFolder(shadow.place.root);
      return await work().finally(() => this.#sizes.delete(shadow.folder));
    };
    return await this.#queues.run(shadow.folder, inTurn, signal).catch((error: unknown) => this.#fail(error));
  }

  #fail(error: unknown): never {
    const isFull = ['ENOSPC', 'EDQUOT'].includes(errnoCode(error) ?? '');
    throw isFull ? diskFull(this.#deps.folder, error) : error;
  }

  #profileFolder(profile: string): string {
    return join(this.#deps.folder, encodeURIComponent(profile));
  }
}

function isOpen(state: JobState | undefined): boolean {
  return state !== undefined && openJobStates.includes(state);
}

/** From the work tree, with slashes. What lies outside of the root is left out. */
function namedIn({ place: { prefix } }: Shadow, root: string, paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const full = isAbsolute(path) ? path : join(root, path);
    if (!isInside(full, root) || full === root) return [];
    return [prefix + relative(root, full).split(sep).join('/')];
  });
}

/** Whether a path is the file that is meant, whichever of its names a client uses; every path, where none is. */
function meantBy({ place: { workTree } }: Shadow, uri: string | undefined): (path: string) => boolean {
  if (uri === undefined) return () => true;
  const identity = fileIdentity(uri);
  return (path) => fileIdentity(pathToFileURL(join(workTree, path)).href) === identity;
}

function onlyMeant(
  steps: readonly (readonly PathDifference[])[],
  isMeant: (path: string) => boolean,
): PathDifference[][] {
  return steps.map((changed) => changed.filter(({ path }) => isMeant(path)));
}

/** From the root. */
function fromRoot({ place: { prefix } }: Shadow, path: string): string {
  return path.startsWith(prefix) ? path.slice(prefix.length) : path;
}

/** What the user's own repository keeps isn't ignored, whatever its ignore files say. */
async function keptThoughIgnored({ place: { root, prefix } }: Shadow, signal?: AbortSignal): Promise<string[]> {
  const maxBytes = 16 * 1024 * 1024;
  const asked = ['ls-files', '-z', '--cached', '--ignored', '--exclude-standard'];
  const listed = await askGit(asked, { root, maxBytes, ...(signal && { signal }) }).catch(() => '');
  return listed.split('\0').flatMap((name) => (name === '' ? [] : [prefix + name]));
}
