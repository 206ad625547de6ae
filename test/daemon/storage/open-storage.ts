// Real storage for tests: a database in a folder of its own, behind the real worker thread.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultProfile } from '../../../daemon/storage/profiles.ts';
import type { StoredShapes } from '../../../daemon/storage/shapes.ts';
import { openStorage } from '../../../daemon/storage/sqlite/client.ts';
import type { ProfileStorage, Storage } from '../../../daemon/storage/storage.ts';
import { builtWorker } from './built-worker.ts';

export const silentLog = { debug() {}, info() {}, warn() {}, error() {} };
export const workerPath = builtWorker();

export interface TestFolder extends Disposable {
  readonly path: string;
  readonly database: string;
}

/** Lives as long as the block that uses it. */
export function testFolder(parent = tmpdir()): TestFolder {
  const path = mkdtempSync(join(parent, 'switchyard-storage-'));
  return {
    path,
    database: join(path, 'data', 'switchyard.db'),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }), // Windows lets go of a closed file a moment later
  };
}

/** A folder in memory where there is one: for tests of a thousand small files, which would wait for the disk and not for us. */
export function folderInMemory(): TestFolder {
  return testFolder(process.platform === 'linux' && existsSync('/dev/shm') ? '/dev/shm' : tmpdir());
}

/** Storage, with the default profile's parts beside it for tests that are not about profiles. */
export type TestStorage<Shapes extends StoredShapes = StoredShapes> = Storage<Shapes> & ProfileStorage<Shapes>;

/** Opens storage that is empty, at each call another. */
export type OpenEmpty = () => TestStorage;

export function openTestStorage<Shapes extends StoredShapes = StoredShapes>(
  database: string,
  worker: string | URL = workerPath,
): TestStorage<Shapes> {
  return withDefault(openStorage<Shapes>({ database, workerPath: worker, log: silentLog }));
}

export function withDefault<Shapes extends StoredShapes>(storage: Storage<Shapes>): TestStorage<Shapes> {
  return { ...storage, ...storage.in(defaultProfile) };
}

/** Everything a page-wise list holds, in the order of the pages. */
export async function allPages<T>(
  read: (cursor: string | undefined) => Promise<{ items: T[]; next?: string }>,
): Promise<T[][]> {
  const pages: T[][] = [];
  let cursor: string | undefined;
  do {
    const { items, next } = await read(cursor);
    pages.push(items);
    cursor = next;
  } while (cursor !== undefined);
  return pages;
}
