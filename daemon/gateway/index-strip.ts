// How far the folders of a browser's view are indexed: shown when the page connects, and whenever it changes.
import { setTimeout as delay } from 'node:timers/promises';
import { indexState } from '../../shared/index-words.ts';
import { IndexStatus, type IndexStatusResult } from '../../shared/protocol/code-index.ts';
import type { IndexState } from '../../shared/webview.ts';

interface IndexStripDeps {
  /** Folders, as URIs. */
  roots: readonly string[];
  /** Asks the daemon as the view itself would; undefined where that failed. */
  ask(method: string, params: unknown): Promise<unknown>;
  show(status: IndexState | undefined): void;
}

const pauseMs = 500; // a scan changes with each file, faster than a user reads

/** Lives as long as a view's connection. */
export class IndexStrip implements Disposable {
  readonly #deps: IndexStripDeps;
  #shown: string | undefined;
  #isLooking = false;
  #isStale = false;
  #isDisposed = false;

  constructor(deps: IndexStripDeps) {
    this.#deps = deps;
  }

  /** Call it when something may have changed. Returns at once; a failure shows nothing. */
  look(): void {
    if (this.#deps.roots.length === 0 || this.#isDisposed) return;
    this.#isStale = true;
    if (!this.#isLooking) void this.#lookUntilCurrent();
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
  }

  async #lookUntilCurrent(): Promise<void> {
    this.#isLooking = true;
    while (this.#isStale && !this.#isDisposed) {
      this.#isStale = false;
      const { roots, ask, show } = this.#deps;
      const folders = await Promise.all(roots.map((root) => ask(IndexStatus.method, { root })));
      const status = indexState(folders.filter((folder) => folder !== undefined) as IndexStatusResult[]);
      const text = JSON.stringify(status);
      if (text !== this.#shown && !this.#isDisposed) show(status);
      this.#shown = text;
      await delay(pauseMs, undefined, { ref: false });
    }
    this.#isLooking = false;
  }
}
