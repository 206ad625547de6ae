// The packaged extension in VS Code, used through its views in a real browser, on a machine folder that cannot see the repository.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import type { ChatPage } from './harness/chat-page.ts';
import { fileName, filePath, flawedCodeIn, overrun, surcharge } from './harness/flawed-code.ts';
import { until } from './harness/until.ts';
import { VsCodeSuite, wide } from './harness/vscode/suite.ts';

const helper = 'const cents = (n: number) =>\n  Math.round(n * 100);';
const withCode = `Round once, at the end:\n\n\`\`\`ts\n${helper}\n\`\`\`\n\nThen call it where the total is returned.`;

describe('the packaged extension in VS Code', () => {
  let file: string;
  let original: string;
  let rewritten: string;
  const suite = new VsCodeSuite({
    prepare(workspace) {
      file = join(workspace, filePath);
      original = flawedCodeIn(workspace);
      rewritten = original.replace(overrun.quote, overrun.replacement);
      return [
        { when: 'Rewrite the file', reply: `\`\`\`ts\n${rewritten}\`\`\`` },
        { when: 'How do I round', reply: withCode },
      ];
    },
    permissions: ['clipboard-read', 'clipboard-write'],
  });

  /** The file on disk, which follows the editor, once it is as expected. */
  async function saved(expected: string): Promise<void> {
    await until('the saved file', () => readFileSync(file, 'utf8') === expected).catch(() => undefined); // the assertion says more
    assert.equal(readFileSync(file, 'utf8'), expected);
  }

  it('streams an answer with highlighted code, and says which model gave it and what it took', async () => {
    const chat = await suite.workbench.openChat();
    await chat.ask('How do I round to cents?');
    const answer = await chat.answerWith('Then call it where the total is returned.');
    await chat.settled();
    assert.equal((await answer.locator('pre code').innerText()).trim(), helper);
    assert.ok((await answer.locator('pre code span').count()) > 2, 'the code is highlighted');
    assert.match(await answer.locator('footer').innerText(), /lab\/scripted[\s\S]*42[\s\S]*17/);
    await suite.screenshots.take(suite.page, 'chat-dark');
  });

  it('stops an answer in the middle, closes the connection to the model, and keeps what had come', async () => {
    const { chat } = suite.workbench;
    await chat.ask('Never finish this one.');
    const answer = await chat.answerWith('It goes on');
    await chat.stopButton.click();
    await suite.model.closedEarly();
    await chat.settled();
    await answer.getByText('Stopped').waitFor();
    assert.equal(await answer.getByText('It goes on').count(), 1);
  });

  it('copies a code block', async () => {
    await codeButton('Copy').click();
    assert.equal(
      await until(
        'the clipboard',
        async () => (await suite.workbench.page.evaluate(() => navigator.clipboard.readText())) || undefined,
      ),
      helper,
    );
  });

  it('inserts a code block at the cursor', async () => {
    await suite.workbench.openFile(fileName);
    await suite.workbench.page.keyboard.press('Control+Home');
    await codeButton('Insert').click();
    await saved(`${helper}${original}`);
  });

  it('applies a code block as a change that is shown first', async () => {
    const { chat } = suite.workbench;
    await chat.ask('Rewrite the file, please.');
    const answer = await chat.answerWith(overrun.replacement);
    await chat.settled();
    await suite.workbench.openFile(fileName);
    await answer.getByRole('button', { name: 'Apply' }).click();
    await suite.workbench.page.locator('.monaco-diff-editor').waitFor();
    assert.equal(readFileSync(file, 'utf8'), `${helper}${original}`);
    await suite.workbench.answerNotification('Apply');
    await saved(rewritten);
  });

  it('shows the chat again after the window was reloaded', async () => {
    await suite.workbench.reload();
    const chat = await suite.workbench.openChat();
    await chat.questions.getByText('How do I round to cents?').waitFor();
    await chat.answers.getByText('Then call it where the total is returned.').waitFor();
    await until('every question', async () => (await chat.questions.count()) === 3);
  });

  it('shows the findings of a reviewed selection as comments beside the code and as problems', async () => {
    const { page } = suite;
    await suite.workbench.openFile(fileName);
    await suite.workbench.selectAll();
    await suite.workbench.run('Switchyard: Review Selection');
    await page
      .getByText(/^\d+ findings? .*Checked by/)
      .first()
      .waitFor(); // it has ended
    const comments = page.locator('.comments-panel');
    assert.equal(await comments.count(), 0, 'the panel stays as it is');
    await suite.screenshots.take(page, 'review-ended-dark');
    await suite.workbench.run('Comments: Focus on Comments View');
    await comments.getByText(surcharge.message).click();
    await page.locator('.review-widget').getByText(surcharge.message).waitFor();
    assert.equal(await comments.getByText(overrun.message).count(), 0, 'what is fixed by now is not found again');
    await suite.screenshots.take(page, 'review-dark');
    await suite.workbench.run('Problems: Focus on Problems View');
    await page.locator('.markers-panel').getByText(surcharge.message).waitFor();
    await suite.workbench.run('View: Toggle Panel Visibility');
  });

  it('has the comments and the squiggles of a review again after the window was reloaded', async () => {
    const { page } = suite;
    await suite.workbench.reload();
    await page.locator('.squiggly-warning').first().waitFor();
    await suite.workbench.run('Comments: Focus on Comments View');
    await page.locator('.comments-panel').getByText(surcharge.message).waitFor();
    await suite.workbench.run('View: Toggle Panel Visibility');
  });

  for (const [theme, name, themeClass] of [
    ['Dark Modern', 'dark', 'vs-dark'],
    ['Light Modern', 'light', 'vs'],
  ] as const) {
    it(`can be read in a ${name} theme, wide and narrow`, async () => {
      const { page } = suite;
      suite.editor.configure({ 'workbench.colorTheme': theme });
      await suite.workbench.reload();
      await page.locator(`.monaco-workbench.${themeClass}`).waitFor();
      const chat = await suite.workbench.openChat();
      await chat.answers.first().waitFor();
      await suite.screenshots.take(page, `chat-wide-${name}`);
      await page.setViewportSize({ width: 620, height: 800 });
      await suite.screenshots.take(page, `chat-narrow-${name}`);
      assert.ok(await fitsItsWidth(chat), 'nothing but code scrolls sideways');
      await page.setViewportSize(wide);
    });
  }

  function codeButton(name: string) {
    return suite.workbench.chat.answers.filter({ hasText: 'Round once' }).getByRole('button', { name, exact: true });
  }

  async function fitsItsWidth(chat: ChatPage): Promise<boolean> {
    return await chat.composer.evaluate(
      (element) =>
        element.ownerDocument.documentElement.scrollWidth <= element.ownerDocument.documentElement.clientWidth,
    );
  }
});
