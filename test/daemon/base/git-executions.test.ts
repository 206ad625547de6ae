// Every program that is started while a hostile clone is looked at: git itself, and what belongs to git, and no other.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, it } from 'mocha';

const peer = fileURLToPath(new URL('peers/look-at-repository.ts', import.meta.url));
const hasStrace = spawnSync('strace', ['-f', '-e', 'trace=execve', 'true'], { stdio: 'ignore' }).status === 0;

describe('a look at a hostile clone', () => {
  let place = '';
  let root = '';
  let evil = '';
  const git = (folder: string, ...args: string[]): string =>
    execFileSync('git', ['-C', folder, ...args], {
      encoding: 'utf8',
      env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
    });

  beforeEach(function () {
    if (process.platform === 'win32') this.skip(); // the strangers' programs here are shell scripts
    place = realpathSync(mkdtempSync(join(tmpdir(), 'switchyard-executions-')));
    root = join(place, 'clone');
    evil = join(place, 'evil');
    writeFileSync(evil, '#!/bin/sh\nexit 0\n');
    chmodSync(evil, 0o755);
    repository(root);
  });
  afterEach(() => rmSync(place, { recursive: true, force: true }));

  /** With a commit, a change that is staged, and one that is not. */
  function repository(folder: string): void {
    mkdirSync(folder, { recursive: true });
    git(folder, 'init', '-q');
    git(folder, 'config', 'user.email', 'me@example.org');
    git(folder, 'config', 'user.name', 'me');
    writeFileSync(join(folder, '.gitattributes'), '*.txt filter=own diff=own merge=own\n');
    for (const name of ['a.txt', 'b.txt']) writeFileSync(join(folder, name), 'one\n');
    git(folder, 'add', '.');
    git(folder, 'commit', '-q', '-m', 'first');
    writeFileSync(join(folder, 'a.txt'), 'two\n');
    git(folder, 'add', 'a.txt');
    writeFileSync(join(folder, 'b.txt'), 'two\n');
  }

  function configure(folder: string, names: readonly string[]): void {
    for (const name of names) git(folder, 'config', name, evil);
  }

  function configured(names: readonly string[]): object {
    configure(root, names);
    return {};
  }

  const diffs = ['diff.external', 'diff.own.command', 'diff.own.textconv', 'interactive.diffFilter'];
  const filters = ['filter.own.clean', 'filter.own.smudge', 'filter.own.process'];
  const servants = [
    'core.fsmonitor',
    'core.pager',
    'pager.diff',
    'core.editor',
    'core.askPass',
    'core.alternateRefsCommand',
  ];
  const strangers: Record<string, () => { root?: string; env?: Record<string, string> }> = {
    'programs for differences': () => configured(diffs),
    'filters for files': () => configured(filters),
    'monitors, pagers and editors': () => configured(servants),
    'programs in a file that its configuration includes': () => {
      writeFileSync(
        join(root, 'more'),
        `[diff]\n\texternal = ${evil}\n[core]\n\tfsmonitor = ${evil}\n[filter "own"]\n\tclean = ${evil}\n`,
      );
      git(root, 'config', 'include.path', '../more');
      return {};
    },
    'programs in the configuration of its work tree': () => {
      git(root, 'config', 'extensions.worktreeConfig', 'true');
      for (const name of [...filters, 'core.fsmonitor', 'diff.external']) git(root, 'config', '--worktree', name, evil);
      return {};
    },
    hooks: () => {
      const hooks = join(root, '.git', 'hooks');
      mkdirSync(hooks, { recursive: true });
      for (const hook of ['post-index-change', 'fsmonitor-watchman', 'reference-transaction', 'pre-auto-gc'])
        writeFileSync(join(hooks, hook), `#!/bin/sh\n${evil}\n`, { mode: 0o755 });
      return {};
    },
    'a submodule with programs of its own': () => {
      const inner = join(root, 'inner');
      repository(inner);
      git(root, '-c', 'advice.addEmbeddedRepo=false', 'add', '-f', 'inner');
      git(root, 'commit', '-q', '-m', 'second');
      git(inner, 'commit', '-q', '-a', '-m', 'second');
      configure(inner, [...diffs, ...filters, ...servants]);
      git(root, 'config', 'diff.submodule', 'diff');
      git(root, 'config', 'status.submoduleSummary', 'true');
      return {};
    },
    'a tracked folder that looks like a repository': () => {
      const inner = join(root, 'inner');
      execFileSync('git', ['init', '-q', '--bare', inner]);
      git(inner, 'config', 'core.bare', 'false');
      git(inner, 'config', 'core.worktree', '.');
      configure(inner, [...diffs, ...servants]);
      return { root: inner };
    },
    'objects to fetch by a program': () => {
      for (const [name, value] of Object.entries({
        'core.repositoryformatversion': '1',
        'extensions.partialClone': 'origin',
        'remote.origin.promisor': 'true',
        'remote.origin.url': 'ext::sh -c cat',
        'remote.origin.uploadpack': evil,
        'core.sshCommand': evil,
        'credential.helper': evil,
        'protocol.ext.allow': 'always',
      }))
        git(root, 'config', name, value);
      writeFileSync(join(root, '.git', git(root, 'symbolic-ref', 'HEAD').trim()), `${'12'.repeat(20)}\n`);
      return {};
    },
    'an environment that names programs': () => ({
      env: { GIT_EXTERNAL_DIFF: evil, GIT_PAGER: evil, GIT_SSH_COMMAND: evil, GIT_ASKPASS: evil, GIT_EXEC_PATH: place },
    }),
  };
  for (const [name, prepare] of Object.entries(strangers))
    it(`starts nothing but git, where there are ${name}`, () => {
      const { root: folder = root, env = {} } = prepare();
      const started = executions(folder, env);
      assert.ok(
        started.some((program) => basename(program) === 'git'),
        `git was seen: ${started.join(', ')}`,
      );
      assert.deepEqual(
        started.filter((program) => !isGits(program)),
        [],
      );
    });

  it('would be seen to start a program', () => {
    configure(root, ['diff.external']);
    const text = executions(root, {}, `require('child_process').spawnSync('git', ['-C', process.argv[1], 'diff'])`);
    assert.ok(!text.every(isGits), text.join());
  });

  const ownFolder = execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim();
  const isGits = (program: string): boolean => basename(program) === 'git' || dirname(program) === ownFolder;

  /** The programs that a look starts, with all that those start; `script` takes the place of the look. */
  function executions(folder: string, env: Record<string, string>, script?: string): string[] {
    const look = script === undefined ? [peer, folder, JSON.stringify(env)] : ['-e', script, folder];
    return (hasStrace ? underStrace : underGit)(look);
  }

  /** The system's own account. */
  function underStrace(look: readonly string[]): string[] {
    const trace = join(place, 'trace');
    execFileSync('strace', ['-f', '-e', 'trace=execve', '-o', trace, process.execPath, ...look], { stdio: 'ignore' });
    const calls = readFileSync(trace, 'utf8').matchAll(/execve\("((?:[^"\\]|\\.)+)".*\) = 0$/gm);
    return [...calls].map(([, program = '']) => program).filter((program) => program !== process.execPath);
  }

  /** Git's account of its children, where the system's cannot be had. */
  function underGit(look: readonly string[]): string[] {
    const trace = join(place, 'trace');
    const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
    mkdirSync(join(place, 'bin'));
    const shim = `#!/bin/sh\nGIT_TRACE2_EVENT='${trace}' exec '${real}' "$@"\n`;
    writeFileSync(join(place, 'bin', 'git'), shim, { mode: 0o755 });
    const PATH = [join(place, 'bin'), process.env['PATH'] ?? ''].join(delimiter);
    execFileSync(process.execPath, look, { stdio: 'ignore', env: { ...process.env, PATH } });
    const events = existsSync(trace) ? readFileSync(trace, 'utf8').trim().split('\n') : [];
    return events.flatMap((line) => {
      const { event, argv = [] } = JSON.parse(line) as { event: string; argv?: string[] };
      return ['start', 'child_start', 'exec'].includes(event) ? [argv[0] ?? ''] : [];
    });
  }
});
