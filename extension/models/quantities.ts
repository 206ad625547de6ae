// Names of downloads, their bytes, and how long they take, as a person reads them. Pure.
import { formatBytes } from '../../shared/bytes.ts';
import { timeLeft } from '../../shared/time-left.ts';
import { inEnglish, type Translate } from '../../shared/words/translate.ts';

export interface Progress {
  received: number;
  total?: number | undefined;
  secondsLeft?: number | undefined;
  note?: string | undefined;
}

/** `12 MB of 98 MB · about 2 min left`. */
export function downloadWords({ received, total, secondsLeft }: Progress, t: Translate = inEnglish): string {
  const size = total === undefined ? formatBytes(received) : t('{0} of {1}', formatBytes(received), formatBytes(total));
  return secondsLeft === undefined ? size : `${size} · ${timeLeft(secondsLeft, t)}`;
}

/** The file's name, where what was asked for ends in one; else what was asked for. */
export function shortName(asked: string): string {
  return /([^/:]+)\.gguf(\?.*)?$/i.exec(asked)?.[1] ?? asked;
}
