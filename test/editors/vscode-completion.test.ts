// Ghost text of the packaged extension in VS Code, from a tiny model that real llama.cpp runs: seen, accepted, counted, and silenced.
// And none of our keys takes one of VS Code's own away.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'jsonc-parser';
import { describe, it } from 'mocha';
import type { Locator } from 'playwright-core';
import { writeScriptedModel } from '../fakes/gguf.ts';
import { openPage } from './harness/browser.ts';
import { acceptedCount, outcomes } from './harness/outcomes.ts';
import { until } from './harness/until.ts';
import { type Keybinding, keyClashes } from './harness/vscode/key-clashes.ts';
import { VsCodeSuite } from './harness/vscode/suite.ts';
import { Workbench } from './harness/vscode/workbench.ts';

const settings = { 'editor.quickSuggestions': { other: 'off' }, 'editor.autoClosingBrackets': 'never' };
const tail = 'first + second);';

describe('ghost text in VS Code', () => {
  let folder: string;
  const suite = new VsCodeSuite({
    prepare(workspace) {
      folder = workspace;
      const models = join(dirname(workspace), 'home', 'data', 'models');
      mkdirSync(models, { recursive: true });
      writeScriptedModel(join(models, 'coder.gguf'), `${tail}\nreturn 1;`, { fimAfter: '(=' });
      for (const name of ['sum.js', 'words.js', 'quiet.js', 'pick.js', 'notes.md', '.env'])
        writeFileSync(join(workspace, name), '\n');
      writeFileSync(join(workspace, 'cells.ipynb'), notebookOf(['total = 1', '']));
      return [];
    },
    config(own) {
      const { lab } = own['providers'] as { lab: object };
      return { providers: { lab: { ...lab, completionApi: 'completions' } } };
    },
    settings,
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const ghost = (): Locator => suite.page.locator('.editor-group-container.active [class*="ghost-text"]').first();
  const line = async (): Promise<string> => {
    const text = await suite.page.locator('.editor-group-container.active .view-lines .view-line').first().innerText();
    return text.replaceAll('\u00a0', ' ');
  };
  const tooltip = async (): Promise<string> =>
    (await suite.page.locator('[id*="switchyard.status"]').first().getAttribute('aria-label')) ?? '';

  async function type(file: string, text: string): Promise<void> {
    await suite.workbench.openFile(file);
    await suite.page.keyboard.type(text);
  }

  it('is shown as one types, and Tab puts it into the document', async () => {
    await type('sum.js', 'call(');
    await ghost().waitFor();
    await suite.page.locator('[class*="ghost-text"]').getByText('first').first().waitFor();
    await suite.screenshots.take(suite.page, 'ghost-text-dark');
    await suite.page.keyboard.press('Tab');
    await until('the accepted text', async () => (await line()) === `call(${tail}`);
  });

  it('is noted as accepted', async () => {
    await until('the row of its outcome', () => acceptedCount(suite.home) > 0);
  });

  it('is shown in a cell of a notebook', async () => {
    const cell = await suite.workbench.openNotebook('cells.ipynb', 1);
    await suite.page.keyboard.type('call(');
    await cell.locator('[class*="ghost-text"]').first().waitFor();
    await suite.screenshots.take(suite.page, 'ghost-text-notebook-dark');
    const before = acceptedCount(suite.home);
    await suite.page.keyboard.press('Tab');
    const text = async () => (await cell.locator('.view-line').first().innerText()).replaceAll('\u00a0', ' ');
    await until('the accepted text', async () => (await text()) === `call(${tail}`);
    await until('its outcome', () => acceptedCount(suite.home) === before + 1);
  });

  it('counts as accepted when a word of it is taken', async () => {
    const before = acceptedCount(suite.home);
    await type('words.js', 'take(');
    await ghost().waitFor();
    await suite.page.keyboard.press('Control+ArrowRight');
    await until('the first word', async () => (await line()).startsWith('take(first'));
    await until('its outcome', () => acceptedCount(suite.home) === before + 1);
  });

  it('is told of in the status bar: the model, and why there is none in a file', async () => {
    await until('the model and its speed', async () => /local\/coder, last suggestion in \d+ ms/.test(await tooltip()));
    await suite.workbench.openFile('.env');
    await until('why there is none', async () => /Completion: off\. .*keeps it from models/.test(await tooltip()));
    await suite.workbench.openFile('notes.md');
    await until('why there is none', async () => /Completion: off\. .*markdown/.test(await tooltip()));
  });

  it('is silent while it is snoozed, and back afterwards', async () => {
    await suite.workbench.run('Switchyard: Snooze Completion');
    await suite.option(/^15 minutes/).click();
    await suite.workbench.openFile('quiet.js');
    await until('the snooze in the status bar', async () => /snoozed until/.test(await tooltip()));
    const before = outcomes(suite.home).length;
    await suite.page.keyboard.type('hush(');
    await suite.workbench.run('Notifications: Clear All Notifications'); // whatever was to come has come
    assert.equal(outcomes(suite.home).length, before);
    await suite.workbench.openFile('quiet.js');
    assert.equal(await ghost().count(), 0);
    await suite.workbench.run('Switchyard: Resume Completion');
    await type('quiet.js', '(');
    await ghost().waitFor();
  });

  it('is noted as kept when half a minute later it is still there', async () => {
    const isKept = () =>
      outcomes(suite.home).filter(({ accepted, kept_ms }) => accepted === 1 && kept_ms === 30_000).length >= 2;
    await until('both outcomes', isKept);
  });

  it('is in the menu of the status bar', async () => {
    await suite.page.locator('[id*="switchyard.status"]').first().click();
    await suite.option(/Turn Off Completion for This File$/).waitFor();
    await suite.option(/Turn Off Completion for JavaScript/).waitFor();
    await suite.screenshots.take(suite.page, 'menu-dark');
    await suite.option(/Turn Off Completion for This File$/).click();
    await until('why there is none', async () => /turned off for this file/.test(await tooltip()));
  });

  it('is another one on request, which is taken by the word and by the line', async () => {
    suite.model.reply = ({ body }) => {
      const { prompt, temperature = 0 } = body as { prompt?: string; temperature?: number };
      if (prompt === undefined) return 'This is no code.';
      return temperature > 0.5 ? 'beta + gamma);\n' : 'alpha);\n';
    };
    suite.editor.configure({ ...settings, 'switchyard.completion.model': 'lab/scripted' });
    suite.editor.bind({ 'ctrl+alt+l': 'editor.action.inlineSuggest.acceptNextLine' }); // VS Code gives it no key
    await suite.workbench.reload();
    const ghostText = (text: string) => suite.page.locator('[class*="ghost-text"]').getByText(text).first();
    await type('pick.js', 'choose(');
    await ghostText('alpha').waitFor();
    await suite.page.keyboard.press('Alt+]');
    await ghostText('beta').waitFor();
    const saved = () => readFileSync(join(folder, 'pick.js'), 'utf8').trimEnd(); // a line on the screen has the ghost text, too
    await until('nothing of it in the document', () => saved() === 'choose(');
    await suite.screenshots.take(suite.page, 'ghost-text-next-dark');
    await suite.page.keyboard.press('Control+ArrowRight');
    await until('a word of it', () => saved() === 'choose(beta');
    await ghost().waitFor();
    await suite.page.keyboard.press('Control+Alt+L');
    await until('the line of it', () => saved() === 'choose(beta + gamma);');
  });

  it('can be read in a light theme', async () => {
    suite.editor.configure({ ...settings, 'workbench.colorTheme': 'Light Modern' });
    await suite.workbench.reload();
    await suite.page.locator('.monaco-workbench.vs').waitFor();
    await type('sum.js', '\nagain(');
    await ghost().waitFor();
    await suite.screenshots.take(suite.page, 'ghost-text-light');
  });

  const systems: [name: string, userAgent: string, modifier: string, key: (binding: PlatformKeys) => string][] = [
    ['Linux', 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0', 'Control', ({ key, linux }) => linux ?? key],
    ['Windows', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0', 'Control', ({ key, win }) => win ?? key],
    ['macOS', 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/140.0', 'Meta', ({ key, mac }) => mac ?? key],
  ];
  for (const [name, userAgent, modifier, keyOf] of systems)
    it(`takes no key of VS Code's own away on ${name}`, async () => {
      const browser = suite.page.context().browser();
      assert.ok(browser);
      const permissions = ['clipboard-read', 'clipboard-write'];
      const page = await openPage(browser, { userAgent, permissions });
      const workbench = new Workbench(page);
      await workbench.open(suite.editor.url);
      await workbench.run('Preferences: Open Default Keyboard Shortcuts');
      await page.locator('.editor-group-container.active .view-lines').getByText('Override').first().waitFor();
      await page.locator('.editor-group-container.active .view-lines').click();
      await page.keyboard.press(`${modifier}+a`);
      await page.keyboard.press(`${modifier}+c`);
      const copied = (): Promise<string> => page.evaluate(() => navigator.clipboard.readText());
      await until('the default keybindings', async () =>
        (await copied()).includes('editor.action.inlineSuggest.commit'),
      );
      const all = parse(await copied()) as Keybinding[];
      await page.context().close();
      const isOwn = ({ command }: Keybinding): boolean => command.startsWith('switchyard.');
      const own = ownKeybindings().map((binding) => ({ key: keyOf(binding), command: binding.command }));
      assert.ok(all.length > 500, 'all of them were read');
      assert.equal(all.filter(isOwn).length, own.length, 'ours are among them');
      assert.deepEqual(
        keyClashes(
          own,
          all.filter((binding) => !isOwn(binding)),
        ),
        [],
      );
    });
});

/** With these cells of Python. */
function notebookOf(sources: readonly string[]): string {
  const cell = { cell_type: 'code', execution_count: null, metadata: {}, outputs: [] };
  const cells = sources.map((source) => ({ ...cell, source: [source] }));
  return JSON.stringify({ cells, metadata: { language_info: { name: 'python' } }, nbformat: 4, nbformat_minor: 5 });
}

interface PlatformKeys extends Keybinding {
  mac?: string;
  linux?: string;
  win?: string;
}

function ownKeybindings(): PlatformKeys[] {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    contributes: { keybindings: PlatformKeys[] };
  };
  return manifest.contributes.keybindings;
}
