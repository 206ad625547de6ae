// The index of code: which folders are indexed, in what state each is, and when the indexer works. Where chunks are kept, and how
// they are searched, is storage's affair.
import { join } from 'node:path';
import { UserError } from '../base/errors.ts';
import { FairQueue } from '../base/fair-queue.ts';
import { Listeners } from '../base/listeners.ts';
import type { Log } from '../base/log.ts';
import { type CodeStore, IndexedRoot, type IndexStatus } from './indexed-root.ts';
import { CodeIndexer } from './indexer.ts';
import { summed } from './left-out.ts';
import { batteryCheck } from './power.ts';

export interface CodeIndexOptions {
  /** The indexer's script: bundled, or its source. */
  hostPath: string;
  /** Folders of Switchyard's own, which are never indexed. */
  ownFolders: readonly string[];
  /** The user's settings, read at each scan. */
  settings(): { enabled: boolean; onBattery: boolean };
  log: Log;
  isOnBattery?(): Promise<boolean>;
  /** How long a folder that was just opened is left alone: an editor that starts has better to do. */
  startDelayMs?: number;
}

/** What a client holds while it works in a folder. */
export interface OpenRoot extends Disposable {
  readonly root: string;
}

const typingPauseMs = 1500;
const batteryCheckMs = 30_000;
const defaultStartDelayMs = 3000;
const idleIndexerMs = 20_000; // the next save is likely to come soon

/** Lives as long as the daemon. While nothing is scanned it has no process and no timer but the short one that ends the process. */
export class CodeIndex implements AsyncDisposable {
  readonly #options: CodeIndexOptions;
  readonly #isOnBattery: () => Promise<boolean>;
  readonly #indexer: CodeIndexer;
  readonly #queue = new FairQueue();
  readonly #roots = new Map<string, IndexedRoot>();
  readonly #changes = new Listeners<[root: string]>();
  #typing: NodeJS.Timeout | undefined;
  #battery: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;
  #scanning: IndexedRoot | undefined;
  #onBattery = false;
  #lastTyped = Number.NEGATIVE_INFINITY;
  #isDisposed = false;

  constructor(options: CodeIndexOptions) {
    this.#options = options;
    this.#indexer = new CodeIndexer(options.hostPath);
    this.#isOnBattery = options.isOnBattery ?? batteryCheck();
  }

  /** Calls back when a root's state or numbers have changed; returns how to stop. */
  onChange(listener: (root: string) => void): () => void {
    return this.#changes.add(listener);
  }

  /** Begins to index a folder, and to follow its changes until the last who opened it has left. Returns at once. */
  open(root: string, store: CodeStore, profile: string): OpenRoot {
    const key = keyOf(root, profile);
    const known = this.#roots.get(key);
    const opened =
      known ??
      new IndexedRoot(root, store, {
        ownFolders: this.#options.ownFolders,
        schedule: (one, only) => this.#schedule(one, only),
        onChange: () => this.#changes.notify(root),
      });
    this.#roots.set(key, opened);
    opened.users++;
    if (!known) this.#startSoon(opened);
    if (!known) this.#changes.notify(root);
    let isOpen = true;
    return {
      root,
      [Symbol.dispose]: () => {
        if (!isOpen) return;
        isOpen = false;
        if (--opened.users === 0) this.#close(key, opened);
      },
    };
  }

  #startSoon(root: IndexedRoot): void {
    const start = (): void => {
      if (root.state === 'waiting') void this.#schedule(root).catch(() => {}); // its state tells
    };
    if (this.#options.settings().enabled) setTimeout(start, this.#options.startDelayMs ?? defaultStartDelayMs).unref();
    else root.rest();
  }

  /** Resolves when the folder is as it is now. Throws UserError: `index-off`, `not-indexed`, or `index-failed` with the reason. */
  async refresh(root: string, profile: string): Promise<void> {
    const opened = this.#roots.get(keyOf(root, profile));
    if (!opened)
      throw new UserError(
        'not-indexed',
        `${root} isn't open in this window, so it isn't indexed. Open the folder first.`,
      );
    if (!this.#options.settings().enabled)
      throw new UserError(
        'index-off',
        'The index is turned off. To turn it on, set "index": { "enabled": true } in config.json.',
      );
    await this.#schedule(opened);
  }

  async status(root: string, profile: string): Promise<IndexStatus> {
    const opened = this.#roots.get(keyOf(root, profile));
    if (!this.#options.settings().enabled || !opened)
      return { state: 'off', files: 0, chunks: 0, done: 0, total: 0, notes: [], leftOut: [] };
    return opened.status();
  }

  /** What the folders that are open hold back, by reason and without a name: for those who may not see the folders. */
  leftOut(): string[] {
    return summed([...this.#roots.values()].map(({ leftOut }) => leftOut));
  }

  /** Whether config.json lets it work. */
  get isEnabled(): boolean {
    return this.#options.settings().enabled;
  }

  /** False while this machine is on its battery, and may not work then. */
  async mayWork(): Promise<boolean> {
    const { onBattery } = this.#options.settings();
    return !this.#isDisposed && (onBattery || !(await this.#isOnBattery()));
  }

  /** Whether the user has typed within the last moment. */
  isTyping(momentMs = typingPauseMs): boolean {
    return performance.now() - this.#lastTyped < momentMs;
  }

  /** The user types: whatever is being indexed waits until a moment after the last keystroke. */
  noteTyping(): void {
    this.#lastTyped = performance.now();
    if (!this.#scanning) return;
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => {
      this.#typing = undefined;
      this.#steer();
    }, typingPauseMs);
    this.#steer();
  }

  /** Whether a folder is open here. */
  isOpen(root: string, profile: string): boolean {
    return this.#roots.has(keyOf(root, profile));
  }

  /** Settings have changed. */
  reconsider(): void {
    const { enabled } = this.#options.settings();
    if (!enabled) void this.#indexer.kill();
    for (const root of this.#roots.values()) {
      if (!enabled) root.rest();
      else if (root.state === 'off') void this.#schedule(root).catch(() => {});
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    for (const timer of [this.#typing, this.#battery, this.#idle]) clearTimeout(timer);
    for (const [key, root] of this.#roots) this.#close(key, root);
    await this.#indexer[Symbol.asyncDispose]();
  }

  #close(key: string, root: IndexedRoot): void {
    root[Symbol.dispose]();
    if (this.#roots.get(key) === root) this.#roots.delete(key);
    if (this.#scanning === root) void this.#indexer.kill();
  }

  /** One scan after another: two at once would only share the processor. */
  #schedule(root: IndexedRoot, only?: readonly string[]): Promise<void> {
    return this.#queue.run(() => this.#scan(root, only));
  }

  async #scan(root: IndexedRoot, only: readonly string[] | undefined): Promise<void> {
    if (this.#isDisposed || root.users === 0 || !this.#options.settings().enabled) return root.rest();
    clearTimeout(this.#idle);
    this.#scanning = root;
    await this.#checkBattery();
    try {
      this.#steer();
      await root.scan(this.#indexer, only);
    } catch (error) {
      await this.#indexer.kill(); // it may still work on the scan that failed
      if (this.#isDisposed || root.users === 0) return;
      this.#options.log.warn({ root: root.path, error: String(error) }, 'indexing failed');
      throw new UserError(
        'index-failed',
        `Couldn't index ${root.path}: ${error instanceof Error ? error.message : String(error)}. Refresh the index to try again.`,
        { retryable: true },
      );
    } finally {
      this.#scanning = undefined;
      clearTimeout(this.#battery);
      this.#battery = undefined;
      if (!this.#isDisposed) this.#idle = setTimeout(() => void this.#indexer.kill(), idleIndexerMs);
    }
  }

  /** Pauses or resumes the indexer, by what holds now. */
  #steer(): void {
    const why = this.#typing ? 'while you type' : this.#onBattery ? 'while on battery' : undefined;
    this.#scanning?.setPaused(why);
    this.#indexer.setPaused(why !== undefined);
  }

  async #checkBattery(): Promise<void> {
    const { onBattery } = this.#options.settings();
    this.#onBattery = !onBattery && (await this.#isOnBattery());
    if (!this.#scanning) return;
    this.#steer();
    this.#battery = setTimeout(() => void this.#checkBattery(), batteryCheckMs);
  }
}

function keyOf(root: string, profile: string): string {
  return JSON.stringify([profile, join(root)]);
}
