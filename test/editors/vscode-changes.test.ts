// The changes of a chat answer in VS Code: reviewed as one diff, applied, and kept or undone one by one, after they were saved too.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { filePath, flawedCodeIn, overrun, surcharge } from './harness/flawed-code.ts';
import { until } from './harness/until.ts';
import { VsCodeSuite } from './harness/vscode/suite.ts';

const newFile = 'src/money.ts';
const newCode = 'export const cents = (n: number): number => Math.round(n * 100);';

describe('the changes of a chat answer in VS Code', () => {
  let workspace: string;
  let original: string;
  const suite = new VsCodeSuite({
    prepare(folder) {
      workspace = folder;
      original = flawedCodeIn(folder);
      const lineWith = (quote: string): string => original.split('\n').find((line) => line.includes(quote)) ?? '';
      const edit = (line: string, now: string): string =>
        ['<<<<<<< SEARCH', line, '=======', now, '>>>>>>> REPLACE'].join('\n');
      const [loop, end] = [lineWith(overrun.quote), lineWith(surcharge.quote)];
      const edits = [
        edit(loop, loop.replace(overrun.quote, overrun.replacement)),
        edit(end, end.replace(surcharge.quote, surcharge.fixed)),
        edit('not in the file();', 'nowhere();'),
      ];
      const block = (header: string, text: string): string => `\`\`\`${header}\n${text}\n\`\`\``;
      const reply = ['Two faults:', block(`ts ${filePath}`, edits.join('\n')), block(`ts ${newFile}`, newCode)];
      return [{ when: 'Repair both', reply: `${reply.join('\n\n')}\n\nThat is all of it.` }];
    },
  });

  async function saved(expected: string): Promise<void> {
    const file = join(workspace, filePath);
    await until('the saved file', () => readFileSync(file, 'utf8') === expected).catch(() => undefined); // the assertion says more
    assert.equal(readFileSync(file, 'utf8'), expected);
  }

  it('are shown as one diff of all files first', async () => {
    const chat = await suite.workbench.openChat();
    await chat.ask('Repair both, and add a helper.');
    const answer = await chat.answerWith('That is all of it.');
    await chat.settled();
    await suite.screenshots.take(suite.page, 'changes-answer-dark');
    await answer.getByRole('button', { name: 'Review changes' }).click();
    await suite.page.locator('.notifications-toasts').getByText('Apply 3 changes in 2 files?').waitFor();
    await suite.page.locator('.tab.active[aria-label^="Changes from the chat"]').waitFor();
    await suite.screenshots.take(suite.page, 'changes-diff-dark');
    assert.equal(readFileSync(join(workspace, filePath), 'utf8'), original);
  });

  it('say why an edit is none of them', async () => {
    await suite.workbench.answerNotification('Show Reasons');
    await suite.page.getByText("src/cart.ts: The edit doesn't match the file as it is now").first().waitFor();
    await suite.screenshots.take(suite.page, 'changes-reasons-dark');
  });

  it('are applied together, each with Keep and Undo above it', async () => {
    await suite.workbench.answerNotification('Apply');
    const repaired = original.replace(overrun.quote, overrun.replacement).replace(surcharge.quote, surcharge.fixed);
    await saved(repaired);
    await suite.page.locator('.codelens-decoration').getByText('Undo All 3').waitFor();
    await suite.screenshots.take(suite.page, 'changes-applied-dark');
  });

  it('are undone one by one after they were saved', async () => {
    await suite.page.locator('.codelens-decoration').getByText('Undo', { exact: true }).first().click();
    await saved(original.replace(surcharge.quote, surcharge.fixed));
    await suite.page.locator('.codelens-decoration').getByText('Undo All 2').waitFor();
  });

  it('are undone all at once, and a file that was made is removed', async () => {
    await suite.page.locator('.tab[aria-label^="money.ts"]').click();
    await suite.page.locator('.codelens-decoration').getByText('Keep', { exact: true }).waitFor();
    await suite.screenshots.take(suite.page, 'changes-new-file-dark');
    await suite.page.keyboard.press('Control+S');
    const file = join(workspace, newFile);
    await until('the new file', () => existsSync(file) && readFileSync(file, 'utf8') === `${newCode}\n`);
    await suite.page.locator('.tab.active:not(.dirty)[aria-label^="money.ts"]').waitFor(); // it has become the file's own
    await suite.page.locator('.codelens-decoration').getByText('Undo All 2').click();
    await saved(original);
    await until('the file to be gone', () => !existsSync(file));
    await suite.page.locator('.codelens-decoration').first().waitFor({ state: 'detached' });
  });

  it('can be read in a light theme', async () => {
    suite.editor.configure({ 'workbench.colorTheme': 'Light Modern' });
    await suite.workbench.reload();
    const chat = await suite.workbench.openChat();
    await chat.answers.getByRole('button', { name: 'Review changes' }).click();
    await suite.page.locator('.tab.active[aria-label^="Changes from the chat"]').waitFor();
    await suite.screenshots.take(suite.page, 'changes-diff-light');
    await suite.workbench.answerNotification('Apply');
    await suite.page.locator('.codelens-decoration').getByText('Keep All 3').click();
    await suite.page.locator('.codelens-decoration').first().waitFor({ state: 'detached' });
    await suite.screenshots.take(suite.page, 'changes-kept-light');
  });
});
