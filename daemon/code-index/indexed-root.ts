// One indexed folder: what is known of it, its state for the user to see, and the scan that brings storage up to date.
import type { CodeIndexer } from './indexer.ts';
import type { LeftOut } from './left-out.ts';
import type { IndexedFile, KnownFile, ScanPart } from './messages.ts';
import { Watcher } from './watch.ts';

/** Storage of one profile's chunks. Each call is one transaction: a file's chunks are the old ones or the new ones, whole. */
export interface CodeStore {
  files(root: string): Promise<KnownFile[]>;
  /** Puts a file's chunks in place of those it had. */
  put(root: string, file: IndexedFile): Promise<void>;
  /** The same content under a new stamp. */
  touch(root: string, file: KnownFile): Promise<void>;
  remove(root: string, paths: readonly string[]): Promise<void>;
  counts(root: string): Promise<{ files: number; chunks: number }>;
}

export type IndexState = 'off' | 'waiting' | 'scanning' | 'paused' | 'ready' | 'failed';

export interface IndexStatus {
  state: IndexState;
  files: number;
  chunks: number;
  /** Of the scan under way: files looked at, and files there are. */
  done: number;
  total: number;
  /** Why it is paused or has failed. */
  error?: string;
  /** What the user should know of how it was indexed. */
  notes: readonly string[];
  /** What the last scan of the whole folder left out, the largest groups first. */
  leftOut: readonly LeftOut[];
}

export interface RootDeps {
  ownFolders: readonly string[];
  schedule(root: IndexedRoot, only?: readonly string[]): Promise<void>;
  onChange(): void;
}

/** Lives from the first who opens a folder to the last who leaves it. */
export class IndexedRoot implements Disposable {
  readonly path: string;
  /** How many have it open. */
  users = 0;
  readonly #store: CodeStore;
  readonly #deps: RootDeps;
  readonly #notes = new Set<string>();
  #watcher: Watcher | undefined;
  #leftOut: readonly LeftOut[] = [];
  #state: IndexState = 'waiting';
  #pausedBecause: string | undefined;
  #failure: string | undefined;
  #done = 0;
  #total = 0;

  constructor(path: string, store: CodeStore, deps: RootDeps) {
    this.path = path;
    this.#store = store;
    this.#deps = deps;
  }

  get state(): IndexState {
    return this.#state === 'scanning' && this.#pausedBecause ? 'paused' : this.#state;
  }

  get leftOut(): readonly LeftOut[] {
    return this.#leftOut;
  }

  async status(): Promise<IndexStatus> {
    const error = this.state === 'paused' ? this.#pausedBecause : this.#failure;
    const notes = [...this.#notes, ...(this.#watcher?.problem ? [this.#watcher.problem] : [])];
    return {
      state: this.state,
      ...(await this.#store.counts(this.path)),
      done: this.#done,
      total: this.#total,
      ...(error !== undefined && { error }),
      notes,
      leftOut: this.#leftOut,
    };
  }

  setPaused(why: string | undefined): void {
    if (this.#pausedBecause === why) return;
    this.#pausedBecause = why;
    this.#deps.onChange();
  }

  /** Brings what is stored up to date. Throws when the indexer or storage fails; what was stored before that stays. */
  async scan(indexer: CodeIndexer, only: readonly string[] | undefined): Promise<void> {
    this.#become('scanning');
    try {
      this.#watcher ??= new Watcher(this.path, (paths) => void this.#deps.schedule(this, paths).catch(() => {}));
      const known = await this.#store.files(this.path);
      await indexer.scan({ root: this.path, known, ownFolders: this.#deps.ownFolders, ...(only && { only }) }, (part) =>
        this.#take(part),
      );
      this.#become('ready');
    } catch (error) {
      this.#become('failed', error instanceof Error ? error.message : String(error));
      throw error;
    }
  }

  /** Stops following changes; what is stored stays. */
  rest(): void {
    this.#watcher?.[Symbol.dispose]();
    this.#watcher = undefined;
    this.#become('off');
  }

  [Symbol.dispose](): void {
    this.rest();
  }

  async #take(part: ScanPart): Promise<void> {
    switch (part.kind) {
      case 'found':
        [this.#done, this.#total] = [0, part.files];
        this.#watcher?.add(part.folders);
        break;
      case 'progress':
        this.#done = part.done;
        break;
      case 'note':
        this.#notes.add(part.sentence);
        break;
      case 'left-out':
        this.#leftOut = part.leftOut;
        break;
      case 'file':
        return this.#store.put(this.path, part.file);
      case 'touched':
        return this.#store.touch(this.path, part.file);
      case 'gone':
        return this.#store.remove(this.path, part.paths);
    }
    this.#deps.onChange();
  }

  #become(state: IndexState, failure?: string): void {
    this.#state = state;
    this.#failure = failure;
    this.#deps.onChange();
  }
}
