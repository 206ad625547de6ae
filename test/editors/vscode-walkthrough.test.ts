// The pictures of the walkthrough, taken of the real views, and the walkthrough that shows them. With SWITCHYARD_SCREENSHOTS=1 they are
// written to media/walkthrough.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'mocha';
import type { Locator } from 'playwright-core';
import { writeScriptedModel } from '../fakes/gguf.ts';
import { fileName, filePath, surcharge } from './harness/flawed-code.ts';
import { Screenshots } from './harness/screenshots.ts';
import { VsCodeSuite } from './harness/vscode/suite.ts';

const reply =
  'A voucher lowers what is left to pay. See `payableCents` in `src/cart.ts`:\n\n```ts\nreturn total - discount;\n```';
const task = 'Vouchers make the cart dearer. Fix that.';
const edit = JSON.stringify({ tool: 'edit', path: filePath, old: surcharge.quote, new: surcharge.fixed });
const steps = [
  ...['Get a model', 'Ask something', 'Review your code', 'Give the agent a task'],
  ...['Complete code as you type', 'Keep costs in check', 'Use the keyboard', 'Stay local'],
];
const begunCode = `/** What all of them cost, in cents. */
export function totalCents(prices: number[]): number {
  return prices.reduce
}
`;

describe('the walkthrough in VS Code', () => {
  const pictures = new Screenshots('walkthrough');
  const suite = new VsCodeSuite({
    prepare(workspace) {
      const models = join(dirname(workspace), 'home', 'data', 'models');
      mkdirSync(models, { recursive: true });
      writeScriptedModel(join(models, 'coder.gguf'), '(sum, price) => sum + price, 0);\n', { fimAfter: '(' });
      writeFileSync(join(workspace, 'src', 'total.ts'), begunCode);
      return [
        { when: 'What does a voucher do?', reply },
        { when: task, reply: edit },
      ];
    },
    config: (own) => ({ ...own, budgets: { dayUsd: 5 } }),
    settings: {
      'breadcrumbs.enabled': false,
      'editor.quickSuggestions': { other: 'off' },
      'editor.parameterHints.enabled': false,
      'editor.autoClosingBrackets': 'never',
    },
  });
  const list = (): Locator => suite.page.locator('.quick-input-widget');
  const editors = (): Locator => suite.page.locator('.part.editor');

  it('shows which models fit this machine', async () => {
    await suite.page.setViewportSize({ width: 880, height: 760 });
    await suite.workbench.run('Switchyard: Download Model');
    await suite.option(/of memory/).waitFor();
    await pictures.take(list(), 'model');
    await suite.workbench.leave('Switchyard: Download Model');
  });

  it('shows what may be spent', async () => {
    await suite.workbench.run('Switchyard: Budgets');
    await suite.option(/Today.*of \$5\.00/).waitFor();
    await pictures.take(list(), 'costs');
    await suite.workbench.leave('Switchyard: budgets');
  });

  it('shows an answer with the model that wrote it', async () => {
    const chat = await suite.workbench.openChat();
    await chat.ask('What does a voucher do?');
    await chat.answerWith('A voucher lowers');
    await chat.settled();
    await pictures.take(suite.page.locator('.part.sidebar'), 'chat');
  });

  it('shows a task, and the change that it asks about', async () => {
    const { chat } = suite.workbench;
    await chat.newChat();
    await chat.chooseMode('Act');
    await chat.ask(task);
    await suite.view.getByRole('button', { name: 'Allow Once', disabled: false }).waitFor();
    await pictures.take(suite.page.locator('.part.sidebar'), 'agent');
    await suite.view.getByRole('button', { name: 'Stop', exact: true }).first().click();
    await chat.settled();
    await suite.workbench.run('View: Toggle Primary Side Bar Visibility');
  });

  it('shows a finding beside the code', async () => {
    await suite.page.setViewportSize({ width: 880, height: 540 });
    await suite.workbench.openFile(fileName);
    await suite.workbench.run('Switchyard: Review File');
    await suite.page
      .getByText(/^\d+ findings? .*Checked by/)
      .first()
      .waitFor(); // it has ended
    await suite.workbench.run('Comments: Focus on Comments View');
    await suite.page.locator('.comments-panel').getByText(surcharge.message).first().click();
    await suite.page.locator('.review-widget').getByText(surcharge.message).waitFor();
    await suite.workbench.run('View: Toggle Panel Visibility');
    await suite.workbench.run('Notifications: Clear All Notifications');
    await pictures.take(editors(), 'review');
    await suite.workbench.closeEditors();
  });

  it('shows what is suggested at the cursor', async () => {
    await suite.page.setViewportSize({ width: 880, height: 340 });
    await suite.workbench.openFile('total.ts');
    await suite.page.keyboard.press('Control+End');
    for (const key of ['ArrowUp', 'ArrowUp', 'End']) await suite.page.keyboard.press(key);
    await suite.page.keyboard.type('(');
    await suite.page.locator('[class*="ghost-text"]').getByText('sum').first().waitFor();
    await pictures.take(editors(), 'completion');
    await suite.workbench.closeEditors();
  });

  it('shows what keeps it on this machine', async () => {
    await suite.page.setViewportSize({ width: 880, height: 540 });
    await suite.page.keyboard.press('Control+Comma');
    const settings = suite.page.locator('.settings-editor');
    await settings.locator('.monaco-editor.focused').waitFor(); // the search, which is one
    await suite.page.keyboard.type('switchyard.localOnly');
    const localOnly = settings.locator('.setting-item-contents').filter({ hasText: 'connects only to this machine' });
    await localOnly.getByRole('checkbox').click();
    await localOnly.getByRole('checkbox', { checked: true }).waitFor();
    await suite.page.mouse.move(0, 0);
    await pictures.take(localOnly, 'local');
    await suite.page.keyboard.press('Escape');
    await settings.waitFor({ state: 'hidden' });
  });

  it('shows the keyboard shortcuts', async () => {
    await suite.page.setViewportSize({ width: 1500, height: 900 }); // narrower than this, the keys are cut off
    await suite.page.keyboard.press('Control+K');
    await suite.page.keyboard.press('Control+S');
    const shortcuts = suite.page.locator('.keybindings-editor');
    await shortcuts.locator('input:focus').waitFor();
    await suite.page.keyboard.type('ctrl+alt+u');
    await shortcuts.getByText('Switchyard: Open Chat').first().waitFor();
    await suite.page.mouse.move(0, 0);
    const { x = 0, y = 0 } = (await shortcuts.boundingBox()) ?? {};
    await pictures.take(suite.page, 'keys', { x, y, width: 640, height: 440 });
    await suite.page.keyboard.press('Escape');
    await suite.page.keyboard.press('Escape'); // the first one clears the search
    await shortcuts.waitFor({ state: 'hidden' });
  });

  it('shows them with their steps', async () => {
    await suite.page.setViewportSize({ width: 1500, height: 900 }); // narrower than this it has no pictures
    await suite.workbench.run('Welcome: Open Walkthrough');
    await suite.option(/Get started with Switchyard/).click();
    await suite.page.getByRole('heading', { name: 'Get started with Switchyard', level: 2 }).waitFor();
    for (const step of steps) {
      await suite.page.getByRole('button', { name: step }).first().click();
      const shown = suite.page.locator('.getting-started-media img').first();
      await shown.waitFor();
      await shown.evaluate(async (image) => await (image as HTMLImageElement).decode());
    }
    await suite.screenshots.take(suite.page, 'walkthrough-dark');
  });
});
