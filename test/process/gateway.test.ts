// The browser's door: nothing listens before it is asked for, and then only the browser with the ticket comes in.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, describe, it } from 'mocha';
import WebSocket from 'ws';
import { historyChanged, modelsChanged } from '../../shared/notifications.ts';
import { AgentApprove, AgentRun } from '../../shared/protocol/agent.ts';
import { ChatCreate, ChatList, ChatMessages, ChatSend } from '../../shared/protocol/chat.ts';
import { CodeWrite } from '../../shared/protocol/code.ts';
import { GatewayOpen } from '../../shared/protocol/daemon.ts';
import { JobsAnswer, JobsList } from '../../shared/protocol/jobs.ts';
import { KeysSet } from '../../shared/protocol/keys.ts';
import { ModelsList } from '../../shared/protocol/models.ts';
import { ProfileCreate, ProfileList } from '../../shared/protocol/profiles.ts';
import type { FromHost, ToHost } from '../../shared/webview.ts';
import { testFolder } from '../daemon/storage/open-storage.ts';
import { startOpenAiServer } from '../fakes/provider-servers/openai.ts';
import { ended, Home, program, readProc, until } from './home.ts';
import { Inbox, openEditor } from './lsp-client.ts';

type Editor = Awaited<ReturnType<typeof openEditor>>;
type Headers = Record<string, string>;

describe('the views in a browser', () => {
  let home: Home;
  let editor: Editor;

  before(async () => {
    home = new Home();
    editor = await openEditor(home);
  });
  after(() => home[Symbol.asyncDispose]());

  it('nothing listens on any address before it is asked for, and only on loopback then', async function () {
    if (process.platform !== 'linux') return this.skip();
    assert.deepEqual(listeners(editor.daemon), []);
    const { url } = await editor.call(GatewayOpen, {});
    assert.deepEqual(listeners(editor.daemon), [`127.0.0.1:${new URL(url).port}`]);
  });

  it('a ticket lets one browser in, once', async () => {
    const { url } = await editor.call(GatewayOpen, {});
    const first = await get(url);
    assert.equal(first.status, 200);
    assert.match(first.cookie, /^switchyard-[0-9a-f]{32}=[\w-]{43}$/);
    assert.match(first.headers['set-cookie']?.[0] ?? '', /HttpOnly; SameSite=Strict; Path=\/[0-9a-f]{32}\/$/);
    const page = await get(new URL('/', url), { cookie: first.cookie });
    assert.equal(page.status, 200);
    assert.match(String(page.headers['content-security-policy']), /default-src 'none'/);
    assert.equal((await get(url)).status, 403, 'the same address again');
    assert.equal((await get(new URL('/chat.js', url), { cookie: first.cookie })).status, 200);
  });

  for (const view of ['history', 'jobs'] as const)
    it(`opens the ${view} where that was asked for, under the same policy`, async () => {
      const { url } = await editor.call(GatewayOpen, { view });
      const first = await get(url);
      assert.equal(first.status, 200);
      assert.match(first.body, new RegExp(`url=http://127\\.0\\.0\\.1:\\d+/[0-9a-f]{32}/${view}"`));
      const page = await get(new URL(`/${view}`, url), { cookie: first.cookie });
      assert.equal(page.status, 200);
      assert.match(String(page.headers['content-security-policy']), /default-src 'none'/);
      assert.equal((await get(new URL(`/${view}.js`, url), { cookie: first.cookie })).status, 200);
      assert.deepEqual(
        [(await get(new URL(`/${view}`, url))).status, (await get(new URL(`/${view}.js`, url))).status],
        [403, 403],
        'without the cookie',
      );
    });

  it('a file of the user alone leads to the address, until that was used', async () => {
    const { url, file } = await editor.call(GatewayOpen, {});
    if (process.platform !== 'win32') assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.match(readFileSync(file, 'utf8'), /<meta http-equiv="refresh" content="0;url=http:/);
    assert.ok(readFileSync(file, 'utf8').includes(`url=${url}"`));
    await get(url);
    assert.equal(existsSync(file), false);
  });

  it('what opens the browser has no ticket among its arguments', async function () {
    if (process.platform !== 'linux') return this.skip();
    using bin = testFolder();
    const said = join(bin.path, 'arguments');
    writeFileSync(join(bin.path, 'xdg-open'), `#!/bin/sh\necho "$@" > ${said}.new && mv ${said}.new ${said}\n`, {
      mode: 0o755,
    });
    for (const args of [['open'], ['open', '--history'], ['open', '--jobs']]) {
      const path = `PATH=${bin.path}:${process.env['PATH'] ?? ''}`;
      const { code } = await ended(home.spawn(['DISPLAY=:9', path, process.execPath, program, ...args], 'env'));
      assert.equal(code, 0);
      await until('the opener ran', () => existsSync(said));
      assert.match(readFileSync(said, 'utf8'), /\/open-[\w-]+\.html\n$/);
      assert.doesNotMatch(readFileSync(said, 'utf8'), /ticket|http/);
      rmSync(said);
    }
  });

  it('at most 32 addresses wait to be used, and the oldest ends first', async () => {
    const addresses = [];
    for (let i = 0; i < 33; i++) addresses.push(await editor.call(GatewayOpen, {}));
    const [first, second] = addresses;
    assert.ok(first && second);
    assert.deepEqual([existsSync(first.file), existsSync(second.file)], [false, true]);
    assert.equal((await get(first.url)).status, 403);
    for (const { url } of addresses.slice(1)) assert.equal((await get(url)).status, 200);
  });

  it('the session of a tab stays that of its ticket, whatever other cookies the browser holds', async () => {
    const first = await tab(editor);
    await editor.call(ProfileCreate, { name: 'Beside' });
    const second = await tab(await openEditor(home, { switchyard: { profile: 'beside' } }));
    const cookies = `${second.cookie}; switchyard=foreign; ${first.name}=foreign; ${first.cookie}`;
    for (const { place, other } of [
      { place: first.place, other: second.cookie },
      { place: second.place, other: first.cookie },
    ]) {
      assert.equal((await get(place, { cookie: cookies })).status, 200);
      assert.equal((await get(new URL('chat.js', place), { cookie: cookies })).status, 200);
      assert.equal((await get(place, { cookie: other })).status, 403, 'with the cookie of another tab');
    }
    const profiles = [];
    for (const { place } of [first, second, first]) {
      const { messages, say, leave } = await connect(place.replace(/\/$/, ''), cookies);
      say({ type: 'request', id: 1, method: ProfileList.method, params: {} });
      const answer = await messages.find('the profiles', (message) => message.type === 'response');
      profiles.push(answer.type === 'response' && ProfileList.result.parse(answer.result).current);
      await leave();
    }
    assert.equal(profiles[0], 'default');
    assert.notEqual(profiles[1], 'default');
    assert.equal(profiles[2], 'default');
  });

  for (const [what, ask] of Object.entries<(origin: string, cookie: string) => ReturnType<typeof get>>({
    'no cookie': (origin) => get(origin),
    'a wrong cookie': (origin) => get(origin, { cookie: 'switchyard=guessed' }),
    'another Host (a name that was made to point here)': (origin, cookie) =>
      get(origin, { cookie, host: 'evil.example' }),
    'another Origin': (origin, cookie) => get(origin, { cookie, origin: 'http://evil.example' }),
    'the Origin of a file': (origin, cookie) => get(origin, { cookie, origin: 'null' }),
    'a method other than GET': (origin, cookie) => get(origin, { cookie }, 'POST'),
    'a ticket that was never issued': (origin) => get(`${origin}/open?ticket=guessed`),
    'no ticket': (origin) => get(`${origin}/open`),
  })) {
    it(`refuses ${what}`, async () => {
      const { origin, cookie } = await browser(editor);
      assert.equal((await ask(origin, cookie)).status, 403);
      assert.equal((await get(origin, { cookie })).status, 200, 'its own browser is still let in');
    });
  }

  for (const path of ['/nothing', '/../../../../etc/passwd', '/chat.js.map', '/%2e%2e/package.json']) {
    it(`has no ${path}`, async () => {
      const { origin, cookie } = await browser(editor);
      assert.equal((await get(origin, { cookie }, 'GET', path)).status, 404);
    });
  }

  it('answers an address that is none', async () => {
    const { origin, cookie } = await browser(editor);
    assert.equal((await get(origin, { cookie }, 'GET', '//')).status, 404);
  });

  for (const [what, headers] of Object.entries<(origin: string, cookie: string) => Headers>({
    'no cookie': (origin) => ({ origin }),
    'no Origin': (_origin, cookie) => ({ cookie }),
    'another Origin': (_origin, cookie) => ({ cookie, origin: 'http://evil.example' }),
    'another Host': (origin, cookie) => ({ cookie, origin, host: 'evil.example' }),
  })) {
    it(`refuses a socket with ${what}`, async () => {
      const { origin, cookie } = await browser(editor);
      const socket = new WebSocket(`${origin.replace('http', 'ws')}/ws`, { headers: headers(origin, cookie) });
      const [error] = (await once(socket, 'error')) as [Error];
      assert.match(error.message, /403/);
    });
  }

  it('a view may chat but not touch keys; what is no message changes nothing', async () => {
    const { origin, cookie } = await browser(editor);
    const { socket, messages, say, leave } = await connect(origin, cookie);
    for (const nonsense of [
      'null',
      '[]',
      '{',
      '{"type":"request"}',
      '{"type":"request","id":{}}',
      '{"type":"cancel","id":null}',
      '{"type":5}',
      '{"type":"action"}',
      '{"type":"action","action":null}',
      '{"type":"action","action":{"kind":"switch-profile","profileId":{}}}',
    ])
      socket.send(nonsense);
    for (const [id, method] of [
      KeysSet.method,
      'switchyard/keys/list',
      'switchyard/daemon/shutdown',
      'initialize',
      '__proto__',
    ].entries()) {
      say({ type: 'request', id, method, params: { provider: 'openai', key: 'planted-key' } });
      const refused = await messages.find('the refusal', (message) => message.type === 'error' && message.id === id);
      assert.equal(refused.type === 'error' && refused.code, 'not-allowed');
    }
    say({ type: 'request', id: 100, method: ModelsList.method, params: {} });
    const answer = await messages.find('the answer', (message) => message.type === 'response' && message.id === 100);
    assert.ok(answer.type === 'response' && ModelsList.result.parse(answer.result));
    await leave();
  });

  it('decides nothing about a run that it was not shown, nothing beforehand, and nothing for longer than a call', async () => {
    const { origin, cookie } = await browser(editor);
    const { messages, say, leave } = await connect(origin, cookie);
    const requests = [
      { method: AgentApprove.method, params: { jobId: 'j1', callId: '1.1', decision: 'once' } },
      { method: AgentRun.method, params: { task: 'x', allow: ['run'] } },
      { method: JobsAnswer.method, params: { jobId: 'j1', answer: 'once' } },
    ];
    for (const [id, { method, params }] of requests.entries()) {
      say({ type: 'request', id, method, params });
      const refused = await messages.find('the refusal', (message) => message.type === 'error' && message.id === id);
      assert.equal(refused.type === 'error' && refused.code, 'not-allowed', method);
    }
    await leave();
  });

  it('a view shows the profile of who opened it', async () => {
    const { profile } = await editor.call(ProfileCreate, { name: 'Work' });
    const worker = await openEditor(home, { switchyard: { profile: 'work' } });
    const { chatId } = await worker.call(ChatCreate, { title: 'At work' });
    for (const [opener, chats] of [
      [editor, []],
      [worker, [chatId]],
    ] as const) {
      const { origin, cookie } = await browser(opener);
      const { messages, say, leave } = await connect(origin, cookie);
      say({
        type: 'request',
        id: 1,
        method: ChatList.method,
        params: opener === worker ? { profileId: profile.id } : {},
      });
      const answer = await messages.find('the chats', (message) => message.type === 'response');
      assert.deepEqual(
        answer.type === 'response' && ChatList.result.parse(answer.result).chats.map(({ id }) => id),
        chats,
      );
      await leave();
    }
  });

  it('a view is switched to another profile, and comes again in it; its opener stays where it was', async () => {
    const { profile } = await editor.call(ProfileCreate, { name: 'Elsewhere' });
    const { origin, cookie } = await browser(editor);
    const profileOf = async ({ messages, say }: Connected, id: number) => {
      say({ type: 'request', id, method: ProfileList.method, params: {} });
      const answer = await messages.find('the profiles', (message) => message.type === 'response' && message.id === id);
      return answer.type === 'response' && ProfileList.result.parse(answer.result).current;
    };
    const first = await connect(origin, cookie);
    assert.equal(await profileOf(first, 1), 'default');
    first.say({ type: 'action', action: { kind: 'switch-profile', profileId: 'no such profile' } });
    first.say({ type: 'action', action: { kind: 'switch-profile', profileId: profile.id } });
    await first.messages.find(
      'both answers',
      () => first.messages.items.filter(({ type }) => type === 'profile-changed').length === 2,
    );
    assert.equal(await profileOf(first, 2), profile.id);
    await first.leave();
    const again = await connect(origin, cookie);
    assert.equal(await profileOf(again, 1), profile.id);
    await again.leave();
    assert.equal((await editor.call(ProfileList, {})).current, 'default');
  });

  it('a view works in the folders of who opened it, and is told how far they are indexed', async () => {
    using work = testFolder(realpathSync(tmpdir()));
    writeFileSync(join(work.path, 'total.ts'), 'export const total = 1;\n');
    const { origin, cookie } = await browser(
      await openEditor(home, { folder: pathToFileURL(work.path).href, capabilities: { textDocument: {} } }),
    );
    const { messages, say, leave } = await connect(origin, cookie);
    say({ type: 'ready' });
    const hello = await messages.find('hello', ({ type }) => type === 'hello');
    assert.ok(hello.type === 'hello' && hello.actions.includes('refresh-index'));
    const isTold = (wanted: string) => (message: FromHost) =>
      message.type === 'index' && message.status?.state === wanted;
    await messages.find('the beginning', isTold('waiting'));
    say({ type: 'action', action: { kind: 'refresh-index' } });
    const ready = await messages.find('the end', isTold('ready'));
    assert.deepEqual(ready, {
      type: 'index',
      status: { state: 'ready', detail: '1 file indexed, in 1 piece' },
    });
    await leave();
    const bare = await browser(editor);
    const elsewhere = await connect(bare.origin, bare.cookie);
    elsewhere.say({ type: 'ready' });
    const other = await elsewhere.messages.find('hello', ({ type }) => type === 'hello');
    assert.ok(other.type === 'hello' && !other.actions.includes('refresh-index'), 'no folder, no index');
    await elsewhere.leave();
  });

  it('hears, as every client does, that models changed, whoever changed them', async () => {
    const { origin, cookie } = await browser(editor);
    const { messages, leave } = await connect(origin, cookie);
    assert.equal((await home.switchyard(['keys', 'set', 'groq'], 'gsk_a-key-for-this-test')).code, 0);
    await messages.find('the news', ({ type }) => type === 'models-changed');
    await editor.notified(modelsChanged);
    await leave();
  });

  it('hears that a chat was made, renamed or deleted in an editor', async () => {
    const { origin, cookie } = await browser(editor);
    const { messages, say, leave } = await connect(origin, cookie);
    say({ type: 'request', id: 1, method: ChatList.method, params: {} });
    await messages.find('the list', ({ type }) => type === 'response');
    await editor.call(ChatCreate, { title: 'Made elsewhere' });
    await messages.find('the news', ({ type }) => type === 'history-changed');
    await editor.notified(historyChanged);
    await leave();
  });

  it('lists the jobs of its profile, and hears of each change of one', async () => {
    await using model = await startOpenAiServer({ reply: 'export const a = 1;' });
    await using other = new Home({
      providers: { lab: { type: 'openai-compatible', baseUrl: model.url, models: ['scripted'] } },
    });
    const writer = await openEditor(other);
    const { origin: place, cookie } = await browser(writer);
    const { messages, say, leave } = await connect(place, cookie);
    writer.ask(CodeWrite, { instruction: 'Add' }).result.catch(() => {});
    await messages.find('the news', ({ type }) => type === 'jobs-changed');
    say({ type: 'request', id: 1, method: JobsList.method, params: {} });
    const answer = await messages.find('the list', ({ type }) => type === 'response');
    assert.match(JSON.stringify(answer), /"title":"Add"/);
    await leave();
  });

  it('a page that is reloaded finds its answer going on, and nothing is asked twice', async () => {
    const more = Promise.withResolvers<void>();
    await using model = await startOpenAiServer({
      reply: { text: 'one two three four', hold: { after: 2, until: more.promise } },
    });
    await using other = new Home({
      providers: { lab: { type: 'openai-compatible', baseUrl: model.url, models: ['scripted'] } },
    });
    const { origin: place, cookie } = await browser(await openEditor(other));
    const first = await connect(place, cookie);
    first.say({ type: 'request', id: 1, method: ChatSend.method, params: { text: 'Count.' } });
    const begun = await first.messages.find(
      'some text',
      (message) => message.type === 'part' && (message.part as { kind: string }).kind === 'text',
    );
    assert.equal(begun.type, 'part');
    await first.leave();
    const second = await connect(place, cookie);
    more.resolve();
    const last = await until('the whole answer', async () => {
      const id = Math.floor(Math.random() * 1e9);
      second.say({ type: 'request', id, method: ChatList.method, params: {} });
      const list = await second.messages.find('chats', (message) => message.type === 'response' && message.id === id);
      const chatId = list.type === 'response' ? (list.result as { chats: { id: string }[] }).chats[0]?.id : undefined;
      second.say({ type: 'request', id: id + 1, method: ChatMessages.method, params: { chatId } });
      const page = await second.messages.find(
        'them',
        (message) => message.type === 'response' && message.id === id + 1,
      );
      const { messages } = (page as { result: { messages: { status: string; text: string }[] } }).result;
      return messages.at(-1)?.status === 'complete' && messages;
    });
    assert.deepEqual(
      last.map(({ text }) => text),
      ['Count.', 'one two three four'],
    );
    assert.equal(model.chats.length, 1);
    await second.leave();
  });
});

type Connected = Awaited<ReturnType<typeof connect>>;

/** A page's socket, open. */
async function connect(place: string, cookie: string) {
  const { origin } = new URL(place);
  const socket = new WebSocket(`${place.replace('http', 'ws')}/ws`, { headers: { origin, cookie } });
  const messages = new Inbox<FromHost>();
  socket.on('message', (data) => messages.push(JSON.parse(String(data)) as FromHost));
  await once(socket, 'open');
  return {
    socket,
    messages,
    say: (message: ToHost): void => socket.send(JSON.stringify(message)),
    async leave() {
      socket.close();
      await once(socket, 'close');
    },
  };
}

/** A tab that was let in: where its pages are, and its cookie. */
async function tab(editor: Editor): Promise<{ place: string; cookie: string; name: string }> {
  const { body, cookie } = await get((await editor.call(GatewayOpen, {})).url);
  return { place: /url=(http[^"]+)"/.exec(body)?.[1] ?? '', cookie, name: cookie.split('=')[0] ?? '' };
}

/** A browser that was let in. */
async function browser(editor: Editor): Promise<{ origin: string; cookie: string }> {
  const { url } = await editor.call(GatewayOpen, {});
  return { origin: new URL(url).origin, cookie: (await get(url)).cookie };
}

async function get(
  url: string | URL,
  headers: Headers = {},
  method = 'GET',
  path?: string,
): Promise<{ status: number; headers: IncomingMessage['headers']; cookie: string; body: string }> {
  const asked = request(url, { method, headers, agent: false, ...(path !== undefined && { path }) }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  let body = '';
  for await (const chunk of response) body += String(chunk);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body,
    cookie: response.headers['set-cookie']?.[0]?.split(';')[0] ?? '',
  };
}

const listening = '0A'; // TCP_LISTEN

/** Addresses on which a process listens for TCP, as the kernel tells. */
function listeners(pid: number): string[] {
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).map((fd) => /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1]),
  );
  const rows = ['tcp', 'tcp6'].flatMap((file) =>
    readProc(pid, `net/${file}`)
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/)),
  );
  return rows.filter((row) => row[3] === listening && sockets.has(row[9])).map((row) => addressOf(row[1] ?? ''));
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // closed meanwhile
  }
}

/** `0100007F:1F90` as `127.0.0.1:8080`; other families as they are. */
function addressOf(text: string): string {
  const [address = '', port = ''] = text.split(':');
  const host = address.length === 8 ? [...Buffer.from(address, 'hex').reverse()].join('.') : address;
  return `${host}:${Number.parseInt(port, 16)}`;
}
