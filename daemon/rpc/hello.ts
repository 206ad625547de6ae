// The first line of a connection to the daemon's socket, in both directions; after it the stream is LSP.
import type { Build } from '../base/build.ts';

/** The first line of a client. */
export interface Hello {
  token: string;
  wire: number;
  /** A build newer than the daemon's makes an idle daemon leave. */
  build: Build;
  /** The client's PATH: what its user can run, the daemon can find for it. Left out where it is too long for the line. */
  path?: string;
  /** Whether it only asks, or tells the daemon to stop: it is let in where there is no room for others. */
  visits?: true;
}

/** The longest PATH that goes along, in bytes: the whole line has a limit. */
export const maxPathBytes = 3000;

/** The daemon's answer: welcome, or why not. */
export type Welcome =
  | { ok: true; pid: number; build: Build }
  | {
      ok: false;
      code: 'wrong-token' | 'wrong-wire' | 'retiring' | 'bad-hello' | 'too-many-clients' | 'too-many-files';
      message: string;
    };

export const maxHelloBytes = 4096;

/** The first line of what has come, without its newline: undefined while it is incomplete, false where it is too long. */
export function takeLine(buffered: Buffer): { line: string; rest: Buffer } | undefined | false {
  const end = buffered.indexOf(10);
  if (end > maxHelloBytes || (end < 0 && buffered.length > maxHelloBytes)) return false;
  return end < 0 ? undefined : { line: buffered.toString('utf8', 0, end), rest: buffered.subarray(end + 1) };
}
