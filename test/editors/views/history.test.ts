// The history in a real browser, under the strict policy, with a scripted daemon: long lists, search, deleting and undoing, keys.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Locator } from 'playwright-core';
import { HistoryDaemon } from '../../webview/history-daemon.ts';
import { until } from '../harness/until.ts';
import type { View, ViewOptions } from '../harness/view.ts';
import { BrowserSuite } from '../harness/view-suite.ts';

const chatCount = 500;
const messagesPerChat = 10;
const needle = 'the zanzibar timetable';
const everyAction = ['copy', 'open-external', 'save-export', 'open-chat', 'open-attachment'] as const;
const words = [
  'How do I total a cart?',
  'Why is this loop slow?',
  'Rename the catalogue module',
  'Explain the retry policy',
  'Write tests for the parser',
  'What does this regular expression match?',
];

describe('the history view', () => {
  const suite = new BrowserSuite();

  /** Chats with 5,000 messages together, a needle in one of them, and a review. */
  function filled(): HistoryDaemon {
    const daemon = new HistoryDaemon();
    const now = Date.now();
    for (let index = chatCount; index >= 1; index--) {
      const text = (at: number) =>
        index === 377 && at === 5
          ? `Look at ${needle}, and say when it leaves.`
          : at % 2
            ? `${words[(index + at) % words.length]} (${at})`
            : `Answer ${at}: **sum** the lines.\n\n\`\`\`ts\nconst total = lines.reduce((sum, line) => sum + line, 0);\n\`\`\``;
      daemon.addChat(`${words[index % words.length]} ${index}`, messagesPerChat, text);
      Object.assign(daemon.chats[0] ?? {}, { updatedAt: now - index * 3_600_000 });
    }
    daemon.projects = [
      { id: 'p1', name: 'shop', path: '/home/ada/shop', bound: false, usedAt: now, chatCount: 1, orphan: false },
    ];
    daemon.runs.push({
      runId: 'r1',
      uri: 'file:///home/ada/shop/src/cart.ts',
      state: 'done',
      summary: '2 findings by tsc and lab/tiny.',
      findings: 1,
      createdAt: now - 1000,
      found: [
        {
          id: 'f1',
          uri: 'file:///home/ada/shop/src/cart.ts',
          range: { start: { line: 6, character: 0 }, end: { line: 6, character: 9 } },
          severity: 'warning',
          category: 'correctness',
          message: 'The last item is left out.',
          evidence: 'i < items.length - 1',
          source: 'lab/tiny',
          confidence: 0.8,
        },
      ],
    });
    return daemon;
  }

  const open = (daemon: HistoryDaemon, options: ViewOptions = {}): Promise<View> =>
    suite.show(daemon, { view: 'history', actions: [...everyAction], width: 1200, ...options });
  const list = ({ page }: View): Locator => page.getByRole('listbox', { name: 'Chats and reviews' });
  const rows = ({ page }: View): Locator => page.getByRole('option').and(page.locator('[aria-posinset]'));
  const chosen = ({ page }: View): Locator => page.locator('[role="option"][aria-selected="true"]');
  const asked = ({ server }: View, method: string) =>
    server.asked.filter((one) => one.method === `switchyard/${method}`);

  it('keeps a long list and a long chat in few elements, and scrolls to both ends', async () => {
    await using view = await open(filled());
    await rows(view).first().waitFor();
    const inPage = () =>
      view.page.evaluate(() => {
        const count = (root: ParentNode): number =>
          [...root.querySelectorAll('*')].reduce(
            (sum, element) =>
              sum +
              Number(element.classList.contains('row-box')) +
              (element.shadowRoot ? count(element.shadowRoot) : 0),
            0,
          );
        return count(document);
      });
    await rows(view)
      .first()
      .getByText(/Review of cart\.ts/)
      .waitFor();
    await list(view).focus();
    await until('the last of all chats', async () => {
      await view.page.keyboard.press('End');
      assert.ok((await inPage()) < 200, 'few rows are in the page');
      return /501 of 501/.test(await view.page.locator('.unseen').innerText());
    });
    await chosen(view)
      .getByText(`${words[chatCount % words.length]} ${chatCount}`, { exact: true })
      .waitFor();
    await view.page.getByText('Answer 10: sum the lines.').waitFor();
    await list(view).evaluate((element) => {
      element.scrollTop = 0;
    });
    await view.page.keyboard.press('Home');
    await view.page.getByText('The last item is left out.').waitFor();
    assert.equal(await chosen(view).getAttribute('aria-posinset'), '1');
    assert.equal(await list(view).getAttribute('aria-activedescendant'), await chosen(view).getAttribute('id'));
    assert.ok((await inPage()) < 200);
  });

  it('finds a message as its words are typed, and shows it in the middle of its chat', async () => {
    const daemon = filled();
    daemon.addChat('The long one', 400, (index) =>
      index === 123 ? `Here: ${needle.toUpperCase()} twice` : `Line ${index}\n\n${'word '.repeat(index % 70)}`,
    );
    await using view = await open(daemon);
    await view.page.getByRole('searchbox').fill(needle);
    await until('one hit', async () => (await rows(view).count()) === 1);
    assert.equal(await rows(view).locator('mark').innerText(), needle);
    await view.page.getByRole('searchbox').fill(needle.toUpperCase());
    await rows(view).getByText('The long one').waitFor();
    await view.page.keyboard.press('ArrowDown');
    const found = view.page.locator('article.found');
    await found.getByText('Here: THE ZANZIBAR').waitFor();
    await until('the message in the middle', async () => {
      const box = await found.boundingBox();
      return box !== null && box.y > 120 && box.y + box.height < 720;
    });
    assert.ok((await view.page.getByRole('article').count()) < 60, 'of the chat, what is in view');
    const messages = view.page.getByRole('list', { name: 'Messages' });
    const scrollTo = (top: number) =>
      messages.evaluate((element, to) => {
        element.scrollTop = to;
      }, top);
    await until('the beginning of the chat', async () => {
      await scrollTo(0);
      return (await view.page.getByText(/^Line 1\s/).count()) > 0;
    });
    await until('its end', async () => {
      await scrollTo(1e7);
      return (
        (await view.page
          .getByText(/^Line 400\b/)
          .first()
          .count()) > 0
      );
    });
    assert.ok((await view.page.getByRole('article').count()) < 60);
  });

  it('drops the answer to an older query, and cancels its search', async () => {
    const daemon = filled();
    const late = Promise.withResolvers<void>();
    daemon.held.set('How', late.promise);
    await using view = await open(daemon);
    await view.page.getByRole('searchbox').fill('How');
    await until('the first search', () => asked(view, 'search').length === 1);
    await view.page.getByRole('searchbox').fill(needle);
    await until('one hit', async () => (await rows(view).count()) === 1);
    assert.deepEqual(daemon.cancelled, ['How']);
    late.resolve();
    await view.page.getByRole('searchbox').press('Escape');
    await rows(view).getByText('Review of cart.ts').waitFor();
    assert.equal(await view.page.getByRole('searchbox').inputValue(), '');
  });

  it('deletes with a key, brings back with another, and after the page was closed too', async () => {
    const daemon = filled();
    await using view = await open(daemon);
    await rows(view).first().waitFor();
    await list(view).focus();
    for (const place of ['1', '2']) {
      await view.page.keyboard.press('ArrowDown');
      await until(`row ${place}`, async () => (await chosen(view).getAttribute('aria-posinset')) === place);
    }
    const title = await chosen(view).locator('.name').innerText();
    await view.page.keyboard.press('Delete');
    await view.page.getByRole('alert').getByText(`Deleted “${title}”`).waitFor();
    await until('a row less', async () => (await rows(view).getByText(title, { exact: true }).count()) === 0);
    assert.equal(await chosen(view).count(), 1, 'the next one is chosen');
    await view.page.keyboard.press('Control+z');
    await chosen(view).getByText(title, { exact: true }).waitFor();
    assert.deepEqual(daemon.deleted, []);

    await view.page.keyboard.press('Delete');
    await until('the deletion', () => daemon.deleted.length === 1);
    await view.page.reload();
    await rows(view).first().waitFor();
    assert.equal(await rows(view).getByText(title, { exact: true }).count(), 0);
    await view.page.getByLabel('Kind').selectOption('deleted');
    await rows(view).getByText(title, { exact: true }).hover();
    await view.page.getByRole('button', { name: `Restore ${title}` }).click();
    await until('its return', () => daemon.deleted.length === 0);
    await view.page.getByText('No chats were deleted in the last day.').waitFor();
    await view.page.getByLabel('Kind').selectOption('all');
    await rows(view).getByText(title, { exact: true }).waitFor();
  });

  it('opens, renames, forks and exports what is chosen', async () => {
    const daemon = filled();
    daemon.runs.length = 0;
    await using view = await open(daemon);
    await rows(view).first().waitFor();
    await list(view).focus();
    await view.page.keyboard.press('ArrowDown');
    await chosen(view).waitFor();
    await view.page.keyboard.press('F2');
    await view.page.getByRole('textbox', { name: 'New title' }).fill('A better name');
    await view.page.keyboard.press('Enter');
    await chosen(view).getByText('A better name').waitFor();
    await until('the new name', () => daemon.chats[0]?.title === 'A better name');
    const [saved] = await Promise.all([
      view.page.waitForEvent('download'),
      view.page.getByRole('button', { name: 'Export as JSON' }).click(),
    ]);
    assert.equal(saved.suggestedFilename(), 'A better name.json');
    await view.page.getByText('Answer 10').hover();
    await view.page.getByRole('button', { name: 'Fork from here' }).last().click();
    await chosen(view).getByText('A copy').waitFor();
    assert.equal(daemon.forked.length, 1);
    assert.ok(daemon.forked[0]?.messageId);
    await list(view).focus();
    await view.page.keyboard.press('Enter');
    await view.page.waitForURL(/#chat=chat-/);
  });

  it('filters by kind, project and time', async () => {
    const daemon = filled();
    Object.assign(daemon.chats[2] ?? {}, { projectId: 'p1', title: 'Of the shop' });
    await using view = await open(daemon);
    await view.page.getByLabel('Kind').selectOption('reviews');
    await view.page.getByText('1 entry').waitFor();
    await view.page.getByLabel('Kind').selectOption('all');
    await view.page.getByLabel('Project').selectOption('shop');
    await view.page.getByText('2 entries').waitFor();
    await rows(view).getByText('Of the shop').waitFor();
    await view.page.getByLabel('Project').selectOption('All projects');
    await view.page.getByLabel('Time').selectOption('Last day');
    await view.page.getByText(/^2[45] entries$/).waitFor();
    await view.page.getByLabel('Language').selectOption('Python');
    await view.page.getByText('No matches for these filters.').waitFor();
    await view.page.getByLabel('Time').selectOption('Any time');
    daemon.add(daemon.chats[chatCount - 1]?.id ?? '', { role: 'assistant', text: '```python\nprint(1)\n```' });
    await view.page.getByLabel('Language').selectOption('Rust');
    await view.page.getByText('No matches for these filters.').waitFor();
    await view.page.getByLabel('Language').selectOption('Python');
    await view.page.getByText('1 entry').waitFor();
    assert.equal(await rows(view).count(), 1, 'the oldest of all chats has code in it');
  });

  for (const theme of ['dark', 'light'] as const) {
    for (const [name, width] of [
      ['wide', 1200],
      ['narrow', 420],
    ] as const) {
      it(`looks well, ${name} and ${theme}`, async () => {
        await using view = await open(filled(), { width, theme });
        await view.page.getByRole('searchbox').fill('lines');
        await rows(view).first().waitFor();
        await rows(view).nth(2).click();
        await view.page.locator('article.found').waitFor();
        assert.ok(await view.fitsItsWidth());
        await suite.screenshots.take(view.page, `history-${name}-${theme}`);
        if (name === 'wide') return;
        await view.page.getByRole('button', { name: 'Back to the list' }).click();
        await rows(view).first().waitFor();
        await suite.screenshots.take(view.page, `history-${name}-list-${theme}`);
      });
    }
  }
});
