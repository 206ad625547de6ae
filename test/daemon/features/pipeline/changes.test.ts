// Reviews of what a repository has staged or changed: what is read, whatever state git has a file in.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { gitDiff, repositoryFolder, stagedText } from '../../../../daemon/features/pipeline/changes/git-diff.ts';
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
async function review(which: 'staged' | 'unstaged', folder = root) {
  const { signal } = new AbortController();
  const provider = new ScriptedProvider([answerWith()]);
  const repository = await repositoryFolder(folder, signal);
  const { summary, coverage } = await benchWith({ provider }).runDiff(
    await gitDiff(which, { root: repository }, signal),
    {
      root: repository,
      ...(which === 'staged' && { stagedText: (path: string) => stagedText(path, repository, signal) }),
    },
  );
  const shown = provider.requests.map(({ messages }) => messages[1]?.content ?? '').join('');
  return { summary, shown, isIncomplete: isIncompleteReview(coverage) };
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
});
