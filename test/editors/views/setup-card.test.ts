// Somebody without a model and without a key opens the chat: one click gets a model that suits the machine.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { sizeDownloads } from '../../../daemon/models/inference/catalogue.ts';
import { ScriptedFailure } from '../../webview/scripted-daemon.ts';
import { everyLook, lookName, ViewSuite } from '../harness/view-suite.ts';

describe('the chat view without a model', () => {
  const suite = new ViewSuite(
    (daemon) => {
      const downloads = sizeDownloads('https://hub.example', 16e9);
      daemon.setup = { ...daemon.setup, configured: false, gguf: { ...daemon.setup.gguf, downloads } };
    },
    { actions: ['set-key', 'import-gguf', 'copy'], host: 'vscode' },
  );

  for (const look of everyLook)
    it(`offers one to download first, in sight, and folds the others (${lookName(look)})`, async () => {
      await using view = await suite.open(look);
      const { page } = view;
      const downloads = page.getByRole('button', { name: /^Download / });
      await downloads.first().waitFor();
      assert.equal(await downloads.count(), 1);
      const { y = Infinity } = (await downloads.boundingBox()) ?? {};
      const composer = await view.chat.composer.boundingBox();
      assert.ok(y < (composer?.y ?? 0), 'above the composer, without scrolling');
      await suite.screenshots.take(page, `setup-${lookName(look)}`);
      await page.getByText('Other models').click();
      await page.getByRole('button', { name: 'Download Qwen2.5 Coder 7B' }).waitFor();
      assert.ok(await view.fitsItsWidth());
      await suite.screenshots.take(page, `setup-others-${lookName(look)}`);
    });

  it('begins with keys where this machine runs no models', async () => {
    const { gguf } = suite.daemon.setup;
    suite.daemon.setup = { ...suite.daemon.setup, gguf: { ...gguf, available: false } };
    await using view = await suite.open();
    await view.page.getByRole('heading', { name: 'Add an API key' }).waitFor();
    const headings = await view.page.getByRole('heading', { level: 2 }).allInnerTexts();
    assert.deepEqual(headings, ['Add an API key', 'Download a model to this machine', 'Ollama']);
  });

  it('leads there from an answer that failed for want of one, before it offers to try again', async () => {
    suite.daemon.write = async () => {
      throw new ScriptedFailure(
        'no-model',
        'No model is set up yet. Add an API key (`switchyard keys set openai`).',
        false,
      );
    };
    await using view = await suite.open();
    await view.chat.ask('What does it do?');
    const error = view.page.getByRole('alert');
    await error.getByText('No model is set up yet.', { exact: true }).waitFor();
    assert.deepEqual(await error.locator('vscode-button').allInnerTexts(), ['Set up a model', 'Try again']);
    await suite.screenshots.take(view.page, 'setup-failed');
    await error.getByRole('button', { name: 'Set up a model' }).click();
    await view.page.getByRole('button', { name: 'Download Qwen3 4B' }).waitFor();
  });

  it('shows commands in other failures as code', async () => {
    suite.daemon.write = async () => {
      throw new ScriptedFailure(
        'auth',
        'OpenAI rejected the key. Set it again with `switchyard keys set openai`.',
        false,
      );
    };
    await using view = await suite.open();
    await view.chat.ask('What does it do?');
    await view.page.getByRole('alert').locator('code').getByText('switchyard keys set openai').waitFor();
  });
});
