// Which file the tests of a source belong in, by what the project does already, else by what its language usually does. Pure: it knows
// names of files alone, from the root and with `/` between their parts.
import { posix } from 'node:path';

export interface TestPlace {
  path: string;
  /** `inside`: before the brace that ends the file, or in a new block at its end. */
  how: 'create' | 'append' | 'inside';
}

/** How a test is named after its source, and where it lies. */
interface Convention {
  prefix: string;
  suffix: string;
  place: 'beside' | { below: string } | { from: string; to: string };
}

const testName = /^(test_)?(.+?)([._-](?:test|spec))?$/;
const testClassName = /^()(.+?)(Tests?|Spec)?$/; // of Java and Kotlin
const families: readonly (readonly string[])[] = [
  ['ts', 'tsx', 'mts', 'cts', 'js', 'jsx', 'mjs', 'cjs'],
  ['py'],
  ['go'],
  ['rs'],
  ['java'],
  ['kt'],
];

/** Undefined where nothing tells. */
export function testPlaceOf(source: string, files: readonly string[]): TestPlace | undefined {
  const family = families.find((extensions) => extensions.includes(extensionOf(source)));
  if (!family) return undefined;
  const how = /\.(?:java|kt)$/.test(source) ? 'inside' : 'append';
  const alike = files.filter((path) => family.includes(extensionOf(path)));
  if (isTest(source)) return { path: source, how };
  const tests = alike.filter(isTest);
  const own = nearest(
    source,
    tests.filter((path) => partsOf(path).subject === stemOf(source)),
  );
  if (own !== undefined) return { path: own, how };
  if (source.endsWith('.rs')) return { path: source, how: 'inside' };
  const convention = learned(tests, alike) ?? usual(source, files);
  return convention && { path: pathBy(convention, source), how: 'create' };
}

/** The tests in the source's language: those that are named after it first, and of each the nearest first. */
export function testsNear(source: string, files: readonly string[]): string[] {
  const family = families.find((extensions) => extensions.includes(extensionOf(source))) ?? [];
  const tests = files.filter((path) => family.includes(extensionOf(path)) && isTest(path));
  const isOwn = (path: string): boolean => path === source || partsOf(path).subject === stemOf(source);
  const [own, others] = [tests.filter(isOwn), tests.filter((path) => !isOwn(path))];
  return [...own.toSorted(nearestFirst(source)), ...others.toSorted(nearestFirst(source))];
}

function extensionOf(path: string): string {
  return posix.extname(path).slice(1);
}

function stemOf(path: string): string {
  return posix.basename(path, posix.extname(path));
}

interface NameParts {
  prefix: string;
  /** What the name says that it tests. */
  subject: string;
  suffix: string;
}

function partsOf(path: string): NameParts {
  const pattern = /\.(?:java|kt)$/.test(path) ? testClassName : testName;
  const [, prefix = '', subject = '', suffix = ''] = pattern.exec(stemOf(path)) ?? [];
  return { prefix, subject, suffix };
}

function isTest(path: string): boolean {
  const { prefix, suffix } = partsOf(path);
  const isInTests = path.endsWith('.rs') && /(?:^|\/)tests\//.test(path);
  return prefix !== '' || suffix !== '' || isInTests || /(?:^|\/)__tests__\//.test(path);
}

/** The one that shares most folders with the source. */
function nearest(source: string, tests: readonly string[]): string | undefined {
  return tests.toSorted(nearestFirst(source))[0];
}

function nearestFirst(source: string): (a: string, b: string) => number {
  const folders = new Set(source.split('/').slice(0, -1));
  const shared = (path: string): number => path.split('/').filter((part) => folders.has(part)).length;
  return (a, b) => shared(b) - shared(a) || a.length - b.length || (a < b ? -1 : 1);
}

/** The convention that most tests follow whose source is known. */
function learned(tests: readonly string[], files: readonly string[]): Convention | undefined {
  const sources = Map.groupBy(
    files.filter((path) => !isTest(path)),
    stemOf,
  );
  const counts = new Map<string, number>();
  for (const test of tests) {
    const source = nearest(test, sources.get(partsOf(test).subject) ?? []);
    if (source === undefined) continue;
    const key = JSON.stringify(conventionOf(test, source));
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const [best] = [...counts].sort(([, a], [, b]) => b - a);
  return best && (JSON.parse(best[0]) as Convention);
}

function conventionOf(test: string, source: string): Convention {
  const { prefix, suffix } = partsOf(test);
  const [at, of] = [foldersOf(test), foldersOf(source)];
  if (at.join('/') === of.join('/')) return { prefix, suffix, place: 'beside' };
  if (at.slice(0, -1).join('/') === of.join('/')) return { prefix, suffix, place: { below: at.at(-1) ?? '' } };
  let same = 0;
  while (same < Math.min(at.length, of.length) && at.at(-1 - same) === of.at(-1 - same)) same++;
  const head = (parts: readonly string[]): string => parts.slice(0, parts.length - same).join('/');
  return { prefix, suffix, place: { from: head(of), to: head(at) } };
}

/** Where a project has no test yet whose source is known. */
function usual(source: string, files: readonly string[]): Convention | undefined {
  const folders = new Set(files.flatMap((path) => path.split('/').slice(0, -1).slice(0, 1)));
  const folder = ['test', 'tests'].find((name) => folders.has(name));
  switch (extensionOf(source)) {
    case 'go':
      return { prefix: '', suffix: '_test', place: 'beside' };
    case 'py':
      return { prefix: 'test_', suffix: '', place: { from: posix.dirname(source), to: folder ?? 'tests' } };
    case 'java':
    case 'kt': {
      const [, module = '', root = ''] = /^(.*?)(src\/main)\//.exec(source) ?? [];
      const place = root === '' ? 'beside' : { from: `${module}${root}`, to: `${module}src/test` };
      return { prefix: '', suffix: 'Test', place };
    }
    default:
      return {
        prefix: '',
        suffix: '.test',
        place: folder === undefined ? 'beside' : { from: sourceRoot(source), to: folder },
      };
  }
}

function sourceRoot(source: string): string {
  return /^(?:src|lib)\//.exec(source)?.[0].slice(0, -1) ?? '';
}

function pathBy({ prefix, suffix, place }: Convention, source: string): string {
  const folder = posix.dirname(source) === '.' ? '' : posix.dirname(source);
  const name = `${prefix}${stemOf(source)}${suffix}${posix.extname(source)}`;
  if (place === 'beside') return posix.join(folder, name);
  if ('below' in place) return posix.join(folder, place.below, name);
  const { from, to } = place;
  const isWithin = from === '' || folder === from || folder.startsWith(`${from}/`);
  return posix.join(to, isWithin ? folder.slice(from.length).replace(/^\//, '') : '', name);
}

function foldersOf(path: string): string[] {
  return path.split('/').slice(0, -1);
}
