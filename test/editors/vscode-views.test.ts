// What the packaged extension adds to VS Code around chat and reviews: the walkthrough, the choice of a model, policy and budgets,
// spending in the status bar, reviews of changes, what becomes of edits, and stopping after the view was hidden.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'mocha';
import type { Browser, Locator, Page } from 'playwright-core';
import type { ScriptedServer } from '../fakes/provider-servers/scripted-server.ts';
import { launchBrowser } from './harness/browser.ts';
import { CodeServer } from './harness/code-server.ts';
import { configFor, fileName, filePath, flawedCodeIn, overrun, startModel, surcharge } from './harness/flawed-code.ts';
import { Home } from './harness/home.ts';
import { Screenshots } from './harness/screenshots.ts';
import { Workbench } from './harness/workbench.ts';

const wide = { width: 1280, height: 800 };

describe('the views of the packaged extension in VS Code', () => {
  let home: Home;
  let model: ScriptedServer;
  let editor: CodeServer;
  let browser: Browser;
  let page: Page;
  let workbench: Workbench;
  let held: PromiseWithResolvers<void>;
  const screenshots = new Screenshots();

  before(async () => {
    held = Promise.withResolvers();
    home = new Home();
    const workspace = home.workspace();
    const rewritten = commitWithoutFlaws(workspace);
    model = await startModel([
      { when: 'Never finish', reply: { text: 'It goes on and on and on', hold: { after: 4, until: held.promise } } },
      { when: 'Rewrite the file', reply: `\`\`\`ts\n${rewritten}\`\`\`` },
    ]);
    const faraway = { type: 'openai-compatible', baseUrl: 'https://models.invalid/v1', models: [{ name: 'far', price: { input: 3, output: 15 } }] };
    home.configure({ ...configFor(model), providers: { ...(configFor(model)['providers'] as object), faraway }, localOnly: true, budgets: { dayUsd: 5 } });
    editor = await CodeServer.start({ home, workspace });
    editor.configure({ 'git.enabled': true });
    browser = await launchBrowser();
    page = await (await browser.newContext({ viewport: wide })).newPage();
    workbench = new Workbench(page);
    await workbench.open(editor.url);
    await workbench.openFile(fileName);
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await screenshots.take(page, 'failed');
  });

  after(async () => {
    held?.resolve();
    await browser?.close();
    await editor?.[Symbol.asyncDispose]();
    await home?.end();
    await model?.close();
    console.log(`      pictures: ${screenshots.folder}`);
  });

  const option = (name: string | RegExp): Locator => page.locator('.quick-input-widget').getByRole('option', { name }).first();
  const statusBar = (): Locator => page.locator('[id*="switchyard.status"]').first();
  const why = (): Locator => page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame').getByRole('region', { name: 'Why this model?' });

  it('shows a walkthrough of what comes first', async () => {
    await page.setViewportSize({ width: 1500, height: 900 }); // narrower than this it has no pictures
    await workbench.run('Welcome: Open Walkthrough');
    await option(/Get started with Switchyard/).click();
    await page.getByRole('heading', { name: 'Get started with Switchyard', level: 2 }).waitFor();
    for (const step of ['Get a model', 'Ask something', 'Review your code', 'Know what it costs', 'Stay on this machine']) await page.getByText(step).first().waitFor();
    await page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame').locator('svg').first().waitFor();
    await screenshots.take(page, 'walkthrough-dark');
    await page.setViewportSize(wide);
    await workbench.run('View: Close All Editors');
  });

  it('lists models with their price, and refuses one with the reason', async () => {
    await workbench.run('Switchyard: Choose Model');
    await option(/scripted/).waitFor();
    await screenshots.take(page, 'choose-model-dark');
    await option(/far.*Local only/).click();
    await page.locator('.quick-input-title').getByText('far cannot be chosen now').waitFor();
    await option(/scripted/).click();
    await page.getByText('lab/scripted answers reviews, code actions and new chats.').first().waitFor();
  });

  it('chooses by the window\'s policy, and says so under the answer', async () => {
    await workbench.run('Switchyard: Routing Policy');
    await option(/^Best/).click();
    await option(/In every window/).click();
    await workbench.openFile(fileName);
    const chat = await workbench.openChat();
    await chat.ask('Rewrite the file, please.');
    const answer = await chat.answerWith(overrun.replacement);
    await chat.settled();
    await answer.getByRole('button', { name: 'lab/scripted' }).click();
    await why().getByText('the best answers, but a model was named').waitFor();
    await screenshots.take(page, 'why-vscode-dark');
    await answer.getByRole('button', { name: 'lab/scripted' }).click();
  });

  it('tells the router that an edit was kept', async () => {
    const answer = workbench.chat.answers.last();
    await workbench.openFile(fileName);
    await answer.getByRole('button', { name: 'Apply' }).click();
    await page.locator('.monaco-diff-editor').waitFor();
    await workbench.answerNotification('Apply');
    await page.locator('.monaco-diff-editor').waitFor({ state: 'detached' });
    await page.keyboard.press('Control+S');
    await answer.getByRole('button', { name: 'Good answer' }).click();
    await answer.locator('button[aria-label="Good answer"][aria-pressed="true"]').waitFor();
    await answer.getByRole('button', { name: 'lab/scripted' }).click();
    await why().getByText(/thumbs up, its edit was kept/).waitFor();
    await answer.getByRole('button', { name: 'lab/scripted' }).click();
  });

  it('lowers a budget by the settings, and shows it with what is spent', async () => {
    await workbench.run('Switchyard: Budgets');
    await option(/Today.*of \$5\.00/).click();
    await page.locator('.quick-input-widget input').fill('2');
    await page.keyboard.press('Enter');
    await page.getByText('Today: at most $2.00.').first().waitFor();
    await statusBar().getByText('$0').waitFor();
    await workbench.run('Switchyard: Budgets');
    await option(/Today.*\$0 of \$2\.00.*By your settings/).waitFor();
    await screenshots.take(page, 'budgets-dark');
    await page.keyboard.press('Escape');
  });

  it('reviews the changes of a repository, and shows what it found beside the code', async () => {
    writeFileSync(join(editor.workspace, filePath), flawedCodeIn(home.workspace()));
    await page.getByRole('tab', { name: /^Source Control/ }).click();
    await page.getByRole('button', { name: /Review Changes/ }).first().waitFor();
    await workbench.run('Switchyard: Review Changes');
    await option(/^Unstaged changes/).click();
    await page.getByText(/^2 findings .*read by lab\/scripted/).first().waitFor(); // it has ended
    await workbench.run('Comments: Focus on Comments View'); // there is such a view only now, and VS Code opened it with the first comment
    await page.locator('.comments-panel').getByText(surcharge.message).first().waitFor();
    await workbench.run('Problems: Focus on Problems View');
    for (const { message } of [overrun, surcharge]) await page.locator('.markers-panel').getByText(message).first().waitFor();
    await screenshots.take(page, 'review-changes-dark');
    await workbench.run('View: Toggle Panel Visibility');
  });

  it('stops an answer after the view was hidden and shown again', async () => {
    const chat = await workbench.openChat();
    await chat.ask('Never finish this one.');
    await chat.answerWith('It goes on');
    await workbench.run('View: Show Explorer');
    await page.locator('iframe.webview.ready').waitFor({ state: 'detached' });
    const again = await workbench.openChat();
    await again.answerWith('It goes on');
    await again.stopButton.click();
    await model.closedEarly();
    await again.answers.last().getByText('Stopped').waitFor();
    await again.settled();
  });

  it('shows the history in a tab, where a chat can be deleted, brought back and opened', async () => {
    await workbench.run('View: Show Explorer');
    await page.locator('iframe.webview.ready').waitFor({ state: 'detached' });
    await workbench.run('Switchyard: Open History');
    const history = page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
    const rows = history.getByRole('option').and(history.locator('[aria-posinset]'));
    await rows.getByText('Rewrite the file, please.').click();
    await history.getByRole('article', { name: 'You' }).getByText('Never finish this one.').waitFor();
    await screenshots.take(page, 'history-vscode-dark');
    await page.keyboard.press('Delete');
    await history.getByRole('alert').getByText(/^Deleted/).waitFor();
    await history.getByRole('button', { name: 'Undo' }).click();
    await rows.getByText('Rewrite the file, please.').click();
    await history.getByRole('button', { name: 'Open chat' }).click();
    // The chat takes the focus once it is there, and what is typed into the palette before goes to it.
    await page.locator('iframe.webview.ready').nth(1).contentFrame().frameLocator('iframe#active-frame').getByText('Never finish this one.').first().waitFor();
    await workbench.run('View: Close All Editors');
    await page.locator('iframe.webview.ready').nth(1).waitFor({ state: 'detached' });
    await workbench.chat.questions.getByText('Never finish this one.').waitFor();
  });

  it('opens its menu from the status bar', async () => {
    await statusBar().click();
    await option(/Choose Model/).waitFor();
    await screenshots.take(page, 'menu-dark');
    await page.keyboard.press('Escape');
    assert.ok(await statusBar().isVisible());
  });
});

/** The workspace as a repository whose last commit has no flaws: both are changes then. Returns a version with one of them. */
function commitWithoutFlaws(workspace: string): string {
  const flawed = flawedCodeIn(workspace);
  const file = join(workspace, filePath);
  writeFileSync(file, flawed.replace(overrun.quote, overrun.replacement).replace(surcharge.quote, surcharge.fixed));
  const git = (...parameters: string[]): void => void execFileSync('git', ['-C', workspace, '-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...parameters]);
  git('init', '--quiet');
  git('add', '.');
  git('commit', '--quiet', '-m', 'Begin');
  writeFileSync(file, flawed);
  return flawed.replace(overrun.quote, overrun.replacement);
}
