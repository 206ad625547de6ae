// The storage worker as one file, built from the sources as they are now: a thread that loads 60 sources takes three times as long.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = join(root, 'dist', 'test'); // inside the project, where the worker finds its packages
const file = join(folder, 'storage-worker.mjs');

/** Builds it on each call, so that it is never older than the sources. Takes about 0.2 seconds. */
export function builtWorker(): URL {
  const { outputFiles } = buildSync({
    absWorkingDir: root,
    entryPoints: ['daemon/storage/sqlite/worker.ts'],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    external: ['better-sqlite3', 'sqlite-vec'],
  });
  const text = outputFiles[0]?.text ?? '';
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
    mkdirSync(folder, { recursive: true });
    const own = `${file}.${process.pid}`; // other processes of this run may read and write at the same time
    writeFileSync(own, text);
    renameSync(own, file);
  }
  return pathToFileURL(file);
}
