// How long the index of code takes, without embeddings: a folder of code through the built indexer into the real storage, a search
// while it runs, a scan that finds nothing new, and one file that changed. One JSON document goes to stdout.
//   index [--corpus DIR] [--lines N]      sources of installed packages, up to N lines, when no folder is named
import {
  copyFileSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { CodeIndex } from '../../../daemon/code-index/code-index.ts';
import { maxFileBytes } from '../../../daemon/code-index/limits.ts';
import { codeStoreOf } from '../../../daemon/features/mentions/contexts.ts';
import { defaultProfile } from '../../../daemon/storage/profiles.ts';
import { openStorage } from '../../../daemon/storage/sqlite/client.ts';
import type { Storage } from '../../../daemon/storage/storage.ts';
import { currentLoad } from '../kit/machine.ts';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const defaultLines = 100_000;
const goalSeconds = 60;
const log = { debug() {}, info() {}, warn() {}, error() {} };

/** Returns the exit code: 2 for wrong words. */
export async function main(args: string[]): Promise<number> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'switchyard-index-'));
  try {
    const { values } = parseArgs({
      args,
      options: { corpus: { type: 'string' }, lines: { type: 'string' }, json: { type: 'boolean' } },
    });
    const root =
      values.corpus === undefined
        ? gather(join(folder, 'corpus'), Number(values.lines ?? defaultLines))
        : realpathSync(resolve(values.corpus));
    process.stdout.write(`${JSON.stringify(await measure(root, join(folder, 'data', 'switchyard.db')), null, 2)}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`index: ${(error as Error).message}\n`);
    return (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') ? 2 : 3;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Copies sources of installed packages until there are so many lines. */
function gather(into: string, lines: number): string {
  let left = lines;
  for (const path of globSync('node_modules/**/*.{ts,js,mjs,cjs}', {
    cwd: repository,
    exclude: (name) => name === 'test',
  }).sort()) {
    if (left <= 0) break;
    const from = join(repository, path);
    if (
      path.endsWith('.d.ts') ||
      path.includes('.min.') ||
      !statSync(from).isFile() ||
      statSync(from).size > maxFileBytes
    )
      continue;
    const to = join(into, path.replaceAll('node_modules', 'packages')); // a folder of that name is never entered
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(from, to);
    left -= readFileSync(from, 'utf8').split('\n').length;
  }
  return into;
}

async function measure(root: string, database: string): Promise<object> {
  const storage = openStorage({
    database,
    workerPath: new URL('../../../daemon/storage/sqlite/worker.ts', import.meta.url),
    log,
  });
  const index = new CodeIndex({
    hostPath: join(repository, 'dist/daemon/code-indexer.js'),
    ownFolders: [],
    settings: () => ({ enabled: true, onBattery: true }),
    log,
    startDelayMs: 60_000,
  });
  const loadBefore = currentLoad();
  try {
    index.open(root, codeStoreOf(storage.in(defaultProfile).code), defaultProfile);
    const whole = timed(() => index.refresh(root, defaultProfile));
    const firstFoundMs = await timeToFirstHit(storage, whole);
    const wholeMs = await whole;
    const { files, chunks, notes } = await index.status(root, defaultProfile);
    const lines = (await storage.in(defaultProfile).code.files(pathToFileURL(root).href)).reduce(
      (sum, { path }) => sum + readFileSync(join(root, path), 'utf8').split('\n').length,
      0,
    );
    const unchangedMs = await timed(() => index.refresh(root, defaultProfile));
    writeFileSync(join(root, 'changed.ts'), 'export function changedJustNow() {\n  return 1;\n}\n');
    const oneFileMs = await timed(() => index.refresh(root, defaultProfile));
    rmSync(join(root, 'changed.ts'));
    return {
      files,
      lines,
      chunks,
      notes,
      load: { before: loadBefore, after: currentLoad() },
      seconds: wholeMs / 1000,
      linesPerSecond: Math.round(lines / (wholeMs / 1000)),
      firstSearchThatFindsMs: firstFoundMs,
      scanOfUnchangedMs: unchangedMs,
      scanAfterOneFileMs: oneFileMs,
      met: {
        secondsFor100kLines: (wholeMs / 1000) * (100_000 / lines) < goalSeconds,
        searchedWhileItRan: firstFoundMs < wholeMs,
      },
    };
  } finally {
    await index[Symbol.asyncDispose]();
    await storage[Symbol.asyncDispose]();
  }
}

/** Searches again and again while the index is built; milliseconds until something was found. */
async function timeToFirstHit(storage: Storage, running: Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  let isRunning = true;
  void running.finally(() => {
    isRunning = false;
  });
  do {
    if (
      (await storage.in(defaultProfile).search.find({ query: 'function return', kinds: ['code'], limit: 5 })).hits
        .length > 0
    )
      break;
    await new Promise((next) => setImmediate(next));
  } while (isRunning);
  return performance.now() - startedAt;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
