// The keys by which a folder is recognized after it was renamed, cloned or checked out elsewhere. Writes nothing into
// the folder.
import { readFile, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import { askGit } from '../../base/process/git.ts';
import type { Folder, ProjectKey } from '../../storage/projects.ts';

const gitTimeoutMs = 10_000; // the roots of a history of a million commits take seconds
const maxFileBytes = 10_000;
const maxRoots = 20; // histories that were merged into one have a root each
const maxLevels = 64;

/**
 * The keys that are quick to find: all of them for a folder outside repositories. Never throws; what cannot be read
 * gives no key.
 */
export async function quickFolderOf(path: string): Promise<Folder> {
  const { top, repository, file, folder } = await identify(path);
  if (!repository) return toFolder(top, [...file, ...folder, pathKey(top)]);
  return { ...toFolder(top, [...file, ...folder]), isPartial: true };
}

/**
 * All keys of a folder, and of its repository if it is in one, which takes git a while. A shallow clone lacks the first
 * commit, so it is recognized by its remote. Never throws.
 */
export async function folderOf(path: string): Promise<Folder> {
  const { top, repository, file, folder } = await identify(path);
  const [commits, remote] = repository
    ? await Promise.all([repository.shallow ? [] : rootCommits(top), remoteOf(top)])
    : [[], []];
  return toFolder(top, [...file, ...commits, ...folder, ...remote, pathKey(top)]);
}

async function identify(
  path: string,
): Promise<{ top: string; repository: Repository | undefined; file: ProjectKey[]; folder: ProjectKey[] }> {
  const real = await realpath(path).catch(() => path);
  const repository = await repositoryOf(real);
  const top = repository?.top ?? real;
  const [file, folder] = await Promise.all([idFile(top), identityOf(repository?.common ?? real)]);
  return { top, repository, file: keysOf('file', file), folder: keysOf('folder', folder) };
}

function toFolder(path: string, keys: ProjectKey[]): Folder {
  return { name: basename(path) || path, path, keys };
}

function keysOf(kind: ProjectKey['kind'], value: string | undefined): ProjectKey[] {
  return value === undefined ? [] : [{ kind, value }];
}

function pathKey(value: string): ProjectKey {
  return { kind: 'path', value };
}

interface Repository {
  /** The work tree's own folder. */
  top: string;
  /** The git folder that all work trees share. */
  common: string;
  shallow: boolean;
}

/**
 * The repository that a folder is in. A repository in the user's home (for dotfiles) does not count for the folders
 * below it.
 */
async function repositoryOf(path: string): Promise<Repository | undefined> {
  let top = path;
  for (let level = 0; level < maxLevels; level++) {
    const git = await gitFolder(join(top, '.git'));
    if (git) {
      if (top !== path && top === homedir()) return undefined;
      const named = (await text(join(git, 'commondir')))?.trim();
      const common = named ? resolve(git, named) : git;
      return { top, common, shallow: await exists(join(common, 'shallow')) };
    }
    if (dirname(top) === top) return undefined;
    top = dirname(top);
  }
  return undefined;
}

/** A work tree and a submodule have a file in place of the folder, with the folder's path in it. */
async function gitFolder(path: string): Promise<string | undefined> {
  const stats = await stat(path).catch(() => undefined);
  if (stats?.isDirectory()) return (await exists(join(path, 'HEAD'))) ? path : undefined;
  const named = stats && /^gitdir: (.+)$/m.exec((await text(path)) ?? '')?.[1];
  return named ? resolve(dirname(path), named.trim()) : undefined;
}

const IdFile = z.object({ id: z.string().regex(/^[\w.-]{8,100}$/) });

/** The `id` in `.switchyard/project.json`, if the project has that file. */
async function idFile(top: string): Promise<string | undefined> {
  try {
    return IdFile.parse(JSON.parse((await text(join(top, '.switchyard', 'project.json'))) ?? '')).id;
  } catch {
    return undefined;
  }
}

async function rootCommits(path: string): Promise<ProjectKey[]> {
  const output = await git(path, ['rev-list', '--max-parents=0', 'HEAD']);
  return output
    .split('\n')
    .filter((line) => /^[0-9a-f]{40,64}$/.test(line))
    .slice(-maxRoots)
    .map((value) => ({ kind: 'commit', value }));
}

/** `git@host:a/b.git` and `https://me@host/a/b` give the same key. */
async function remoteOf(path: string): Promise<ProjectKey[]> {
  const output = (await git(path, ['config', '--get', 'remote.origin.url'])).trim();
  const plain = output
    .replace(/^[a-z+]+:\/\//i, '')
    .replace(/^[^@/]*@/, '')
    .replace(/^([^/:]+):(?!\d+\/)/, '$1/')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '');
  return keysOf('remote', plain === '' ? undefined : plain);
}

/** Inode and time of creation. Both stay when the folder is renamed, and a later folder shares at most one of them. */
async function identityOf(path: string): Promise<string | undefined> {
  const stats = await stat(path, { bigint: true }).catch(() => undefined);
  return stats && stats.birthtimeNs > 0n ? `${stats.ino}:${stats.birthtimeNs}` : undefined;
}

/** Git's output; empty when git fails. */
function git(root: string, args: readonly string[]): Promise<string> {
  return askGit(args, { root, timeoutMs: gitTimeoutMs }).catch(() => '');
}

/** Only of a regular file, since reading a pipe would never end. */
async function text(path: string): Promise<string | undefined> {
  try {
    const stats = await stat(path);
    return stats.isFile() && stats.size <= maxFileBytes ? await readFile(path, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
