// Summaries of branches in SQLite: over a restart, in the file, in a backup, and when their row is damaged.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { after, before, describe, it } from 'mocha';
import { openTestStorage, type TestFolder, type TestStorage, testFolder } from '../open-storage.ts';

describe('summaries in SQLite', () => {
  let folder: TestFolder;
  let storage: TestStorage;
  before(() => {
    folder = testFolder();
    storage = openTestStorage(folder.database);
  });
  after(async () => {
    await storage[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  /** A chat of questions, each answered with its words in capitals, and the ids of all its messages. */
  async function chatOf(...questions: string[]): Promise<{ chatId: string; ids: string[] }> {
    const { id: chatId } = await storage.chats.createChat({});
    for (const text of questions) await say(chatId, text);
    return { chatId, ids: await idsOf(chatId) };
  }

  async function say(chatId: string, text: string, editOf?: string): Promise<void> {
    await storage.chats.addUserMessage(chatId, { text, ...(editOf && { editOf }) });
    const { id } = await storage.chats.startAnswer(chatId, {});
    await storage.chats.finishAnswer(id, { last: [{ text: text.toUpperCase() }], status: 'complete' });
  }

  const idsOf = async (chatId: string): Promise<string[]> =>
    (await storage.chats.messages(chatId, {})).items.map(({ id }) => id);
  const summaryAt = async (chatId: string, last = ''): Promise<string | undefined> =>
    (await storage.older.before(chatId, last, [])).summary?.text;
  const save = (chatId: string, messageId = '', text = 'S', pinned: string[] = []) =>
    storage.older.saveSummary(chatId, { messageId, text, model: 'lab/a', pinned });

  describe('a summary', () => {
    it('is the newest that covers nothing but what stands before the question, also after a restart', async () => {
      const { chatId, ids } = await chatOf('one', 'two', 'three');
      await save(chatId, ids[1], 'first');
      await save(chatId, ids[3], 'second');
      assert.deepEqual(
        [await summaryAt(chatId, ids[5]), await summaryAt(chatId, ids[3]), await summaryAt(chatId, ids[1])],
        ['second', 'first', undefined],
      );
      await storage[Symbol.asyncDispose]();
      storage = openTestStorage(folder.database);
      const { summary } = await storage.older.before(chatId, ids[5] ?? '', []);
      assert.deepEqual(
        [summary?.text, summary?.model, summary?.place, summary?.covers, summary?.messageId],
        ['second', 'lab/a', 3, 4, ids[3]],
      );
    });

    it('goes with its chat, and does not come back from the trash', async () => {
      const { chatId, ids } = await chatOf('one', 'two');
      await save(chatId, ids[1]);
      await storage.chats.deleteChat(chatId);
      assert.equal(countOf(ids), 0);
      await storage.trash.restore(chatId);
      assert.deepEqual([await summaryAt(chatId, ids[3]), await idsOf(chatId)], [undefined, ids]);
    });

    it('that is not as it was stored is dropped, and the one before it used', async () => {
      const { chatId, ids } = await chatOf('one', 'two', 'three');
      await save(chatId, ids[1], 'sound');
      await save(chatId, ids[3], 'damaged');
      const database = new Database(folder.database);
      database.exec("update summary set text = 'damagee' where text = 'damaged'");
      database.close();
      assert.equal(await summaryAt(chatId, ids[5]), 'sound');
      assert.equal(countOf(ids), 1);
      assert.equal(await summaryAt(chatId, ids[5]), 'sound');
    });

    it('is kept in a backup, and only so many of a chat are kept at all', async () => {
      const { chatId, ids } = await chatOf(...Array.from({ length: 25 }, (_, i) => `question ${i}`));
      const all = (await storage.chats.messages(chatId, { limit: 200 })).items.map(({ id }) => id);
      for (const id of all) await save(chatId, id);
      assert.equal(countOf(all), 20);
      assert.equal(await summaryAt(chatId, all.at(-1)), 'S');
      const { file } = await storage.backups.create();
      const { problems, counts } = await storage.backups.verify(file);
      assert.deepEqual([problems, (counts['summary'] ?? 0) >= 20, ids.length > 0], [[], true, true]);
    });
  });

  /** How many summaries there are of these messages. */
  function countOf(ids: readonly string[]): number {
    const database = new Database(folder.database, { readonly: true });
    try {
      return database
        .prepare('select count(*) from summary where message_id in (select value from json_each(?))')
        .pluck()
        .get(JSON.stringify(ids)) as number;
    } finally {
      database.close();
    }
  }
});
