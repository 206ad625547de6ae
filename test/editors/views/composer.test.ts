// What the chat view does with questions, in a real browser: mentions, attachments, citations, versions, pins, and files that are given.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Attachment, Chat } from '../../../shared/protocol/chat.ts';
import type { HostActionKind } from '../../../shared/webview.ts';
import { until } from '../harness/until.ts';
import type { View } from '../harness/view.ts';
import { everyLook, lookName, ViewSuite } from '../harness/view-suite.ts';

const actions: HostActionKind[] = [
  'copy',
  'attach',
  'attach-files',
  'open-attachment',
  'open-external',
  'confirm-paths',
  'switch-profile',
  'refresh-index',
  'run',
];

const piece = (path: string, first: number, last: number): Attachment => ({
  kind: 'code',
  uri: `file:///home/ada/shop/${path}`,
  languageId: 'typescript',
  range: { start: { line: first - 1, character: 0 }, end: { line: last - 1, character: 1 } },
  text: Array.from(
    { length: last - first + 1 },
    (_, index) => `  total += lines[${index}].price * lines[${index}].count; // ${path}`,
  ).join('\n'),
});
const pieces = [
  piece('src/cart.ts', 12, 30),
  piece('src/pricing/discount-rules.ts', 1, 18),
  piece('src/order.ts', 88, 102),
  piece('test/cart.test.ts', 5, 9),
];

describe('questions in the chat view', () => {
  const suite = new ViewSuite(
    (daemon) => {
      daemon.find = (text) =>
        text.includes('@codebase') ? [...pieces, { kind: 'diff', uri: 'file:///home/ada/shop', text: '-a\n+b' }] : [];
    },
    { actions, host: 'vscode' },
  );

  const sends = (view: View) =>
    view.server.asked
      .filter(({ method }) => method === 'switchyard/chat/send')
      .map(({ params }) => params as { text: string; editOf?: string; attachments?: Attachment[] });

  for (const look of everyLook) {
    it(`shows what was found for a question, and opens what the answer cites (${lookName(look)})`, async () => {
      suite.daemon.write = async ({ say }) =>
        say(
          'The total is summed in `src/cart.ts:14-16`, and rounded in src/round.ts:3. See [the rules](src/pricing/discount-rules.ts#L2), not [this](../../etc/passwd.d:1) nor src/nowhere.ts:9.\n\n```ts\n// src/cart.ts:1\n```',
        );
      await using view = await suite.open(look);
      const { page, chat, server } = view;
      await chat.ask('Where is the total computed? @codebase');
      await chat.answerWith('The total is summed');
      await chat.settled();
      await page.getByText('4 pieces of code').click();
      await page.getByRole('button', { name: 'discount-rules.ts:1-18' }).click();
      await until('the paths that are asked about', () => server.actions.some(({ kind }) => kind === 'confirm-paths'));
      assert.deepEqual(server.actions, [
        { kind: 'confirm-paths', paths: ['src/round.ts', 'src/nowhere.ts'] },
        { kind: 'open-attachment', uri: pieces[1]?.uri, range: pieces[1]?.range },
      ]);
      server.post({
        type: 'confirmed-paths',
        places: [{ path: 'src/round.ts', uri: 'file:///home/ada/shop/src/round.ts' }],
      });
      await page.getByRole('link', { name: 'src/round.ts:3' }).click();
      await page.getByRole('link', { name: 'src/cart.ts:14-16' }).press('Enter');
      await page.getByRole('link', { name: 'the rules' }).click();
      await until('three places opened', () => server.actions.length === 5);
      assert.deepEqual(
        server.actions
          .slice(2)
          .map(
            (action) =>
              action.kind === 'open-attachment' && [action.uri, action.range?.start.line, action.range?.end.line],
          ),
        [
          ['file:///home/ada/shop/src/round.ts', 2, 3],
          ['file:///home/ada/shop/src/cart.ts', 13, 16],
          ['file:///home/ada/shop/src/pricing/discount-rules.ts', 1, 2],
        ],
      );
      assert.equal(await page.getByRole('link').count(), 3, 'nothing else is a link');
      await chat.answers.getByText('this (../../etc/passwd.d:1)').waitFor();
      assert.ok(await view.fitsItsWidth());
      await suite.screenshots.take(page, `citations-${lookName(look)}`);
    });
  }

  it('makes no links where nobody can open them', async () => {
    suite.daemon.write = async ({ say }) => say('See src/cart.ts:14.');
    await using view = await suite.open({ actions: ['copy'], host: 'browser' });
    await view.chat.ask('Where? @codebase');
    await view.chat.settled();
    assert.equal(await view.page.getByRole('link').count(), 0);
    assert.deepEqual(view.server.actions, []);
  });

  it('asks an edited question anew, and goes from version to version', async () => {
    suite.daemon.write = async ({ text, say }) => say(`Answer to: ${text}`);
    await using view = await suite.open();
    const { page, chat } = view;
    await chat.ask('First?');
    await chat.settled();
    await chat.ask('Secnd?');
    await chat.settled();
    const question = chat.questions.last();
    await question.hover();
    await question.getByRole('button', { name: 'Edit' }).click();
    await until('the question in the composer', async () => (await chat.composer.inputValue()) === 'Secnd?');
    await suite.screenshots.take(page, 'edit-narrow-dark');
    await chat.ask('Second?');
    await chat.answerWith('Answer to: Second?');
    await chat.settled();
    await page.getByRole('group', { name: 'Version 2 of 2' }).getByRole('button', { name: 'Previous version' }).click();
    await chat.answerWith('Answer to: Secnd?');
    assert.deepEqual([await chat.questions.count(), await chat.answers.count()], [2, 2]);
    assert.equal(sends(view).at(-1)?.editOf !== undefined, true);
    const switched = page.getByRole('group', { name: 'Version 1 of 2' });
    assert.equal(await switched.getByRole('button', { name: 'Previous version' }).isDisabled(), true);
    await suite.screenshots.take(page, 'versions-narrow-dark');
    // Another window chooses: what left the branch goes when this one looks.
    const [chatId] = suite.daemon.messages.keys();
    suite.daemon.chooseVersion({
      chatId: chatId ?? '',
      messageId: [...suite.daemon.messages.values()][0]?.[2]?.id ?? '',
      version: 2,
    });
    view.server.post({ type: 'hello', host: 'vscode', actions });
    await chat.answerWith('Answer to: Second?');
    assert.equal(await page.getByText('Secnd?').count(), 0);
  });

  it('pins a message, and says what the model saw and who named it', async () => {
    await using view = await suite.open();
    const { page, chat } = view;
    await chat.ask('Remember this.');
    await chat.settled();
    await chat.answers.last().getByRole('button', { name: 'Pin' }).click();
    await chat.answers.last().getByRole('button', { name: 'Unpin' }).waitFor();
    assert.equal([...suite.daemon.messages.values()].flat().at(-1)?.pinned, true);
    await page.getByRole('button', { name: 'lab/tiny' }).click();
    await page.getByText('this question, nothing left out').waitFor();
    await page.getByText('the routing policy').waitFor();
  });

  for (const look of [everyLook[0], everyLook[3]].filter((one) => one !== undefined)) {
    it(`completes a mention with the keyboard (${lookName(look)})`, async () => {
      suite.daemon.suggest = ({ kind, query }) => ({
        items:
          kind === 'file' || query === 'car'
            ? [
                { kind: 'file', name: 'src/cart.ts' },
                { kind: 'file', name: 'docs/my cart.md', detail: 'Markdown' },
              ]
            : [],
        note: 'The index is still being made: 120 of 900 files.',
      });
      await using view = await suite.open(look);
      const { page, chat } = view;
      await chat.composer.pressSequentially('Why @');
      await page.getByRole('option', { name: /@codebase/ }).waitFor();
      await suite.screenshots.take(page, `mention-kinds-${lookName(look)}`);
      await chat.composer.pressSequentially('fi');
      await page.getByRole('option', { name: /@codebase/ }).waitFor({ state: 'detached' });
      await chat.composer.press('Enter');
      await page.getByRole('option', { name: 'src/cart.ts' }).waitFor();
      await page.getByText('still being made').waitFor();
      await suite.screenshots.take(page, `mention-files-${lookName(look)}`);
      await chat.composer.press('ArrowDown');
      await chat.composer.press('Tab');
      assert.equal(await chat.composer.inputValue(), 'Why @file:"docs/my cart.md" ');
      await chat.composer.pressSequentially('and @car');
      await page.getByRole('option', { name: 'src/cart.ts' }).click();
      await chat.composer.pressSequentially('and @problems');
      await until('the problems asked for', () =>
        view.server.actions.some((action) => action.kind === 'attach' && action.what === 'problems'),
      );
      await chat.composer.press('Escape');
      await page.getByRole('listbox').waitFor({ state: 'detached' });
      await chat.composer.press('Enter');
      await until('the question sent', () => sends(view).length === 1);
      assert.equal(sends(view)[0]?.text, 'Why @file:"docs/my cart.md" and @file:src/cart.ts and @problems');
    });
  }

  for (const look of everyLook) {
    it(`says in an empty chat what can be begun, and offers the open file and commands (${lookName(look)})`, async () => {
      const recent = (id: string, title: string, updatedAt: number): Chat => ({
        id,
        title,
        updatedAt,
        effective: { source: 'policy' },
        createdAt: 1,
        messageCount: 2,
      });
      suite.daemon.chats.push(
        recent('c7', 'Why the cart rounds twice', Date.now() - 300_000),
        recent('c8', 'A queue that keeps its order when a worker dies', Date.now() - 9e7),
      );
      await using view = await suite.open(look);
      const { page, chat, server } = view;
      await page.getByRole('button', { name: 'Review changes' }).waitFor();
      const ofFile = page.getByRole('button', { name: /^(Review this file|Explain the selection)$/ });
      assert.equal(await ofFile.count(), 0, 'no file is open');
      server.post({ type: 'open-file', file: { uri: 'file:///home/ada/shop/src/cart.ts', name: 'cart.ts' } });
      await page.getByRole('button', { name: 'Explain the selection' }).waitFor();
      await page.getByRole('button', { name: 'Attach the open file, cart.ts' }).waitFor();
      await page.getByRole('button', { name: 'Why the cart rounds twice' }).waitFor();
      await suite.screenshots.take(page, `chat-empty-${lookName(look)}`);
      await page.getByRole('button', { name: 'Review this file' }).click();
      await page.getByRole('button', { name: 'Attach the open file, cart.ts' }).click();
      await until('both asked of the host', () => server.actions.length === 2);
      assert.deepEqual(server.actions, [
        { kind: 'run', what: 'review-file' },
        { kind: 'attach-files', uris: ['file:///home/ada/shop/src/cart.ts'] },
      ]);
      await chat.composer.pressSequentially('/');
      await page.getByRole('option', { name: '/explain' }).waitFor();
      await suite.screenshots.take(page, `commands-${lookName(look)}`);
      await chat.composer.pressSequentially('fi');
      await chat.composer.press('Enter');
      assert.equal(await chat.composer.inputValue(), '/fix ');
    });
  }

  for (const sign of ['@', '/'])
    it(`shows what each completion of ${sign} is for in whole sentences in a narrow sidebar`, async () => {
      await using view = await suite.open({ width: 300 });
      await view.chat.composer.pressSequentially(sign);
      const details = view.page.getByRole('option').locator('.detail');
      await details.first().waitFor();
      const isCut = (all: Element[]) =>
        all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent);
      assert.deepEqual(await details.evaluateAll(isCut), []);
      assert.ok(await view.fitsItsWidth());
    });

  it('sends what is typed out, instead of choosing it once more', async () => {
    await using view = await suite.open();
    await view.chat.composer.pressSequentially('Where? @codebase');
    await view.page.getByRole('option', { name: /@codebase/ }).waitFor();
    await view.chat.composer.press('Enter');
    await until('the question sent', () => sends(view).length === 1);
    assert.equal(sends(view)[0]?.text, 'Where? @codebase');
  });

  it('completes a mention that stands alone with Enter, and does not send it', async () => {
    await using view = await suite.open();
    await view.chat.composer.pressSequentially('@codebase');
    await view.page.getByRole('option', { name: /@codebase/ }).waitFor();
    await view.chat.composer.press('Enter');
    await view.page.getByRole('option', { name: /@codebase/ }).waitFor({ state: 'detached' });
    assert.equal(await view.chat.composer.inputValue(), '@codebase ');
    await view.chat.composer.press('Enter');
    await view.page.getByRole('alert').getByText('Add a question after @codebase.').waitFor();
    assert.equal(sends(view).length, 0);
  });

  it('attaches a text file that is pasted or dropped, and refuses what is no picture although it says so', async () => {
    await using view = await suite.open();
    const { page, chat } = view;
    const give = (type: 'paste' | 'drop', name: string, mime: string) =>
      chat.composer.evaluate(
        (element, given) => {
          const data = new DataTransfer();
          data.items.add(new File(['some text'], given.name, { type: given.mime }));
          const init = { bubbles: true, composed: true, cancelable: true };
          element.dispatchEvent(
            given.type === 'paste'
              ? new ClipboardEvent('paste', { ...init, clipboardData: data })
              : new DragEvent('drop', { ...init, dataTransfer: data }),
          );
        },
        { type, name, mime },
      );
    await give('paste', 'notes.txt', 'text/plain');
    await page.getByRole('button', { name: 'Remove notes.txt' }).waitFor();
    await give('drop', 'more notes.md', '');
    await page.getByRole('button', { name: 'Remove more notes.md' }).waitFor();
    await give('drop', 'screen.png', 'image/png');
    await page.getByRole('alert').getByText("screen.png isn't a PNG, JPEG, GIF, or WebP picture").waitFor();
    await chat.ask('Read these.');
    await chat.settled();
    assert.deepEqual(
      sends(view)[0]?.attachments?.map(({ uri, text }) => [uri, text]),
      [
        ['dropped:notes.txt', 'some text'],
        ['dropped:more%20notes.md', 'some text'],
      ],
    );
  });

  it('names the profile where there are several, and leaves its chats when it changes', async () => {
    suite.daemon.profiles = {
      profiles: [
        { id: 'p1', name: 'Acme Corp.', createdAt: 1 },
        { id: 'p2', name: 'Private', createdAt: 2 },
      ],
      current: 'p1',
    };
    await using view = await suite.open();
    const { page, chat, server } = view;
    await chat.ask('For Acme.');
    await chat.settled();
    await page.getByRole('button', { name: 'Profile Acme Corp.' }).click();
    await until('the switch asked for', () => server.actions.some(({ kind }) => kind === 'switch-profile'));
    suite.daemon.profiles = { ...suite.daemon.profiles, current: 'p2' };
    server.post({ type: 'profile-changed' });
    await page.getByRole('button', { name: 'Profile Private' }).waitFor();
    await page.getByText('Ask about your code').first().waitFor();
    assert.equal(await chat.questions.count(), 0);
  });

  it('is as high as its text when the view gets narrower', async () => {
    await using view = await suite.open({ width: 900 });
    const { page, chat } = view;
    const isWhole = () => chat.composer.evaluate(({ scrollHeight, clientHeight }) => scrollHeight <= clientHeight);
    await chat.composer.fill(
      'A question that needs more than one line of a narrow sidebar, and only one of a wide one',
    );
    assert.ok(await isWhole());
    await page.setViewportSize({ width: 300, height: 760 });
    await until('the whole text', isWhole);
  });

  it('says how far the index is, and offers to go on where it is not', async () => {
    await using view = await suite.open();
    const { page, server } = view;
    server.post({ type: 'index', status: { state: 'scanning', detail: 'Indexing the code: 120 of 900 files' } });
    await page.getByText('120 of 900 files').waitFor();
    server.post({
      type: 'index',
      status: { state: 'failed', detail: "Couldn't index the code: the disk is full." },
    });
    await suite.screenshots.take(page, 'index-failed-narrow-dark');
    await page.getByRole('button', { name: 'Index now' }).click();
    await until('the index asked for', () => server.actions.some(({ kind }) => kind === 'refresh-index'));
    server.post({ type: 'index', status: { state: 'ready', detail: '900 files' } });
    await page.getByText("Couldn't index").waitFor({ state: 'detached' });
  });
});
