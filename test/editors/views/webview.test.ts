// The chat view in a real browser, under the strict policy, with a scripted daemon: what the user sees, and what never happens.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { Browser, Locator, Page } from 'playwright-core';
import type { HostActionKind } from '../../../shared/webview.ts';
import { hostileMarkdown } from '../../webview/hostile-markdown.ts';
import { aborted, ScriptedDaemon, ScriptedFailure } from '../../webview/scripted-daemon.ts';
import { ViewServer } from '../../webview/view-server.ts';
import { launchBrowser, openPage } from '../harness/browser.ts';
import { ChatPage } from '../harness/chat-page.ts';
import { until } from '../harness/until.ts';
import { installVsCodeApi } from '../harness/view.ts';

const everyAction: HostActionKind[] = [
  'copy',
  'insert',
  'apply',
  'attach',
  'open-attachment',
  'open-external',
  'set-key',
  'import-gguf',
  'open-settings',
  'show-log',
  'save-export',
];

let browser: Browser;
let server: ViewServer;
let daemon: ScriptedDaemon;
let page: Page;
let chat: ChatPage;
/** What the page asked the network for, and what went wrong in it. */
let requests: string[];
let complaints: string[];

/** A page in VS Code finds the editor's API; here its messages go through the same socket. */
async function open(actions: HostActionKind[], host: 'vscode' | 'browser' = 'browser'): Promise<void> {
  server = await ViewServer.start(daemon, { actions, host });
  page = await openPage(browser, { viewport: { width: 420, height: 700 } });
  requests = [];
  complaints = [];
  page.on('request', (request) => void requests.push(request.url()));
  page.on('console', (line) => void (line.type() === 'error' && complaints.push(line.text())));
  page.on('pageerror', (error) => void complaints.push(String(error)));
  if (host === 'vscode') await page.addInitScript(installVsCodeApi);
  await page.goto(server.origin);
  chat = new ChatPage(page);
  await chat.composer.waitFor();
  await server.ready;
}

const lastSend = () => server.asked.findLast(({ method }) => method === 'switchyard/chat/send')?.params;

describe('the chat view', () => {
  beforeEach(async () => {
    daemon = new ScriptedDaemon();
    browser = await launchBrowser();
  });
  afterEach(async () => {
    await browser.close();
    await server.close();
    assert.deepEqual(
      complaints.filter((text) => !text.includes('WebSocket connection')),
      [],
      'no violation of the policy, no error in the page',
    );
  });

  it('shows an answer as it comes, and under it the model, the tokens and why', async () => {
    let finish = (): void => {};
    daemon.write = async ({ say }) => {
      say('It is **almost');
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      say(' done**.');
    };
    await open(everyAction);
    await chat.ask('How far?');
    await chat.answerWith('It is **almost');
    assert.equal(await chat.stopButton.isVisible(), true);
    finish();
    await chat.settled();
    assert.equal(await chat.answers.last().locator('strong').innerText(), 'almost done');
    assert.match(await chat.answers.last().locator('footer').innerText(), /lab\/tiny[\s\S]*1\.2k in \/ 88 out/);
    await page.getByRole('button', { name: 'lab/tiny' }).click();
    await page.getByText('only model currently available').waitFor();
    assert.match(await page.locator('.unseen').innerText(), /^Answer: It is/);
  });

  it('renders only the end of a growing answer again', async () => {
    const waits: (() => void)[] = [];
    daemon.write = async ({ say }) => {
      say('# First\n\nSecond\n\nThird\n\nFourth');
      await new Promise<void>((resolve) => void waits.push(resolve));
      say(' grows\n\nFifth');
    };
    await open([]);
    await chat.ask('Write');
    await chat.answerWith('Fourth');
    await page.locator('h1', { hasText: 'First' }).evaluate((heading) => {
      heading.dataset['seen'] = 'before';
    });
    waits[0]?.();
    await chat.answerWith('Fifth');
    assert.equal(await page.locator('h1', { hasText: 'First' }).getAttribute('data-seen'), 'before');
  });

  it('stops when told, keeps what had come, and asks again on retry', async () => {
    daemon.write = async ({ say, signal }) => {
      say('Half an');
      await aborted(signal);
    };
    await open([]);
    await chat.ask('Tell me');
    await chat.answerWith('Half an');
    await chat.stopButton.click();
    await page.getByText('Stopped', { exact: true }).waitFor();
    const [stopped] = [...daemon.messages.values()].flat().filter(({ role }) => role === 'assistant');
    daemon.write = async ({ say }) => say('A whole answer.');
    await page.getByRole('button', { name: 'Try again' }).click();
    await chat.answerWith('A whole answer.');
    await chat.settled();
    assert.equal((lastSend() as { retryOf?: string }).retryOf, stopped?.id);
    assert.equal(await chat.answers.count(), 1);
    assert.equal(await chat.questions.count(), 1);
  });

  it('says what failed, and offers what to do next', async () => {
    daemon.models = {
      notes: [],
      models: [
        {
          id: 'lab/tiny',
          provider: 'lab',
          local: true,
          capabilities: {},
          health: { state: 'down', detail: 'connection refused' },
          unavailable: 'connection refused',
          source: 'config',
        },
        {
          id: 'other/big',
          provider: 'other',
          local: false,
          capabilities: {},
          health: { state: 'ok' },
          source: 'config',
        },
      ],
    };
    daemon.write = async () => {
      throw new ScriptedFailure('unavailable', 'The lab does not answer. Choose another model.', true);
    };
    await open([]);
    await chat.ask('Hello?');
    await page.getByRole('alert').getByText('The lab does not answer.').waitFor();
    await page.getByRole('button', { name: 'Choose another model' }).click();
    const down = page.getByRole('option', { name: /tiny/ });
    assert.equal(await down.getAttribute('aria-disabled'), 'true');
    assert.match(await down.innerText(), /connection refused/);
    await page.getByRole('combobox').fill('big');
    await page.keyboard.press('Enter');
    daemon.write = async ({ say }) => say('Hello from another.');
    await page.getByRole('button', { name: 'Try again' }).click();
    await chat.answerWith('Hello from another.');
    const renamed = server.asked.find(({ method }) => method === 'switchyard/chat/rename')?.params;
    assert.equal(
      (renamed as { model?: string }).model,
      'other/big',
      'the chat has it now, so that the answer can say who named it',
    );
  });

  it('loads nothing and runs nothing of a hostile answer', async () => {
    daemon.write = async ({ say }) => {
      for (const source of Object.values(hostileMarkdown)) say(`${source}\n\n`);
      say('The end of it.');
    };
    await open(everyAction, 'vscode');
    await chat.ask('Attack');
    await chat.answerWith('The end of it.');
    await chat.settled();
    for (const [name, source] of Object.entries(hostileMarkdown)) {
      daemon.write = async ({ say }) => say(`${source}\n\nEnd of ${name}.`);
      await chat.ask(name);
      await chat.answerWith(`End of ${name}.`);
      await chat.settled();
    }
    for (const link of await page.locator('sw-markdown a').all()) await link.click();
    for (const name of ['mouseover', 'focus', 'error', 'toggle', 'load']) {
      await page.locator('sw-markdown').evaluateAll((views, type) => {
        for (const view of views)
          for (const element of view.shadowRoot?.querySelectorAll('*') ?? []) element.dispatchEvent(new Event(type));
      }, name);
    }
    assert.equal(await page.evaluate(() => 'owned' in window), false);
    assert.deepEqual(
      requests.filter(
        (url) => ![`${server.origin}/`, `${server.origin}/chat.js`, `${server.origin}/math.js`, 'data:,'].includes(url),
      ),
      [],
    );
    assert.equal(
      await page
        .locator('sw-markdown')
        .locator('img, script, iframe, svg, style, object, video, form, [style], [href], [src]')
        .count(),
      0,
    );
    assert.deepEqual([page.url(), page.context().pages().length], [`${server.origin}/`, 1]);
    for (const action of server.actions)
      assert.match(action.kind === 'open-external' ? action.url : action.kind, /^https?:/);
  });

  it('draws formulas, and keeps the head of long code in view', async () => {
    daemon.write = async ({ say }) =>
      say(
        `Area $\\pi r^2$[^1].\n\n$$\\frac{a}{b}$$\n\n- [x] done\n\n\`\`\`ts\n${'let a;\n'.repeat(200)}\`\`\`\n\n[^1]: Euclid.`,
      );
    await open(['copy'], 'vscode');
    await chat.ask('Formulas');
    await chat.answerWith('Euclid');
    await chat.settled();
    await page.locator('sw-math math mfrac').waitFor();
    assert.deepEqual(await page.locator('sw-math').allTextContents(), ['\\pi r^2', '\\frac{a}{b}']);
    const bar = page.locator('.code-bar');
    await page.getByRole('log').evaluate((log) => log.scrollTo(0, log.scrollHeight / 2));
    const [head, log] = [await bar.boundingBox(), await page.getByRole('log').boundingBox()];
    assert.ok(head && log && Math.abs(head.y - log.y) < 4, `${head?.y} is at the top, ${log?.y}`);
  });

  it('gives code and links to the host, and nothing that the host cannot do', async () => {
    daemon.write = async ({ say }) =>
      say('See [it](https://example.com/a).\n\n```ts\nconst a = 1;\n```\n\n[no](command:evil)');
    await open(['copy', 'insert', 'open-external'], 'vscode');
    await chat.ask('Code');
    await chat.answerWith('See');
    await chat.settled();
    assert.equal(await page.getByRole('button', { name: 'Apply' }).count(), 0);
    await page.getByRole('button', { name: 'Insert' }).click();
    await page.getByRole('button', { name: 'Copy', exact: true }).click();
    await page.getByRole('link', { name: 'it' }).press('Enter');
    await until('three actions', () => server.actions.length === 3);
    assert.deepEqual(server.actions, [
      { kind: 'insert', code: 'const a = 1;' },
      { kind: 'copy', text: 'const a = 1;' },
      { kind: 'open-external', url: 'https://example.com/a' },
    ]);
    assert.equal(await page.getByRole('link').count(), 1);
  });

  it('shows characters in code that nobody sees, and hands the code on as it is', async () => {
    const code = "if (role !== 'user\u202e\u2066') admit();";
    daemon.write = async ({ say }) => say(`See:\n\n\`\`\`ts\n${code}\n\`\`\``);
    await open(['copy', 'insert'], 'vscode');
    await chat.ask('Code');
    await chat.answerWith('See');
    await chat.settled();
    assert.deepEqual(
      await page.locator('.hidden-character').evaluateAll((badges) => badges.map((badge) => badge.dataset['name'])),
      ['U+202E', 'U+2066'],
    );
    await page.getByRole('button', { name: 'Insert' }).click();
    await until('one action', () => server.actions.length === 1);
    assert.deepEqual(server.actions, [{ kind: 'insert', code }]);
    await page.locator('pre code').selectText();
    await page.keyboard.press('ControlOrMeta+c');
    await until('the host to be asked for a copy', () => server.actions.length === 2);
    assert.deepEqual(server.actions[1], { kind: 'copy', text: code });
  });

  it('pages through a chat of 500 messages without moving what is read, with a bounded page', async () => {
    const chatId = daemon.addChat(
      'Long',
      500,
      (index) => `Message ${index}\n\n${'lorem ipsum dolor sit amet '.repeat(index % 9)}`,
    );
    await open([]);
    await page.getByTitle('Chats').click();
    await page.getByRole('button', { name: /^Long/ }).click();
    await page.getByText('Message 500').waitFor();
    const log = page.getByRole('log');
    const shown = () => page.locator('sw-message').count();
    await until('its end in view', () =>
      log.evaluate((element) => Math.round(element.scrollHeight - element.scrollTop - element.clientHeight) === 0),
    );
    for (let top = 500; top > 1; ) {
      const next = await until(`messages above ${top}`, async () => {
        await log.evaluate((element) => {
          element.scrollTop = Math.min(element.scrollTop, 60);
        });
        const first = Number(/Message (\d+)/.exec(await page.getByRole('article').first().innerText())?.[1]);
        return first < top && first;
      });
      assert.ok((await shown()) <= 250, 'a bounded number of messages is held');
      top = next;
    }
    await page.getByRole('button', { name: /Latest messages/ }).click();
    await page.getByText('Message 500').waitFor();
    assert.equal(await shown(), 50);
    assert.ok(
      server.asked.filter(
        ({ method, params }) => method.endsWith('/messages') && (params as { chatId: string }).chatId === chatId,
      ).length >= 10,
    );
  });

  it('keeps the message in view in its place while a page comes in above it', async () => {
    daemon.addChat('Long', 150);
    await open([]);
    await page.getByTitle('Chats').click();
    await page.getByRole('button', { name: /^Long/ }).click();
    await page.getByText('Message 150').waitFor();
    const log = page.getByRole('log');
    const marker = page.locator('sw-message').filter({ hasText: /Message 105\b/ });
    await log.evaluate((element) => {
      element.scrollTop = 30;
    });
    await page.getByText('Message 55', { exact: true }).waitFor({ state: 'attached' });
    await until('the message still in view', async () => {
      const { y } = (await marker.boundingBox()) ?? { y: NaN };
      return y > 0 && y < 700;
    });
  });

  it('does not drag the reader along who has scrolled up', async () => {
    const waits: (() => void)[] = [];
    daemon.write = async ({ say }) => {
      say('A line.\n\n'.repeat(60));
      await new Promise<void>((resolve) => void waits.push(resolve));
      say('More.\n\n'.repeat(60));
    };
    await open([]);
    await chat.ask('Write');
    await chat.answerWith('A line.');
    const log = page.getByRole('log');
    await until('the end in view', () =>
      log.evaluate(
        (element) => element.scrollTop > 100 && element.scrollHeight - element.scrollTop - element.clientHeight < 2,
      ),
    );
    await log.hover();
    await page.mouse.wheel(0, -400);
    await until('a scrolled view', () =>
      log.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight > 300),
    );
    const top = await log.evaluate((element) => element.scrollTop);
    waits[0]?.();
    await chat.settled();
    assert.equal(await log.evaluate((element) => element.scrollTop), top);
  });

  for (const host of ['browser', 'vscode'] as const) {
    it(`comes back with its chat and its draft after it was killed, in ${host}`, async () => {
      await open([], host);
      await chat.ask('Remember me');
      await chat.answerWith('An answer.');
      await chat.settled();
      await chat.composer.fill('half a question');
      await page.reload();
      await chat.answerWith('An answer.');
      assert.equal(await chat.composer.inputValue(), 'half a question');
      assert.equal(await chat.questions.last().innerText(), 'Remember me');
    });
  }

  it('follows an answer that was under way when it was killed, to its end', async () => {
    const chatId = daemon.addChat('Busy', 2);
    const answer = daemon.add(chatId, { role: 'assistant', text: 'Still', status: 'streaming' });
    await open([]);
    await page.getByTitle('Chats').click();
    await page.getByRole('button', { name: /^Busy/ }).click();
    await chat.answerWith('Still');
    Object.assign(answer, { text: 'Still, and now done.', status: 'complete' });
    await chat.answerWith('now done.');
  });

  it('offers to start the daemon again where it is gone for good', async () => {
    await open(['show-log', 'restart-daemon'], 'vscode');
    server.post({ type: 'connection', state: 'lost', detail: 'It stopped 5 times in a row.' });
    await page.getByRole('button', { name: 'Show log' }).waitFor();
    await page.getByRole('button', { name: 'Restart Daemon' }).click();
    await until('the restart asked for', () => server.actions.some(({ kind }) => kind === 'restart-daemon'));
    server.post({ type: 'connection', state: 'reconnecting', detail: 'The daemon is starting.' });
    await page.getByRole('button', { name: 'Restart Daemon' }).waitFor({ state: 'detached' });
  });

  it('says that the connection is lost, comes back by itself and goes on', async () => {
    daemon.write = async ({ say, signal }) => {
      say('Begun');
      await aborted(signal);
    };
    await open([]);
    await chat.ask('Hello?');
    await chat.answerWith('Begun');
    server.drop();
    await page.getByText('Lost the connection to Switchyard.').last().waitFor();
    daemon.write = async ({ say }) => say('All of it.');
    await page.getByRole('button', { name: 'Try again' }).click();
    await chat.answerWith('All of it.');
    assert.equal(await chat.questions.count(), 1);
  });

  it('offers the three ways to get a model when there is none, and downloads one in view', async () => {
    const download = {
      id: 'small',
      label: 'Small coder',
      url: 'https://models.example/small.gguf',
      sizeBytes: 1e9,
      license: 'Apache-2.0',
      contextTokens: 32768,
      roles: ['chat' as const],
      fits: true,
      why: 'fits',
    };
    daemon.setup = {
      ...daemon.setup,
      configured: false,
      gguf: {
        ...daemon.setup.gguf,
        downloads: [download, { ...download, id: 'huge', label: 'Huge coder', fits: false, why: 'needs 80 GB' }],
      },
    };
    let finish = (): void => {};
    daemon.pull = async (_model, { emit }) => {
      emit({ kind: 'bytes', received: 4e8, total: 1e9 });
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      daemon.setup = { ...daemon.setup, configured: true };
    };
    await open(['set-key', 'import-gguf'], 'vscode');
    await page.getByText('Reviews already work').waitFor();
    await page.getByText('ollama serve').waitFor();
    await page.getByRole('button', { name: 'OpenAI' }).click();
    await page.getByRole('button', { name: 'Use a GGUF file' }).click();
    await until('two actions', () => server.actions.length === 2);
    assert.deepEqual(server.actions, [{ kind: 'set-key', provider: 'openai' }, { kind: 'import-gguf' }]);
    assert.equal(await page.getByRole('button', { name: 'Download Huge coder' }).isDisabled(), true);
    await page.getByRole('button', { name: 'Download Small coder' }).click();
    await page.getByText('400 MB of 1 GB').waitFor();
    finish();
    await page.getByText('Ask about your code').first().waitFor();
  });

  it('shows the command for a key where the host cannot ask for it', async () => {
    daemon.setup = { ...daemon.setup, configured: false };
    await open(['copy']);
    await page.getByText('switchyard keys set openai').waitFor();
    assert.equal(await page.locator('input[type="password"]').count(), 0);
  });

  it('can be used with the keyboard alone, and lists, renames and deletes chats', async () => {
    daemon.addChat('Old chat', 2);
    await open(['attach', 'open-attachment'], 'vscode');
    await chat.composer.press('Shift+Enter');
    server.post({ type: 'attach', attachment: { kind: 'file', uri: 'file:///src/parse.ts', text: 'x' } });
    await page.getByRole('button', { name: 'Remove parse.ts' }).waitFor();
    await chat.composer.pressSequentially('Why?');
    await chat.composer.press('Enter');
    await chat.answerWith('An answer.');
    await chat.settled();
    await page.getByRole('button', { name: 'parse.ts' }).press('Enter');
    await until('the attachment opened', () => server.actions.some(({ kind }) => kind === 'open-attachment'));
    await page.getByTitle('Chats').press('Enter');
    const hasFocus = (of: Locator) =>
      until('the focus', () => of.evaluate((element) => element.matches(':focus-within')));
    await hasFocus(page.getByRole('dialog', { name: 'Chats' }).locator('vscode-text-field'));
    await page.keyboard.type('old');
    await page.getByRole('button', { name: 'Rename Old chat' }).press('Enter');
    await hasFocus(page.getByRole('textbox', { name: 'New title' }));
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('Old but');
    for (const key of ['Enter', 'Escape']) // of an input method's own list
      await page.getByRole('textbox', { name: 'New title' }).dispatchEvent('keydown', { key, isComposing: true });
    await page.keyboard.type(' gold');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Delete Old but gold' }).press('Enter');
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).press('Enter');
    await page.getByText('No chat has a title like that.').waitFor();
    assert.deepEqual(
      daemon.chats.map(({ title }) => title),
      ['New question'],
    );
    await page.keyboard.press('Escape');
    await chat.answers.last().waitFor();
  });
});
