// VS Code's own chat with Switchyard in it: the participant answers, says why, and reviews, and VS Code's agent asks one of our models.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Locator } from 'playwright-core';
import { overrun } from './harness/flawed-code.ts';
import { VsCodeSuite } from './harness/vscode/suite.ts';

const hostile = 'In the **yard**. ![pixel](https://example.com/pixel.png) [run](command:switchyard.restartDaemon)';

describe("VS Code's own chat", () => {
  const suite = new VsCodeSuite({
    prepare: () => [
      { when: 'Where are the switches?', reply: hostile },
      { when: 'Name the yard.', reply: 'It is the north yard.' },
    ],
    settings: { 'chat.disableAIFeatures': false },
  });
  const answers = (): Locator => suite.page.locator('.interactive-session .interactive-response');

  /** Sends a message as a user types it, and waits until its answer is whole. */
  async function ask(text: string): Promise<Locator> {
    const { page } = suite;
    const before = await answers().count();
    const input = page.locator('.interactive-session .interactive-input-part .monaco-editor').first();
    await input.click();
    await page.keyboard.type(text, { delay: 5 });
    await page.keyboard.press('Escape'); // the list of suggestions
    await page.keyboard.press('Enter');
    const answer = answers().nth(before);
    await answer.waitFor();
    await page
      .locator('.interactive-session .interactive-response.chat-response-loading')
      .waitFor({ state: 'detached' });
    return answer;
  }

  it('has our models in its picker', async () => {
    await suite.workbench.run('Chat: Open Chat');
    await suite.page
      .locator('.interactive-session .chat-input-toolbars')
      .getByText(/Switchyard|lab\/scripted/)
      .first()
      .waitFor();
  });

  it('is answered by @switchyard, in Markdown that fetches nothing and runs nothing', async () => {
    const answer = await ask('@switchyard Where are the switches?');
    await answer.getByText('In the yard.').waitFor();
    await suite.screenshots.take(suite.page, 'vscode-chat-answer');
    assert.equal(await answer.locator('img[src*="example.com"]').count(), 0);
    assert.equal(await answer.locator('a[data-href^="command:"], a[href^="command:"]').count(), 0);
    await answer.getByText('Open in Switchyard').waitFor();
  });

  it('says why that model', async () => {
    const answer = await ask('/why ');
    await suite.page.waitForTimeout(3000); console.log(await answer.innerText());
    await answer.getByText(/answered:/).waitFor();
  });

  it('reviews the open file, with a way to each finding', async () => {
    const answer = await ask('/review ');
    await suite.page.waitForTimeout(3000); console.log(await answer.innerText());
    await answer.getByText(overrun.message).waitFor();
    await suite.screenshots.take(suite.page, 'vscode-chat-review');
  });

  it('lets the agent of VS Code ask our model', async () => {
    await suite.workbench.run('Chat: New Chat');
    const answer = await ask('Name the yard.');
    await suite.page.waitForTimeout(3000); console.log(await answer.innerText());
    await suite.screenshots.take(suite.page, 'vscode-chat-agent');
    await answer.getByText('It is the north yard.').waitFor();
  });
});
