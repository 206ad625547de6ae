// Names of downloads, their bytes, and how long they take, as a person reads them. Pure.
import { timeLeft } from '../../shared/time-left.ts';

export interface Progress {
  received: number;
  total?: number | undefined;
  secondsLeft?: number | undefined;
  note?: string | undefined;
}

/** `98 MB`, `1.1 GB`. */
export function readableBytes(bytes: number): string {
  if (bytes >= 999_500_000) return `${(bytes / 1e9).toFixed(1)} GB`;
  return bytes < 1e6 ? `${Math.ceil(bytes / 1000)} kB` : `${Math.round(bytes / 1e6)} MB`;
}

/** `12 MB of 98 MB · about 2 min left`. */
export function downloadWords({ received, total, secondsLeft }: Progress): string {
  const size = total === undefined ? readableBytes(received) : `${readableBytes(received)} of ${readableBytes(total)}`;
  return secondsLeft === undefined ? size : `${size} · ${timeLeft(secondsLeft)}`;
}

/** The file's name, where what was asked for ends in one; else what was asked for. */
export function shortName(asked: string): string {
  return /([^/:]+)\.gguf(\?.*)?$/i.exec(asked)?.[1] ?? asked;
}
