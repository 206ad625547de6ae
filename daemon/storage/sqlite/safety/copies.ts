// The folder of backups: how a copy is named, written, listed and pruned. A file has its final name only once it is whole and on
// the disk; whatever is called `.unfinished` is what an interrupted copy left.
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { moveFileSync } from '../../../base/disk.ts';
import type { Backup, BackupKind } from '../../backups.ts';

export const keptDaily = 7;
/** Of those that are made before something is changed, for each of a migration and a restore. */
export const keptBefore = 5;

const nameOfBackup = /^.*?-(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z)-(daily|manual|before-[\w-]+?)(?:-\d+)?\.db$/;

export function backupFolder(database: string): string {
  return join(dirname(database), 'backups');
}

const clockSkewMs = 60 * 60 * 1000; // a clock that is set right by less than this changes nothing

/** Whether a time was written by a clock that was ahead of what it says now, or the clock has gone back since. */
export function isAhead(at: number, now = Date.now()): boolean {
  return at > now + clockSkewMs;
}

/** Newest first; those that a clock ahead of today's has named come last. A file that does not have a backup's name is not one. */
export function listBackups(database: string): Backup[] {
  const now = Date.now();
  const folder = backupFolder(database);
  if (!existsSync(folder)) return [];
  const backups = readdirSync(folder).flatMap((name): Backup[] => {
    const [, stamp, kind] = nameOfBackup.exec(name) ?? [];
    const size = stamp && statSync(join(folder, name), { throwIfNoEntry: false })?.size;
    if (!stamp || !kind || size === undefined || size === '') return [];
    return [
      {
        file: join(folder, name),
        kind: kind as BackupKind,
        at: Date.parse(stamp.replace(/T(\d\d)-(\d\d)-/, 'T$1:$2:')),
        sizeBytes: size,
      },
    ];
  });
  const isLast = ({ at }: Backup): number => Number(isAhead(at, now));
  return backups.sort((a, b) => isLast(a) - isLast(b) || b.at - a.at || (a.file < b.file ? 1 : -1));
}

/** Where a backup made now will lie; its folder is there afterwards. */
export function newBackup(database: string, kind: BackupKind): string {
  const folder = backupFolder(database);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${basename(database, '.db')}-${timestamp()}-${kind}`);
  let copy = `${path}.db`;
  for (let again = 2; existsSync(copy); again++) copy = `${path}-${again}.db`;
  return copy;
}

/** Now, as part of a file's name. */
export function timestamp(): string {
  return new Date().toISOString().replaceAll(':', '-');
}

/** Makes the empty file that a copy is written into; only the user may read it. Returns its name. */
export function beginCopy(copy: string): string {
  const unfinished = `${copy}.unfinished`;
  dropCopy(copy);
  closeSync(openSync(unfinished, 'wx', 0o600)); // SQLite fills an empty file and keeps its mode
  return unfinished;
}

/** Gives a whole copy its name. */
export function finishCopy(copy: string): void {
  flush(`${copy}.unfinished`);
  moveFileSync(`${copy}.unfinished`, copy);
  flushFolder(dirname(copy));
}

export function dropCopy(copy: string): void {
  removeDatabase(`${copy}.unfinished`);
}

/** Removes what copies that were interrupted left behind. */
export function dropUnfinished(database: string): void {
  const folder = backupFolder(database);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder).filter((name) => name.includes('.unfinished'))) removeOld(join(folder, name));
}

/**
 * Keeps the newest of each kind; what the user made is the user's to remove. `atLeast` are kept of those before a migration. Those that
 * a clock ahead of today's has named are counted apart: whichever time is the wrong one, neither pushes out the other.
 */
export function prune(database: string, atLeast = 0): void {
  const backups = listBackups(database);
  const isDaily = ({ kind }: Backup): boolean => kind === 'daily';
  const isBeforeRestore = ({ kind }: Backup): boolean => kind === 'before-restore';
  const isBeforeMigration = (backup: Backup): boolean => backup.kind.startsWith('before-') && !isBeforeRestore(backup);
  const ahead = backups.filter(({ at }) => isAhead(at));
  const surplus = [ahead, backups.filter((backup) => !ahead.includes(backup))].flatMap((some) => [
    ...some.filter(isDaily).slice(keptDaily),
    ...some.filter(isBeforeRestore).slice(keptBefore),
    ...some.filter(isBeforeMigration).slice(Math.max(keptBefore, atLeast)),
  ]);
  for (const { file } of surplus) removeOld(file);
}

/** What another program has open on Windows goes the next time. */
function removeOld(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {}
}

/** A database's file and those that SQLite keeps beside it. */
export function filesOf(database: string): string[] {
  return ['', '-wal', '-shm', '-journal'].map((ending) => `${database}${ending}`);
}

export function removeDatabase(database: string): void {
  for (const file of filesOf(database)) rmSync(file, { force: true });
}

export function flush(file: string): void {
  const descriptor = openSync(file, 'r+');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Makes renamings in a folder last; systems that cannot open a folder keep them by themselves. */
export function flushFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
