// Finds an analyser's program on this machine: in the project's own folders first, then on the PATH.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { isInside } from '../../../base/paths.ts';

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

export interface ToolLocation {
  file: string;
  /** Arguments that come before the row's own. */
  before: readonly string[];
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
  // On Windows only real programs: a .cmd file would need a shell, whose quoting no argument is safe in (CVE-2024-27980).
  const names = (tool.kind === 'path' ? tool.programs : [tool.program]).map((name) =>
    isWindows ? `${name}.exe` : name,
  );
  const files = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  const file = files.find((path) => existing(path) !== undefined);
  if (file !== undefined) return { file, before: [], isProjects: false };
  // npm puts such a .cmd file beside its global `node_modules` there.
  const script = isWindows && tool.kind === 'npm' && first(folders, (folder) => packageScript(folder, tool));
  return script ? { file: process.execPath, before: [script], isProjects: false } : undefined;
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
function pathFolders(root: string, env: NodeJS.ProcessEnv): string[] {
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
