// What a running process costs, as Linux tells it in /proc.
import { readFileSync } from 'node:fs';

export interface MemoryUse {
  /** Everything in memory, shared pages included. */
  residentMB: number;
  /** What would be free again if the process ended. */
  privateMB: number;
}

export function memoryOf(pid: number): MemoryUse {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1] ?? 0) / 1024;
  return { residentMB: field('Rss'), privateMB: field('Private_Clean') + field('Private_Dirty') };
}

const ticksPerSecond = 100; // USER_HZ: what Linux shows to programs, whatever its own timer does

/** Milliseconds of processor time so far, of all its threads, in steps of 10. */
export function processorTimeMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The name in parentheses may hold anything; user and system time are the 12th and 13th field after it (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
}
