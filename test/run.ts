// Runs the tests. `npm test` runs all of them, several files beside each other; `npm run test:quick` those that a change touches:
// what is uncommitted or on this branch alone, or what differs from a revision, as in `npm run test:quick -- HEAD`.
// `npm test -- test/daemon/base/lock.test.ts` and `npm test -- --grep 'a lock'` hand mocha what they say.
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { projectFiles, root } from './architecture/sources.ts';
import { changedFiles, suitesOf } from './quick.ts';

/** The longest first, so that no core waits for them at the end. Benchmarks and editors run by themselves. */
const wings = [
  'daemon/storage',
  'process',
  'wire',
  'daemon',
  'scenarios',
  'architecture',
  'webview',
  'extension',
  'shared',
];

/** One more than cores, since the suites of processes and threads wait half of their time. Each takes some 300 MB. */
const jobs = Math.min(availableParallelism() + 1, 8);

const parameters = process.argv.slice(2);
process.exitCode = mocha(chosenBy(parameters));

function chosenBy([first, ...others]: string[]): string[] {
  if (first === '--quick') return quick(others[0]);
  if (parameters.some((parameter) => parameter.endsWith('.test.ts'))) return parameters;
  return [...parameters, ...allSuites()];
}

function allSuites(): string[] {
  const files = projectFiles().filter((file) => file.endsWith('.test.ts'));
  return [...new Set(wings.flatMap((wing) => files.filter((file) => file.startsWith(`test/${wing}/`))))];
}

function quick(since?: string): string[] {
  const suites = allSuites();
  const changed = changedFiles(since);
  const touched = suitesOf(changed, suites);
  const list = touched.map((file) => `  ${file}\n`).join('');
  process.stdout.write(`${changed.length} changed files touch ${touched.length} of ${suites.length} suites:\n${list}`);
  return touched;
}

function mocha(args: string[]): number {
  const program = join(root, 'node_modules', 'mocha', 'bin', 'mocha.js');
  // What V8 and Node's type stripping make of the sources, kept between runs by content.
  const cache = join(root, 'node_modules', '.cache', 'compiled');
  const { status, error } = spawnSync(process.execPath, [program, '--parallel', '--jobs', String(jobs), ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { NODE_COMPILE_CACHE: cache, ...process.env },
  });
  if (error) throw error;
  return status ?? 1;
}
