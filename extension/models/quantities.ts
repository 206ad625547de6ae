// Names of downloads, their bytes, and how long they take, as a person reads them. Pure.
import { formatBytes } from '../../shared/bytes.ts';
import { timeLeft } from '../../shared/time-left.ts';

export interface Progress {
  received: number;
  total?: number | undefined;
  secondsLeft?: number | undefined;
  note?: string | undefined;
}

/** `12 MB of 98 MB · about 2 min left`. */
export function downloadWords({ received, total, secondsLeft }: Progress): string {
  const size = total === undefined ? formatBytes(received) : `${formatBytes(received)} of ${formatBytes(total)}`;
  return secondsLeft === undefined ? size : `${size} · ${timeLeft(secondsLeft)}`;
}

/** The file's name, where what was asked for ends in one; else what was asked for. */
export function shortName(asked: string): string {
  return /([^/:]+)\.gguf(\?.*)?$/i.exec(asked)?.[1] ?? asked;
}
