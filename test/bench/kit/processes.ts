// What a running process costs, as Linux tells it in /proc.
import { readdirSync, readFileSync } from 'node:fs';

export interface MemoryUse {
  /** Everything in memory, shared pages included. */
  residentMB: number;
  /** What would be free again if the process ended. */
  privateMB: number;
}

export function memoryOf(pid: number): MemoryUse {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const field = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1] ?? 0) / 1024;
  return { residentMB: field('Rss'), privateMB: field('Private_Clean') + field('Private_Dirty') };
}

/** Milliseconds of processor time so far, of all its threads that still run. */
export function processorTimeMs(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = threads.map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')[0]),
  );
  return nanoseconds.reduce((sum, time) => sum + time, 0) / 1e6;
}
