// How much of the disk is taken: by the database, its backups, model files and logs.
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Paths } from '../paths.ts';

export interface DiskUsage {
  database: number;
  backups: number;
  models: number;
  logs: number;
}

/** In bytes; what is not there, or cannot be read, takes none. */
export async function diskUsage({
  database,
  models,
  logFile,
}: Pick<Paths, 'database' | 'models' | 'logFile'>): Promise<DiskUsage> {
  const [own, backups, modelFiles, logs] = await Promise.all([
    sizeOf(dirname(database), (name) => name.startsWith(basename(database))), // with its helper files
    sizeOf(join(dirname(database), 'backups')),
    sizeOf(models),
    sizeOf(dirname(logFile), (name) => /\.(log|jsonl)\b/.test(name)),
  ]);
  return { database: own, backups, models: modelFiles, logs };
}

async function sizeOf(folder: string, counts: (name: string) => boolean = () => true): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(
    names.filter(counts).map((name) =>
      stat(join(folder, name)).then(
        (found) => (found.isFile() ? found.size : 0),
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
