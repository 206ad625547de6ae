// Watches how much of the disk is left while a program runs: nothing else bounds what it writes to its folder.
import { statfs } from 'node:fs/promises';

export interface DiskGuardDeps {
  folders: readonly string[];
  /** Bytes that the user may still write there. */
  freeBytes?(folder: string): Promise<number>;
  onFull(): void;
}

const checkMs = 300;
const floorBytes = 1024 ** 3;

/** Lives as long as a program. */
export class DiskGuard implements Disposable {
  readonly #deps: DiskGuardDeps;
  readonly #timer: NodeJS.Timeout;
  /** How little each folder's disk may have left. */
  readonly #floors = new Map<string, number>();
  #isChecking = false;

  constructor(deps: DiskGuardDeps) {
    this.#deps = deps;
    this.#timer = setInterval(() => void this.#check(), checkMs);
    void this.#check();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #check(): Promise<void> {
    if (this.#isChecking) return; // a disk that hangs is asked once
    this.#isChecking = true;
    const { folders, freeBytes = freeOf, onFull } = this.#deps;
    for (const folder of folders) {
      const free = await freeBytes(folder).catch(() => Number.POSITIVE_INFINITY); // some systems don't say
      const floor = this.#floors.get(folder) ?? Math.min(floorBytes, free / 2);
      this.#floors.set(folder, floor);
      if (free < floor) onFull();
    }
    this.#isChecking = false;
  }
}

async function freeOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
