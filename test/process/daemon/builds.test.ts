// Clients of other builds: an older one joins, a newer one takes over when nobody is here, and neither ever ends a live session.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ChatList } from '../../../shared/protocol/chat.ts';
import { Home, isRunning, until } from '../home.ts';
import { openEditor } from '../lsp-client.ts';
import { hello, RawClient } from '../raw-client.ts';

const older = { version: '0.0.1', stamp: 1 };
const newer = { version: '99.0.0', stamp: 1 };

describe('builds that meet at one daemon', () => {
  it('an older client is served', async () => {
    await using home = new Home();
    const { daemon } = await openEditor(home);
    const client = new RawClient(home).say(hello(home, { build: older }));
    const welcome = await client.welcomes.find('the welcome');
    assert.ok(welcome.ok && welcome.pid === daemon);
    assert.ok((await client.ask({ id: 1, method: 'initialize', params: { capabilities: {} } })).result);
    client.leave();
  });

  it('a newer client joins while others are here; the daemon makes way when the last of them has left', async () => {
    await using home = new Home({ daemon: { idleExitMinutes: 1000 } });
    const editor = await openEditor(home);
    const client = new RawClient(home).say(hello(home, { build: newer }));
    const welcome = await client.welcomes.find('the welcome');
    assert.ok(welcome.ok && welcome.pid === editor.daemon);
    client.leave();
    assert.deepEqual((await editor.call(ChatList, {})).chats, [], 'the live session goes on');
    await editor.leave();
    await until('the older daemon to leave', () => !isRunning(editor.daemon));
  });

  it('a newer client takes over a daemon that serves nobody', async () => {
    await using home = new Home({ daemon: { idleExitMinutes: 1000 } });
    const editor = await openEditor(home);
    await editor.leave();
    const client = new RawClient(home).say(hello(home, { build: newer }));
    const welcome = await client.welcomes.find('an answer');
    assert.equal(welcome.ok ? 'welcome' : welcome.code, 'retiring');
    await until('the older daemon to leave', () => !isRunning(editor.daemon));
    assert.notEqual((await openEditor(home)).daemon, editor.daemon);
  });

  it('a newer build without the token moves nobody', async () => {
    await using home = new Home({ daemon: { idleExitMinutes: 1000 } });
    const editor = await openEditor(home);
    await editor.leave();
    const client = new RawClient(home).say(hello(home, { build: newer, token: 'guessed' }));
    const welcome = await client.welcomes.find('the refusal');
    assert.equal(welcome.ok ? 'welcome' : welcome.code, 'wrong-token');
    assert.equal((await openEditor(home)).daemon, editor.daemon);
  });
});
