// Questions about a whole folder in the packaged extension: what was found stands under the question, and what the answer cites opens
// at its lines; mentions are completed, questions edited, profiles switched.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'mocha';
import type { Browser, FrameLocator, Locator, Page } from 'playwright-core';
import type { ScriptedServer } from '../fakes/provider-servers/scripted-server.ts';
import { launchBrowser } from './harness/browser.ts';
import { CodeServer } from './harness/code-server.ts';
import { configFor, fileName, filePath, startModel } from './harness/flawed-code.ts';
import { Home } from './harness/home.ts';
import { Screenshots } from './harness/screenshots.ts';
import { Workbench } from './harness/workbench.ts';

describe('questions about a folder in VS Code', () => {
  let home: Home;
  let model: ScriptedServer;
  let editor: CodeServer;
  let browser: Browser;
  let page: Page;
  let workbench: Workbench;
  const screenshots = new Screenshots();

  before(async () => {
    home = new Home();
    model = await startModel([
      { when: 'Where is the total', reply: `It is summed in \`${filePath}:29-31\`, and nothing is in \`src/nowhere.ts:3\`. See [the class](${filePath}#L12).` },
      { when: 'And now', reply: 'Another answer.' },
      { when: 'And then', reply: 'A better answer.' },
    ]);
    home.configure({ ...configFor(model), localOnly: true });
    editor = await CodeServer.start({ home, workspace: home.workspace() });
    browser = await launchBrowser();
    page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
    workbench = new Workbench(page);
    await workbench.open(editor.url);
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await screenshots.take(page, 'failed');
  });

  after(async () => {
    await browser?.close();
    await editor?.[Symbol.asyncDispose]();
    await home?.end();
    await model?.close();
    console.log(`      pictures: ${screenshots.folder}`);
  });

  const view = (): FrameLocator => page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  const option = (name: string | RegExp): Locator => page.locator('.quick-input-widget').getByRole('option', { name }).first();
  const selected = (text: string | RegExp): Promise<void> => page.locator('[id="status.editor.selection"]').getByText(text).waitFor();

  it('finds code for a question, and opens what the answer cites at its lines', async () => {
    await workbench.run('Switchyard: Refresh Index');
    await page.getByText(/files of code indexed/).first().waitFor();
    const chat = await workbench.openChat();
    await chat.ask('Where is the total computed? @codebase');
    const answer = await chat.answerWith('It is summed in');
    await chat.settled();
    await chat.questions.last().locator('sw-attachments').getByText(/pieces of code|\.ts:\d/).first().waitFor();
    await answer.getByRole('link', { name: `${filePath}:29-31` }).click();
    await page.locator(`.tab.active[aria-label^="${fileName}"]`).waitFor();
    await selected(/Ln 32, Col 1 \(\d+ selected\)/);
    await answer.getByRole('link', { name: 'the class' }).click();
    await selected(/Ln 13, Col 1/);
    assert.equal(await answer.getByRole('link').count(), 2, 'a file that is not there is no link');
    await screenshots.take(page, 'citations-vscode-dark');
  });

  it('completes the name of a file', async () => {
    const { chat } = workbench;
    await chat.composer.pressSequentially('See @file:car');
    await view().getByRole('option', { name: new RegExp(filePath) }).first().waitFor();
    await screenshots.take(page, 'mention-vscode-dark');
    await chat.composer.press('Enter');
    assert.equal(await chat.composer.inputValue(), `See @file:${filePath} `);
    await chat.composer.fill('');
  });

  it('asks an edited question anew, and keeps what it was', async () => {
    const chat = workbench.chat;
    await chat.ask('And now?');
    await chat.answerWith('Another answer.');
    await chat.settled();
    await chat.questions.last().hover();
    await chat.questions.last().getByRole('button', { name: 'Edit' }).click();
    await view().getByRole('button', { name: 'Do not edit' }).waitFor();
    await chat.ask('And then?');
    await chat.answerWith('A better answer.');
    await chat.settled();
    await view().getByRole('group', { name: 'Version 2 of 2' }).getByRole('button', { name: 'Previous version' }).click();
    await chat.answerWith('Another answer.');
    await view().getByRole('group', { name: 'Version 1 of 2' }).waitFor();
  });

  it('works in another profile, where nothing of the first is seen', async () => {
    await workbench.run('Switchyard: Switch Profile');
    await option(/New Profile/).click();
    await page.locator('.quick-input-widget input').fill('Acme');
    await page.keyboard.press('Enter');
    await page.getByText('This window works in the profile "Acme".').first().waitFor();
    await view().getByRole('button', { name: 'Profile Acme' }).waitFor();
    assert.equal(await workbench.chat.questions.count(), 0);
    await workbench.run('Switchyard: Switch Profile');
    await option(/Acme.*this window works in it/).waitFor();
    await screenshots.take(page, 'profiles-dark');
    await option(/default/).click();
    await view().getByRole('button', { name: 'Profile default' }).waitFor();
    await view().getByTitle('Chats').click();
    await view().getByRole('button', { name: /^Where is the total/ }).click();
    await workbench.chat.questions.first().getByText('Where is the total').waitFor();
  });
});
