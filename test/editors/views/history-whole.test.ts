// The history in a real browser, as a whole: what is there again after a reload, all chats out into a file and in from one, and what
// it says while there is nothing to see.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import type { Locator } from 'playwright-core';
import { HistoryDaemon } from '../../webview/history-daemon.ts';
import { until } from '../harness/until.ts';
import type { View, ViewOptions } from '../harness/view.ts';
import { BrowserSuite } from '../harness/view-suite.ts';

const everyAction = ['copy', 'open-external', 'save-export', 'open-chat', 'export-all', 'import-chats'] as const;

describe('the history view as a whole', () => {
  const suite = new BrowserSuite();

  function filled(chatCount: number): HistoryDaemon {
    const daemon = new HistoryDaemon();
    for (let index = chatCount; index >= 1; index--) {
      daemon.addChat(`Chat ${index}`, 4, (at) =>
        at % 2 ? `Question ${at} of ${index}` : `**Answer** ${at} of ${index}\n\n\`\`\`ts\nconst total = 1;\n\`\`\``,
      );
      Object.assign(daemon.chats[0] ?? {}, { updatedAt: Date.now() - index * 60_000 });
    }
    return daemon;
  }

  const open = (daemon: HistoryDaemon, options: ViewOptions = {}): Promise<View> =>
    suite.show(daemon, { view: 'history', actions: [...everyAction], width: 1200, ...options });
  const rows = ({ page }: View): Locator => page.getByRole('option').and(page.locator('[aria-posinset]'));
  const told = ({ page }: View): Locator => page.locator('.undo');
  const chosen = ({ page }: View): Locator => page.locator('[role="option"][aria-selected="true"]');

  it('is as it was after its page was built anew: the query, the filters, and what was chosen, far down too', async () => {
    await using view = await open(filled(600));
    const list = view.page.getByRole('listbox', { name: 'Chats and reviews' });
    await rows(view).first().waitFor();
    await list.focus();
    await until('a row far down', async () => {
      await view.page.keyboard.press('End');
      return (await chosen(view).getAttribute('aria-posinset')) === '600';
    });
    await view.page.getByLabel('Time').selectOption('Last 7 days');
    await chosen(view).getByText('Chat 600').waitFor();
    await view.page.reload();
    await chosen(view).getByText('Chat 600').waitFor();
    await view.page.getByText('Answer 4 of 600').waitFor();
    assert.equal(await view.page.getByLabel('Time').inputValue(), '7');

    await view.page.getByRole('searchbox').fill('4 of 17');
    await rows(view).getByText('Chat 177').click();
    await view.page.locator('article.found').waitFor();
    await view.page.reload();
    await view.page.locator('article.found').getByText('Answer 4 of 177').waitFor();
    assert.equal(await view.page.getByRole('searchbox').inputValue(), '4 of 17');
  });

  it('shows an answer as its text until what shows it well is there', async () => {
    await using view = await open(filled(3));
    const late = Promise.withResolvers<void>();
    await view.page.route('**/history-answers.js', async (route) => {
      await late.promise;
      await route.continue();
    });
    await view.page.reload();
    await rows(view).first().click();
    await view.page.getByText('**Answer** 4 of 1').waitFor();
    late.resolve();
    await view.page.locator('strong', { hasText: 'Answer' }).first().waitFor();
    assert.equal(await view.page.getByText('**Answer** 4 of 1').filter({ visible: true }).count(), 0);
    assert.equal(
      await view.page.getByRole('button', { name: 'Copy' }).count(),
      2,
      'the code of each answer can be copied',
    );
  });

  it('writes all chats into a file, and takes them out of one, in a browser', async () => {
    const daemon = filled(450);
    daemon.addChat('Nothing said');
    await using view = await open(daemon);
    await rows(view).first().waitFor();
    const [saved] = await Promise.all([
      view.page.waitForEvent('download'),
      view.page.getByRole('button', { name: 'Export all' }).click(),
    ]);
    assert.equal(saved.suggestedFilename(), 'switchyard-chats.json');
    const path = await saved.path();
    const { format, version, chats } = JSON.parse(readFileSync(path, 'utf8')) as {
      format: string;
      version: number;
      chats: { title: string; messages: { text: string }[] }[];
    };
    assert.deepEqual([format, version, chats.length], ['switchyard-chats', 1, 450]);
    assert.deepEqual([chats[449]?.title, chats[449]?.messages[0]?.text], ['Chat 450', 'Question 1 of 450']);
    await told(view).getByText('450 chats are in switchyard-chats.json, among your downloads.').waitFor();

    await using other = await open(filled(2));
    await rows(other).first().waitFor();
    const [chooser] = await Promise.all([
      other.page.waitForEvent('filechooser'),
      other.page.getByRole('button', { name: 'Import' }).click(),
    ]);
    const broken = JSON.stringify({ format, version, chats: [...chats.slice(0, 5), { title: 'no messages' }] });
    await chooser.setFiles({ name: 'some.json', mimeType: 'application/json', buffer: Buffer.from(broken) });
    await told(other)
      .getByText(/^6 chats in the file: 2 already here, 3 new, 1 skipped\./)
      .waitFor();
    await rows(other).getByText('Chat 5', { exact: true }).waitFor();
    await suite.screenshots.take(other.page, 'history-imported-dark');
    await other.page.getByRole('button', { name: 'Dismiss' }).click();
    await other.page
      .locator('input[type="file"]')
      .setInputFiles({ name: 'photo.json', mimeType: 'application/json', buffer: Buffer.from('GIF89a') });
    await other.page
      .getByRole('alert')
      .getByText("This isn't a Switchyard export. `switchyard import FILE` in a terminal reads those of ChatGPT")
      .waitFor();
  });

  it('stops taking chats out of a file when it is asked to', async () => {
    const daemon = new HistoryDaemon();
    await using view = await open(daemon);
    const chat = (id: number) => ({
      origin: { source: 'chatgpt', id: `c${id}` },
      title: `Theirs ${id}`,
      createdAt: 1,
      updatedAt: 1,
      messages: [{ id: 'm1', role: 'user', text: `Hello ${id}`, status: 'complete', createdAt: 1 }],
    });
    const file = (count: number) => ({
      name: 'chats.json',
      mimeType: 'application/json',
      buffer: Buffer.from(
        JSON.stringify({
          format: 'switchyard-chats',
          version: 1,
          chats: Array.from({ length: count }, (_, id) => chat(id)),
        }),
      ),
    });
    await view.page.getByText('No chats or reviews yet.').waitFor();
    await view.page.locator('input[type="file"]').setInputFiles(file(2));
    await told(view).getByText('2 chats in the file: 2 new.').waitFor();
    const held = Promise.withResolvers<void>();
    daemon.importing = held.promise;
    await view.page.locator('input[type="file"]').setInputFiles(file(900));
    await view.page.getByText('Importing: 1 of 900 chats').waitFor();
    await view.page.getByRole('button', { name: 'Cancel' }).click();
    held.resolve();
    await until('its end', async () => (await view.page.getByText(/^Importing/).count()) === 0);
    assert.ok(daemon.chats.length < 900, 'the others were not sent');
  });

  it('leaves both to the editor where there is one', async () => {
    await using view = await open(filled(3), { host: 'vscode' });
    await view.page.getByRole('button', { name: 'Export all' }).click();
    await view.page.getByRole('button', { name: 'Import' }).click();
    await until('both gestures', () => view.server.actions.length === 2);
    assert.deepEqual(view.server.actions, [{ kind: 'export-all' }, { kind: 'import-chats' }]);
    view.server.daemon.addChat('Came in', 2);
    view.server.post({ type: 'history-changed' });
    await rows(view).getByText('Came in').waitFor();
  });

  it('says what there is to say: nothing yet, no hits, still indexing, and why a list could not be had', async () => {
    const daemon = new HistoryDaemon();
    await using view = await open(daemon);
    await view.page.getByText('No chats or reviews yet.').waitFor();
    await suite.screenshots.take(view.page, 'history-empty-dark');
    await view.page.getByRole('searchbox').fill('gone');
    await view.page.getByText('No results. Try other words or fewer filters.').waitFor();
    daemon.notes = ["Still indexing: 99,500 items can't be found yet."];
    await view.page.getByRole('searchbox').fill('gone again');
    await view.page.getByText('Still indexing: 99,500').waitFor();
    await suite.screenshots.take(view.page, 'history-indexing-dark');
    daemon.refused = 'The disk is full. Make room, then try again.';
    await view.page.getByRole('searchbox').fill('');
    await view.page.getByLabel('Kind').selectOption('chats');
    await view.page.getByRole('alert').getByText('The disk is full.').waitFor();
    await suite.screenshots.take(view.page, 'history-error-dark');
    assert.equal(await view.page.locator('.nothing').innerText(), 'Try again', 'what is not known is not said');
    daemon.refused = undefined;
    daemon.addChat('Here after all', 2);
    await view.page.getByRole('button', { name: 'Try again' }).click();
    await rows(view).getByText('Here after all').waitFor();
    assert.equal(await view.page.getByRole('alert').count(), 0);
    await view.page.setViewportSize({ width: 420, height: 760 });
    assert.ok(await view.fitsItsWidth());
    await suite.screenshots.take(view.page, 'history-buttons-narrow-dark');
  });
});
