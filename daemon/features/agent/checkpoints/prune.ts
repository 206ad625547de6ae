// Keeps checkpoints small: what is old, what belongs to a run that is gone, and what is too much is deleted.
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Shadow } from './shadow.ts';

export interface KeptCaps {
  /** After a run's last step. */
  maxAgeMs: number;
  /** Of one folder. The oldest runs go first; the one that is at work stays. */
  maxBytes: number;
  /** What is stored and younger than this stays, since another process may be about to use it. */
  graceSeconds: number;
}

export const defaultCaps: KeptCaps = {
  maxAgeMs: 14 * 24 * 60 * 60 * 1000,
  maxBytes: 512 * 1024 * 1024,
  graceSeconds: 3600,
};

interface PruneRequest {
  /** The run that is at work. */
  current: string;
  isKnown(jobId: string): Promise<boolean>;
  caps: KeptCaps;
}

export async function prune(shadow: Shadow, { current, isKnown, caps }: PruneRequest): Promise<void> {
  await removeDrafts(shadow.folder, caps);
  const others = (await shadow.runs()).filter(({ jobId }) => jobId !== current);
  const kept: string[] = [];
  for (const { jobId, touchedAt } of others) {
    if (Date.now() - touchedAt > caps.maxAgeMs || !(await isKnown(jobId))) await shadow.dropRun(jobId);
    else kept.push(jobId);
  }
  const deleteUnused = (): Promise<unknown> => shadow.git(['prune', `--expire=${caps.graceSeconds}.seconds.ago`]);
  if (kept.length < others.length) await deleteUnused();
  while (kept.length > 0 && (await shadow.size()) > caps.maxBytes) {
    await shadow.dropRun(kept.shift() ?? '');
    await deleteUnused();
  }
}

/** Deletes what is kept of some runs. */
export async function dropRuns(shadow: Shadow, jobIds: readonly string[]): Promise<void> {
  for (const jobId of jobIds) await shadow.dropRun(jobId);
  if ((await shadow.runs()).length === 0) await rm(shadow.index, { force: true }); // it keeps what it names
  await shadow.git(['prune', '--expire=now'], { isOwn: true });
}

/** Repositories of folders in which no run was for long, of all profiles. */
export async function removeUnused(folder: string, { maxAgeMs }: KeptCaps): Promise<void> {
  for (const profile of await readdir(folder).catch(() => []))
    for (const name of await readdir(join(folder, profile)).catch(() => [])) {
      const shadow = join(folder, profile, name);
      const touched = await stat(join(shadow, 'index')).catch(() => undefined);
      if (touched && Date.now() - touched.mtimeMs > maxAgeMs) await rm(shadow, { recursive: true, force: true });
    }
}

/** Those of processes that were killed. */
async function removeDrafts(folder: string, { graceSeconds }: KeptCaps): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!/^(?:index|draft)\../.test(name)) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > graceSeconds * 1000) await rm(path, { force: true });
  }
}
