// A project in a temporary folder, and a store that keeps chunks in memory, for tests of the index.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CodeStore } from '../../../daemon/code-index/indexed-root.ts';
import type { IndexedFile, KnownFile } from '../../../daemon/code-index/messages.ts';

/** Lives as long as a test. */
export class Project implements Disposable {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'switchyard-index-')));

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  remove(path: string): void {
    rmSync(join(this.root, path), { recursive: true });
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Lives as long as a test. */
export class KeptChunks implements CodeStore {
  readonly kept = new Map<string, IndexedFile>();
  readonly calls: string[] = [];
  /** Called before a file is stored. */
  onPut: (path: string) => void | Promise<void> = () => {};

  files(): Promise<KnownFile[]> {
    return Promise.resolve([...this.kept.values()].map(({ path, stamp, hash }) => ({ path, stamp, hash })));
  }
  async put(_root: string, file: IndexedFile): Promise<void> {
    await this.onPut(file.path);
    this.calls.push(`put ${file.path}`);
    this.kept.set(file.path, file);
  }
  touch(_root: string, { path, stamp }: KnownFile): Promise<void> {
    this.calls.push(`touch ${path}`);
    const file = this.kept.get(path);
    if (file) file.stamp = stamp;
    return Promise.resolve();
  }
  remove(_root: string, paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      this.calls.push(`remove ${path}`);
      this.kept.delete(path);
    }
    return Promise.resolve();
  }
  counts(): Promise<{ files: number; chunks: number }> {
    return Promise.resolve({
      files: this.kept.size,
      chunks: [...this.kept.values()].reduce((sum, { chunks }) => sum + chunks.length, 0),
    });
  }

  get paths(): string[] {
    return [...this.kept.keys()].sort();
  }
}
