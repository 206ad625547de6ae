// What a run of the agent changed, in VS Code: shown as one diff, each change with Keep and Undo above it, and all put back at once.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, it } from 'mocha';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import { filePath, flawedCodeIn, overrun, surcharge } from '../harness/flawed-code.ts';
import { product } from '../harness/product.ts';
import { until } from '../harness/until.ts';
import { VsCodeSuite } from '../harness/vscode/suite.ts';

const newFile = 'src/money.ts';
const task = 'Repair the cart';

describe("the agent's changes in VS Code", () => {
  let workspace: string;
  let original: string;
  const suite = new VsCodeSuite({
    prepare(folder) {
      workspace = folder;
      original = flawedCodeIn(folder);
      const edit = (given: Record<string, unknown>) => ({ name: 'edit', arguments: given });
      const toolCalls = [
        edit({ path: filePath, old: overrun.quote, new: overrun.replacement }),
        edit({ path: filePath, old: surcharge.quote, new: surcharge.fixed }),
        edit({ path: newFile, new: 'export const cents = (n: number): number => Math.round(n * 100);\n' }),
      ];
      return [{ when: task, reply: { text: 'I repair it.', toolCalls } }];
    },
    config: (own) => {
      const { lab } = own['providers'] as { lab: object };
      return {
        providers: { lab: { ...lab, models: [{ name: 'scripted', capabilities: { tools: true, chat: true } }] } },
      };
    },
  });

  /** Asks as another client of the same daemon. */
  async function asOther<Result>(method: string, params: object): Promise<Result> {
    const child = spawn(process.execPath, [product.program, '--stdio'], { env: suite.home.env });
    const client = createMessageConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
    client.listen();
    const uri = pathToFileURL(workspace).href;
    await client.sendRequest('initialize', {
      processId: process.pid,
      rootUri: uri,
      workspaceFolders: [{ uri, name: 'shop' }],
      capabilities: {},
      initializationOptions: { switchyard: { workspaceTrusted: true } },
    });
    await client.sendNotification('initialized', {});
    const result = await client.sendRequest<Result>(method, params);
    client.dispose();
    child.kill();
    return result;
  }

  let jobId: string;
  async function runAgent(): Promise<void> {
    const given = { task, allow: ['edit'] };
    const ended = await asOther<{ jobId: string; changes: unknown[] }>('switchyard/agent/run', given);
    assert.equal(ended.changes.length, 2);
    jobId = ended.jobId;
  }

  async function choose(): Promise<void> {
    await suite.workbench.run('Switchyard: Review What the Agent Changed…');
    await suite.page.locator('.quick-input-list').getByText(task).first().click();
  }

  async function review(): Promise<void> {
    await choose();
    await suite.page.locator('.notifications-toasts').getByText('The agent changed 2 files.').waitFor();
    await suite.page.locator('.tab.active[aria-label^="Agent\'s changes"]').waitFor();
  }

  it('are shown as one diff of all files', async () => {
    await runAgent();
    await review();
    await suite.screenshots.take(suite.page, 'agent-changes-diff-dark');
  });

  it('are kept or undone one by one', async () => {
    await suite.workbench.answerNotification('Review Each');
    await suite.page.locator('.tab.active[aria-label^="cart.ts"]').waitFor();
    await suite.page.locator('.codelens-decoration').getByText('Undo All 3').waitFor();
    await suite.screenshots.take(suite.page, 'agent-changes-each-dark');
    await suite.page.locator('.codelens-decoration').getByText('Undo', { exact: true }).first().click();
    await suite.page.keyboard.press('Control+S');
    const file = join(workspace, filePath);
    const expected = original.replace(surcharge.quote, surcharge.fixed);
    await until('the saved file', () => readFileSync(file, 'utf8') === expected);
  });

  it('are undone all at once, and what the user has changed since stays and is named', async () => {
    suite.editor.configure({ 'workbench.colorTheme': 'Light Modern' });
    await suite.workbench.reload();
    await review();
    await suite.screenshots.take(suite.page, 'agent-changes-diff-light');
    await suite.workbench.answerNotification('Undo All');
    await suite.page.locator('.notifications-toasts').getByText('1 file restored. 1 file left unchanged.').waitFor();
    assert.equal(existsSync(join(workspace, newFile)), false);
    await suite.workbench.answerNotification('Show Reasons');
    await suite.page.getByText(`${filePath}: It changed after the agent was done with it`).first().waitFor();
    await suite.screenshots.take(suite.page, 'agent-changes-reasons-light');
  });

  it('are not offered again once they are kept, unless that is wanted', async () => {
    const lens = (title: string) => suite.page.locator('.codelens-decoration').getByText(title, { exact: true });
    const isKept = async (): Promise<boolean> => {
      const { files } = await asOther<{ files: { isKept: boolean }[] }>('switchyard/agent/changes', { jobId });
      return files.length === 1 && files[0]?.isKept === true;
    };
    await choose();
    await suite.page.locator('.notifications-toasts').getByText('The agent changed 1 file.').waitFor();
    await suite.workbench.answerNotification('Review Each');
    assert.equal(await isKept(), false);
    await lens('Keep').first().click();
    await until('the daemon to know it', isKept);
    await choose();
    await suite.page.locator('.notifications-toasts').getByText('You have kept everything').waitFor();
    await suite.workbench.answerNotification('Review Again');
    await suite.page.locator('.notifications-toasts').getByText('The agent changed 1 file.').waitFor();
    await suite.workbench.answerNotification('Review Each');
    await lens('Keep').first().waitFor();
    await suite.screenshots.take(suite.page, 'agent-changes-again-light');
    await asOther('switchyard/agent/keep', { jobId });
    await lens('Keep').waitFor({ state: 'detached' });
  });
});
