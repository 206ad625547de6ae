// What every storage engine has to do about older messages of chats: found by their place in a branch, and the summaries of branches, which nothing outlives that
// they were made from. And the search within one chat.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { indexed, vectorOf } from './indexed.ts';
import type { OpenEmpty, TestStorage } from './open-storage.ts';

export function describeOlderMessages(open: OpenEmpty): void {
  describe('older messages in storage', () => {
    let storage: TestStorage;
    before(() => {
      storage = open();
    });
    after(() => storage[Symbol.asyncDispose]());

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

    describe('older messages', () => {
      it('are told as exchanges, in the order in which they were found, and only from before a message of its branch', async () => {
        const { chatId, ids } = await chatOf('one', 'two', 'three', 'four');
        const texts = async (last: string, ...found: string[]) =>
          (await storage.older.before(chatId, last, found)).exchanges.map(({ place, messages }) => [
            place,
            ...messages.map(({ text }) => text),
          ]);
        const [q1 = '', a1 = '', q2 = '', , , , q4 = '', a4 = ''] = ids;
        assert.deepEqual(await texts(q4, a1, q2, q1, q4, a4), [
          [0, 'one', 'ONE'],
          [2, 'two', 'TWO'],
        ]);
        assert.deepEqual(await texts(q4, q4, a4, 'none'), []);
        await say(chatId, 'two again', q2);
        const last = (await idsOf(chatId)).at(-1) ?? '';
        assert.deepEqual(
          await texts(last, q2, q4, a1),
          [[0, 'one', 'ONE']],
          'what stands in another branch is no part of this one',
        );
        assert.deepEqual(await texts(q4, q2), [[2, 'two', 'TWO']]);
        const { id: elsewhere } = await storage.profiles.create({ name: 'Other' });
        await assert.rejects(storage.in(elsewhere).older.before(chatId, q4, [q1]), { code: 'message-not-found' });
        await assert.rejects(storage.in(elsewhere).older.stretch(chatId, { upTo: q4, limit: 9 }), {
          code: 'message-not-found',
        });
        await assert.rejects(
          storage.in(elsewhere).older.saveSummary(chatId, { messageId: q1, text: 'x', model: 'm', pinned: [] }),
          { code: 'message-not-found' },
        );
      });

      it('are read for a summary in pieces, without what is pinned', async () => {
        const { chatId, ids } = await chatOf('one', 'two', 'three');
        await storage.chats.pin(ids[1] ?? '', true);
        const part = async (after: string | undefined, limit: number) =>
          (await storage.older.stretch(chatId, { ...(after && { after }), upTo: ids[3] ?? '', limit })).messages.map(
            ({ text }) => text,
          );
        assert.deepEqual(
          [await part(undefined, 2), await part(ids[2], 9), await part(ids[3], 9)],
          [['one', 'two'], ['TWO'], []],
        );
        assert.deepEqual((await storage.older.stretch(chatId, { upTo: ids[3] ?? '', limit: 1 })).pinned, [ids[1]]);
      });
    });

    describe('a summary', () => {
      it('is the newest that covers nothing but what stands before the question', async () => {
        const { chatId, ids } = await chatOf('one', 'two', 'three');
        await save(chatId, ids[1], 'first');
        await save(chatId, ids[3], 'second');
        assert.deepEqual(
          [await summaryAt(chatId, ids[5]), await summaryAt(chatId, ids[3]), await summaryAt(chatId, ids[1])],
          ['second', 'first', undefined],
        );
        const { summary } = await storage.older.before(chatId, ids[5] ?? '', []);
        assert.deepEqual(
          [summary?.text, summary?.model, summary?.place, summary?.covers, summary?.messageId],
          ['second', 'lab/a', 3, 4, ids[3]],
        );
      });

      it('of another branch is not used: an edit begins without those that cover what was edited', async () => {
        const { chatId, ids } = await chatOf('one', 'two', 'three');
        await save(chatId, ids[1], 'before the edit');
        await save(chatId, ids[3], 'after it');
        await say(chatId, 'two again', ids[2]);
        assert.equal(await summaryAt(chatId, (await idsOf(chatId)).at(-1)), 'before the edit');
        assert.equal(await summaryAt(chatId, ids[5]), 'after it', 'the old branch has it still');
        const fork = await storage.chats.forkChat(chatId);
        assert.equal(await summaryAt(fork.id, (await idsOf(fork.id)).at(-1)), undefined);
      });

      it('goes when something in it is pinned or unpinned, and is not stored when that happened while it was made', async () => {
        const { chatId, ids } = await chatOf('one', 'two', 'three');
        for (const at of [1, 3]) await save(chatId, ids[at], `up to ${at}`);
        await storage.chats.pin(ids[2] ?? '', true);
        assert.equal(await summaryAt(chatId, ids[5]), 'up to 1');
        assert.equal(await save(chatId, ids[3], 'late', []), false);
        assert.equal(await save(chatId, ids[3], 'again', [ids[2] ?? '']), true);
        assert.equal((await storage.older.before(chatId, ids[5] ?? '', [])).summary?.covers, 3);
        await storage.chats.pin(ids[2] ?? '', true); // as it was
        assert.equal(await summaryAt(chatId, ids[5]), 'again');
        await storage.chats.pin(ids[2] ?? '', false);
        assert.equal(await summaryAt(chatId, ids[5]), 'up to 1');
      });
    });

    describe('a summary of a deleted chat', () => {
      it('does not come back from the trash', async () => {
        const { chatId, ids } = await chatOf('one', 'two');
        await save(chatId, ids[1]);
        await storage.chats.deleteChat(chatId);
        await storage.trash.restore(chatId);
        assert.deepEqual([await summaryAt(chatId, ids[3]), await idsOf(chatId)], [undefined, ids]);
      });
    });

    describe('a search within a chat', () => {
      it('finds every message of it and none of another, by words and by meaning, among any number of others', async () => {
        const { chatId, ids } = await chatOf('boat one', 'boat two', 'boat three', 'boat four');
        const { chatId: other } = await chatOf('boat boat boat', 'a boat');
        await storage.searchIndex.useModel({ name: 'words', dimensions: 64 });
        const find = async (query: string, vector?: Float32Array) =>
          (await storage.search.find({ query, kinds: ['message'], chat: chatId, limit: 50, ...(vector && { vector }) }))
            .hits;
        assert.deepEqual(new Set((await find('boat')).map(({ id }) => id)), new Set(ids), 'before it is indexed');
        const asked = { query: 'zebra', kinds: ['message'] as const };
        const [, here, there] = await Promise.all([
          storage.chats.addUserMessage(other, { text: 'a zebra' }),
          storage.search.find({ ...asked, chat: chatId }),
          storage.search.find({ ...asked, chat: other }),
        ]);
        assert.deepEqual([here.hits.length, there.hits.length], [0, 1], 'nor what waits to be indexed');
        await indexed(storage);
        for (
          let pending = await storage.searchIndex.pending(50);
          pending.length > 0;
          pending = await storage.searchIndex.pending(50)
        ) {
          await storage.searchIndex.store(pending.map(({ document, text }) => ({ document, vector: vectorOf(text) })));
        }
        assert.deepEqual(new Set((await find('boat')).map(({ id }) => id)), new Set(ids));
        const [first, ...rest] = await find('nothing', vectorOf('boat three'));
        assert.deepEqual(
          [first?.parent, first?.by, ids.slice(4, 6).includes(first?.id ?? '')],
          [chatId, ['vector'], true],
        );
        assert.ok(rest.every(({ parent }) => parent === chatId));
        assert.deepEqual((await storage.search.find({ query: 'boat', chat: 'none' })).hits, []);
      });
    });
  });
}
