// How far the folders of a browser's view are indexed: said when the page comes, and whenever it changes.
import { setTimeout as delay } from 'node:timers/promises';
import { indexState } from '../../shared/index-words.ts';
import { IndexStatus, type IndexStatusResult } from '../../shared/protocol/code-index.ts';
import type { IndexState } from '../../shared/webview.ts';

export interface IndexStripOptions {
  /** Folders, as URIs. */
  roots: readonly string[];
  /** Asks the daemon as the view itself would; undefined where that failed. */
  ask(method: string, params: unknown): Promise<unknown>;
  show(status: IndexState | undefined): void;
}

const pauseMs = 500; // a scan has news for each file, and nobody reads faster

/** Lives as long as a view's connection. */
export class IndexStrip implements Disposable {
  readonly #options: IndexStripOptions;
  #shown: string | undefined;
  #isLooking = false;
  #hasNews = false;
  #isDisposed = false;

  constructor(options: IndexStripOptions) {
    this.#options = options;
  }

  /** Something may have changed. Returns at once; what is not to be known is not shown. */
  look(): void {
    if (this.#options.roots.length === 0 || this.#isDisposed) return;
    this.#hasNews = true;
    if (!this.#isLooking) void this.#lookWhileThereIsNews();
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
  }

  async #lookWhileThereIsNews(): Promise<void> {
    this.#isLooking = true;
    while (this.#hasNews && !this.#isDisposed) {
      this.#hasNews = false;
      const { roots, ask, show } = this.#options;
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
