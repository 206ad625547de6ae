// A lock held by a process: a file that names its holder by pid and start time, so that a dead holder never blocks.
import { execFileSync } from 'node:child_process';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { errnoCode } from './errors.ts';

export interface LockRecord {
  pid: number;
  /** When the process started, in the system's own words; tells a reused pid from the holder. Empty where it cannot be had. */
  startTime: string;
  /** Tells this taking of the lock from every other. */
  nonce: string;
  /** What the holder says of itself. */
  build: string;
}

export type LockResult = { held: Lock } | { heldBy: LockRecord };

export interface Lock {
  readonly record: LockRecord;
  /** Whether the file still names this taking of the lock. */
  isOurs(): boolean;
  release(): void;
}

const maxTakeovers = 5; // each round means that another process won a race; five in a row means something is wrong

/**
 * Takes the lock, or says who holds it. Atomic by link(2): the file appears whole or not at all.
 * A stale lock is moved aside first; if a rival's fresh lock was moved by mistake it is put back.
 */
export function takeLock(file: string, build: string): LockResult {
  const record: LockRecord = {
    pid: process.pid,
    startTime: processStartTime(process.pid) ?? '',
    nonce: crypto.randomUUID(),
    build,
  };
  const draft = `${file}.${record.nonce}`;
  writeFileSync(draft, JSON.stringify(record), { mode: 0o600 });
  try {
    for (let round = 0; round < maxTakeovers; round++) {
      if (tryLink(draft, file)) return { held: heldLock(file, record) };
      const holder = readRecord(file);
      if (holder && isAlive(holder)) return { heldBy: holder };
      moveAside(file, holder);
    }
    return { heldBy: readRecord(file) ?? { ...record, pid: 0 } };
  } finally {
    rmSync(draft, { force: true });
  }
}

function tryLink(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (errnoCode(error) === 'EEXIST') return false;
    throw error;
  }
}

function moveAside(file: string, stale: LockRecord | undefined): void {
  const aside = `${file}.stale-${crypto.randomUUID()}`;
  try {
    renameSync(file, aside);
  } catch {
    return; // a rival moved it first
  }
  const moved = readRecord(aside);
  if (moved && moved.nonce !== stale?.nonce) tryLink(aside, file); // a rival had just taken it: give it back
  rmSync(aside, { force: true });
}

function heldLock(file: string, record: LockRecord): Lock {
  const isOurs = (): boolean => readRecord(file)?.nonce === record.nonce;
  return {
    record,
    isOurs,
    release() {
      if (isOurs()) rmSync(file, { force: true });
    },
  };
}

/** The record in a lock file; undefined when there is none or it is not one of ours. */
export function readRecord(file: string): LockRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(file, 'utf8')) as Partial<LockRecord>;
    return typeof record.pid === 'number' && typeof record.nonce === 'string'
      ? {
          pid: record.pid,
          startTime: String(record.startTime ?? ''),
          nonce: record.nonce,
          build: String(record.build ?? ''),
        }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the very process that wrote the record is still there. */
export function isAlive(record: LockRecord): boolean {
  if (record.pid <= 0) return false;
  try {
    process.kill(record.pid, 0);
  } catch (error) {
    if (errnoCode(error) !== 'EPERM') return false;
  }
  const startTime = processStartTime(record.pid);
  return startTime === undefined || record.startTime === '' || startTime === record.startTime;
}

/** When a process started, as the system tells it; undefined where it does not. */
export function processStartTime(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      // The name in parentheses may hold anything; the start time is the 20th field after it (proc(5), field 22).
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' ? 'zombie' : fields[19];
    }
    if (process.platform === 'darwin')
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    // Gone, or not ours to ask.
  }
  return undefined;
}
