// What the rows of the analysers' table are called with: names of configurations, arguments, variables.
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { isInside } from '../../../base/paths.ts';
import { findFileUpwards } from './find-tool.ts';
import { builtByGo, builtFiles } from './parsers/go-vet.ts';
import type { AnalyserRow, FileLocation } from './row.ts';

export const script = ['.js', '.mjs', '.cjs', '.jsx'];
export const typescript = ['.ts', '.mts', '.cts', '.tsx'];
export const tsconfigs = ['tsconfig.json', 'jsconfig.json'];
export const eslintConfigs = ['js', 'mjs', 'cjs', 'ts', 'mts', 'cts']
  .map((ending) => `eslint.config.${ending}`)
  .concat(['.js', '.cjs', '.yaml', '.yml', '.json', ''].map((ending) => `.eslintrc${ending}`));

/**
 * What tsc would write goes where the configuration says, also over what is there: so it writes nothing but what it knows of the project,
 * into our own folder. With that its next run checks only what changed.
 */
export function incrementally(config: string, cache: string): string[] {
  const name = createHash('sha256').update(config).digest('hex').slice(0, 32);
  return [
    ...['--noEmit', '--incremental', '--composite', 'false', '--generateTrace', 'null'],
    ...['--tsBuildInfoFile', join(cache, 'tsc', `${name}.tsbuildinfo`)],
  ];
}

export const oxlintConfigs = ['.oxlintrc.json', '.oxlintrc.jsonc', 'oxlint.config.ts'];
export const oxlintJson = ['--format', 'json', '--no-error-on-unmatched-pattern'];

/** With rules that its authors take for wrong code. */
export function emptyOxlintConfiguration(scratch: string): string {
  const path = join(scratch, 'oxlint.json');
  writeFileSync(path, '{}');
  return path;
}

const mypyQuietly = ['--no-error-summary', '--no-color-output', '--hide-error-context', '--no-pretty'];
export const mypyCheck = ['--show-error-end', '--show-error-codes', ...mypyQuietly];

/** What Go's programs write goes elsewhere, and the network is off. */
export const goEnvironment: NonNullable<AnalyserRow['environment']> = ({ scratch, cache }) => {
  const telemetry = join(scratch, 'go', 'telemetry'); // on systems that know XDG_CONFIG_HOME
  mkdirSync(telemetry, { recursive: true });
  writeFileSync(join(telemetry, 'mode'), 'off'); // what it counts a child would write when all else has ended
  return {
    GOCACHE: join(cache, 'go-build'), // made once, since compiling what a project imports takes long
    STATICCHECK_CACHE: join(cache, 'staticcheck'),
    GOPROXY: 'off',
    GOTOOLCHAIN: 'local', // go.mod may name another one to download and run
    GOENV: process.env['GOENV'] ?? join(userConfiguration(), 'go', 'env'),
    XDG_CONFIG_HOME: scratch,
  };
};

export const goListing: NonNullable<AnalyserRow['listing']> = {
  tool: { kind: 'path', programs: ['go'] },
  arguments: () => ['list', '-e', '-f', builtFiles, '.'],
  files: ({ stdout }) => builtByGo(stdout),
};

/** The root of the crate's workspace, to which Cargo's paths are relative. */
export function cargoRoot(location: FileLocation): string | undefined {
  const crate = findFileUpwards(location, ['Cargo.toml']);
  for (let folder = crate && dirname(crate); folder && isInside(folder, location.root); folder = dirname(folder)) {
    if (fileWith({ folder, root: folder }, 'Cargo.toml', /^\s*\[workspace\b/m)) return folder;
    if (folder === dirname(folder)) break;
  }
  return folderOf(crate);
}

/** It writes no class files, under the name of this wish since Java 9 and before. */
const stopsEarly = ['-XDshould-stop.ifNoError=FLOW', '-XDshouldStopPolicyIfNoError=FLOW'];
export const javacLint = [
  '-J-Duser.language=en',
  '-encoding',
  'UTF-8',
  '-Xlint:all',
  '-proc:none',
  '-implicit:none',
  ...stopsEarly,
];

export const yamllintConfigs = ['.yamllint', '.yamllint.yaml', '.yamllint.yml'];
/** Its own defaults are of style. */
export const yamlFlaws = '{rules: {key-duplicates: enable, anchors: enable}}';

export const cppcheckQuietly = ['--quiet', '--inline-suppr', '--enable=warning,performance,portability'];

/** In a copy of the file its includes lead nowhere. */
export function copyInto(scratch: string, file: string): string {
  copyFileSync(file, join(scratch, basename(file)));
  return basename(file);
}

/** Arguments by which clang-tidy finds out how the file is compiled. */
export function compileCommands(location: FileLocation): string[] {
  const found = findFileUpwards(location, ['compile_commands.json', 'build/compile_commands.json']);
  return found === undefined ? [] : ['-p', dirname(found)];
}

/** The nearest file of that name, if it has such words: a file of the project may belong to several tools. */
function fileWith(location: Omit<FileLocation, 'file'>, name: string, words: RegExp): string | undefined {
  const file = findFileUpwards(location, [name]);
  return file !== undefined && words.test(plainText(file)) ? file : undefined;
}

/** What is not a plain file of a usual size, as a pipe, is no configuration. */
function plainText(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats?.isFile() && stats.size < maxConfigurationBytes ? readFileSync(file, 'utf8') : '';
}

const maxConfigurationBytes = 1024 * 1024;

export function mypyConfig(location: FileLocation): string | undefined {
  return (
    findFileUpwards(location, ['mypy.ini', '.mypy.ini']) ??
    fileWith(location, 'pyproject.toml', /^\s*\[tool\.mypy\]/m) ??
    fileWith(location, 'setup.cfg', /^\s*\[mypy\]/m)
  );
}

export function pyrightConfig(location: FileLocation): string | undefined {
  return (
    findFileUpwards(location, ['pyrightconfig.json']) ?? fileWith(location, 'pyproject.toml', /^\s*\[tool\.pyright\]/m)
  );
}

export const semgrepConfigs = ['.semgrep.yml', '.semgrep.yaml', '.semgrep'];

/** By the rules of the project, which are in its folder or in one above. */
export function semgrepScan(location: FileLocation, files: readonly string[]): string[] {
  const config = findFileUpwards(location, semgrepConfigs) ?? '.';
  return ['scan', '--json', '--quiet', '--metrics=off', '--disable-version-check', '--config', config, ...files];
}

export const cFamily = ['.c', '.cc', '.cpp', '.cxx', '.h', '.hh', '.hpp', '.hxx'];

export const biomeQuietly = ['--max-diagnostics=none', '--no-errors-on-unmatched'];
export const biomeLint = ['lint', '--reporter=rdjson', ...biomeQuietly];

/** Without a configuration of ours biome would look for one around the file, and pass over a file of more than 1 MiB. */
export function emptyBiomeConfiguration(scratch: string): string {
  writeFileSync(join(scratch, 'biome.json'), '{"root":true,"files":{"maxSize":67108864}}');
  return scratch;
}

export const ruffCheck = [
  ...['check', '--output-format', 'json', '--no-cache', '--quiet', '--exit-zero'],
  '--no-fix', // with `fix = true` it would print the fixed code instead of its findings
];

/** Where go looks for the user's settings on systems that know XDG_CONFIG_HOME. */
function userConfiguration(): string {
  return process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config');
}

export function userCache(): string {
  return process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
}

export function folderOf(file: string | undefined): string | undefined {
  return file === undefined ? undefined : dirname(file);
}
