// Deleted chats: gone from everywhere at once, back as they were, and gone for good when they should be. And past reviews.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { describe, it } from 'mocha';
import { deletedKeptMs } from '../../../daemon/storage/sqlite/chats/trash.ts';
import { openTestMemory, testFolder } from './open-storage.ts';
import { SuiteMemory } from './suite.ts';

const gone = { code: 'chat-not-found' };

describe('deleted chats', () => {
  const stored = new SuiteMemory('for each test');

  /** A chat with two versions of an answer, a pin, and a second answer that is still being written. */
  async function chatWithEverything(): Promise<string> {
    const { chats } = stored.memory;
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
    const before = await stored.memory.chats.messages(id, {});
    const chat = await stored.memory.chats.chat(id);
    await stored.memory.chats.deleteChat(id);
    assert.deepEqual((await stored.memory.chats.listChats({})).items, []);
    await assert.rejects(stored.memory.chats.messages(id, {}), gone);
    await stored.reopen();

    const [kept] = await stored.memory.trash.list();
    assert.deepEqual([kept?.id, kept?.title, kept?.messageCount], [id, 'Trains', 4]);
    assert.equal((kept?.goneAt ?? 0) - (kept?.deletedAt ?? 0), deletedKeptMs);
    await stored.memory.trash.restore(id);
    assert.deepEqual(await stored.memory.chats.chat(id), chat);
    const after = await stored.memory.chats.messages(id, {});
    const settled = before.items.map((message) =>
      message.status === 'streaming' ? { ...message, status: 'partial' } : message,
    );
    assert.deepEqual(after.items, settled);
    assert.deepEqual(await stored.memory.trash.list(), []);
    const other = await stored.memory.chats.chooseVersion(id, after.items[1]?.id ?? '', 1);
    assert.notEqual(other.id, after.items[1]?.id, 'its other version came back, too');
    await assert.rejects(stored.memory.trash.restore(id), gone);
  });

  it('come back with what memories said of them: where they come from, and what was proposed or turned down', async () => {
    const id = await chatWithEverything();
    const [question] = (await stored.memory.chats.messages(id, {})).items;
    const messageId = question?.id ?? '';
    for (const state of ['accepted', 'proposed', 'dismissed'] as const)
      await stored.memory.memories.add({ text: `is ${state}`, state, messageId });
    const forgotten = await stored.memory.memories.add({ text: 'forgotten meanwhile', state: 'accepted', messageId });
    const before = (await stored.memory.memories.list()).filter((one) => one.id !== forgotten.id);
    await stored.memory.chats.deleteChat(id);
    await stored.memory.memories.delete(forgotten.id);
    assert.deepEqual(
      (await stored.memory.memories.list()).map(({ text, messageId: from }) => [text, from]),
      [['is accepted', undefined]],
    );
    assert.ok(!keptWords().includes('forgotten meanwhile'), 'a deleted chat keeps no words of a memory');
    await stored.memory.trash.restore(id);
    assert.deepEqual(await stored.memory.memories.list(), before);
    assert.deepEqual(
      before.map(({ chatId }) => chatId),
      [id, id, id],
    );
  });

  it('come back though they were imported again meanwhile', async () => {
    const chat = {
      title: 'Made there',
      createdAt: 1,
      updatedAt: 1,
      origin: { source: 'chatgpt', id: 'c' },
      messages: [{ id: 'm', role: 'user' as const, text: 'Hello', status: 'complete' as const, createdAt: 1 }],
    };
    const { chatId = '' } = await stored.memory.chats.importChat(chat);
    await stored.memory.chats.deleteChat(chatId);
    assert.equal((await stored.memory.chats.importChat(chat)).outcome, 'imported');
    await stored.memory.trash.restore(chatId);
    assert.deepEqual((await stored.memory.chats.listChats({})).items.map(({ origin }) => origin?.id).toSorted(), [
      'c',
      undefined,
    ]);
  });

  it('come back without a project that is gone meanwhile', async () => {
    const project = await stored.memory.projects.visit({
      name: 'p',
      path: '/p',
      keys: [{ kind: 'path', value: '/p' }],
    });
    const { id } = await stored.memory.chats.createChat({
      title: 'Of it',
      ...(project && { projectId: project.id }),
    });
    await stored.memory.chats.deleteChat(id);
    edit('delete from project');
    await stored.memory.trash.restore(id);
    assert.equal((await stored.memory.chats.chat(id)).projectId, undefined);
  });

  it('are gone for good when told so: one of them, or all', async () => {
    const ids = await Promise.all(
      ['a', 'b', 'c'].map(async (title) => (await stored.memory.chats.createChat({ title })).id),
    );
    for (const id of ids) await stored.memory.chats.deleteChat(id);
    assert.deepEqual(
      (await stored.memory.trash.list()).map(({ title }) => title),
      ['c', 'b', 'a'],
    );
    await stored.memory.trash.purge(ids[1]);
    await assert.rejects(stored.memory.trash.restore(ids[1] ?? ''), gone);
    await stored.memory.trash.purge();
    assert.deepEqual([await stored.memory.trash.list(), rows('deleted_chat'), rows('deleted_message')], [[], 0, 0]);
  });

  it('are gone for good after their day, and are not listed a moment longer', async () => {
    const id = await chatWithEverything();
    await stored.memory.chats.deleteChat(id);
    assert.ok(rows('deleted_message') > 0);
    edit(`update deleted_chat set deleted_at = ${Date.now() - deletedKeptMs}`);
    assert.deepEqual(await stored.memory.trash.list(), []);
    await stored.reopen();
    await stored.memory.health();
    assert.deepEqual([rows('deleted_chat'), rows('deleted_message')], [0, 0]);
  });

  it('are seen by their own profile alone, and end with it', async () => {
    const { id: profile } = await stored.memory.profiles.create({ name: 'other' });
    const theirs = stored.memory.in(profile);
    const { id } = await theirs.chats.createChat({ title: 'Theirs' });
    await theirs.chats.deleteChat(id);
    assert.deepEqual(await stored.memory.trash.list(), []);
    await assert.rejects(stored.memory.trash.restore(id), gone);
    await stored.memory.trash.purge(id);
    await stored.memory.trash.purge();
    assert.deepEqual(
      (await theirs.trash.list()).map(({ title }) => title),
      ['Theirs'],
    );
    await stored.memory.profiles.delete(profile);
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

describe('the page around a message', () => {
  it('has it in the middle, and leads on in both directions', async () => {
    using folder = testFolder();
    await using memory = openTestMemory(folder.database);
    const { id } = await memory.chats.createChat({});
    const ids: string[] = [];
    for (let index = 0; index < 40; index++)
      ids.push((await memory.chats.addUserMessage(id, { text: `m${index}` })).id);
    const texts = async (page: { around?: string; cursor?: string; limit: number }) => {
      const { items, next } = await memory.chats.messages(id, page);
      return { texts: items.map(({ text }) => text), next };
    };
    const middle = await texts({ around: ids[20] ?? '', limit: 6 });
    assert.deepEqual(middle.texts, ['m18', 'm19', 'm20', 'm21', 'm22', 'm23']);
    assert.deepEqual((await texts({ cursor: middle.next ?? '', limit: 2 })).texts, ['m16', 'm17']);
    assert.deepEqual((await texts({ around: ids[39] ?? '', limit: 6 })).texts, [
      'm34',
      'm35',
      'm36',
      'm37',
      'm38',
      'm39',
    ]);
    assert.deepEqual((await texts({ around: ids[0] ?? '', limit: 6 })).texts, ['m0', 'm1', 'm2', 'm3']);
    await assert.rejects(texts({ around: 'never', limit: 6 }), { code: 'message-not-found' });
    const { id: other } = await memory.chats.createChat({});
    await assert.rejects(memory.chats.messages(other, { around: ids[0] ?? '' }), { code: 'message-not-found' });
  });
});

describe('past reviews', () => {
  it('are listed page by page, the newest first, with what each found', async () => {
    using folder = testFolder();
    await using memory = openTestMemory(folder.database);
    const finding = (id: string, runId: string) => ({
      id,
      runId,
      uri: 'file:///a.ts',
      fingerprint: id,
      finding: { id, message: `found ${id}` },
    });
    for (let index = 0; index < 5; index++) {
      await memory.findings.saveRun({
        id: `r${index}`,
        uri: 'file:///a.ts',
        summary: `run ${index}`,
        findings: index === 3 ? [finding('f1', 'r3'), finding('f2', 'r3')] : [],
      });
    }
    const first = await memory.findings.pastRuns({ limit: 2 });
    assert.deepEqual(
      first.items.map(({ id, findings }) => [id, findings]),
      [
        ['r4', 0],
        ['r3', 2],
      ],
    );
    const rest = await memory.findings.pastRuns({ limit: 10, ...(first.next && { cursor: first.next }) });
    assert.deepEqual(
      rest.items.map(({ id }) => id),
      ['r2', 'r1', 'r0'],
    );
    assert.deepEqual(
      (await memory.findings.ofRun('r3')).map(({ finding: found }) => (found as { message: string }).message),
      ['found f1', 'found f2'],
    );
    const { id: profile } = await memory.profiles.create({ name: 'other' });
    assert.deepEqual(
      [(await memory.in(profile).findings.pastRuns({})).items, await memory.in(profile).findings.ofRun('r3')],
      [[], []],
    );
  });
});
