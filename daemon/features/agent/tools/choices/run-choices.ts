// What can be run in a folder, for models whose answers are forced: its own programs, scripts and tests, after a change the tests first and then
// what was changed, none of them again before another change, and no three in a row.

import type { FolderFiles } from '../folder-files.ts';
import type { ObjectSchema, PastCall, ToolRun } from '../tool.ts';
import { choiceOf, folderPaths, isChange, namedIn } from './choices.ts';

/** What the result of a run that went well ends with, where it printed nothing. */
export const withoutOutput = 'succeeded, without output.';

/** Small models write without end else. */
const word = { type: 'string', minLength: 1, maxLength: 120 };
const maxWords = 8;
const maxScripts = 20;

/** TABLE of what runs a kind of file. */
const runners = [
  { program: 'node', files: /\.[cm]?js$/ },
  { program: process.platform === 'win32' ? 'python' : 'python3', files: /\.py$/ },
] as const;

/** Programs that are tests, by where they are and how they are called. */
const testFile = /(?:^|\/)(?:tests?\/.+|tests?|test_[^/]*|[^/]+[._-]tests?)\.\w+$/;

/** TABLE of what runs the tests of a project, by a file that it has. */
const tests: Readonly<Record<string, readonly string[]>> = {
  'package.json': ['npm', 'test'],
  'go.mod': ['go', 'test', './...'],
  'Cargo.toml': ['cargo', 'test'],
  Makefile: ['make', 'test'],
};

/** Scripts of a package.json that aren't run as a step of a task: tests stand above, and some never end or run by themselves. */
const otherScripts = /^(?:test|start|dev|serve|watch|preview|prepare|(?:pre|post).+)$/;

/** Of a run that went well: nothing is known after it that wasn't known before. */
export function saysNothing({ name, ok, text }: PastCall): boolean {
  return name === 'run' && ok && text.endsWith(withoutOutput);
}

export function isPassedTest({ name, ok, given }: PastCall): boolean {
  const argv = [given['argv']].flat().map(String);
  const isKnown = Object.values(tests).some((each) => each.join(' ') === argv.join(' '));
  return name === 'run' && ok && (isKnown || argv.some(isTest));
}

export async function runChoices(files: FolderFiles, run: ToolRun, past: readonly PastCall[]): Promise<ObjectSchema[]> {
  if (past.length > 1 && past.slice(-2).every(({ name }) => name === 'run')) return [];
  const paths = (await folderPaths(files, run)) ?? [];
  const changedAt = past.findLastIndex(isChange);
  const since = past.slice(changedAt + 1);
  const done = since.filter(({ name }) => name === 'run').map(({ given }) => [given['argv']].flat());
  const changed = past.filter(isChange).map(({ given }) => given['path']);
  const concerned = paths.some((path) => changed.includes(path) && isProgram(path))
    ? paths.filter((path) => changed.includes(path) || testFile.test(path))
    : paths;
  const own = runners.flatMap(({ program, files }) => {
    const left = concerned.filter(
      (path) => files.test(path) && !done.some((argv) => argv[0] === program && argv[1] === path),
    );
    const due = changedAt < 0 ? [] : left.filter((path) => testFile.test(path));
    return left.length > 0 ? [{ program, left, due }] : [];
  });
  const known = Object.entries(tests).filter(([file]) => paths.includes(file));
  const isKnown = known.length > 0 || paths.some(isProgram);
  const scripts = paths.includes('package.json') ? await scriptsOf(files, run) : [];
  const whole = [...known.map(([, argv]) => argv), ...scripts.map((name) => ['npm', 'run', name])].filter(
    (argv) => !done.some((each) => each.join(' ') === argv.join(' ')),
  );
  if (!isKnown) return done.length > 0 ? [] : [argvOf({ items: word, minItems: 1 })];
  const isDue = own.some(({ due }) => due.length > 0);
  const offered = own.map(({ program, left, due }) => ({ program, named: isDue ? due : left }));
  return [
    ...whole.map((argv) =>
      argvOf({ prefixItems: argv.map((part) => ({ enum: [part] })), items: false, minItems: argv.length }),
    ),
    ...offered
      .filter(({ named }) => named.length > 0)
      .map(({ program, named }) =>
        argvOf({ prefixItems: [{ enum: [program] }, { enum: named }], items: word, minItems: 2 }),
      ),
  ];
}

/** The tests that a task names are run before anything else: what they say as they are is what a change is for. */
export async function namedTests(files: FolderFiles, run: ToolRun, task: string): Promise<{ argv: string[] }[]> {
  return namedIn(task, (await folderPaths(files, run)) ?? []).flatMap((path) => {
    const runner = isTest(path) ? runners.find(({ files: own }) => own.test(path)) : undefined;
    return runner ? [{ argv: [runner.program, path] }] : [];
  });
}

/** What `npm run` runs there. */
async function scriptsOf(files: FolderFiles, run: ToolRun): Promise<string[]> {
  try {
    const { scripts } = JSON.parse(await files.text('package.json', run)) as { scripts?: unknown };
    const names = typeof scripts === 'object' && scripts !== null ? Object.keys(scripts) : [];
    return names.filter((name) => !otherScripts.test(name)).slice(0, maxScripts);
  } catch {
    return []; // it can't be read, or isn't JSON
  }
}

/** Tests that failed as they were found: what they ask for stands, for models that rather change them than what they test. */
export function failedAsFound(past: readonly PastCall[]): string[] {
  return past.flatMap(({ name, ok, given }, at) => {
    if (name !== 'run' || ok) return [];
    const changed = past
      .slice(0, at)
      .filter(isChange)
      .map((call) => call.given['path']);
    const words = [given['argv']].flat().filter((word) => typeof word === 'string');
    return words.filter((word) => testFile.test(word) && !changed.includes(word));
  });
}

export function isTest(path: string): boolean {
  return testFile.test(path);
}

function isProgram(path: string): boolean {
  return runners.some(({ files }) => files.test(path));
}

function argvOf(words: Record<string, unknown>): ObjectSchema {
  return choiceOf({ argv: { type: 'array', maxItems: maxWords, ...words } });
}
