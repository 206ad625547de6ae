// The first line of a connection to the daemon's socket, in both directions; after it the stream is LSP.
import type { Build } from '../base/build.ts';

/** What a client says first. */
export interface Hello {
  token: string;
  wire: number;
  /** A newer one than the daemon's makes an idle daemon leave. */
  build: Build;
}

/** The daemon's answer: welcome, or why not. */
export type Welcome =
  | { ok: true; pid: number; build: Build }
  | { ok: false; code: 'wrong-token' | 'wrong-wire' | 'retiring' | 'bad-hello'; message: string };

export const maxHelloBytes = 4096;

/** Collects bytes until the first newline; undefined while it has not come, false when there cannot be one. */
export function takeLine(buffered: Buffer): { line: string; rest: Buffer } | undefined | false {
  const end = buffered.indexOf(10);
  if (end > maxHelloBytes || (end < 0 && buffered.length > maxHelloBytes)) return false;
  return end < 0 ? undefined : { line: buffered.toString('utf8', 0, end), rest: buffered.subarray(end + 1) };
}
