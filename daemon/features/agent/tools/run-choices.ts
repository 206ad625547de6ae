// What can be run in a folder, for models whose answers are forced: its own programs and its tests, none of them again before a file was
// changed, and no three in a row.
import { choiceOf, folderPaths } from './choices.ts';
import type { FolderFiles } from './folder-files.ts';
import type { ObjectSchema, PastCall, ToolRun } from './tool.ts';

/** Small models write without end else. */
const word = { type: 'string', minLength: 1, maxLength: 120 };
const maxWords = 8;

/** TABLE of what runs a kind of file. */
const runners = [
  { program: 'node', files: /\.[cm]?js$/ },
  { program: process.platform === 'win32' ? 'python' : 'python3', files: /\.py$/ },
] as const;

/** TABLE of what runs the tests of a project, by a file that it has. */
const tests: Readonly<Record<string, readonly string[]>> = {
  'package.json': ['npm', 'test'],
  'go.mod': ['go', 'test', './...'],
  'Cargo.toml': ['cargo', 'test'],
  Makefile: ['make', 'test'],
};

export async function runChoices(files: FolderFiles, run: ToolRun, past: readonly PastCall[]): Promise<ObjectSchema[]> {
  if (past.length > 1 && past.slice(-2).every(({ name }) => name === 'run')) return [];
  const paths = (await folderPaths(files, run)) ?? [];
  const since = past.slice(past.findLastIndex(({ name, ok }) => name === 'edit' && ok) + 1);
  const done = since.filter(({ name }) => name === 'run').map(({ given }) => [given['argv']].flat());
  const own = runners.flatMap(({ program, files }) => {
    const left = paths.filter(
      (path) => files.test(path) && !done.some((argv) => argv[0] === program && argv[1] === path),
    );
    return left.length > 0 ? [[{ enum: [program] }, { enum: left }]] : [];
  });
  const known = Object.entries(tests).filter(([file]) => paths.includes(file));
  const isKnown = known.length > 0 || paths.some((path) => runners.some(({ files }) => files.test(path)));
  const whole = known.map(([, argv]) => argv).filter((argv) => !done.some((each) => each.join(' ') === argv.join(' ')));
  if (!isKnown) return done.length > 0 ? [] : [argvOf({ items: word, minItems: 1 })];
  return [
    ...whole.map((argv) =>
      argvOf({ prefixItems: argv.map((part) => ({ enum: [part] })), items: false, minItems: argv.length }),
    ),
    ...own.map((prefixItems) => argvOf({ prefixItems, items: word, minItems: prefixItems.length })),
  ];
}

function argvOf(words: Record<string, unknown>): ObjectSchema {
  return choiceOf({ argv: { type: 'array', maxItems: maxWords, ...words } });
}
