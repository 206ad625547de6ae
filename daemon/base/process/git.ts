// Asks git about a repository that may be anybody's. Its configuration and attributes can name programs; git is asked in a way that
// runs none of them, and that reaches no other machine.
import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { devNull } from 'node:os';
import { join } from 'node:path';
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
export async function askGit(args: readonly string[], { root, ...call }: GitCall): Promise<string> {
  return (await git(['-C', root, ...args], { ...call, env: gitEnvironment() })).toString('utf8');
}

/** A repository of ours that keeps the files of a folder which may be anybody's. */
export interface OwnRepository {
  /** The repository itself, which lies elsewhere. */
  folder: string;
  /** The folder whose files it keeps. */
  workTree: string;
  /** The index to work with. */
  index: string;
}

interface OwnGitCall extends Omit<GitCall, 'root'> {
  input?: string | Buffer;
}

const isPosix = process.platform !== 'win32';

/** Names, line ends and links are kept as they are, and no work is left for later. */
const asItIs = Object.entries({
  'core.autocrlf': 'false',
  'core.safecrlf': 'false',
  'core.fileMode': String(isPosix),
  'core.symlinks': String(isPosix),
  'core.ignoreCase': 'false',
  'core.precomposeUnicode': 'false',
  'core.protectHFS': String(!isPosix),
  'core.protectNTFS': String(!isPosix),
  'core.longPaths': 'true',
  'core.splitIndex': 'false',
  'core.untrackedCache': 'false',
  'core.sparseCheckout': 'false',
  'core.logAllRefUpdates': 'false',
  'core.compression': '1',
  'gc.auto': '0',
}).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

const ourselves = Object.fromEntries(
  ['AUTHOR', 'COMMITTER'].flatMap((role) => [
    [`GIT_${role}_NAME`, 'Switchyard'],
    [`GIT_${role}_EMAIL`, 'switchyard@localhost'],
  ]),
);

/**
 * Asks git about a repository of ours. No configuration but our own counts: not the user's, not the system's, and not that of a repository
 * in the folder. What the folder's attributes say is overruled by the repository's `info/attributes`. Throws as `askGit` does.
 */
export async function askOwnGit(
  args: readonly string[],
  { folder, workTree, index }: OwnRepository,
  call: OwnGitCall = {},
): Promise<Buffer> {
  const none = join(folder, 'none');
  const env = {
    ...gitEnvironment(),
    ...ourselves,
    GIT_DIR: folder,
    GIT_WORK_TREE: workTree,
    GIT_INDEX_FILE: index,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: none,
    GIT_ATTR_NOSYSTEM: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    LC_ALL: 'C', // what it says of a full disk is read
    HOME: folder, // older versions of git know no other way to leave the user's configuration out
    XDG_CONFIG_HOME: folder,
  };
  const files = ['-c', `core.attributesFile=${none}`, '-c', `core.excludesFile=${none}`];
  return git([...asItIs, ...files, '-C', workTree, ...args], { ...call, env });
}

function git(
  args: readonly string[],
  { signal, timeoutMs = 0, maxBytes = 1024 * 1024, input, env }: OwnGitCall & { env: NodeJS.ProcessEnv },
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = {
      ...(signal && { signal }),
      timeout: timeoutMs,
      maxBuffer: maxBytes,
      windowsHide: true,
      env,
      encoding: 'buffer' as const,
    };
    const child = execFile('git', [...always, ...args], options, (error, stdout, stderr) =>
      error ? reject(Object.assign(error, { stderr: stderr.toString('utf8') })) : resolve(stdout),
    );
    child.stdin?.on('error', () => {}); // it may not have started
    child.stdin?.end(input);
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
