// Asks git for a diff; for a prompt, without the content of files that no model may see.
import { CancelledError, errnoCode, UserError } from '../../../base/errors.ts';
import { askGit, type GitCall, hasOwnWorkTree, withoutOwnFilters } from '../../../base/process/git.ts';
import type { Ignore } from '../../../ignore/ignore.ts';
import { fileDiffsOf, pathsInFileDiff, withoutHunks } from './parse-diff.ts';

export const maxDiffBytes = 32 * 1024 * 1024;

export interface GitDiffOptions {
  /** The repository, or a folder in it; only changes below the folder are in the diff. */
  root: string;
  /** An ignored file appears in the diff with its name alone. Left out by a review, which checks each file itself. */
  ignore?: Ignore;
}

/** The unified diff of a repository's index, or of its work tree. Throws UserError `no-diff` when git fails. */
export async function gitDiff(
  which: 'staged' | 'unstaged',
  { root, ignore }: GitDiffOptions,
  signal: AbortSignal,
): Promise<string> {
  const diff = await diffBetween(which === 'staged' ? ['--cached'] : [], root, signal);
  return ignore ? (await shownDiffs(diff, root, ignore)).join('') : diff;
}

/** A diff cut into one for each file. Of a file that no model may see there is the name alone. */
export async function shownDiffs(diff: string, root: string, ignore: Ignore): Promise<string[]> {
  return Promise.all(
    fileDiffsOf(diff).map(async (fileDiff) => {
      const verdicts = await Promise.all(pathsInFileDiff(fileDiff).map((path) => ignore.isIgnored(path, root)));
      const verdict = verdicts.find(({ ignored }) => ignored);
      return verdict ? withoutHunks(fileDiff, verdict.by ?? 'kept from models') : fileDiff;
    }),
  );
}

/** The diff between the revisions of a `git diff`; against the working tree where they leave it out. Throws UserError `no-diff`. */
export async function diffBetween(revisions: readonly string[], root: string, signal: AbortSignal): Promise<string> {
  // No external diff programs and no colours: their output is not a diff. A submodule's change is that of its commit alone, since
  // a look into it would start a second git, under the submodule's own configuration.
  const args = [
    'diff',
    '--no-color',
    '--no-ext-diff',
    '--no-textconv',
    '--submodule=short',
    '--ignore-submodules=all',
    '--src-prefix=a/',
    '--dst-prefix=b/',
    '--relative',
    ...revisions,
    '--',
  ];
  try {
    const isOwn = await hasOwnWorkTree({ root, signal });
    if (!isOwn) throw new Error('its working tree is in another folder');
    return await askGit([...(await withoutOwnFilters({ root, signal })), ...args], {
      root,
      signal,
      maxBytes: maxDiffBytes,
    });
  } catch (error) {
    throw noDiff(error, root, signal);
  }
}

/** What git says, without its last line break. */
export async function gitText(args: readonly string[], call: GitCall): Promise<string> {
  return (await askGit(args, call)).replace(/\r?\n$/, '');
}

export function noDiff(error: unknown, root: string, signal: AbortSignal): Error {
  if (signal.aborted) return new CancelledError();
  const message = ((error as { stderr?: string }).stderr ?? '').trim().split('\n')[0] ?? '';
  const reason = errnoCode(error) === 'ENOENT' ? "Git isn't installed" : message || (error as Error).message;
  return new UserError('no-diff', `Couldn't get a diff of ${root}: ${reason}. Run this in a Git repository.`);
}
