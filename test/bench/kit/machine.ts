// What the numbers were measured on, and what else it was doing meanwhile.
import { cpus, loadavg, platform, release, totalmem } from 'node:os';

export interface Machine {
  processor: string;
  cores: number;
  memoryGB: number;
  system: string;
  node: string;
}

export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGB: Math.round(totalmem() / 1024 ** 3),
    system: `${platform()} ${release()}`,
    node: process.version,
  };
}

/** The average number of processes that wanted to run during the last minute. On Windows there is none, and it is 0. */
export function currentLoad(): number {
  return Number((loadavg()[0] ?? 0).toFixed(2));
}
