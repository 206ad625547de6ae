// A stranger's first review in the packaged extension: a branch of a repository is reviewed, two findings are fixed, one is dismissed, and the
// next review says only what changed. `test/scenarios/branch.test.ts` is the same story in a terminal.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'mocha';
import type { Locator } from 'playwright-core';
import { branchFiles, branchFlaws, branchReviewReply } from '../fakes/reviewed-branch.ts';
import { until } from './harness/until.ts';
import { VsCodeSuite } from './harness/vscode/suite.ts';

describe('a stranger in VS Code', () => {
  const suite = new VsCodeSuite({
    prepare(workspace) {
      branchIn(workspace);
      return [];
    },
  });
  const { average, last, wait } = branchFlaws;
  const row = (name: string | RegExp): Locator => suite.row(name);
  const found = ({ message }: { message: string }): Locator => row(new RegExp(`^${message}`));
  const path = (file: string): string => join(suite.editor.workspace, file);
  const saved = (file: 'average.js' | 'last.js'): Promise<unknown> =>
    until(`${file} mended`, () => readFileSync(path(file), 'utf8') === branchFiles[file].mended);

  before(() => {
    suite.model.reply = (request) =>
      branchReviewReply(request) ?? `\`\`\`js\n${branchFiles['average.js'].mended}\`\`\``; // else it is asked to fix
  });

  it('picks the branch to compare with, and is told how much will be looked at', async () => {
    await suite.workbench.run('Switchyard: Focus on Review View');
    await suite.page.getByRole('button', { name: 'Chat Section' }).click(); // only what is seen has rows
    await suite.workbench.run('Switchyard: Review Branch');
    await suite.option(/main.*Begin/).waitFor();
    await suite.page.locator('.quick-input-title').getByText('(4 files, 4 changed lines)').waitFor();
    await suite.screenshots.take(suite.page, 'review-branch-dark');
    await suite.page.locator('.quick-input-widget input').fill('mai');
    await suite.option('Compare with this revision').waitFor();
    await suite
      .option(/main.*Begin/)
      .and(suite.page.locator('.focused'))
      .waitFor();
    await suite.page.keyboard.press('Enter');
  });

  it('sees what was found, and who looked at what', async () => {
    await suite.page
      .getByText(/^4 findings \(1 error, 3 warnings\)\./)
      .first()
      .waitFor();
    for (const flaw of [average, last, wait]) await found(flaw).waitFor();
    const checkedBy = (by: string): Locator => row(new RegExp(`^Checked by ${by}: .*, and 1 more`));
    await suite.expand(row(/^What was checked/), checkedBy('node'));
    await checkedBy('lab/scripted').waitFor();
    await suite.screenshots.take(suite.page, 'review-story-dark');
  });

  it('fixes one finding that a model has to fix, and one that comes with its fix', async () => {
    for (const [flaw, file] of [
      [average, 'average.js'],
      [last, 'last.js'],
    ] as const) {
      await suite.press(found(flaw), 'Apply');
      await suite.page.locator('.monaco-diff-editor').waitFor();
      await suite.workbench.answerNotification('Apply');
      await found(flaw).waitFor({ state: 'detached' });
      await saved(file);
    }
  });

  it('dismisses one with a reason', async () => {
    await suite.press(found(wait), 'Dismiss');
    await suite.option(/^Another reason/).click();
    await suite.enter('Dismiss finding: why?', 'It is never awaited.');
    await row(/^Not shown/).waitFor();
    await found(wait).waitFor({ state: 'detached' });
  });

  it('reviews again, and sees only what changed', async () => {
    const asked = suite.model.chats.length;
    await suite.workbench.run('Switchyard: Review Again');
    await suite.workbench.run('Switchyard: Compare with Last Review');
    await row(/^Still there/).waitFor();
    await row(/^Solved since the last review/).waitFor();
    for (const flaw of [average, last]) await found(flaw).waitFor();
    assert.equal(await found(wait).count(), 0);
    await suite.screenshots.take(suite.page, 'review-story-again-dark');
    const read = suite.model.chats.slice(asked).map(({ body }) => JSON.stringify(body));
    assert.deepEqual(
      ['average', 'last', 'wait', 'broken'].filter((name) => read.some((body) => body.includes(`exports.${name}`))),
      ['average', 'last'],
      'the model reads only what changed',
    );
  });

  it('has once what the editor reports itself, and can dismiss it in its comment all the same', async () => {
    const { page, workbench } = suite;
    await workbench.openFile('broken.js');
    await workbench.run('Problems: Focus on Problems View');
    const problems = page.locator('.markers-panel');
    await problems.getByText('Expression expected.').waitFor();
    await problems.getByText("Unexpected token ';'").waitFor({ state: 'detached' });
    await workbench.run('View: Toggle Panel Visibility');
    await workbench.run('Switchyard: Go to Next Finding');
    const comment = page.locator('.review-widget', { hasText: "Unexpected token ';'" });
    await comment.waitFor();
    await suite.screenshots.take(page, 'review-story-comment-dark');
    await comment.getByRole('button', { name: 'Dismiss', exact: true }).click();
    await suite.option(/^On purpose/).click();
    await comment.waitFor({ state: 'detached' });
  });
});

/** The workspace as a repository with a branch that adds the files. */
function branchIn(workspace: string): void {
  const git = (...args: string[]): void => {
    const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.test', '-c', 'commit.gpgsign=false'];
    execFileSync('git', [...who, ...args], { cwd: workspace });
  };
  const commit = (subject: string): void => {
    git('add', '.');
    git('commit', '--quiet', '-m', subject);
  };
  rmSync(join(workspace, 'biome.json')); // what is installed here is no part of the story
  git('init', '--quiet', '--initial-branch', 'main');
  commit('Begin');
  git('checkout', '--quiet', '-b', 'functions');
  for (const [file, { was }] of Object.entries(branchFiles)) writeFileSync(join(workspace, file), was);
  commit('Add functions');
}
