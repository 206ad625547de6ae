// Reviews of what a repository has staged or changed: what is read, whatever state git has a file in.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { gitChange, type WantedChange } from '../../../../daemon/features/pipeline/changes/git-change.ts';
import { isIncompleteReview } from '../../../../shared/protocol/review.ts';
import { answerWith, benchWith, ScriptedProvider } from './parts.ts';

let root = '';
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: root });
const lines = (...numbers: number[]) => numbers.map((number) => `const n${number} = ${number};\n`).join('');

function stage(file: string, text: string): void {
  writeFileSync(join(root, file), text);
  git('add', '.');
}

/** Reviews as from a folder of the repository. The summary, and what the model was shown. */
async function review(which: WantedChange, folder = root) {
  const provider = new ScriptedProvider([answerWith()]);
  const { diff, ...change } = await gitChange(which, folder, new AbortController().signal);
  const { summary, coverage } = await benchWith({ provider }).runDiff(diff, change);
  const shown = provider.requests.map(({ messages }) => messages[1]?.content ?? '').join('');
  return { summary, shown, isIncomplete: isIncompleteReview(coverage) };
}

function commit(file: string, text: string): void {
  stage(file, text);
  git('commit', '-qm', file);
}

describe('a review of changes', () => {
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'switchyard-changes-')));
    git('init', '-q');
    mkdirSync(join(root, 'sub'));
    for (const file of ['a.ts', 'sub/b.ts']) writeFileSync(join(root, file), lines(1, 2, 3));
    git('add', '.');
    git('commit', '-qm', 'first');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const states: [what: string, which: 'staged' | 'unstaged', change: () => void, count: number][] = [
    ['is staged', 'staged', () => stage('a.ts', lines(1, 2, 4)), 1],
    ['is new and staged', 'staged', () => stage('c.ts', lines(4, 5)), 2],
    ['is changed and not staged', 'unstaged', () => writeFileSync(join(root, 'a.ts'), lines(1, 2, 4)), 1],
    [
      'is renamed and changed',
      'staged',
      () => {
        renameSync(join(root, 'a.ts'), join(root, 'c.ts'));
        writeFileSync(join(root, 'c.ts'), lines(1, 2, 3, 4));
        git('add', '-A');
      },
      1,
    ],
    [
      'is staged, and changed again since',
      'staged',
      () => {
        stage('a.ts', lines(1, 2, 4));
        writeFileSync(join(root, 'a.ts'), lines(7, 8, 9));
      },
      1,
    ],
    [
      'is staged, and deleted from the disk since',
      'staged',
      () => {
        stage('a.ts', lines(1, 2, 4));
        rmSync(join(root, 'a.ts'));
      },
      1,
    ],
  ];
  for (const [what, which, change, count] of states)
    for (const folder of ['.', 'sub'])
      it(`reads a file that ${what}, from ${folder}`, async () => {
        change();
        const { summary, shown, isIncomplete } = await review(which, join(root, folder));
        assert.equal(summary, `No findings in ${count} line${count === 1 ? '' : 's'}. Checked by lab/tiny.`);
        assert.match(shown, /> +\d+\| const n4 = 4;/);
        assert.ok(!shown.includes('n7'));
        assert.ok(!isIncomplete);
      });

  const marked = (shown: string) => [...shown.matchAll(/> +\d+\| const n(\d+)/g)].map(([, number]) => Number(number));
  const revisions: [what: string, wanted: WantedChange, change: () => void, lines: number[]][] = [
    ['a commit', { commit: 'HEAD' }, () => commit('a.ts', lines(1, 2, 4)), [4]],
    [
      'a commit whose file has changed since',
      { commit: 'HEAD' },
      () => {
        commit('a.ts', lines(1, 2, 4));
        writeFileSync(join(root, 'a.ts'), lines(7, 8, 9));
      },
      [4],
    ],
    [
      'a commit whose file has gone since',
      { commit: 'HEAD^' },
      () => {
        commit('c.ts', lines(4));
        git('rm', '-q', 'c.ts');
        git('commit', '-qm', 'gone');
      },
      [4],
    ],
    ['the first commit', { commit: 'HEAD' }, () => {}, [1, 2, 3, 1, 2, 3]],
    [
      'a merge, as it came to its branch',
      { commit: 'HEAD' },
      () => {
        git('checkout', '-qb', 'side');
        commit('c.ts', lines(4));
        git('checkout', '-q', '-');
        commit('a.ts', lines(1, 2, 5));
        git('merge', '-q', '--no-edit', 'side');
      },
      [4],
    ],
    [
      'a range',
      { commit: 'HEAD~2..HEAD^' },
      () => {
        commit('a.ts', lines(1, 2, 4));
        commit('a.ts', lines(1, 2, 5));
      },
      [4],
    ],
    [
      'a range that ends now',
      { commit: 'HEAD^..' },
      () => {
        commit('a.ts', lines(1, 2, 4));
        commit('a.ts', lines(1, 2, 5));
      },
      [5],
    ],
    [
      'a range since a branch was left',
      { commit: 'other...' },
      () => {
        git('branch', 'other');
        commit('a.ts', lines(1, 2, 4));
        git('checkout', '-q', 'other');
        commit('c.ts', lines(6));
        git('checkout', '-q', '-');
      },
      [4],
    ],
    [
      'a branch with what is not committed yet',
      { base: 'other' },
      () => {
        git('branch', 'other');
        commit('a.ts', lines(1, 2, 4));
        git('checkout', '-q', 'other');
        commit('c.ts', lines(6));
        git('checkout', '-q', '-');
        writeFileSync(join(root, 'sub/b.ts'), lines(1, 2, 3, 5));
      },
      [4, 5],
    ],
  ];
  for (const [what, wanted, change, expected] of revisions)
    for (const folder of ['.', 'sub'])
      it(`reads ${what}, from ${folder}`, async () => {
        change();
        const { shown, isIncomplete } = await review(wanted, join(root, folder));
        assert.deepEqual(marked(shown), expected);
        assert.ok(!isIncomplete);
      });

  for (const wanted of [
    ...['nowhere', '--output=x', '-n1', 'HEAD:a.ts', 'nowhere..', 'HEAD..nowhere', '', ' '].map((commit) => ({
      commit,
    })),
    ...['nowhere', '--all', 'orphan'].map((base) => ({ base })),
  ])
    it(`says so where ${JSON.stringify(wanted)} names nothing to compare`, async () => {
      const branch = git('branch', '--show-current').toString().trim();
      git('checkout', '-q', '--orphan', 'orphan');
      git('commit', '-qm', 'other');
      git('checkout', '-q', branch);
      await assert.rejects(review(wanted), { name: 'UserError', code: 'no-revision' });
    });

  const empty: [what: string, change: () => void][] = [
    ['nothing is staged', () => {}],
    ['lines are only removed', () => stage('a.ts', lines(1, 3))],
    ['a file is deleted', () => git('rm', '-q', 'a.ts')],
    ['a file is renamed', () => git('mv', 'a.ts', 'c.ts')],
    ['changes are not staged', () => writeFileSync(join(root, 'a.ts'), lines(4))],
  ];
  for (const [what, change] of empty)
    it(`says that there is nothing to review, not that nothing was found, where ${what}`, async () => {
      change();
      const { summary, shown } = await review('staged');
      assert.deepEqual([summary, shown], ['Nothing to review: no changed lines.', '']);
    });

  it('is only of what lies below a folder, where that is asked for', async () => {
    for (const file of ['a.ts', 'sub/b.ts']) writeFileSync(join(root, file), lines(1, 2, 4));
    const signal = new AbortController().signal;
    const folder = join(root, 'sub');
    const below = await gitChange('unstaged', folder, signal, { isBelowFolder: true });
    assert.equal(below.root, folder);
    assert.match(below.diff, /^diff --git a\/b\.ts b\/b\.ts$/m);
    assert.doesNotMatch(below.diff, /a\.ts/);
    git('commit', '-qam', 'second');
    const committed = await gitChange({ commit: 'HEAD' }, folder, signal, { isBelowFolder: true });
    assert.doesNotMatch(committed.diff, /a\.ts/);
    assert.equal(await committed.textAfter?.('b.ts'), lines(1, 2, 4));
  });
});
