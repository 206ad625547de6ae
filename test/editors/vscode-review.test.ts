// The Review view of the packaged extension: a stranger reviews a file, goes through what was found, fixes, dismisses, and looks again.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import type { Locator } from 'playwright-core';
import { fileName, filePath, flawedCodeIn, overrun, surcharge } from './harness/flawed-code.ts';
import { until } from './harness/until.ts';
import { VsCodeSuite, wide } from './harness/vscode/suite.ts';

describe('the Review view in VS Code', () => {
  let file: string;
  let original: string;
  const suite = new VsCodeSuite({
    prepare(workspace) {
      file = join(workspace, filePath);
      original = flawedCodeIn(workspace);
      return [];
    },
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const row = (name: string | RegExp): Locator => suite.row(name);
  const found = ({ message }: { message: string }): Locator => row(new RegExp(`^${message}`));

  async function clipboard(part: string): Promise<string> {
    const read = () => suite.page.evaluate(() => navigator.clipboard.readText());
    return await until(`${part} on the clipboard`, async () => {
      const text = await read();
      return text.includes(part) ? text : undefined;
    });
  }

  it('says how to begin while there is nothing', async () => {
    await suite.workbench.run('Switchyard: Focus on Review View');
    await suite.page.getByText('Review your Git changes').waitFor();
    await suite.page.getByRole('button', { name: 'Chat Section' }).click(); // the rest is for the tree: only what is seen has rows
  });

  it('lists what a review found by file, with its line, and what was checked', async () => {
    await suite.workbench.openFile(fileName);
    await suite.workbench.run('Switchyard: Review File');
    await found(surcharge).waitFor();
    await row(new RegExp(`^${overrun.message}.*line \\d+`)).waitFor();
    await row(fileName).waitFor();
    await row(/^What was checked/).waitFor();
    await suite.screenshots.take(suite.page, 'review-view-dark');
  });

  it('goes from finding to finding by keys, and opens the comment of each', async () => {
    const { page } = suite;
    await suite.workbench.openFile(fileName);
    await page.keyboard.press('Control+Home');
    for (const { message } of [overrun, surcharge]) {
      await page.keyboard.press('Control+Alt+U');
      await page.keyboard.press('n');
      await page.locator('.review-widget').getByText(message).waitFor();
    }
    await page.keyboard.press('Control+Alt+U');
    await page.keyboard.press('p');
    await page.locator('.review-widget').getByText(overrun.message).waitFor();
  });

  it('applies the fixes that are chosen among those that need no model', async () => {
    await suite.workbench.run('Switchyard: Apply Safe Fixes');
    const option = suite.page.locator('.quick-input-list .monaco-list-row', { hasText: overrun.message });
    await option.waitFor();
    await suite.screenshots.take(suite.page, 'review-fixes-dark');
    await option.click();
    await suite.page.locator('.quick-input-widget').getByRole('button', { name: 'OK' }).click();
    const expected = original.replace(overrun.quote, overrun.replacement);
    await until('the saved file', () => readFileSync(file, 'utf8') === expected);
    await found(overrun).waitFor({ state: 'detached' });
  });

  it('dismisses with a reason, lists what it dismissed, and restores it', async () => {
    await suite.press(found(surcharge), 'Dismiss');
    await suite.option(/^On purpose/).click();
    const dismissed = row(new RegExp(`^${surcharge.message}.*Dismissed`));
    await suite.expand(row(/^Not shown/), dismissed);
    await suite.press(dismissed, 'Restore');
    await row(/^Not shown/).waitFor({ state: 'detached' });
    await found(surcharge).waitFor();
  });

  it('compares with the last review: what is still there, and what is solved', async () => {
    await suite.workbench.run('Switchyard: Review Again');
    await suite.workbench.run('Switchyard: Compare with Last Review');
    await row(/^Still there/).waitFor();
    await row(/^Solved since the last review/).waitFor();
    await found(overrun).waitFor();
    await suite.screenshots.take(suite.page, 'review-compared-dark');
  });

  it('copies the review as Markdown', async () => {
    await suite.workbench.run('Switchyard: Copy Review as Markdown');
    const text = await clipboard('# Review');
    assert.ok(text.includes(`## ${filePath}`) && text.includes('still there') && text.includes('## Solved'), text);
  });

  it('is as it was after the window was reloaded', async () => {
    await suite.workbench.reload();
    await suite.workbench.run('Switchyard: Focus on Review View');
    await row(/^Still there/).waitFor();
    await row(/^Solved since the last review/).waitFor();
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
      await suite.workbench.run('Switchyard: Focus on Review View');
      await found(surcharge).waitFor();
      await suite.screenshots.take(page, `review-view-wide-${name}`);
      await page.setViewportSize({ width: 620, height: 800 });
      await suite.screenshots.take(page, `review-view-narrow-${name}`);
      await page.setViewportSize(wide);
    });
  }
});
