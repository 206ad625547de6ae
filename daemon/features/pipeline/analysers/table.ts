// TABLE OF CONTENTS of the analysers: which files each reads, how it is found, called and parsed. A new one is a row
// here.
import { dirname, extname } from 'node:path';
import { findFileUpwards, type ToolLookup } from './find-tool.ts';
import { parseBiome } from './parsers/biome.ts';
import { ignoredByEslint, parseEslint } from './parsers/eslint.ts';
import { parseGoVet } from './parsers/go-vet.ts';
import { parseRuff } from './parsers/ruff.ts';
import { parseShellcheck } from './parsers/shellcheck.ts';
import { beyondJavaScript, parseNodeCheck, parsePythonCheck, pythonCheckScript } from './parsers/syntax.ts';
import { parseTypescript, unlisted } from './parsers/typescript.ts';
import type { ColumnUnit, ToolReport, Unread } from './report.ts';
import { configsFrom } from './tsconfig.ts';

/** The reviewed file's location, as absolute paths. */
export interface FileLocation {
  file: string;
  folder: string;
  root: string;
}

export interface AnalyserRow {
  name: string;
  /** Endings of the files it reads. */
  extensions: readonly string[];
  tool: ToolLookup;
  /**
   * `disk`: it reads the saved file and is skipped while the document differs. `input`: it reads the document from its
   * input.
   */
  reads: 'disk' | 'input';
  /** Whether the project's configuration makes it run the project's code, wherever the program itself comes from. */
  configurationIsCode: boolean;
  columns: ColumnUnit;
  /** The folder to run in; undefined when the project does not use it. */
  folder(location: FileLocation): string | undefined;
  arguments(location: FileLocation): readonly string[];
  /** Several ways to run it, in their order, where one may look at the file and another not; instead of `arguments`. */
  attempts?(location: FileLocation): readonly (readonly string[])[];
  /** Arguments with which it reads several saved files at once; instead of `arguments` where all of them are saved. */
  together?(files: readonly string[]): readonly string[];
  /** Whether the project is set up for it, so that something is missing where it is not installed. */
  isAskedFor?(location: FileLocation): boolean;
  /** Why it has not looked at the file though it ran; asked where it reports nothing of the file. */
  unread?(output: { stdout: string; stderr: string }, file: AnalysedFile): Unread | undefined;
  /** Throws when the output is not the tool's. */
  parse(output: { stdout: string; stderr: string }, document: string): ToolReport[];
}

interface AnalysedFile {
  location: FileLocation;
  text: string;
}

const script = ['.js', '.mjs', '.cjs', '.jsx'];
const typescript = ['.ts', '.mts', '.cts', '.tsx'];
const tsconfigs = ['tsconfig.json', 'jsconfig.json'];
const eslintConfigs = ['js', 'mjs', 'cjs', 'ts', 'mts', 'cts']
  .map((ending) => `eslint.config.${ending}`)
  .concat(['.js', '.cjs', '.yaml', '.yml', '.json', ''].map((ending) => `.eslintrc${ending}`));

/** What else tsc would write is where the configuration says, also over what is there. */
const writesNothing = [
  ...['--noEmit', '--incremental', 'false', '--composite', 'false'],
  ...['--tsBuildInfoFile', 'null', '--generateTrace', 'null'],
];

export const analyserTable: readonly AnalyserRow[] = [
  {
    name: 'tsc',
    extensions: [...typescript, ...script],
    tool: { kind: 'npm', package: 'typescript', program: 'tsc' },
    reads: 'disk',
    configurationIsCode: false,
    columns: 'utf16',
    folder: (location) => folderOf(findFileUpwards(location, tsconfigs)),
    arguments: (location) => [...writesNothing, '--pretty', 'false', '-p', findFileUpwards(location, tsconfigs) ?? '.'],
    attempts: (location) =>
      configsFrom(findFileUpwards(location, tsconfigs) ?? location.folder, location.root).map((config) => [
        ...writesNothing,
        ...['--pretty', 'false', '--listFiles', '-p', config],
      ]),
    isAskedFor: (location) =>
      typescript.includes(extname(location.file)) && findFileUpwards(location, ['tsconfig.json']) !== undefined,
    unread: ({ stdout }, { location }) => unlisted(stdout, location.file, typescript),
    parse: ({ stdout }) => parseTypescript(stdout),
  },
  {
    name: 'eslint',
    extensions: [...script, ...typescript],
    tool: { kind: 'npm', package: 'eslint', program: 'eslint' },
    reads: 'input',
    configurationIsCode: true,
    columns: 'utf16',
    folder: (location) => folderOf(findFileUpwards(location, eslintConfigs)),
    arguments: ({ file }) => ['--stdin', '--stdin-filename', file, '--format', 'json', '--no-color'],
    together: (files) => [...files, '--format', 'json', '--no-color'],
    isAskedFor: (location) => findFileUpwards(location, eslintConfigs) !== undefined,
    unread: ({ stdout }, { location }) => ignoredByEslint(stdout, location.file),
    parse: ({ stdout }, document) => parseEslint(stdout, document),
  },
  {
    name: 'biome',
    extensions: [...script, ...typescript, '.json', '.jsonc', '.css'],
    tool: { kind: 'npm', package: '@biomejs/biome', program: 'biome' },
    reads: 'disk', // given its input, it only prints the fixed code
    configurationIsCode: false,
    columns: 'characters',
    folder: (location) => folderOf(findFileUpwards(location, ['biome.json', 'biome.jsonc'])) ?? location.root,
    arguments: ({ file }) => ['lint', '--reporter=rdjson', '--max-diagnostics=none', '--no-errors-on-unmatched', file],
    together: (files) => ['lint', '--reporter=rdjson', '--max-diagnostics=none', '--no-errors-on-unmatched', ...files],
    isAskedFor: (location) => findFileUpwards(location, ['biome.json', 'biome.jsonc']) !== undefined,
    parse: ({ stdout }) => parseBiome(stdout),
  },
  {
    name: 'ruff',
    extensions: ['.py', '.pyi'],
    tool: { kind: 'python', program: 'ruff' },
    reads: 'input',
    configurationIsCode: false,
    columns: 'characters',
    folder: ({ folder }) => folder,
    isAskedFor: (location) => findFileUpwards(location, ['ruff.toml', '.ruff.toml']) !== undefined,
    arguments: ({ file }) => [
      'check',
      '--output-format',
      'json',
      '--no-cache',
      '--no-fix', // with `fix = true` it would print the fixed code instead of its findings
      '--quiet',
      '--exit-zero',
      '--force-exclude',
      '--stdin-filename',
      file,
      '-',
    ],
    parse: ({ stdout }) => parseRuff(stdout),
  },
  {
    name: 'python',
    extensions: ['.py', '.pyi'],
    tool: { kind: 'path', programs: ['python3', 'python'] },
    reads: 'input',
    configurationIsCode: false, // `-I` keeps the project's folder off the module path
    columns: 'characters',
    folder: ({ root }) => root,
    arguments: ({ file }) => ['-I', '-c', pythonCheckScript, file],
    parse: ({ stdout }) => parsePythonCheck(stdout),
  },
  {
    name: 'node',
    extensions: ['.js', '.mjs', '.cjs'],
    tool: { kind: 'node' },
    reads: 'disk',
    configurationIsCode: false,
    columns: 'utf16',
    folder: ({ folder }) => folder,
    arguments: ({ file }) => ['--check', file],
    unread: ({ stderr }, { text }) => beyondJavaScript(stderr, text),
    parse: ({ stderr }) => parseNodeCheck(stderr),
  },
  {
    name: 'go vet',
    extensions: ['.go'],
    tool: { kind: 'path', programs: ['go'] },
    reads: 'disk',
    configurationIsCode: true, // go.mod may name another toolchain to run
    columns: 'bytes',
    folder: (location) => (findFileUpwards(location, ['go.mod']) === undefined ? undefined : location.folder),
    arguments: () => ['vet', '-json', '.'],
    isAskedFor: (location) => findFileUpwards(location, ['go.mod']) !== undefined,
    parse: ({ stdout, stderr }) => parseGoVet(stdout, stderr),
  },
  {
    name: 'shellcheck',
    extensions: ['.sh', '.bash'],
    tool: { kind: 'path', programs: ['shellcheck'] },
    reads: 'input',
    configurationIsCode: false,
    columns: 'characters',
    folder: ({ folder }) => folder,
    arguments: () => ['-f', 'json1', '-'],
    parse: ({ stdout }) => parseShellcheck(stdout),
  },
];

function folderOf(file: string | undefined): string | undefined {
  return file === undefined ? undefined : dirname(file);
}
