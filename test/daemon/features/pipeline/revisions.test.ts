// What of a repository is offered for a review, and how much a review of it would look at.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { WantedChange } from '../../../../daemon/features/pipeline/changes/git-change.ts';
import { revisionsIn } from '../../../../daemon/features/pipeline/changes/revisions.ts';
import { scopeOf } from '../../../../daemon/features/pipeline/changes/scope.ts';

const { signal } = new AbortController();
let root = '';
let seconds = 0;

/** Each commit is a minute after the one before. */
function git(...args: string[]): void {
  const date = `${1_700_000_000 + 60 * seconds++} +0000`;
  execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=a@b', '-c', 'commit.gpgsign=false', ...args], {
    cwd: root,
    env: { ...process.env, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
    stdio: 'pipe',
  });
}

function commit(subject: string, file = 'a.ts', text = `${subject}\n`): void {
  writeFileSync(join(root, file), text);
  git('add', '.');
  git('commit', '-qm', subject);
}

describe('the revisions of a repository', () => {
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'switchyard-revisions-')));
    seconds = 0;
    git('init', '-q', '--initial-branch', 'trunk');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const branchNames = async () => (await revisionsIn(root, signal)).branches.map(({ name }) => name);

  it('are the last 50 commits, the newest first, with who made them and when', async () => {
    for (let n = 1; n <= 52; n++) commit(`Step ${n}`);
    const { commits } = await revisionsIn(root, signal);
    assert.equal(commits.length, 50);
    const [newest] = commits;
    assert.deepEqual([newest?.subject, newest?.author], ['Step 52', 'Ada']);
    assert.equal(newest?.at, (1_700_000_000 + 60 * (seconds - 1)) * 1000);
    const id = execFileSync('git', ['rev-parse', newest?.id ?? ''], { cwd: root, encoding: 'utf8' });
    assert.equal(id, execFileSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8' }));
  });

  it('begin with the branch that the current one was likeliest made from, and end with the current one', async () => {
    commit('Begin');
    for (const branch of ['main', 'older', 'newer']) {
      git('checkout', '-q', '-b', branch);
      commit(`On ${branch}`);
    }
    assert.deepEqual(await branchNames(), ['main', 'older', 'trunk', 'newer']);
    git('checkout', '-q', 'main');
    assert.deepEqual(await branchNames(), ['newer', 'older', 'trunk', 'main']);
  });

  it("know the remote's default branch, and don't list its pointer", async () => {
    commit('Begin');
    git('update-ref', 'refs/remotes/origin/trunk', 'HEAD');
    git('update-ref', 'refs/remotes/origin/main', 'HEAD');
    git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/trunk');
    git('checkout', '-q', '-b', 'feature');
    assert.deepEqual(await branchNames(), ['trunk', 'origin/trunk', 'origin/main', 'feature']);
  });

  it('have tags, the newest first, but for those of something that is no commit', async () => {
    commit('Begin');
    git('tag', 'v1');
    commit('More');
    git('tag', '-a', 'v2', '-m', 'The second');
    git('tag', 'a-file', 'HEAD:a.ts');
    const { tags } = await revisionsIn(root, signal);
    assert.deepEqual(
      tags.map(({ name, subject }) => [name, subject]),
      [
        ['v2', 'The second'],
        ['v1', 'Begin'],
      ],
    );
  });

  it('are none before the first commit', async () => {
    assert.deepEqual(await revisionsIn(root, signal), { commits: [], branches: [], tags: [] });
  });

  it('are those of the repository that a folder is in', async () => {
    commit('Begin');
    mkdirSync(join(root, 'sub'));
    assert.equal((await revisionsIn(join(root, 'sub'), signal)).commits[0]?.subject, 'Begin');
  });

  it('are listed without running a program that the repository names', async () => {
    commit('Begin');
    const trace = join(root, 'ran');
    writeFileSync(join(root, 'program'), `#!/bin/sh\necho ran > '${trace}'\n`, { mode: 0o755 });
    for (const name of ['gpg.program', 'core.pager', 'core.fsmonitor']) git('config', name, join(root, 'program'));
    git('config', 'log.showSignature', 'true');
    const tree = execFileSync('git', ['cat-file', 'commit', 'HEAD'], { cwd: root, encoding: 'utf8' });
    const signed = tree.replace(
      '\n\n',
      '\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\n',
    );
    const id = execFileSync('git', ['hash-object', '-t', 'commit', '-w', '--stdin'], { cwd: root, input: signed });
    git('update-ref', 'refs/heads/trunk', id.toString().trim());
    assert.equal((await revisionsIn(root, signal)).commits.length, 1);
    assert.ok(!existsSync(trace));
  });

  it('are refused in words where there is no repository', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'switchyard-no-repository-'));
    await assert.rejects(revisionsIn(outside, signal), /Run this in a Git repository\.$/);
    rmSync(outside, { recursive: true });
  });
});

describe('the scope of a review', () => {
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'switchyard-scope-')));
    git('init', '-q', '--initial-branch', 'main');
    commit('Begin', 'a.ts', '1\n2\n3\n');
    git('checkout', '-q', '-b', 'feature');
    commit('Change', 'a.ts', '1\ntwo\n3\nfour\n');
    writeFileSync(join(root, 'b.ts'), 'new\n');
    git('add', '.');
    writeFileSync(join(root, 'a.ts'), '1\ntwo\n3\nfour\nfive\n');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const cases: [WantedChange, { files: number; lines: number }][] = [
    ['staged', { files: 1, lines: 1 }],
    ['unstaged', { files: 1, lines: 1 }],
    [{ commit: 'HEAD' }, { files: 1, lines: 2 }],
    [{ commit: 'HEAD~1' }, { files: 1, lines: 3 }],
    [{ commit: 'main..feature' }, { files: 1, lines: 2 }],
    [{ base: 'main' }, { files: 2, lines: 4 }],
    [{ base: 'feature' }, { files: 2, lines: 2 }],
  ];
  for (const [wanted, expected] of cases)
    it(`of ${JSON.stringify(wanted)} counts its files and lines`, async () => {
      assert.deepEqual(await scopeOf(wanted, root, signal), { ...expected, leftOut: 0 });
    });

  it('says how many files nobody can read', async () => {
    commit('Add a picture', 'picture.png', '\0\0\0');
    assert.equal((await scopeOf({ commit: 'HEAD' }, root, signal)).leftOut, 1);
  });

  it('of a revision that is not there is refused in words', async () => {
    await assert.rejects(scopeOf({ base: 'gone' }, root, signal), /Couldn't find the revision gone/);
  });
});
