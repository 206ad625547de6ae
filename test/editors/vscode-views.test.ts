// What the packaged extension adds to VS Code around chat and reviews: the choice of a model, policy and budgets,
// spending in the status bar, reviews of changes, what becomes of edits, and stopping after the view was hidden.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import type { Locator } from 'playwright-core';
import { fileName, filePath, flawedCodeIn, overrun, surcharge } from './harness/flawed-code.ts';
import { hasKeptEdit } from './harness/outcomes.ts';
import { until } from './harness/until.ts';
import { VsCodeSuite } from './harness/vscode/suite.ts';

const faraway = {
  type: 'openai-compatible',
  baseUrl: 'https://models.invalid/v1',
  models: [{ name: 'far', price: { input: 3, output: 15 } }],
};

describe('the views of the packaged extension in VS Code', () => {
  const suite = new VsCodeSuite({
    prepare: (workspace) => [{ when: 'Rewrite the file', reply: `\`\`\`ts\n${commitWithoutFlaws(workspace)}\`\`\`` }],
    config: (own) => ({
      ...own,
      providers: { ...(own['providers'] as object), faraway },
      localOnly: true,
      budgets: { dayUsd: 5 },
    }),
    settings: { 'git.enabled': true },
  });
  const statusBar = (): Locator => suite.page.locator('[id*="switchyard.status"]').first();
  const why = (): Locator => suite.view.getByRole('region', { name: 'Why this model?' });

  it('lists models with their price, and refuses one with the reason', async () => {
    await suite.workbench.run('Switchyard: Choose Model');
    await suite.option(/scripted/).waitFor();
    await suite.screenshots.take(suite.page, 'choose-model-dark');
    await suite.option(/far.*Local only/).click();
    await suite.page.locator('.quick-input-title').getByText("far isn't available now").waitFor();
    await suite.option(/scripted/).click();
    await suite.page.getByText('lab/scripted is now used for reviews, code actions, and new chats.').first().waitFor();
  });

  it("chooses by the window's policy, and says so under the answer", async () => {
    await suite.workbench.run('Switchyard: Routing Policy');
    await suite.option(/^Best/).click();
    await suite.option(/In every window/).click();
    await until('the policy in the settings', () => suite.editor.hasSetting('switchyard.routing.policy'));
    await suite.workbench.openFile(fileName);
    const chat = await suite.workbench.openChat();
    await chat.ask('Rewrite the file, please.');
    const answer = await chat.answerWith(overrun.replacement);
    await chat.settled();
    await answer.getByRole('button', { name: 'lab/scripted' }).click();
    await why().getByText('the best answers, but a specific model was requested').waitFor();
    await suite.screenshots.take(suite.page, 'why-vscode-dark');
    await answer.getByRole('button', { name: 'lab/scripted' }).click();
  });

  it('tells the router that an edit was kept', async () => {
    const answer = suite.workbench.chat.answers.last();
    await suite.workbench.openFile(fileName);
    await answer.getByRole('button', { name: 'Apply' }).click();
    await suite.page.locator('.monaco-diff-editor').waitFor();
    await suite.workbench.answerNotification('Apply');
    await suite.page.locator('.monaco-diff-editor').waitFor({ state: 'detached' });
    await suite.page.keyboard.press('Control+S');
    await until('the outcome of the edit', () => hasKeptEdit(suite.home)); // why a model answered is read once
    await answer.getByRole('button', { name: 'Good answer' }).click();
    await answer.locator('button[aria-label="Good answer"][aria-pressed="true"]').waitFor();
    await answer.getByRole('button', { name: 'lab/scripted' }).click();
    await why()
      .getByText(/thumbs up, its edit was kept/)
      .waitFor();
    await answer.getByRole('button', { name: 'lab/scripted' }).click();
  });

  it('lowers a budget by the settings, and shows it with what is spent', async () => {
    await suite.workbench.run('Switchyard: Budgets');
    await suite.option(/Today.*of \$5\.00/).click();
    await suite.enter('budget (Today)', '2');
    await suite.page.getByText('Today: at most $2.00.').first().waitFor();
    await statusBar().getByText('$0').waitFor();
    await suite.workbench.run('Switchyard: Budgets');
    await suite.option(/Today.*\$0 of \$2\.00.*Set in your settings/).waitFor();
    await suite.screenshots.take(suite.page, 'budgets-dark');
    await suite.workbench.leave('Switchyard: budgets');
  });

  it('reviews the changes of a repository, and shows what it found beside the code', async () => {
    writeFileSync(join(suite.editor.workspace, filePath), flawedCodeIn(suite.home.workspace()));
    await suite.page.getByRole('tab', { name: /^Source Control/ }).click();
    await suite.page
      .getByRole('button', { name: /Review Changes/ })
      .first()
      .waitFor();
    await suite.workbench.run('Switchyard: Review Changes');
    await suite.option(/^Unstaged changes/).click();
    await suite.page
      .getByText(/^2 findings .*Checked by lab\/scripted.* Why lab\/scripted: set in your settings\./)
      .first()
      .waitFor(); // it has ended
    await suite.workbench.run('Comments: Focus on Comments View'); // there is such a view only now
    await suite.page.locator('.comments-panel').getByText(surcharge.message).first().waitFor();
    await suite.workbench.run('Problems: Focus on Problems View');
    for (const { message } of [overrun, surcharge])
      await suite.page.locator('.markers-panel').getByText(message).first().waitFor();
    await suite.screenshots.take(suite.page, 'review-changes-dark');
    await suite.workbench.run('View: Toggle Panel Visibility');
  });

  it('reviews what is staged, from the source control view', async () => {
    const { workspace } = suite.editor;
    writeFileSync(
      join(workspace, filePath),
      flawedCodeIn(suite.home.workspace()).replace(overrun.quote, overrun.replacement),
    );
    execFileSync('git', ['-C', workspace, 'add', '.']);
    writeFileSync(join(workspace, filePath), flawedCodeIn(suite.home.workspace())); // one more flaw, which is not staged
    await suite.page.locator('.pane-header').getByText('Changes', { exact: true }).hover(); // it shows its buttons then
    await suite.page
      .getByRole('button', { name: /Review Changes/ })
      .first()
      .click();
    await suite.option(/^Staged changes/).click();
    await suite.page
      .getByText(/^1 finding .*Checked by lab\/scripted.* Why lab\/scripted: set in your settings\./)
      .first()
      .waitFor();
  });

  it('stops an answer after the view was hidden and shown again', async () => {
    const chat = await suite.workbench.openChat();
    await chat.ask('Never finish this one.');
    await chat.answerWith('It goes on');
    await suite.workbench.run('View: Show Explorer');
    await suite.page.locator('iframe.webview.ready').waitFor({ state: 'detached' });
    const again = await suite.workbench.openChat();
    await again.answerWith('It goes on');
    await again.stopButton.click();
    await suite.model.closedEarly();
    await again.answers.last().getByText('Stopped').waitFor();
    await again.settled();
  });

  it('shows the history in a tab, where a chat can be deleted, brought back and opened', async () => {
    await suite.workbench.run('View: Show Explorer');
    await suite.page.locator('iframe.webview.ready').waitFor({ state: 'detached' });
    await suite.workbench.run('Switchyard: Open History');
    const history = suite.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
    const rows = history.getByRole('option').and(history.locator('[aria-posinset]'));
    await rows.getByText('Rewrite the file, please.').click();
    await history.getByRole('article', { name: 'You' }).getByText('Never finish this one.').waitFor();
    await suite.screenshots.take(suite.page, 'history-vscode-dark');
    await suite.page.keyboard.press('Delete');
    await history
      .getByRole('alert')
      .getByText(/^Deleted/)
      .waitFor();
    await history.getByRole('button', { name: 'Undo' }).click();
    await rows.getByText('Rewrite the file, please.').click();
    await history.getByRole('button', { name: 'Open chat' }).click();
    await suite.page
      .locator('iframe.webview.ready')
      .nth(1)
      .contentFrame()
      .frameLocator('iframe#active-frame')
      .getByText('Never finish this one.')
      .first()
      .waitFor();
    await suite.workbench.closeTab('Switchyard History');
    await suite.page.locator('iframe.webview.ready').nth(1).waitFor({ state: 'detached' });
    await suite.workbench.chat.questions.getByText('Never finish this one.').waitFor();
  });

  it('has the history in its tab again after the window was loaded anew, with its query and what was chosen', async () => {
    await suite.workbench.run('View: Show Explorer');
    await suite.page.locator('iframe.webview.ready').waitFor({ state: 'detached' });
    await suite.workbench.run('Switchyard: Open History');
    const history = suite.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
    await history.getByRole('searchbox').fill('finish');
    await history.getByRole('option').filter({ hasText: 'Never finish' }).first().click();
    await history.locator('article.found').waitFor();
    await suite.workbench.reload();
    await history.locator('article.found').waitFor();
    assert.equal(await history.getByRole('searchbox').inputValue(), 'finish');
    await history.getByRole('button', { name: 'Import…' }).click();
    await suite.workbench.leave('Switchyard: import chats from where?');
    await suite.workbench.closeTab('Switchyard History');
  });

  it('opens its menu from the status bar', async () => {
    await statusBar().click();
    await suite.option(/Choose Model/).waitFor();
    await suite.screenshots.take(suite.page, 'menu-dark');
    await suite.workbench.leave('Switchyard');
    assert.ok(await statusBar().isVisible());
  });

  it('offers to stage what a commit message is asked for', async () => {
    const git = (...parameters: string[]) =>
      execFileSync('git', ['-C', suite.editor.workspace, ...parameters], { encoding: 'utf8' });
    git('reset', '--quiet');
    await suite.workbench.run('Switchyard: Write Commit Message');
    await suite.page.mouse.move(0, 0); // what hovers there would cover the button
    await suite.workbench.answerNotification('Stage All Changes');
    await until('it staged', () => git('diff', '--cached', '--name-only').includes(filePath));
  });
});

/** The workspace as a repository whose last commit has no flaws: both are changes then. Returns a version with one of them. */
function commitWithoutFlaws(workspace: string): string {
  const flawed = flawedCodeIn(workspace);
  const file = join(workspace, filePath);
  writeFileSync(file, flawed.replace(overrun.quote, overrun.replacement).replace(surcharge.quote, surcharge.fixed));
  const git = (...parameters: string[]): void =>
    void execFileSync('git', [
      '-C',
      workspace,
      '-c',
      'user.name=Ada',
      '-c',
      'user.email=ada@example.com',
      ...parameters,
    ]);
  git('init', '--quiet');
  git('add', '.');
  git('commit', '--quiet', '-m', 'Begin');
  writeFileSync(file, flawed);
  return flawed.replace(overrun.quote, overrun.replacement);
}
