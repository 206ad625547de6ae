// Asks git for the change that a user means by "staged" or "unstaged".
import { execFile } from 'node:child_process';
import { CancelledError, errnoCode, UserError } from '../../base/errors.ts';

const mostDiffBytes = 32 * 1024 * 1024;

/** The unified diff of a repository's index, or of its work tree. Throws UserError when git cannot say. */
export function gitDiff(which: 'staged' | 'unstaged', root: string, signal: AbortSignal): Promise<string> {
  // No external diff programs and no colours: their output is not a diff. No locks: the user may be working with git.
  const args = ['--no-optional-locks', '-C', root, 'diff', '--no-color', '--no-ext-diff', '--no-textconv', '--relative', ...(which === 'staged' ? ['--cached'] : [])];
  return new Promise((resolve, reject) => {
    execFile('git', args, { signal, windowsHide: true, maxBuffer: mostDiffBytes }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      if (signal.aborted) return reject(new CancelledError());
      const said = stderr.trim().split('\n')[0] ?? '';
      const reason = errnoCode(error) === 'ENOENT' ? 'git is not installed' : said || error.message;
      reject(new UserError('no-diff', `git has no diff of ${root}: ${reason}. Run this in a git repository.`));
    });
  });
}
