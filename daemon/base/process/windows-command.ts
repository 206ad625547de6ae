// What is spawned for a program on Windows. A `.cmd` or `.bat` file runs only in cmd.exe, which reads arguments as commands
// (CVE-2024-27980), so that Node refuses to spawn one. Many of them, such as npm's, merely start a script of Node: that is run itself, with
// any arguments. The others get no argument that cmd.exe could take for something else.
import { readFileSync, statSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { cleanMessage } from '../clean-text.ts';
import { UserError } from '../errors.ts';
import { windowsWord } from '../paths.ts';

/** A program, and what comes before its own arguments. */
export interface StartedProgram {
  file: string;
  before: readonly string[];
}

const isHere = process.platform === 'win32';

/** The endings that may be left out, in the order in which they are tried. */
const endings = ['.exe', '.com', '.cmd', '.bat'] as const;

/**
 * The program that a path means. Undefined where there is none that the system can run. `folders` are those of the PATH: Node is looked
 * for there.
 */
export function programAt(path: string, folders: readonly string[], isWindows = isHere): StartedProgram | undefined {
  if (!isWindows) return isFile(path) ? { file: path, before: [] } : undefined;
  const paths = endings.some((ending) => path.toLowerCase().endsWith(ending))
    ? [path]
    : endings.map((ending) => path + ending);
  const file = paths.find(isFile);
  return file === undefined ? undefined : (nodeScript(file, folders) ?? { file, before: [] });
}

/** The program that a command means which starts in a folder: on Windows by its path there, or in the folders of a PATH. */
export function programNamed(
  command: string,
  { cwd, path = '' }: { cwd: string; path: string | undefined },
  isWindows = isHere,
): StartedProgram {
  const asItIs = { file: command, before: [] };
  if (!isWindows) return asItIs;
  const folders = path.split(delimiter).filter(isAbsolute);
  const places = /[\\/]/.test(command) ? [resolve(cwd, command)] : folders.map((folder) => join(folder, command));
  for (const place of places) {
    const found = programAt(place, folders, isWindows);
    if (found) return found;
  }
  return asItIs;
}

export interface SpawnedCommand {
  file: string;
  args: string[];
  /** Whether the arguments are one line as cmd.exe reads it. */
  isVerbatim: boolean;
}

interface SpawnOptions {
  /** Whether the user wrote the arguments. Others may not have what a careless script hands on without quotes. */
  areUsers?: boolean;
  /** The folder that it starts in. */
  cwd?: string;
  isWindows?: boolean;
}

/** Throws UserErrors `unsafe-argument` and `unsafe-folder` for what cmd.exe can't be given. */
export function spawnedCommand(
  file: string,
  args: readonly string[],
  { areUsers = false, cwd = '', isWindows = isHere }: SpawnOptions = {},
): SpawnedCommand {
  if (!isWindows || !isBatch(file)) return { file, args: [...args], isVerbatim: false };
  if (/^[\\/]{2}/.test(cwd))
    throw new UserError(
      'unsafe-folder',
      `${cleanMessage(file, 200)} is a script for cmd.exe, which would start it in another folder than ${cleanMessage(cwd, 200)}. Give that share a drive letter.`,
    );
  // Between quotes cmd.exe itself reads `"` and `%`, for which there is no safe way to write them.
  // A script that takes quotes off, as with `%~1`, also ends its blocks at a `)`, and goes on with what follows.
  const unsafe = areUsers ? /["%\r\n]/ : /["%!^&|<>)\r\n]/;
  const bad = /["%\r\n]/.test(file) ? file : args.find((word) => unsafe.test(word));
  if (bad !== undefined)
    throw new UserError(
      'unsafe-argument',
      `${cleanMessage(file, 200)} is a script on Windows, and can't be given the argument ${cleanMessage(bad, 200)}. Use the program that it starts instead.`,
    );
  const line = [file, ...args].map(windowsWord).join(' ');
  return { file: commandProcessor(), args: ['/d', '/s', '/v:off', '/c', `"${line}"`], isVerbatim: true };
}

/** Windows leaves dots and blanks at the end of a name out. */
function isBatch(file: string): boolean {
  return /\.(?:cmd|bat)[. ]*$/i.test(file);
}

/** By its path, since the folder that a program starts in may have one of that name. */
function commandProcessor(): string {
  return join(process.env['SystemRoot'] ?? String.raw`C:\Windows`, 'System32', 'cmd.exe');
}

/**
 * TABLE of how npm, pnpm and yarn write a file that starts a script of Node with all of its arguments. One that does more, such as
 * setting NODE_PATH, is left to cmd.exe.
 */
const nodeStarters: readonly { writes: RegExp; only?: RegExp }[] = [
  { writes: /"%_prog%" +"%dp0%\\([^"%]+)" %\*/i, only: /^\s*SET "_prog=node"\s*$/im },
  { writes: /^\s*node +"%~dp0\\([^"%]+)" +%\*\s*$/im },
  { writes: /^\s*SET "NP[MX]_CLI_JS=%~dp0\\([^"%]+)"\s*$/im },
];
const maxStarterBytes = 8192;

function nodeScript(file: string, folders: readonly string[]): StartedProgram | undefined {
  if (!isBatch(file)) return undefined;
  const text = textOf(file);
  if (/NODE_PATH/i.test(text)) return undefined;
  const starter = nodeStarters.find(({ writes, only }) => writes.test(text) && (only?.test(text) ?? true));
  const way = starter?.writes.exec(text)?.[1];
  if (way === undefined) return undefined;
  const script = join(dirname(file), ...way.split('\\'));
  return isFile(script) ? { file: nodeFor(file, folders), before: [script] } : undefined;
}

/** As such a file chooses it, but none that a package brought. */
function nodeFor(file: string, folders: readonly string[]): string {
  const beside = /[\\/]node_modules[\\/]/i.test(file) ? [] : [dirname(file)];
  const nodes = [...beside, ...folders].map((folder) => join(folder, 'node.exe'));
  return nodes.find(isFile) ?? process.execPath;
}

function textOf(file: string): string {
  try {
    return statSync(file).size > maxStarterBytes ? '' : readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  } catch {
    return false; // a folder of the PATH that the user may not enter
  }
}
