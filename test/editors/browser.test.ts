// `switchyard open` and a real browser: the chat works, and nobody but that browser gets in.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingHttpHeaders, request } from 'node:http';
import { after, before, describe, it } from 'mocha';
import type { ScriptedServer } from '../fakes/provider-servers/scripted-server.ts';
import { launchBrowser, openPage } from './harness/browser.ts';
import { ChatPage } from './harness/chat-page.ts';
import { configFor, startModel } from './harness/flawed-code.ts';
import { Home } from './harness/home.ts';
import { listenersOf } from './harness/listeners.ts';
import { Screenshots } from './harness/screenshots.ts';
import { until } from './harness/until.ts';

const question = 'How do I total the lines of a cart?';

interface Visit {
  path?: string;
  headers?: IncomingHttpHeaders;
}

describe('the browser page', () => {
  let home: Home;
  let model: ScriptedServer;
  const screenshots = new Screenshots();

  before(async () => {
    model = await startModel([
      {
        when: question,
        reply:
          'Add up **price times quantity** of each line:\n\n```ts\nconst total = lines.reduce((sum, line) => sum + line.priceCents * line.quantity, 0);\n```',
      },
    ]);
    home = new Home(configFor(model));
  });

  after(async () => {
    await home?.end();
    await model?.close();
  });

  /** Asks for the page's address, as the user does. */
  async function open(folder = home.root): Promise<URL> {
    const { code, output } = await home.switchyardIn(folder, 'open');
    const [address] = /http:\/\/\S+/.exec(output) ?? [];
    assert.equal(code, 0, output);
    return new URL(address ?? '');
  }

  it('listens on no TCP port before it is asked for, and on loopback alone after', async () => {
    await home.switchyard('models');
    const { pid } = await home.status();
    assert.deepEqual(listenersOf(pid), []);
    await open();
    const listeners = listenersOf(pid);
    assert.equal(listeners.length, 1);
    assert.match(listeners[0] ?? '', /^0100007F:/);
  });

  it("answers a question with the model's text, its label, and no request to anywhere else", async () => {
    const address = await open();
    const browser = await launchBrowser();
    try {
      const page = await openPage(browser);
      const foreign: string[] = [];
      page.on('request', (sent) => void (new URL(sent.url()).origin !== address.origin && foreign.push(sent.url())));
      await page.goto(address.href);
      const chat = new ChatPage(page);
      await chat.ask(question);
      const answer = await chat.answerWith('Add up');
      await chat.settled();
      assert.equal(await answer.locator('strong').innerText(), 'price times quantity');
      assert.match(await answer.locator('footer').innerText(), /lab\/scripted/);
      await screenshots.take(page, 'browser');
      assert.deepEqual(foreign, []);
    } finally {
      await browser.close();
    }
  });

  it('switches profiles, says how far the folder it was opened in is indexed, and completes its files', async () => {
    for (const name of ['Acme', 'Private']) assert.equal((await home.switchyard('profiles', 'create', name)).code, 0);
    const address = await open(home.workspace());
    const browser = await launchBrowser();
    try {
      const page = await openPage(browser);
      await page.goto(address.href);
      const chat = new ChatPage(page);
      await page.getByRole('button', { name: 'Profile default' }).click();
      await screenshots.take(page, 'browser-profiles');
      await page.getByRole('dialog', { name: 'Profiles' }).getByRole('button', { name: /Acme/ }).click();
      await page.getByRole('button', { name: 'Profile Acme' }).waitFor();
      await chat.ask(question);
      await chat.settled();
      await page.reload();
      await page.getByRole('button', { name: 'Profile Acme' }).waitFor();
      await chat.questions.first().waitFor(); // its messages come after the page
      assert.equal(await chat.questions.count(), 1);
      await page.getByRole('button', { name: 'Profile Acme' }).click();
      const own = page.getByRole('dialog', { name: 'Profiles' }).getByRole('button', { name: /Acme/ });
      await until('its own row to have the focus', () =>
        own.evaluate((row) => (row.getRootNode() as ShadowRoot).activeElement === row),
      );
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Profile Private' }).waitFor();
      await page.getByText('Ask about your code').first().waitFor();
      assert.equal(await chat.questions.count(), 0);

      const strip = page.getByText(/code is waiting to be indexed|Indexing the code/);
      // It is shown for some seconds: an index that was just asked for leaves the others to begin.
      await Promise.all([strip.first().waitFor(), chat.composer.pressSequentially('@file:ca')]);
      await strip.waitFor({ state: 'detached' });
      await chat.composer.pressSequentially('rt');
      await page
        .getByRole('option', { name: /cart\.ts/ })
        .first()
        .waitFor();
    } finally {
      await browser.close();
    }
  });

  it('refuses an address that was used before', async () => {
    const address = await open();
    const path = `${address.pathname}${address.search}`;
    assert.equal(await visit(address, { path }), 200);
    assert.equal(await visit(address, { path }), 403);
  });

  it('refuses who has no token, or a wrong one', async () => {
    const address = await open();
    assert.equal(await visit(address, { path: '/' }), 403);
    assert.equal(await visit(address, { path: '/chat.js' }), 403);
    assert.equal(await visit(address, { path: '/open?ticket=guess' }), 403);
    assert.equal(await visit(address, { path: '/', headers: { cookie: 'switchyard=guess' } }), 403);
  });

  it('refuses a wrong Host, which is what a rebound name would send', async () => {
    const address = await open();
    for (const host of ['evil.example', `evil.example:${address.port}`, `localhost:${address.port}.evil.example`]) {
      assert.equal(
        await visit(address, { path: `${address.pathname}${address.search}`, headers: { host } }),
        403,
        host,
      );
    }
  });

  it('refuses a wrong Origin, for pages and for the socket', async () => {
    const address = await open();
    for (const origin of ['http://evil.example', 'null', `http://localhost:${address.port}`]) {
      assert.equal(
        await visit(address, { path: `${address.pathname}${address.search}`, headers: { origin } }),
        403,
        origin,
      );
      assert.equal(await visit(address, { path: '/ws', headers: { origin, ...upgrade } }), 403, origin);
    }
    assert.equal(
      await visit(address, { path: '/ws', headers: { origin: address.origin, ...upgrade } }),
      403,
      'the right origin without the cookie',
    );
  });
});

const upgrade = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
};

/** The status of one request, made by hand so that every header can lie. */
async function visit({ hostname, port }: URL, { path = '/', headers = {} }: Visit): Promise<number> {
  const sent = request({ hostname, port, path, headers });
  sent.end();
  const [response] = (await Promise.race([once(sent, 'response'), once(sent, 'upgrade')])) as [
    { statusCode?: number; resume(): void },
  ];
  response.resume();
  sent.destroy();
  return response.statusCode ?? 0;
}
