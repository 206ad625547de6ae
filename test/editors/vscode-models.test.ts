// The Models view of the packaged extension: a tiny model that real llama.cpp runs is loaded, set, kept, deleted, and brought back.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { Locator } from 'playwright-core';
import { writeScriptedModel } from '../fakes/gguf.ts';
import { FakeHub, sha256 } from '../fakes/hub.ts';
import { until } from './harness/until.ts';
import { VsCodeSuite } from './harness/vscode/suite.ts';

describe('the Models view in VS Code', () => {
  const hub = new FakeHub();
  let isHeld = true;
  let models: string;

  before(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sy-hub-'));
    const file = join(folder, 'coder.gguf');
    writeScriptedModel(file, 'I code.');
    const bytes = readFileSync(file);
    rmSync(folder, { recursive: true });
    const files = { 'small-coder-Q4_K_M.gguf': bytes };
    hub.repositories['ada/small-coder'] = { downloads: 1200, license: 'apache-2.0', files };
    hub.instead = ({ url }, response) => {
      if (!isHeld || !url?.startsWith('/storage/')) return false;
      response.writeHead(200, { 'content-length': bytes.length, etag: `"${sha256(bytes).slice(0, 32)}"` });
      return response.write(bytes.subarray(0, bytes.length / 2)) || true; // the rest never comes
    };
    await hub.listen();
  });
  after(() => hub[Symbol.asyncDispose]());

  const suite = new VsCodeSuite({
    prepare(workspace) {
      models = join(dirname(workspace), 'home', 'data', 'models');
      mkdirSync(models, { recursive: true });
      writeScriptedModel(join(models, 'tiny.gguf'), 'Here I am.');
      return [];
    },
    config: (own) => ({ ...own, modelHub: hub.address }),
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const row = (name: string | RegExp): Locator => suite.row(name);
  const tiny = (): Locator => row(/^tiny/);

  const choose = (command: string): Promise<void> => suite.workbench.chooseFor(tiny(), command);

  it('lists the models of this machine, then those of providers', async () => {
    await suite.workbench.run('Switchyard: Manage Models');
    await row(/^On this machine/).waitFor();
    await tiny().waitFor();
    await row(/^lab/).waitFor();
  });

  it('loads a model, says that it is loaded, and unloads it', async () => {
    await suite.press(tiny(), 'Load');
    await row(/^tiny.*loaded/).waitFor();
    await suite.press(tiny(), 'Unload');
    await tiny()
      .and(suite.page.getByRole('treeitem', { name: /^(?!.*loaded)/ }))
      .waitFor();
  });

  it('keeps a model loaded, until it is told to stop', async () => {
    await choose('Keep Loaded');
    await row(/^tiny.*kept loaded/).waitFor();
    await choose('Stop Keeping Loaded');
    await suite.page.getByRole('treeitem', { name: /kept loaded/ }).waitFor({ state: 'detached' });
  });

  it('changes a setting in config.json, and shows whose value it is', async () => {
    await choose('Settings…');
    await suite.option(/^Context tokens/).click();
    await suite.enter('contextTokens', '512');
    await suite.option(/^Context tokens.*512/).waitFor();
    await suite.screenshots.take(suite.page, 'model-settings-dark');
    await suite.workbench.leave('settings for local/tiny');
    const config = JSON.parse(readFileSync(join(suite.home.folder, 'config.json'), 'utf8')) as {
      localSettings: Record<string, object>;
    };
    assert.deepEqual(config.localSettings['tiny'], { contextTokens: 512 });
  });

  it('copies the ID', async () => {
    await choose('Copy ID');
    const copied = () => suite.page.evaluate(() => navigator.clipboard.readText());
    await until('the clipboard', async () => (await copied()) === 'local/tiny');
  });

  it('deletes a model, and brings it back', async () => {
    await choose('Delete');
    await tiny().waitFor({ state: 'detached' });
    await suite.workbench.answerNotification('Undo');
    await tiny().waitFor();
    assert.ok(existsSync(join(models, 'tiny.gguf')));
  });

  it('finds a model of the hub as one types, pauses its download, and resumes it', async () => {
    await suite.workbench.run('Switchyard: Download Model');
    await suite.page.locator('.quick-input-title').getByText('Download Model').waitFor();
    await suite.page.locator('.quick-input-widget input').fill('coder');
    await suite.option(/^ada\/small-coder.*apache-2\.0/).waitFor();
    await suite.screenshots.take(suite.page, 'model-search-dark');
    await suite.option(/^ada\/small-coder/).click();
    await suite.option(/^Q4_K_M/).click();
    const download = row(/^small-coder-Q4_K_M.* of /);
    await download.waitFor();
    await suite.screenshots.take(suite.page, 'model-download-dark');
    await suite.press(download, 'Pause Download');
    await row(/^small-coder-Q4_K_M.*paused/).waitFor();
    isHeld = false;
    await suite.press(download, 'Resume Download');
    await row(/^small-coder-Q4_K_M.*context/).waitFor();
    assert.equal(await suite.page.getByRole('treeitem', { name: /paused/ }).count(), 0);
    assert.ok(
      hub.requests.some((request) => request.includes('bytes=')),
      'it went on where it was',
    );
  });

  for (const [theme, name, themeClass] of [
    ['Dark Modern', 'dark', 'vs-dark'],
    ['Light Modern', 'light', 'vs'],
  ] as const) {
    it(`can be read in a ${name} theme`, async () => {
      suite.editor.configure({ 'workbench.colorTheme': theme });
      await suite.workbench.reload();
      await suite.page.locator(`.monaco-workbench.${themeClass}`).waitFor();
      await suite.workbench.run('Switchyard: Manage Models');
      await tiny().waitFor();
      await suite.screenshots.take(suite.page, `models-view-${name}`);
    });
  }
});
