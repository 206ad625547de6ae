// What is kept to undo runs of the agent, in words. Pure.
import { formatBytes } from '../bytes.ts';
import { counted } from './counted.ts';

export interface KeptSize {
  bytes: number;
  runs: number;
  /** Milliseconds since the epoch. */
  oldestAt?: number | undefined;
}

export function keptWords({ bytes, runs, oldestAt }: KeptSize): string {
  if (oldestAt === undefined) return bytes > 0 ? `${formatBytes(bytes)}, of no run` : 'none';
  const day = new Date(oldestAt).toISOString().slice(0, 10);
  return `${formatBytes(bytes)} to undo ${counted(runs, 'run')} of the agent, the oldest from ${day}`;
}
