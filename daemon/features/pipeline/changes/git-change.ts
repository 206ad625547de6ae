// What of a repository is to be reviewed: its index, its working tree, a commit, a range of commits, or all since a branch was left.
import { resolve } from 'node:path';
import { CancelledError, errnoCode, UserError } from '../../../base/errors.ts';
import { askGit, hasOwnWorkTree } from '../../../base/process/git.ts';
import type { ReviewSubject } from '../../../storage/findings.ts';
import { diffBetween, gitText, maxDiffBytes, noDiff } from './git-diff.ts';

/**
 * `commit` names one, or a range as `A..B` or `A...B`. `base` stands for everything since the branch left that revision, with what is
 * not committed yet.
 */
export type WantedChange = 'staged' | 'unstaged' | { commit: string } | { base: string };

export interface GitChange {
  /** The folder that paths of the change begin at. */
  root: string;
  subject: ReviewSubject;
  diff: string;
  /** The text of a file after the change, by its path in the repository; absent where it stands on the disk. */
  textAfter?(path: string): Promise<string | undefined>;
}

/** Of all the repository that the folder is in, or only of what lies below the folder. Throws UserErrors `no-diff` and `no-revision`. */
export async function gitChange(
  wanted: WantedChange,
  folder: string,
  signal: AbortSignal,
  { isBelowFolder = false } = {},
): Promise<GitChange> {
  const repository = await repositoryFolder(folder, signal);
  const root = isBelowFolder ? resolve(folder) : repository;
  const { revisions, after, subject } = await new Revisions(root, signal).of(wanted);
  return {
    root,
    subject,
    diff: await diffBetween(revisions, root, signal),
    ...(after !== undefined && { textAfter: (path: string) => textAt(`${after}:./${path}`, root, signal) }),
  };
}

/** The folder of the repository that a folder is in. Throws UserError `no-diff`. */
export async function repositoryFolder(root: string, signal: AbortSignal): Promise<string> {
  try {
    const top = await gitText(['rev-parse', '--show-toplevel'], { root, signal });
    if (!(await hasOwnWorkTree({ root, signal }))) throw new Error('its working tree is in another folder');
    return resolve(top);
  } catch (error) {
    throw noDiff(error, root, signal);
  }
}

/** Undefined where there is none, or more than is worth reading. */
async function textAt(name: string, root: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    return await askGit(['cat-file', 'blob', name], { root, signal, maxBytes: maxDiffBytes });
  } catch {
    if (signal.aborted) throw new CancelledError();
    return undefined;
  }
}

interface RevisionsOfChange {
  /** What git is to compare: arguments of `git diff`. */
  revisions: readonly string[];
  /** Where the files are as they are after the change; absent for the working tree. Empty for the index. */
  after?: string;
  subject: ReviewSubject;
}

/** Lives as long as one question for a change. */
class Revisions {
  readonly #root: string;
  readonly #signal: AbortSignal;

  constructor(root: string, signal: AbortSignal) {
    this.#root = root;
    this.#signal = signal;
  }

  async of(wanted: WantedChange): Promise<RevisionsOfChange> {
    if (wanted === 'staged') return { revisions: ['--cached'], after: '', subject: { kind: wanted } };
    if (wanted === 'unstaged') return { revisions: [], subject: { kind: wanted } };
    if ('base' in wanted) {
      const base = await this.#mergeBase(wanted.base, 'HEAD');
      return { revisions: [base], subject: { kind: 'base', revision: wanted.base } };
    }
    const [, from, dots, to] = /^(.*?)(\.{2,3})(.*)$/.exec(wanted.commit) ?? [];
    if (dots === undefined) return this.#ofCommit(wanted.commit);
    const after = await this.#commit(to || 'HEAD');
    const before = dots === '..' ? await this.#commit(from || 'HEAD') : await this.#mergeBase(from || 'HEAD', after);
    return { revisions: [before, after], after, subject: { kind: 'range', revision: wanted.commit } };
  }

  /** Against its first parent; all of a commit that has none. */
  async #ofCommit(revision: string): Promise<RevisionsOfChange> {
    const after = await this.#commit(revision);
    const [, parent] = (await this.#ask(['rev-list', '--parents', '--max-count=1', after])).split(' ');
    const before = parent ?? (await this.#ask(['hash-object', '-t', 'tree', '--stdin']));
    return { revisions: [before, after], after, subject: { kind: 'commit', revision } };
  }

  async #commit(revision: string): Promise<string> {
    try {
      if (revision.startsWith('-')) throw new Error('git would take it for an option');
      return await gitText(['rev-parse', '--verify', '--quiet', `${revision}^{commit}`], this.#call);
    } catch (error) {
      if (this.#signal.aborted) throw new CancelledError();
      if (errnoCode(error) === 'ENOENT') throw noDiff(error, this.#root, this.#signal);
      throw new UserError(
        'no-revision',
        `Couldn't find the revision ${revision} in ${this.#root}. To see branches, run \`git branch --all\`.`,
      );
    }
  }

  async #mergeBase(one: string, other: string): Promise<string> {
    const [from, to] = [await this.#commit(one), await this.#commit(other)];
    try {
      return await gitText(['merge-base', from, to], this.#call);
    } catch {
      if (this.#signal.aborted) throw new CancelledError();
      throw new UserError(
        'no-revision',
        `Couldn't find where ${other} left ${one}: they share no history here. In a shallow clone, fetch the rest with \`git fetch --unshallow\`.`,
      );
    }
  }

  async #ask(args: readonly string[]): Promise<string> {
    try {
      return await gitText(args, this.#call);
    } catch (error) {
      throw noDiff(error, this.#root, this.#signal);
    }
  }

  get #call() {
    return { root: this.#root, signal: this.#signal };
  }
}
