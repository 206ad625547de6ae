// TABLE OF CONTENTS of the analysers: which files each reads, how it is found, called and parsed. A new one is a row
// here.
import { writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { findFileUpwards, type ToolLookup } from './find-tool.ts';
import { parseBiome, processedByBiome } from './parsers/biome.ts';
import { ignoredByEslint, parseEslint } from './parsers/eslint.ts';
import { builtByGo, builtFiles, parseGoVet } from './parsers/go-vet.ts';
import { parseRuff, shownByRuff } from './parsers/ruff.ts';
import { parseShellcheck, unreadByShellcheck } from './parsers/shellcheck.ts';
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
  /**
   * Arguments with which it uses nothing of the project but the file, in a folder that is not trusted. It runs in `scratch`, an empty
   * folder. Absent where it has nothing to say without the project's configuration, or cannot be kept from it: then it is left out there.
   */
  isolated?(location: FileLocation, scratch: string): readonly string[];
  /** Variables that keep it from the network and from writing elsewhere than in `scratch`, which goes when it ends, and in `cache`, our own. */
  environment?(folders: { scratch: string; cache: string }): Readonly<Record<string, string>>;
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
  /**
   * How it names those of some files that it reads, where it passes over in silence what its configuration leaves out. Run where it
   * reports nothing of a file. `files` is undefined where the output says nothing of that.
   */
  listing?: {
    arguments(files: readonly string[]): readonly string[];
    files(output: { stdout: string; stderr: string }): readonly string[] | undefined;
  };
  /** Throws when the output is not the tool's. */
  parse(output: { stdout: string; stderr: string }, document: string): ToolReport[];
}

interface AnalysedFile {
  location: FileLocation;
  text: string;
  /** Whether the tool used nothing of the project but the file. */
  isIsolated: boolean;
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

const biomeQuietly = ['--max-diagnostics=none', '--no-errors-on-unmatched'];
const biomeLint = ['lint', '--reporter=rdjson', ...biomeQuietly];

/** Without a configuration of ours biome would look for one around the file, and pass over a file of more than 1 MiB. */
function emptyBiomeConfiguration(scratch: string): string {
  writeFileSync(join(scratch, 'biome.json'), '{"root":true,"files":{"maxSize":67108864}}');
  return scratch;
}

const ruffCheck = [
  ...['check', '--output-format', 'json', '--no-cache', '--quiet', '--exit-zero'],
  '--no-fix', // with `fix = true` it would print the fixed code instead of its findings
];

/** Where go looks for the user's settings on systems that know XDG_CONFIG_HOME. */
function userConfiguration(): string {
  return process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config');
}

export const analyserTable: readonly AnalyserRow[] = [
  {
    name: 'tsc',
    extensions: [...typescript, ...script],
    tool: { kind: 'npm', package: 'typescript', program: 'tsc' },
    reads: 'disk',
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
    columns: 'utf16',
    folder: (location) => folderOf(findFileUpwards(location, eslintConfigs)),
    arguments: ({ file }) => ['--stdin', '--stdin-filename', file, '--format', 'json', '--no-color'],
    together: (files) => [...files, '--format', 'json', '--no-color'],
    isAskedFor: (location) => findFileUpwards(location, eslintConfigs) !== undefined,
    unread: (output, { location }) => ignoredByEslint(output, location.file),
    parse: ({ stdout }, document) => parseEslint(stdout, document),
  },
  {
    name: 'biome',
    extensions: [...script, ...typescript, '.json', '.jsonc', '.css'],
    tool: { kind: 'npm', package: '@biomejs/biome', program: 'biome' },
    reads: 'disk', // given its input, it only prints the fixed code
    columns: 'characters',
    folder: (location) => folderOf(findFileUpwards(location, ['biome.json', 'biome.jsonc'])) ?? location.root,
    arguments: ({ file }) => [...biomeLint, file],
    together: (files) => [...biomeLint, ...files],
    isolated: ({ file }, scratch) => [...biomeLint, `--config-path=${emptyBiomeConfiguration(scratch)}`, file],
    isAskedFor: (location) => findFileUpwards(location, ['biome.json', 'biome.jsonc']) !== undefined,
    listing: { arguments: (files) => ['lint', '--verbose', ...biomeQuietly, ...files], files: processedByBiome },
    parse: ({ stdout }) => parseBiome(stdout),
  },
  {
    name: 'ruff',
    extensions: ['.py', '.pyi'],
    tool: { kind: 'python', program: 'ruff' },
    reads: 'input',
    columns: 'characters',
    folder: ({ root }) => root, // what it reads of the project is looked for around each file
    isAskedFor: (location) => findFileUpwards(location, ['ruff.toml', '.ruff.toml']) !== undefined,
    arguments: ({ file }) => [...ruffCheck, '--force-exclude', '--stdin-filename', file, '-'],
    together: (files) => [...ruffCheck, '--force-exclude', ...files],
    listing: {
      arguments: (files) => ['check', '--show-files', '--force-exclude', '--no-cache', '--quiet', ...files],
      files: ({ stdout }) => shownByRuff(stdout),
    },
    isolated: ({ file }) => [...ruffCheck, '--isolated', '--stdin-filename', file, '-'],
    parse: ({ stdout }) => parseRuff(stdout),
  },
  {
    name: 'python',
    extensions: ['.py', '.pyi'],
    tool: { kind: 'path', programs: ['python3', 'python'] },
    reads: 'input',
    columns: 'characters',
    folder: ({ root }) => root,
    // `-I` keeps the project's folder off the module path, `-B` writes no bytecode.
    arguments: ({ file }) => ['-I', '-B', '-c', pythonCheckScript, file],
    isolated: ({ file }) => ['-I', '-B', '-c', pythonCheckScript, file],
    parse: ({ stdout }) => parsePythonCheck(stdout),
  },
  {
    name: 'node',
    extensions: ['.js', '.mjs', '.cjs'],
    tool: { kind: 'node' },
    reads: 'disk',
    columns: 'utf16',
    folder: ({ folder }) => folder,
    arguments: ({ file }) => ['--check', file],
    isolated: ({ file }) => ['--check', file],
    unread: ({ stderr }, { text }) => beyondJavaScript(stderr, text),
    parse: ({ stderr }) => parseNodeCheck(stderr),
  },
  {
    name: 'go vet',
    extensions: ['.go'],
    tool: { kind: 'path', programs: ['go'] },
    reads: 'disk',
    columns: 'bytes',
    folder: (location) => (findFileUpwards(location, ['go.mod']) === undefined ? undefined : location.folder),
    arguments: () => ['vet', '-json', '.'],
    environment: ({ scratch, cache }) => ({
      GOCACHE: join(cache, 'go-build'), // made once, since compiling what a project imports takes long
      GOPROXY: 'off',
      GOTOOLCHAIN: 'local', // go.mod may name another one to download and run
      GOENV: process.env['GOENV'] ?? join(userConfiguration(), 'go', 'env'),
      XDG_CONFIG_HOME: scratch, // where its counters go
    }),
    isAskedFor: (location) => findFileUpwards(location, ['go.mod']) !== undefined,
    listing: { arguments: () => ['list', '-e', '-f', builtFiles, '.'], files: ({ stdout }) => builtByGo(stdout) },
    parse: ({ stdout, stderr }) => parseGoVet(stdout, stderr),
  },
  {
    name: 'shellcheck',
    extensions: ['.sh', '.bash'],
    tool: { kind: 'path', programs: ['shellcheck'] },
    reads: 'input',
    columns: 'characters',
    folder: ({ folder }) => folder,
    arguments: () => ['-f', 'json1', '-'],
    isolated: () => ['--norc', '-f', 'json1', '-'],
    unread: ({ stdout }, { location, isIsolated }) =>
      unreadByShellcheck(stdout, isIsolated ? undefined : findFileUpwards(location, ['.shellcheckrc', 'shellcheckrc'])),
    parse: ({ stdout }) => parseShellcheck(stdout),
  },
];

function folderOf(file: string | undefined): string | undefined {
  return file === undefined ? undefined : dirname(file);
}
