// By what a folder can be known again after it was renamed, cloned or checked out elsewhere. Writes nothing into it.
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

/** The keys of a folder that cost nothing to find: all of them where it is in no repository. Throws nothing: what cannot be read is no key. */
export async function quickFolderOf(path: string): Promise<Folder> {
  const { top, repository, file, folder } = await placeOf(path);
  if (!repository) return toFolder(top, [...file, ...folder, pathKey(top)]);
  return { ...toFolder(top, [...file, ...folder]), isPartial: true };
}

/**
 * All keys of a folder, and of its repository where it is in one: these take git a while. A shallow clone does not hold the first
 * commit, so it is known by its remote. Throws nothing.
 */
export async function folderOf(path: string): Promise<Folder> {
  const { top, repository, file, folder } = await placeOf(path);
  const [commits, remote] = repository
    ? await Promise.all([repository.shallow ? [] : rootCommits(top), remoteOf(top)])
    : [[], []];
  return toFolder(top, [...file, ...commits, ...folder, ...remote, pathKey(top)]);
}

async function placeOf(
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
  /** What all its work trees share. */
  common: string;
  shallow: boolean;
}

/** The repository that a folder is in. One that is the user's home (for dotfiles) says nothing about the folders below it. */
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

/** A work tree and a submodule have a file in place of the folder, which names it. */
async function gitFolder(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return (await exists(join(path, 'HEAD'))) ? path : undefined;
  const named = found && /^gitdir: (.+)$/m.exec((await text(path)) ?? '')?.[1];
  return named ? resolve(dirname(path), named.trim()) : undefined;
}

const IdFile = z.object({ id: z.string().regex(/^[\w.-]{8,100}$/) });

/** The project's own word, where somebody put one there: `.switchyard/project.json` with an `id`. */
async function idFile(top: string): Promise<string | undefined> {
  try {
    return IdFile.parse(JSON.parse((await text(join(top, '.switchyard', 'project.json'))) ?? '')).id;
  } catch {
    return undefined;
  }
}

async function rootCommits(path: string): Promise<ProjectKey[]> {
  const said = await git(path, ['rev-list', '--max-parents=0', 'HEAD']);
  return said
    .split('\n')
    .filter((line) => /^[0-9a-f]{40,64}$/.test(line))
    .slice(-maxRoots)
    .map((value) => ({ kind: 'commit', value }));
}

/** `git@host:a/b.git` and `https://me@host/a/b` are one place. */
async function remoteOf(path: string): Promise<ProjectKey[]> {
  const said = (await git(path, ['config', '--get', 'remote.origin.url'])).trim();
  const plain = said
    .replace(/^[a-z+]+:\/\//i, '')
    .replace(/^[^@/]*@/, '')
    .replace(/^([^/:]+):(?!\d+\/)/, '$1/')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '');
  return keysOf('remote', plain === '' ? undefined : plain);
}

/** Its number on its disk and the moment of its birth: both stay when it is renamed, and a later folder shares at most one. */
async function identityOf(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found && found.birthtimeNs > 0n ? `${found.ino}:${found.birthtimeNs}` : undefined;
}

/** What git says; nothing where it cannot say it. */
function git(root: string, args: readonly string[]): Promise<string> {
  return askGit(args, { root, timeoutMs: gitTimeoutMs }).catch(() => '');
}

/** Only of a file: a pipe under its name would be waited for without end. */
async function text(path: string): Promise<string | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() && found.size <= maxFileBytes ? await readFile(path, 'utf8') : undefined;
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
