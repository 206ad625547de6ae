// Which suites a change touches: those that reach a changed file through imports, however many are between.
import { execFileSync } from 'node:child_process';
import { dirname, join, normalize } from 'node:path';
import { importsOf, projectFiles, read, root } from './architecture/sources.ts';

/** These run the built program, so each of them depends on all of it. A change of the program alone leaves them to `npm test`. */
const ofBuiltProgram = /^test\/(process|wire|scenarios)\//;

/** They look at the whole project. */
const ofEverything = /^test\/architecture\//;

/** What differs from `since`, by default from where this branch left main, with what git does not track yet. */
export function changedFiles(since = forkPoint()): string[] {
  const deleted = '--diff-filter=d'; // a deleted file has no suite; its importers have changed too
  const changed = git('diff', '--name-only', deleted, since);
  const untracked = git('ls-files', '--others', '--exclude-standard');
  return [...new Set([...changed, ...untracked])].sort();
}

function forkPoint(): string {
  try {
    return git('merge-base', 'HEAD', 'main')[0] ?? 'HEAD';
  } catch {
    return 'HEAD'; // a clone of another branch alone
  }
}

function git(...args: string[]): string[] {
  const listed = execFileSync('git', ['-C', root, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return listed.split('\n').filter((line) => line !== '');
}

export function suitesOf(changed: readonly string[], suites: readonly string[]): string[] {
  const imported = importGraph();
  return suites.filter((suite) => {
    if (ofEverything.test(suite)) return true;
    const own = ofBuiltProgram.test(suite) ? (file: string) => file.startsWith('test/') : () => true;
    const reached = reachedFrom(suite, imported, own);
    return changed.some((file) => reached.has(file) || (isData(file) && dirname(file) === dirname(suite)));
  });
}

/** Scenarios and the like, which a suite finds by listing its folder. */
function isData(file: string): boolean {
  return file.startsWith('test/') && !/\.(ts|mjs)$/.test(file);
}

function importGraph(): Map<string, string[]> {
  const files = projectFiles();
  const known = new Set(files);
  const code = files.filter((file) => /\.(ts|mjs)$/.test(file));
  return new Map(code.map((file) => [file, [...mentionedIn(file)].filter((target) => known.has(target))]));
}

/** What a file imports, and what it names in a string: peers, workers, samples. */
function mentionedIn(file: string): Set<string> {
  const text = read(file);
  const mentioned = new Set(importsOf(file, text).map(({ target }) => target));
  for (const [, path = ''] of text.matchAll(
    /['"`]((?:\.{1,2}|daemon|shared|extension|webview|test|media)\/[^'"`\n]+)['"`]/g,
  ))
    mentioned.add(normalize(path.startsWith('.') ? join(dirname(file), path) : path).replaceAll('\\', '/'));
  return mentioned;
}

function reachedFrom(suite: string, imported: Map<string, string[]>, mayEnter: (file: string) => boolean): Set<string> {
  const reached = new Set([suite]);
  for (const file of reached) // a set's iterator also visits what is added on the way
    for (const target of imported.get(file) ?? []) if (mayEnter(target)) reached.add(target);
  return reached;
}
