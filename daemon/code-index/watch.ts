// Watches the folders of a root that were indexed. On Linux each folder by itself, so that ignored ones cost nothing; elsewhere the
// whole root at once, which the system does without a handle for each folder.
import { type FSWatcher, watch } from 'node:fs';
import { join, sep } from 'node:path';

const quietMs = 400; // an editor that saves writes, renames and sets times; a checkout changes hundreds of files
const maxPaths = 500; // beyond it the whole root is looked at again

/** Lives as long as its root is indexed. Its only timer runs between a change and its report. */
export class Watcher {
  readonly #root: string;
  readonly #onChange: (paths: string[] | undefined) => void;
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  /** Why changes are not seen; the index is then as new as its last scan. */
  problem: string | undefined;

  /** `onChange` is given the changed paths from the root; undefined when they are too many to name. */
  constructor(root: string, onChange: (paths: string[] | undefined) => void) {
    this.#root = root;
    this.#onChange = onChange;
  }

  /** Folders to watch beside those that are watched already; paths from the root, '' for itself. */
  add(folders: readonly string[]): void {
    const wanted = process.platform === 'linux' ? folders : [''];
    for (const folder of wanted) if (!this.#watchers.has(folder)) this.#watch(folder);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #watch(folder: string): void {
    try {
      const watcher = watch(
        join(this.#root, folder),
        { persistent: false, recursive: process.platform !== 'linux' },
        (_event, name) => {
          this.#note(folder, name);
        },
      );
      watcher.on('error', () => this.#drop(folder)); // a folder that was removed
      this.#watchers.set(folder, watcher);
    } catch (error) {
      this.problem ??= `Some changes aren't noticed automatically (${(error as Error).message}). Refresh the index to see them.`;
    }
  }

  #drop(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }

  #note(folder: string, name: string | null): void {
    const path = [folder, name ?? '']
      .filter((part) => part !== '')
      .join('/')
      .split(sep)
      .join('/');
    if (path.split('/').some((part) => part === '.git' || part === 'node_modules')) return;
    // What a rule file says concerns all that is below it.
    if (this.#changed.size <= maxPaths) this.#changed.add(/(^|\/)\.(git|switchyard)ignore$/.test(path) ? folder : path);
    this.#timer ??= setTimeout(() => this.#report(), quietMs);
  }

  #report(): void {
    this.#timer = undefined;
    const paths = [...this.#changed];
    this.#changed.clear();
    this.#onChange(paths.length > maxPaths ? undefined : paths);
  }
}
