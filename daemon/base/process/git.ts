// Asks git about a repository that may be anybody's. Its configuration and attributes can name programs; git is asked in a way that
// runs none of them, and that reaches no other machine.
import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { devNull } from 'node:os';
import { isInside } from '../paths.ts';

export interface GitCall {
  /** The folder to ask in. */
  root: string;
  signal?: AbortSignal;
  timeoutMs?: number;
  maxBytes?: number;
}

/**
 * No locks: the user may be working with git. No file system monitor, hooks or diff programs: the repository names them. A folder that
 * merely looks like a repository, as a tracked one can, is none. A submodule is a repository of its own, so nothing is asked in it.
 */
const always = [
  '--no-optional-locks',
  ...Object.entries({
    'core.fsmonitor': 'false',
    'core.hooksPath': devNull,
    'safe.bareRepository': 'explicit',
    'diff.submodule': 'short',
    'diff.ignoreSubmodules': 'all',
    'submodule.recurse': 'false',
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
];
/** What a clone left out would be fetched, by a program that the repository names. An empty list allows no protocol. */
const environment = { GIT_ALLOW_PROTOCOL: '', GIT_NO_LAZY_FETCH: '1', GIT_TERMINAL_PROMPT: '0' };

/** The user's environment without git's own variables, which can name programs and other repositories as well. */
function gitEnvironment(): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !/^GIT_/i.test(name));
  return { ...Object.fromEntries(others), ...environment };
}

/** What git says. Throws the system's error, with git's own words in `stderr` and its exit status in `code`. */
export function askGit(
  args: readonly string[],
  { root, signal, timeoutMs = 0, maxBytes = 1024 * 1024 }: GitCall,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      ...(signal && { signal }),
      timeout: timeoutMs,
      maxBuffer: maxBytes,
      windowsHide: true,
      env: gitEnvironment(),
    };
    const child = execFile('git', [...always, '-C', root, ...args], options, (error, stdout, stderr) =>
      error ? reject(Object.assign(error, { stderr })) : resolve(stdout),
    );
    child.stdin?.on('error', () => {}); // it may not have started
    child.stdin?.end();
  });
}

/** Arguments without which a look at the work tree would run the filters that the repository defines itself; the user's own (LFS) stay. */
export async function withoutOwnFilters(call: GitCall): Promise<string[]> {
  const listed = await askGit(
    [
      'config',
      '--show-scope',
      '--includes',
      '--null',
      '--name-only',
      '--get-regexp',
      String.raw`^filter\..*\.(clean|smudge|process|required)$`,
    ],
    call,
  ).catch((error: unknown) => {
    if ((error as { code?: unknown }).code === 1) return ''; // none
    throw error;
  });
  const fields = listed.split('\0');
  const own = fields.filter(
    (_, index) => index % 2 === 1 && (fields[index - 1] === 'local' || fields[index - 1] === 'worktree'),
  );
  if (own.some((name) => name.includes('=')))
    throw new Error('its configuration has a filter whose name cannot be overridden');
  return own.flatMap((name) => ['-c', `${name}=${name.endsWith('.required') ? 'false' : ''}`]);
}

/** Whether the repository's work tree is the folder itself or around it: a configuration can place it anywhere. */
export async function hasOwnWorkTree(call: GitCall): Promise<boolean> {
  const top = (await askGit(['rev-parse', '--show-toplevel'], call)).replace(/\r?\n$/, '');
  return isInside(await realpath(call.root), await realpath(top));
}
