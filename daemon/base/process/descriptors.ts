// File descriptors kept back: where all others are in use, the daemon can still take a connection, say why it can't serve it, and be
// told to stop.
import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { errnoCode } from '../errors.ts';

const kept = 16;
const margin = 8; // what one client soon opens: files, pipes, a connection to a model

/** Lives as long as the daemon. */
export class DescriptorReserve implements Disposable {
  readonly #descriptors: number[] = [];

  /** To be asked for each connection that was accepted: whether there are descriptors for what it will ask. */
  hasSpare(): boolean {
    const hasSpare = this.#fill();
    // Where there are none, half goes to the connections that come now; the rest is for those that come while these are answered.
    for (const descriptor of this.#descriptors.splice(hasSpare ? kept : this.#descriptors.length >> 1))
      closeSync(descriptor);
    return hasSpare;
  }

  #fill(): boolean {
    try {
      while (this.#descriptors.length < kept + margin) this.#descriptors.push(openSync(devNull, 'r'));
      return true;
    } catch (error) {
      return errnoCode(error) !== 'EMFILE' && errnoCode(error) !== 'ENFILE';
    }
  }

  [Symbol.dispose](): void {
    for (const descriptor of this.#descriptors.splice(0)) closeSync(descriptor);
  }
}

/** For the user of a connection that was refused. */
export const noDescriptors =
  'The daemon has too many files and connections open. Close some editor windows, browser tabs, or terminals, then try again.';
