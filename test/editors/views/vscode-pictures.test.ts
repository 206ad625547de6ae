// Pictures in the packaged extension: attached from the explorer and by pasting, seen by a model, read without one, and made by a provider.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { png } from '../../fakes/pictures/png.ts';
import { until } from '../harness/until.ts';
import { VsCodeSuite } from '../harness/vscode/suite.ts';

const stripes = png({
  width: 320,
  height: 200,
  colorType: 2,
  depth: 8,
  pixel: (x, y) => (Math.floor(x / 40) % 2 === 0 ? [30, 111, 217] : [255, 209, 102 + (y % 100)]),
});
const code = [
  'function total(lines) {',
  '  let sum = 0;',
  '  for (const line of lines) {',
  '    sum += line.price;',
  '  }',
  '  return sum;',
  '}',
];

describe('pictures in VS Code', () => {
  const maker = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ data: [{ b64_json: stripes.toString('base64') }] }));
    });
  });
  before(() => once(maker.listen(0, '127.0.0.1'), 'listening'));
  const suite = new VsCodeSuite({
    prepare(workspace) {
      writeFileSync(join(workspace, 'stripes.png'), stripes);
      return [{ when: 'What is in them', reply: 'Blue and yellow stripes, twice.' }];
    },
    config: (own) => {
      const { lab } = own['providers'] as { lab: object };
      const baseUrl = `http://127.0.0.1:${(maker.address() as AddressInfo).port}/v1`;
      return {
        providers: {
          lab: { ...lab, models: [{ name: 'scripted', capabilities: { vision: true, chat: true } }] },
          art: { type: 'openai-compatible', baseUrl, models: [] },
        },
        vision: { pictureModel: 'art/easel' },
      };
    },
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  after(() => maker.close());
  const { screenshots } = suite;
  const file = (name: string) => suite.row(new RegExp(`^${name}`));

  async function fromExplorer(name: string, command: string, look?: () => Promise<unknown>): Promise<void> {
    await suite.workbench.run('View: Show Explorer');
    await suite.workbench.chooseFor(file(name), command, look);
  }
  const light = async (): Promise<void> => {
    suite.editor.configure({ 'workbench.colorTheme': 'Light Modern' });
    await suite.workbench.reload();
    await suite.page.locator('.monaco-workbench.vs').waitFor();
  };

  /** The explorer may miss a file that is made while the window loads: it's there before a test reloads that. */
  before(async () => {
    const drawn = await suite.page.context().newPage();
    await drawn.setContent(
      `<pre style="margin:0;padding:24px;width:640px;background:#1f1f1f;color:#d4d4d4;font:16px/1.5 'DejaVu Sans Mono',monospace">${code.join('\n')}</pre>`,
    );
    writeFileSync(join(suite.editor.workspace, 'total.png'), await drawn.locator('pre').screenshot());
    await drawn.close();
  });

  it('are attached from the explorer, and by pasting into the view', async () => {
    await fromExplorer('stripes.png', 'Attach Picture to Chat', () =>
      screenshots.take(suite.page, 'pictures-explorer-dark'),
    );
    await suite.view.getByRole('button', { name: 'Remove stripes.png' }).waitFor();
    await suite.page.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': new Blob([bytes], { type: 'image/png' }) })]);
    }, stripes.toString('base64'));
    const { composer } = suite.workbench.chat;
    await composer.click();
    await suite.page.keyboard.press('Control+V');
    await suite.view.getByRole('button', { name: 'Remove image.png' }).waitFor();
    await suite.view.getByText('320 × 200').nth(1).waitFor();
    await screenshots.take(suite.page, 'pictures-attached-vscode-dark');
  });

  it('are seen by the model, and stand with the message as thumbnails', async () => {
    const { chat } = suite.workbench;
    const asked = suite.model.chats.length;
    await chat.ask('What is in them?');
    await chat.answerWith('Blue and yellow stripes');
    await chat.settled();
    const sent = JSON.stringify(suite.model.chats.slice(asked).map(({ body }) => body));
    assert.equal(sent.split('data:image/').length - 1, 2);
    await screenshots.take(suite.page, 'pictures-sent-vscode-dark');
    await light();
    await suite.workbench.openChat();
    await suite.view.getByRole('list', { name: 'Pictures' }).getByRole('img').nth(1).waitFor();
    await screenshots.take(suite.page, 'pictures-sent-vscode-light');
  });

  it('have their text read into an editor', async () => {
    await fromExplorer('total.png', 'Text from Picture…');
    const lines = suite.page.locator('.editor-group-container.active .view-lines');
    await lines.getByText('sum += line.price;').waitFor();
    await suite.page.locator('.notifications-toasts').getByText('This is the text of total.png.').waitFor();
    await screenshots.take(suite.page, 'pictures-text-light');
    await suite.workbench.answerNotification('Copy');
    const copied = (): Promise<string> => suite.page.evaluate(() => navigator.clipboard.readText());
    await until('the copied text', async () => (await copied()).trim() === code.join('\n'));
  });

  it('are made by a provider, and saved where the user says', async () => {
    await suite.workbench.run('Switchyard: Generate Picture…');
    await suite.enter('Switchyard: generate a picture', 'Blue and yellow stripes');
    await suite.option(/^Landscape/).click();
    await suite.page.locator('.tab.active[aria-label^="Picture"]').waitFor();
    const shown = suite.page
      .frameLocator('.editor-instance iframe.webview.ready, iframe.webview.ready')
      .last()
      .frameLocator('iframe#active-frame');
    await shown.getByRole('img', { name: 'Blue and yellow stripes' }).waitFor();
    await shown.getByText('art/easel').waitFor();
    await screenshots.take(suite.page, 'pictures-made-light');
    await shown.getByRole('button', { name: 'Save…' }).click();
    const input = suite.page.locator('.quick-input-widget input[type="text"]');
    await until('the place to save it', async () => (await input.inputValue()).endsWith('picture.png'));
    await screenshots.take(suite.page, 'pictures-save-light');
    await suite.page.keyboard.press('Enter');
    const path = join(suite.editor.workspace, 'picture.png');
    await until('the saved picture', () => {
      try {
        return readFileSync(path).equals(stripes);
      } catch {
        return false;
      }
    });
  });
});
