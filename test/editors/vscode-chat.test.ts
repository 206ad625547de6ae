// VS Code's own chat with Switchyard in it: our models are in its picker, and @switchyard answers, says why, and reviews.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Locator } from 'playwright-core';
import { overrun } from './harness/flawed-code.ts';
import { VsCodeSuite } from './harness/vscode/suite.ts';

const hostile = 'In the **yard**. ![pixel](https://example.com/pixel.png) [run](command:switchyard.restartDaemon)';

describe("VS Code's own chat", () => {
  const suite = new VsCodeSuite({
    prepare: () => [{ when: 'Where are the switches?', reply: hostile }],
    settings: { 'chat.disableAIFeatures': false },
  });
  /** The list shows no more rows than it needs: the newest is always there. */
  const answer = (): Locator => suite.page.locator('.interactive-session .chat-most-recent-response').last();
  const input = (): Locator => suite.page.locator('.interactive-session .interactive-input-part .monaco-editor').last();

  /** Sends a message as a user types it, and waits until its answer has these words, and its end. */
  async function ask(text: string, words: string | RegExp): Promise<void> {
    const { page } = suite;
    await input().click();
    await page.keyboard.type(text, { delay: 5 });
    await page.keyboard.press('Escape'); // the list of suggestions
    await page.keyboard.press('Enter');
    await answer().getByText(words).first().waitFor();
    await suite.page.locator('.interactive-session .chat-response-loading').waitFor({ state: 'detached' });
  }

  it('has our models in its picker', async () => {
    await suite.workbench.run('Chat: Open Chat');
    const picked = suite.page.locator('.interactive-session .chat-input-toolbars');
    await picked
      .getByText(/Switchyard|lab\/scripted/)
      .first()
      .waitFor();
  });

  it('is answered by @switchyard, in Markdown that fetches nothing and runs nothing', async () => {
    await ask('@switchyard Where are the switches?', 'yard');
    await answer().getByText('Open in Switchyard').waitFor();
    await suite.screenshots.take(suite.page, 'vscode-chat-answer');
    assert.equal(await answer().locator('img[src*="example.com"]').count(), 0);
    assert.equal(await answer().locator('a[data-href^="command:"], a[href^="command:"]').count(), 0);
  });

  it('says why that model', async () => {
    await ask('/why ', /answered: /);
  });

  it('reviews the open file, with a way to each finding', async () => {
    await ask('/review ', overrun.message);
    await answer().getByText('cart.ts').first().waitFor();
    await answer().getByText('Go to First Finding').waitFor();
    await suite.screenshots.take(suite.page, 'vscode-chat-review-dark');
    await suite.workbench.run('Preferences: Toggle between Light/Dark Themes');
    await suite.page.locator('.monaco-workbench.vs').waitFor();
    await suite.screenshots.take(suite.page, 'vscode-chat-review-light');
  });

  it('previews a fix in the editor, where a button in the chat discards it', async () => {
    await ask('/fix ', /^A fix for/);
    const preview = suite.page.locator('.tab', { hasText: 'Fix' }).first();
    await preview.waitFor();
    await answer().getByText('Discard', { exact: true }).click();
    await preview.waitFor({ state: 'detached' });
  });

  it('is stopped as any answer of VS Code is, and the model with it', async () => {
    await input().click();
    await suite.page.keyboard.type('@switchyard Never finish this.', { delay: 5 });
    await suite.page.keyboard.press('Escape');
    await suite.page.keyboard.press('Enter');
    await answer().getByText('It goes on').waitFor();
    await suite.page.keyboard.press('Control+Escape');
    await suite.model.closedEarly();
  });
});
