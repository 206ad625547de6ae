// Runs the tests. `npm test` runs all of them, several files beside each other; `npm run test:quick` those that a change touches.
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { projectFiles, root } from './architecture/sources.ts';
import { changedFiles, suitesOf } from './quick.ts';

/** The longest first, so that no core waits for them at the end. Benchmarks and editors run by themselves. */
const wings = ['process', 'wire', 'daemon', 'scenarios', 'architecture', 'webview', 'extension', 'shared'];

/** One more than cores, since the suites of processes and threads wait half of their time. */
const jobs = availableParallelism() + 1;

const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, since: { type: 'string' } },
  allowPositionals: true,
});

const files = projectFiles();
const suites = wings.flatMap((wing) =>
  files.filter((file) => file.startsWith(`test/${wing}/`) && file.endsWith('.test.ts')),
);
process.exitCode = run(values.quick ? quick() : positionals.length > 0 ? positionals : suites);

function quick(): string[] {
  const changed = changedFiles(values.since);
  const found = suitesOf(changed, suites);
  process.stdout.write(
    `${changed.length} changed files touch ${found.length} of ${suites.length} suites:\n${found.map((file) => `  ${file}\n`).join('')}`,
  );
  return found;
}

function run(chosen: string[]): number {
  if (chosen.length === 0) return 0;
  const mocha = join(root, 'node_modules', 'mocha', 'bin', 'mocha.js');
  // What V8 and Node's type stripping make of the sources, kept between runs by content.
  const cache = join(root, 'node_modules', '.cache', 'compiled');
  const { status, error } = spawnSync(process.execPath, [mocha, '--parallel', '--jobs', String(jobs), ...chosen], {
    cwd: root,
    stdio: 'inherit',
    env: { NODE_COMPILE_CACHE: cache, ...process.env },
  });
  if (error) throw error;
  return status ?? 1;
}
