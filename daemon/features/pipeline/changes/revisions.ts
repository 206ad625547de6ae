// What of a repository can be named for a review: its last commits, its branches, its tags.
import { CancelledError } from '../../../base/errors.ts';
import { askGit, type GitCall } from '../../../base/process/git.ts';
import { repositoryFolder } from './git-change.ts';

interface NamedRevision {
  name: string;
  /** Of its commit, or of the tag's own message. */
  subject: string;
  /** Milliseconds since the epoch. */
  at: number;
}

interface Revisions {
  /** The newest first. */
  commits: { id: string; subject: string; author: string; at: number }[];
  /** The likeliest that a branch was made from comes first, the current one last. */
  branches: (NamedRevision & { isCurrent: boolean })[];
  tags: NamedRevision[];
}

const maxCommits = 50;
const maxNames = 200; // of branches, and of tags: nobody scrolls further
const maxSubjectChars = 200;
const maxBytes = 8 * 1024 * 1024;

/** Throws UserError `no-diff` where there is no repository. */
export async function revisionsIn(folder: string, signal: AbortSignal): Promise<Revisions> {
  const call = { root: await repositoryFolder(folder, signal), signal, maxBytes };
  const [commits, branches, tags] = await Promise.all([lastCommits(call), branchesIn(call), tagsIn(call)]);
  return { commits, branches, tags };
}

async function lastCommits(call: GitCall): Promise<Revisions['commits']> {
  // Signatures are not looked at: the repository names the program that would.
  const args = ['log', `--max-count=${maxCommits}`, '--no-show-signature', '--no-color', '--encoding=UTF-8'];
  const rows = await rowsOf([...args, '--format=%h%x00%an%x00%ct%x00%s'], call);
  return rows.map(([id = '', author = '', at, subject]) => ({ id, subject: cut(subject), author, at: timeOf(at) }));
}

async function branchesIn(call: GitCall): Promise<Revisions['branches']> {
  const format = '%(refname:short)%00%(committerdate:unix)%00%(HEAD)%00%(symref:short)%00%(subject)';
  const rows = await rowsOf(namesBy('-committerdate', format, ['refs/heads', 'refs/remotes']), call);
  const isPointer = ([, , , symref = '']: string[]): boolean => symref !== '';
  const remoteDefault = rows.find(isPointer)?.[3];
  return rows
    .filter((row) => !isPointer(row))
    .map(([name = '', at, head, , subject]) => ({
      name,
      subject: cut(subject),
      at: timeOf(at),
      isCurrent: head === '*',
    }))
    .toSorted((one, other) => rankOf(one, remoteDefault) - rankOf(other, remoteDefault));
}

async function tagsIn(call: GitCall): Promise<NamedRevision[]> {
  const format = '%(refname:short)%00%(creatordate:unix)%00%(subject)';
  const rows = await rowsOf(namesBy('-creatordate', format, ['refs/tags']), call);
  return rows
    .filter(([, at]) => at !== '') // a tag of something that is no commit
    .map(([name = '', at, subject]) => ({ name, subject: cut(subject), at: timeOf(at) }));
}

/** Of a branch as a base: the default branch, as it is here, then as the remote has it. */
function rankOf({ name, isCurrent }: Revisions['branches'][number], remoteDefault: string | undefined): number {
  const defaults = remoteDefault === undefined ? ['main', 'master'] : [remoteDefault.replace(/^[^/]+\//, '')];
  if (isCurrent) return 3;
  if (defaults.includes(name)) return 0;
  return name === remoteDefault ? 1 : 2;
}

function namesBy(order: string, format: string, refs: readonly string[]): string[] {
  return ['for-each-ref', `--sort=${order}`, `--count=${maxNames}`, `--format=${format}`, ...refs];
}

/** The fields of each line. None where git has nothing to tell, as before the first commit. */
async function rowsOf(args: readonly string[], call: GitCall): Promise<string[][]> {
  try {
    const text = await askGit(args, call);
    return text.split('\n').flatMap((line) => (line.includes('\0') ? [line.split('\0')] : []));
  } catch {
    if (call.signal?.aborted) throw new CancelledError();
    return [];
  }
}

function cut(subject = ''): string {
  return subject.slice(0, maxSubjectChars);
}

function timeOf(seconds = ''): number {
  return Number(seconds) * 1000;
}
