// The tests of a project that may check a file, each with the command that runs it, for the user to choose from. Nothing is run here.
import { dirname, posix, relative, sep } from 'node:path';
import { throwIfCancelled } from '../../base/errors.ts';
import { isInside } from '../../base/paths.ts';
import { repositoryOf } from '../../base/process/repository.ts';
import { toPath } from '../../base/uri.ts';
import { filesUnder, readText } from '../../code-index/walk.ts';
import type { Ignore } from '../../ignore/ignore.ts';
import { testsNear } from './test-place.ts';

export interface TestCommand {
  /** Of the test file, from the project's folder, in which the command runs. */
  path: string;
  /** A program and its arguments. */
  command: string[];
}

const maxTests = 50;
/** The first that a package uses runs its tests. */
const runners: readonly (readonly [name: string, command: readonly string[]])[] = [
  ['vitest', ['npx', 'vitest', 'run']],
  ['jest', ['npx', 'jest']],
  ['mocha', ['npx', 'mocha']],
];

/** The nearest first; those named after the file before all others. Empty for a file outside of the folders that are worked in. */
export async function testCommandsFor(
  uri: string,
  { roots, ignore, signal }: { roots: readonly string[]; ignore: Ignore; signal: AbortSignal },
): Promise<TestCommand[]> {
  const file = toPath(uri);
  if (file === undefined || !roots.some((root) => isInside(file, toPath(root) ?? file))) return [];
  const root = repositoryOf(dirname(file)); // the folder that is copied to run tests in
  const files: string[] = [];
  for await (const { path } of filesUnder({ root, ignore })) {
    throwIfCancelled(signal);
    files.push(path);
  }
  const tests = testsNear(relative(root, file).replaceAll(sep, '/'), files).slice(0, maxTests);
  const packages = tests.some((path) => /\.[cm]?[jt]sx?$/.test(path)) ? await runnersOf(root, files) : [];
  return tests.flatMap((path) => {
    const command = commandOf(path, { files, packages });
    return command === undefined ? [] : [{ path, command }];
  });
}

interface PackageRunner {
  /** From the root, `.` for the root itself. */
  folder: string;
  command: readonly string[];
}

/** Of each package that names a runner, the deepest first. */
async function runnersOf(root: string, files: readonly string[]): Promise<PackageRunner[]> {
  const found: PackageRunner[] = [];
  for (const path of files.filter((name) => posix.basename(name) === 'package.json')) {
    const text = (await readText(root, path)) ?? '';
    const runner = runners.find(([name]) => text.includes(`"${name}"`));
    if (runner) found.push({ folder: posix.dirname(path), command: runner[1] });
  }
  return found.toSorted((a, b) => b.folder.length - a.folder.length);
}

/** Undefined where nothing tells how such a test is run. */
function commandOf(
  path: string,
  { files, packages }: { files: readonly string[]; packages: readonly PackageRunner[] },
): string[] | undefined {
  const subject = posix.basename(path, posix.extname(path));
  const file = path.startsWith('-') ? `./${path}` : path; // no runner takes it for an option
  switch (posix.extname(path)) {
    case '.py':
      return ['python3', '-m', 'pytest', file];
    case '.go':
      return ['go', 'test', `./${posix.dirname(path)}`];
    case '.rs':
      return ['cargo', 'test'];
    case '.java':
    case '.kt':
      return files.includes('pom.xml') ? ['mvn', '-q', 'test', `-Dtest=${subject}`] : undefined;
    default: {
      const owner = packages.find(({ folder }) => folder === '.' || path.startsWith(`${folder}/`));
      return [...(owner?.command ?? ['node', '--test']), file];
    }
  }
}
