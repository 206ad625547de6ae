// A lock held by a process: a file that names its holder by pid and start time, so that a dead holder never blocks.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errnoCode } from './errors.ts';
import { isWitnessed, ownWitness } from './process/witness.ts';

export interface LockRecord {
  pid: number;
  /** When the process started, in the system's own words; on Windows its witness. Tells a reused pid from the holder. Empty where it cannot be had. */
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

const maxRounds = 500;
const restMs = 2; // a takeover by a rival lasts a few system calls; maxRounds of these are a second

/**
 * Takes the lock, or says who holds it. Atomic by link(2): the file appears whole or not at all.
 * A stale lock is removed by one process only: the one that holds a lock named after that very record. Without it, a slow
 * rival that had seen the stale record could remove the fresh lock of the winner.
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
    for (let round = 0; round < maxRounds; round++) {
      if (tryLink(draft, file)) return { held: heldLock(file, record) };
      const text = readText(file);
      if (text === undefined) continue; // released, or taken over, this very moment
      const holder = parseRecord(text);
      if (holder && isAlive(holder)) return { heldBy: holder };
      if (!removeStale(file, text, build)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, restMs);
    }
    return { heldBy: readRecord(file) ?? { ...record, pid: 0 } };
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Whether the stale record is gone; false while a rival removes it. A remover that died is a stale lock like any other. */
function removeStale(file: string, text: string, build: string): boolean {
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 32);
  const takeover = takeLock(join(dirname(file), `stale-${digest}.lock`), build);
  if ('heldBy' in takeover) return false;
  try {
    if (readText(file) === text) rmSync(file, { force: true });
  } finally {
    takeover.held.release();
  }
  return true;
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
  return parseRecord(readText(file));
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function parseRecord(text: string | undefined): LockRecord | undefined {
  try {
    const record = JSON.parse(text ?? '') as Partial<LockRecord>;
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
export function isAlive(record: Pick<LockRecord, 'pid' | 'startTime'>): boolean {
  if (record.pid <= 0) return false;
  try {
    process.kill(record.pid, 0);
  } catch (error) {
    if (errnoCode(error) !== 'EPERM') return false;
  }
  if (process.platform === 'win32') return record.startTime === '' || isWitnessed(record.startTime);
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
    if (process.platform === 'win32' && pid === process.pid) return ownWitness();
  } catch {
    // Gone, or not ours to ask.
  }
  return undefined;
}
