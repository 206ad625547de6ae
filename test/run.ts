// Runs the tests. `npm test` runs all of them, several files beside each other; `npm run test:quick` those that a change touches:
// what is uncommitted or on this branch alone, or what differs from a revision, as in `npm run test:quick -- HEAD`.
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { projectFiles, root } from './architecture/sources.ts';
import { changedFiles, suitesOf } from './quick.ts';

/** The longest first, so that no core waits for them at the end. Benchmarks and editors run by themselves. */
const wings = ['process', 'wire', 'daemon', 'scenarios', 'architecture', 'webview', 'extension', 'shared'];

/** One more than cores, since the suites of processes and threads wait half of their time. */
const jobs = availableParallelism() + 1;

const [first, since, ...others] = process.argv.slice(2);
const isQuick = first === '--quick';
/** Of mocha: `npm test -- test/daemon/base/lock.test.ts`, `npm test -- --grep 'a lock'`. */
const given = isQuick ? others : process.argv.slice(2);

const files = projectFiles();
const suites = wings.flatMap((wing) =>
  files.filter((file) => file.startsWith(`test/${wing}/`) && file.endsWith('.test.ts')),
);
const namesSuites = given.some((argument) => argument.endsWith('.test.ts'));
process.exitCode = run(isQuick ? quick() : namesSuites ? [] : suites);

function quick(): string[] {
  const changed = changedFiles(since);
  const found = suitesOf(changed, suites);
  process.stdout.write(
    `${changed.length} changed files touch ${found.length} of ${suites.length} suites:\n${found.map((file) => `  ${file}\n`).join('')}`,
  );
  return found;
}

function run(chosen: string[]): number {
  const mocha = join(root, 'node_modules', 'mocha', 'bin', 'mocha.js');
  // What V8 and Node's type stripping make of the sources, kept between runs by content.
  const cache = join(root, 'node_modules', '.cache', 'compiled');
  const { status, error } = spawnSync(
    process.execPath,
    [mocha, '--parallel', '--jobs', String(jobs), ...given, ...chosen],
    {
      cwd: root,
      stdio: 'inherit',
      env: { NODE_COMPILE_CACHE: cache, ...process.env },
    },
  );
  if (error) throw error;
  return status ?? 1;
}
