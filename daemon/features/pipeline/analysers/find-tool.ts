// Finds an analyser's program on this machine: in the project's own folders first, then on the PATH.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { isInside } from '../../../base/paths.ts';
import { programAt, type StartedProgram } from '../../../base/process/windows-command.ts';

/** How a row's program is looked for. */
export type ToolLookup =
  /** A package of the project's `node_modules`, or a program of that name on the PATH. */
  | { kind: 'npm'; package: string; program: string }
  /** A program of the project's Python environment, or on the PATH. */
  | { kind: 'python'; program: string }
  /** A program on the PATH, under the first of these names. */
  | { kind: 'path'; programs: readonly string[] }
  /** The Node.js that runs this. */
  | { kind: 'node' };

/** What is before comes before the row's own arguments. */
export interface ToolLocation extends StartedProgram {
  /** Whether it is part of the project, so that running it runs the project's code. */
  isProjects: boolean;
}

/** The project's own program, from the file's folder up to and including the root; else the one of this machine. */
export function findTool(
  tool: ToolLookup,
  location: { folder: string; root: string },
  env: NodeJS.ProcessEnv,
): ToolLocation | undefined {
  return findOwnTool(tool, location) ?? findMachineTool(tool, location, env);
}

function findOwnTool(tool: ToolLookup, location: { folder: string; root: string }): ToolLocation | undefined {
  const script = tool.kind === 'npm' ? findUpwards(location, (folder) => packageScript(folder, tool)) : undefined;
  // The package's own script under our Node: the same on every system, where `node_modules/.bin` holds shell scripts on
  // Windows.
  if (script) return { file: process.execPath, before: [script], isProjects: true };
  const own =
    tool.kind === 'python' ? findUpwards(location, (folder) => environmentProgram(folder, tool.program)) : undefined;
  return own === undefined ? undefined : { file: own, before: [], isProjects: true };
}

/** A program that comes from elsewhere than the project. */
export function findMachineTool(
  tool: ToolLookup,
  { root }: { root: string },
  env: NodeJS.ProcessEnv,
  isWindows = process.platform === 'win32',
): ToolLocation | undefined {
  if (tool.kind === 'node') return { file: process.execPath, before: [], isProjects: false };
  const folders = pathFolders(root, env);
  const names = tool.kind === 'path' ? tool.programs : [tool.program];
  const onPath = (ending: string): StartedProgram | undefined =>
    first(names, (name) => first(folders, (folder) => programAt(join(folder, name + ending), folders, isWindows)));
  // npm has its global `node_modules` beside the .cmd files there, which are no programs of their own.
  const found = isWindows ? (onPath('.exe') ?? packageOf(tool, folders) ?? onPath('')) : onPath('');
  return found && { ...found, isProjects: false };
}

/** The first defined answer, asking each folder from the file's own up to the root. */
function findUpwards<T>(
  location: { folder: string; root: string },
  ask: (folder: string) => T | undefined,
): T | undefined {
  for (let folder = location.folder; isInside(folder, location.root); folder = dirname(folder)) {
    const answer = ask(folder);
    if (answer !== undefined) return answer;
    if (folder === dirname(folder)) break;
  }
  return undefined;
}

/** The first of these files that exists in the file's folder or in one above it. */
export function findFileUpwards(
  location: { folder: string; root: string },
  names: readonly string[],
): string | undefined {
  return findUpwards(location, (folder) => names.map((name) => join(folder, name)).find((path) => existsSync(path)));
}

function packageOf(tool: ToolLookup, folders: readonly string[]): StartedProgram | undefined {
  const script = tool.kind === 'npm' ? first(folders, (folder) => packageScript(folder, tool)) : undefined;
  return script === undefined ? undefined : { file: process.execPath, before: [script] };
}

function packageScript(folder: string, tool: { package: string; program: string }): string | undefined {
  const home = join(folder, 'node_modules', ...tool.package.split('/'));
  try {
    const { bin } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {
      bin?: string | Record<string, string>;
    };
    const script = typeof bin === 'string' ? bin : bin?.[tool.program];
    return script === undefined ? undefined : existing(join(home, script));
  } catch {
    return undefined; // not installed here, or not readable: the next folder may have it
  }
}

function environmentProgram(folder: string, program: string): string | undefined {
  const names = process.platform === 'win32' ? ['Scripts', `${program}.exe`] : ['bin', program];
  return ['.venv', 'venv']
    .map((environment) => join(folder, environment, ...names))
    .find((path) => existing(path) !== undefined);
}

/** Skips folders that are relative or lie in the workspace, since a project could plant a program there. */
export function pathFolders(root: string, env: NodeJS.ProcessEnv): string[] {
  return (env['PATH'] ?? env['Path'] ?? '')
    .split(delimiter)
    .filter((folder) => isAbsolute(folder) && !isInside(folder, root));
}

function first<T>(folders: readonly string[], ask: (folder: string) => T | undefined): T | undefined {
  for (const folder of folders) {
    const answer = ask(folder);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

function existing(path: string): string | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ? path : undefined;
  } catch {
    return undefined; // a folder of the PATH that the user may not enter
  }
}
