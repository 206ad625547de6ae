// Deleted chats: gone from everywhere at once, back as they were, and gone for good when they should be.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { describe, it } from 'mocha';
import { deletedKeptMs } from '../../../../daemon/storage/sqlite/chats/trash.ts';
import { SuiteStorage } from '../suite.ts';

const gone = { code: 'chat-not-found' };

describe('deleted chats', () => {
  const stored = new SuiteStorage('for each test');

  /** A chat with two versions of an answer, a pin, and a second answer that is still being written. */
  async function chatWithEverything(): Promise<string> {
    const { chats } = stored.storage;
    const { id } = await chats.createChat({ title: 'Trains', model: 'lab/tiny' });
    const question = await chats.addUserMessage(id, {
      text: 'When?',
      attachments: [{ kind: 'file', uri: 'file:///a', text: 'a' }],
    });
    await chats.pin(question.id, true);
    const first = await chats.startAnswer(id, { decision: { model: 'lab/tiny' } });
    await chats.finishAnswer(first.id, { status: 'complete', usage: { input: 1 }, durationMs: 12 });
    const second = await chats.startAnswer(id, { retryOf: first.id });
    await chats.appendAnswer(second.id, { text: 'At noon' });
    await chats.finishAnswer(second.id, { status: 'complete' });
    await chats.addUserMessage(id, { text: 'And then?' });
    const open = await chats.startAnswer(id, {});
    await chats.appendAnswer(open.id, { text: 'Half an', reasoning: 'thinking' });
    return id;
  }

  it('leave at once, and come back as they were, after a crash too', async () => {
    const id = await chatWithEverything();
    const before = await stored.storage.chats.messages(id, {});
    const chat = await stored.storage.chats.chat(id);
    await stored.storage.chats.deleteChat(id);
    assert.deepEqual((await stored.storage.chats.listChats({})).items, []);
    await assert.rejects(stored.storage.chats.messages(id, {}), gone);
    await stored.reopen();

    const [kept] = await stored.storage.trash.list();
    assert.deepEqual([kept?.id, kept?.title, kept?.messageCount], [id, 'Trains', 4]);
    assert.equal((kept?.goneAt ?? 0) - (kept?.deletedAt ?? 0), deletedKeptMs);
    await stored.storage.trash.restore(id);
    assert.deepEqual(await stored.storage.chats.chat(id), chat);
    const after = await stored.storage.chats.messages(id, {});
    const settled = before.items.map((message) =>
      message.status === 'streaming' ? { ...message, status: 'partial' } : message,
    );
    assert.deepEqual(after.items, settled);
    assert.deepEqual(await stored.storage.trash.list(), []);
    const other = await stored.storage.chats.chooseVersion(id, after.items[1]?.id ?? '', 1);
    assert.notEqual(other.id, after.items[1]?.id, 'its other version came back, too');
    await assert.rejects(stored.storage.trash.restore(id), gone);
  });

  it('come back with what memories said of them: where they come from, and what was proposed or turned down', async () => {
    const id = await chatWithEverything();
    const [question] = (await stored.storage.chats.messages(id, {})).items;
    const messageId = question?.id ?? '';
    for (const state of ['accepted', 'proposed', 'dismissed'] as const)
      await stored.storage.memories.add({ text: `is ${state}`, state, messageId });
    const forgotten = await stored.storage.memories.add({ text: 'forgotten meanwhile', state: 'accepted', messageId });
    const before = (await stored.storage.memories.list()).filter((one) => one.id !== forgotten.id);
    await stored.storage.chats.deleteChat(id);
    await stored.storage.memories.delete(forgotten.id);
    assert.deepEqual(
      (await stored.storage.memories.list()).map(({ text, messageId: from }) => [text, from]),
      [['is accepted', undefined]],
    );
    assert.ok(!keptWords().includes('forgotten meanwhile'), 'a deleted chat keeps no words of a memory');
    await stored.storage.trash.restore(id);
    assert.deepEqual(await stored.storage.memories.list(), before);
    assert.deepEqual(
      before.map(({ chatId }) => chatId),
      [id, id, id],
    );
  });

  it('come back without a project that is gone meanwhile', async () => {
    const project = await stored.storage.projects.visit({
      name: 'p',
      path: '/p',
      keys: [{ kind: 'path', value: '/p' }],
    });
    const { id } = await stored.storage.chats.createChat({
      title: 'Of it',
      ...(project && { projectId: project.id }),
    });
    await stored.storage.chats.deleteChat(id);
    edit('delete from project');
    await stored.storage.trash.restore(id);
    assert.equal((await stored.storage.chats.chat(id)).projectId, undefined);
  });

  it('are gone for good when told so: one of them, or all', async () => {
    const ids = await Promise.all(
      ['a', 'b', 'c'].map(async (title) => (await stored.storage.chats.createChat({ title })).id),
    );
    for (const id of ids) await stored.storage.chats.deleteChat(id);
    assert.deepEqual(
      (await stored.storage.trash.list()).map(({ title }) => title),
      ['c', 'b', 'a'],
    );
    await stored.storage.trash.purge(ids[1]);
    await assert.rejects(stored.storage.trash.restore(ids[1] ?? ''), gone);
    await stored.storage.trash.purge();
    assert.deepEqual([await stored.storage.trash.list(), rows('deleted_chat'), rows('deleted_message')], [[], 0, 0]);
  });

  it('are gone for good after their day, and are not listed a moment longer', async () => {
    const id = await chatWithEverything();
    await stored.storage.chats.deleteChat(id);
    assert.ok(rows('deleted_message') > 0);
    edit(`update deleted_chat set deleted_at = ${Date.now() - deletedKeptMs}`);
    assert.deepEqual(await stored.storage.trash.list(), []);
    await stored.reopen();
    await stored.storage.health();
    assert.deepEqual([rows('deleted_chat'), rows('deleted_message')], [0, 0]);
  });

  it('are seen by their own profile alone, and end with it', async () => {
    const { id: profile } = await stored.storage.profiles.create({ name: 'other' });
    const theirs = stored.storage.in(profile);
    const { id } = await theirs.chats.createChat({ title: 'Theirs' });
    await theirs.chats.deleteChat(id);
    assert.deepEqual(await stored.storage.trash.list(), []);
    await assert.rejects(stored.storage.trash.restore(id), gone);
    await stored.storage.trash.purge(id);
    await stored.storage.trash.purge();
    assert.deepEqual(
      (await theirs.trash.list()).map(({ title }) => title),
      ['Theirs'],
    );
    await stored.storage.profiles.delete(profile);
    assert.equal(rows('deleted_chat'), 0);
  });

  /** Looks into the file, as another program could. */
  function rows(table: string): number {
    const database = new Database(stored.database);
    try {
      return database.prepare(`select count(*) from ${table}`).pluck().get() as number;
    } finally {
      database.close();
    }
  }

  /** Every word that deleted chats are kept with. */
  function keptWords(): string {
    const database = new Database(stored.database);
    try {
      return (
        database
          .prepare('select content from deleted_chat union all select content from deleted_message')
          .pluck()
          .all() as string[]
      ).join();
    } finally {
      database.close();
    }
  }

  function edit(statement: string): void {
    const database = new Database(stored.database);
    database.pragma('foreign_keys = ON');
    database.exec(statement);
    database.close();
  }
});
