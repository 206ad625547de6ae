// `switchyard hook`: a pre-commit hook that reviews what is about to be committed. A hook that is not ours is left alone.
import { lstatSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Severity } from '../../shared/protocol/review.ts';
import { moveFileSync } from '../base/disk.ts';
import { errnoCode, UserError } from '../base/errors.ts';
import { isInside } from '../base/paths.ts';
import { askGit } from '../base/process/git.ts';
import { type ExitCode, HintedError, readArguments, subcommandOf, UsageError } from './kit/command.ts';
import { printLine } from './kit/terminal.ts';

const severities: readonly string[] = Severity.options;

export const options = {
  'fail-on': {
    type: 'string',
    value: 'SEVERITY',
    goesWith: ['install'],
    description: 'Stop a commit with findings at least this severe: error (default), warning, info, or hint',
  },
} as const;

export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, options, 1);
  const [word] = positionals;
  if (word === undefined) throw new UsageError('Specify install or remove.');
  const act = subcommandOf('hook', { install, remove }, word);
  const failOn = values['fail-on'] ?? 'error';
  if (!severities.includes(failOn)) throw new UsageError(`--fail-on must be one of ${severities.join(', ')}.`);
  act(join(await hooksFolder(process.cwd()), 'pre-commit'), failOn);
  return 0;
}

const mark = '# Installed by `switchyard hook install`. Remove it with `switchyard hook remove`.';

function install(file: string, failOn: string): void {
  const kind = kindOf(file);
  if (kind === 'foreign')
    throw new HintedError(
      'foreign-hook',
      `There's already a pre-commit hook at ${file}. It was left as it is.`,
      `To review in it as well, add the line \`switchyard review --staged --fail-on ${failOn}\`.`,
    );
  mkdirSync(join(file, '..'), { recursive: true });
  const draft = `${file}.switchyard-${process.pid}`;
  writeFileSync(draft, scriptFor(failOn), { flag: 'wx', mode: 0o755 });
  moveFileSync(draft, file);
  printLine(`${kind === 'own' ? 'Updated' : 'Installed'} the pre-commit hook at ${file}.`);
  printLine(`Commits with findings of severity ${failOn} or higher are stopped, and those that can't be reviewed.`);
  printLine('To commit without a review, use `git commit --no-verify`.');
}

function remove(file: string): void {
  const kind = kindOf(file);
  if (kind === 'foreign')
    throw new UserError('foreign-hook', `The pre-commit hook at ${file} isn't Switchyard's. It was left as it is.`);
  if (kind === 'none') return printLine(`There's no pre-commit hook at ${file}.`);
  rmSync(file);
  printLine(`Removed the pre-commit hook at ${file}.`);
}

/** A link is not ours, wherever it leads. */
function kindOf(file: string): 'none' | 'own' | 'foreign' {
  const stats = lstatSync(file, { throwIfNoEntry: false });
  if (!stats) return 'none';
  return stats.isFile() && readFileSync(file, 'utf8').split(/\r?\n/)[1] === mark ? 'own' : 'foreign';
}

/**
 * The diff is made by the hook, since git gives it an index of its own in `git commit -a` and `git commit FILE`. Its exit status is
 * that of the review.
 */
function scriptFor(failOn: string): string {
  const [node, program] = [process.execPath, realpathSync(process.argv[1] ?? '')].map(quoted);
  return `#!/bin/sh
${mark}
node=${node}
program=${program}
if [ ! -f "$program" ] || [ ! -x "$node" ]; then
  echo "switchyard: not reviewed, because Switchyard was moved or removed. Run \\\`switchyard hook install\\\` again, or \\\`git commit --no-verify\\\`." >&2
  exit 3
fi
git diff --cached --quiet --ignore-submodules=all && exit 0
git diff --cached --no-color --no-ext-diff --no-textconv --ignore-submodules=all --src-prefix=a/ --dst-prefix=b/ |
  "$node" "$program" review - --fail-on ${failOn}
status=$?
case $status in
  0) ;;
  1) echo "switchyard: the commit was stopped by these findings. To commit anyway, use \\\`git commit --no-verify\\\`." >&2 ;;
  *) echo "switchyard: the commit was stopped, because it wasn't reviewed completely. To commit anyway, use \\\`git commit --no-verify\\\`." >&2 ;;
esac
exit $status
`;
}

/** For a shell, which on Windows takes paths with slashes. */
function quoted(path: string): string {
  return `'${path.replaceAll('\\', '/').replaceAll("'", "'\\''")}'`;
}

/** Where git looks for the hooks of this repository alone. Throws UserErrors. */
async function hooksFolder(folder: string): Promise<string> {
  const top = await git(['rev-parse', '--show-toplevel'], folder);
  const common = resolve(folder, await git(['rev-parse', '--git-common-dir'], folder));
  const configured = await configuredHooks(folder);
  if (configured === undefined) return join(common, 'hooks');
  const path = resolve(top, configured.path);
  if (configured.scope === 'local' || configured.scope === 'worktree') {
    if (isInside(path, top) || isInside(path, common)) return path;
    throw new UserError(
      'hooks-elsewhere',
      `This repository's core.hooksPath leads out of it, to ${path}. Nothing was changed there.`,
    );
  }
  throw new HintedError(
    'shared-hooks',
    `Your git configuration (core.hooksPath) uses the hooks in ${path} for all repositories. Nothing was changed there.`,
    'To have hooks of its own here, run `git config core.hooksPath .git/hooks`.',
  );
}

/** The setting that counts is the last one; ours, which keeps git from running hooks, is git's command line. */
async function configuredHooks(root: string): Promise<{ scope: string; path: string } | undefined> {
  const args = ['config', '--show-scope', '--null', '--type=path', '--get-all', 'core.hooksPath'];
  const fields = (await askGit(args, { root })).split('\0');
  const settings = fields.flatMap((scope, index) =>
    index % 2 === 0 ? [{ scope, path: fields[index + 1] ?? '' }] : [],
  );
  return settings.findLast(({ scope, path }) => scope !== 'command' && path !== '');
}

async function git(args: readonly string[], root: string): Promise<string> {
  try {
    return (await askGit(args, { root })).replace(/\r?\n$/, '');
  } catch (error) {
    const why = errnoCode(error) === 'ENOENT' ? "Git isn't installed" : `${root} isn't in a Git repository`;
    throw new UserError('no-repository', `${why}. Run this in the repository whose commits are to be reviewed.`);
  }
}
