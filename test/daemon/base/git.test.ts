// git in repositories that somebody else has configured: nothing that they name is run, and nothing from elsewhere is shown.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { UserError } from '../../../daemon/base/errors.ts';
import { gitDiff } from '../../../daemon/features/pipeline/changes/git-diff.ts';
import { folderOf } from '../../../daemon/features/profiles/folder.ts';
import { createIgnore } from '../../../daemon/ignore/ignore.ts';

let place = '';
let root = '';
let ran = '';
const ignore = createIgnore({ ownFolders: [] });
const git = (...args: string[]): string =>
  execFileSync('git', ['-C', root, ...args], {
    encoding: 'utf8',
    env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
  });
const diff = (which: 'staged' | 'unstaged' = 'unstaged') =>
  gitDiff(which, { root, ignore }, new AbortController().signal);
const write = (path: string, text: string): void => writeFileSync(join(root, path), text);

/** A program that leaves a trace. */
function program(): string {
  const file = join(place, 'program.sh');
  writeFileSync(file, `#!/bin/sh\necho "$@" >> '${ran}'\n`, { mode: 0o755 });
  return file;
}

/** Hooks of the describe that calls it. */
function useFreshRepository(): void {
  beforeEach(() => {
    place = realpathSync(mkdtempSync(join(tmpdir(), 'switchyard-git-')));
    root = join(place, 'work');
    ran = join(place, 'ran');
    mkdirSync(root);
    git('init', '-q');
    git('config', 'user.email', 'me@example.org');
    git('config', 'user.name', 'me');
  });
  afterEach(() => rmSync(place, { recursive: true }));
}

describe('a repository of a stranger', () => {
  useFreshRepository();
  beforeEach(function () {
    if (process.platform === 'win32') this.skip(); // the strangers' programs here are shell scripts
  });

  it('runs no program of its own when its change is asked for', async () => {
    write('.gitattributes', '*.txt filter=own diff=own\n');
    write('a.txt', 'one\n');
    git('add', '.');
    git('commit', '-q', '-m', 'first');
    write('a.txt', 'two\n');
    for (const name of [
      'core.fsmonitor',
      'core.pager',
      'diff.external',
      'diff.own.command',
      'diff.own.textconv',
      'filter.own.clean',
      'filter.own.process',
      'filter.own.smudge',
    ])
      git('config', name, program());
    git('config', 'filter.own.required', 'true');
    assert.match(await diff(), /-one\n\+two/);
    await folderOf(root);
    assert.equal(existsSync(ran), false);
    git('config', 'filter.a=b.clean', program());
    await assert.rejects(diff(), (error) => error instanceof UserError && error.code === 'no-diff');
  });

  it('starts no second git in a submodule, whose configuration is its own', async () => {
    const inside = join(root, 'sub');
    mkdirSync(inside);
    const sub = (...args: string[]): string => git('-C', 'sub', ...args);
    sub('init', '-q');
    for (const [name, value] of [
      ['user.email', 'me@example.org'],
      ['user.name', 'me'],
    ] as const)
      sub('config', name, value);
    for (const text of ['one', 'two']) {
      write('sub/a.txt', text);
      sub('add', '.');
      sub('commit', '-q', '-m', text);
      if (text === 'one') git('-c', 'advice.addEmbeddedRepo=false', 'add', '-f', 'sub');
    }
    git('commit', '-q', '-m', 'first');
    for (const name of ['diff.external', 'core.fsmonitor', 'diff.own.command', 'core.pager'])
      sub('config', name, program());
    git('config', 'diff.submodule', 'diff');
    for (const which of ['unstaged', 'staged'] as const) await diff(which);
    await folderOf(root);
    assert.equal(existsSync(ran), false);
  });

  it('is none where a tracked folder only looks like one', async () => {
    const looksLike = join(root, 'x');
    mkdirSync(looksLike);
    execFileSync('git', ['init', '-q', '--bare', looksLike]);
    execFileSync('git', ['-C', looksLike, 'config', 'core.bare', 'false']);
    execFileSync('git', ['-C', looksLike, 'config', 'core.worktree', '.']);
    execFileSync('git', ['-C', looksLike, 'config', 'core.fsmonitor', program()]);
    execFileSync('git', ['-C', looksLike, 'config', 'diff.external', program()]);
    for (const which of ['unstaged', 'staged'] as const)
      await assert.rejects(
        gitDiff(which, { root: looksLike, ignore }, new AbortController().signal),
        (error) => error instanceof UserError && error.code === 'no-diff',
      );
    await folderOf(looksLike);
    assert.equal(existsSync(ran), false);
  });

  it('runs no hook, and nothing that an environment names', async () => {
    write('a.txt', 'one\n');
    git('add', '.');
    git('commit', '-q', '-m', 'first');
    write('a.txt', 'two\n');
    const hooks = join(place, 'hooks');
    mkdirSync(hooks);
    for (const hook of ['post-index-change', 'pre-commit', 'reference-transaction'])
      writeFileSync(join(hooks, hook), `#!/bin/sh\ntouch '${ran}'\n`, { mode: 0o755 });
    git('config', 'core.hooksPath', hooks);
    const named = { GIT_EXTERNAL_DIFF: program(), GIT_PAGER: program(), GIT_DIR: join(place, 'nowhere') };
    Object.assign(process.env, named);
    try {
      assert.match(await diff(), /-one\n\+two/);
    } finally {
      for (const name of Object.keys(named)) delete process.env[name];
    }
    assert.equal(existsSync(ran), false);
  });

  it('fetches nothing that a clone left out', async () => {
    for (const [name, value] of Object.entries({
      'core.repositoryformatversion': '1',
      'extensions.partialClone': 'origin',
      'remote.origin.promisor': 'true',
      'remote.origin.url': 'ssh://nowhere.invalid/x',
      'core.sshCommand': program(),
    }))
      git('config', name, value);
    writeFileSync(join(root, '.git', git('symbolic-ref', 'HEAD').trim()), `${'12'.repeat(20)}\n`);
    await folderOf(root);
    await diff().catch(() => {});
    await diff('staged').catch(() => {});
    assert.equal(existsSync(ran), false);
  });

  it('shows no files of another folder that it calls its work tree', async () => {
    write('notes', 'public\n');
    git('add', '.');
    git('commit', '-q', '-m', 'first');
    mkdirSync(join(place, 'elsewhere'));
    writeFileSync(join(place, 'elsewhere', 'notes'), 'private\n');
    git('config', 'core.worktree', join(place, 'elsewhere'));
    await assert.rejects(diff(), (error) => error instanceof UserError && /another folder/.test(error.message));
  });
});

describe('a diff of git', () => {
  useFreshRepository();

  it('of a file that no model is shown, a change tells only the name', async () => {
    write('.switchyardignore', 'plans/*\n');
    mkdirSync(join(root, 'plans'));
    for (const path of ['.env', 'plans/next year.md', 'a.txt', 'old.pem', 'ä.txt']) write(path, 'one\n');
    git('add', '.');
    git('commit', '-q', '-m', 'first');
    for (const path of ['.env', 'plans/next year.md', 'a.txt', 'ä.txt']) write(path, 'two\ndiff --git a/x b/x\n');
    git('mv', 'old.pem', 'harmless.txt');
    for (const which of ['unstaged', 'staged'] as const) {
      const said = await diff(which);
      assert.match(
        said,
        /^diff --git a\/\.env b\/\.env\nnot shown: .+\ndiff --git a\/a\.txt b\/a\.txt\n[\s\S]*\+two\n\+diff --git a\/x b\/x\n/m,
        which,
      );
      assert.match(
        said,
        /^diff --git a\/plans\/next year\.md b\/plans\/next year\.md\nnot shown: \.switchyardignore, line 1 .+$/m,
      );
      assert.equal(said.match(/^\+two$/gm)?.length, 2);
      if (which === 'staged') assert.match(said, /harmless\.txt\nnot shown/);
      git('add', '.');
    }
  });
});
