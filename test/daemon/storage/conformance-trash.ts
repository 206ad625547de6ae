// What every storage engine has to do about deleted chats, pages of a chat, and past reviews.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { OpenEmpty, TestStorage } from './open-storage.ts';

const gone = { code: 'chat-not-found' };

export function describeTrash(open: OpenEmpty): void {
  describe('deleted chats', () => {
    let storage: TestStorage;
    beforeEach(() => {
      storage = open();
    });
    afterEach(() => storage[Symbol.asyncDispose]());

    /** A chat with two versions of an answer, a pin, and a second answer that is still being written. */
    async function chatWithEverything(): Promise<string> {
      const { chats } = storage;
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

    it('leave at once, are listed with the day they are gone for good, and come back as they were', async () => {
      const id = await chatWithEverything();
      const before = await storage.chats.messages(id, {});
      const chat = await storage.chats.chat(id);
      await storage.chats.deleteChat(id);
      assert.deepEqual((await storage.chats.listChats({})).items, []);
      await assert.rejects(storage.chats.messages(id, {}), gone);
      const [kept] = await storage.trash.list();
      assert.deepEqual([kept?.id, kept?.title, kept?.messageCount], [id, 'Trains', 4]);
      assert.ok((kept?.goneAt ?? 0) > (kept?.deletedAt ?? Infinity));
      await storage.trash.restore(id);
      assert.deepEqual(await storage.chats.chat(id), chat);
      const { items } = await storage.chats.messages(id, {});
      assert.deepEqual(
        items.map(({ text }) => text),
        before.items.map(({ text }) => text),
      );
      assert.deepEqual(await storage.trash.list(), []);
      const other = await storage.chats.chooseVersion(id, items[1]?.id ?? '', 1);
      assert.notEqual(other.id, items[1]?.id, 'its other version came back, too');
      await assert.rejects(storage.trash.restore(id), gone);
    });

    it('come back though they were imported again meanwhile', async () => {
      const chat = {
        title: 'Made there',
        createdAt: 1,
        updatedAt: 1,
        origin: { source: 'chatgpt', id: 'c' },
        messages: [{ id: 'm', role: 'user' as const, text: 'Hello', status: 'complete' as const, createdAt: 1 }],
      };
      const { chatId = '' } = await storage.chats.importChat(chat);
      await storage.chats.deleteChat(chatId);
      assert.equal((await storage.chats.importChat(chat)).outcome, 'imported');
      await storage.trash.restore(chatId);
      assert.deepEqual((await storage.chats.listChats({})).items.map(({ origin }) => origin?.id).toSorted(), [
        'c',
        undefined,
      ]);
    });

    it('come back with the memories that came from them', async () => {
      const id = await chatWithEverything();
      const messageId = (await storage.chats.messages(id, {})).items[0]?.id ?? '';
      for (const state of ['accepted', 'proposed', 'dismissed'] as const)
        await storage.memories.add({ text: `is ${state}`, state, messageId });
      const before = await storage.memories.list();
      await storage.chats.deleteChat(id);
      assert.deepEqual(
        (await storage.memories.list()).map(({ text, messageId: from }) => [text, from]),
        [['is accepted', undefined]],
      );
      await storage.trash.restore(id);
      assert.deepEqual(await storage.memories.list(), before);
    });

    it('are gone for good when told so: one of them, or all', async () => {
      const ids = await Promise.all(
        ['a', 'b', 'c'].map(async (title) => (await storage.chats.createChat({ title })).id),
      );
      for (const id of ids) await storage.chats.deleteChat(id);
      assert.deepEqual(
        (await storage.trash.list()).map(({ title }) => title),
        ['c', 'b', 'a'],
      );
      await storage.trash.purge(ids[1]);
      await assert.rejects(storage.trash.restore(ids[1] ?? ''), gone);
      await storage.trash.purge();
      assert.deepEqual(await storage.trash.list(), []);
    });

    it('are seen by their own profile alone', async () => {
      const { id: profile } = await storage.profiles.create({ name: 'other' });
      const theirs = storage.in(profile);
      const { id } = await theirs.chats.createChat({ title: 'Theirs' });
      await theirs.chats.deleteChat(id);
      assert.deepEqual(await storage.trash.list(), []);
      await assert.rejects(storage.trash.restore(id), gone);
      await storage.trash.purge(id);
      await storage.trash.purge();
      assert.deepEqual(
        (await theirs.trash.list()).map(({ title }) => title),
        ['Theirs'],
      );
    });
  });

  describe('the page around a message', () => {
    it('has it in the middle, and leads on in both directions', async () => {
      await using storage = open();
      const { id } = await storage.chats.createChat({});
      const ids: string[] = [];
      for (let index = 0; index < 40; index++)
        ids.push((await storage.chats.addUserMessage(id, { text: `m${index}` })).id);
      const texts = async (page: { around?: string; cursor?: string; limit: number }) => {
        const { items, next } = await storage.chats.messages(id, page);
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
      const { id: other } = await storage.chats.createChat({});
      await assert.rejects(storage.chats.messages(other, { around: ids[0] ?? '' }), { code: 'message-not-found' });
    });
  });

  describe('past reviews', () => {
    it('are listed page by page, the newest first, with what each found', async () => {
      await using storage = open();
      const finding = (id: string, runId: string) => ({
        id,
        runId,
        uri: 'file:///a.ts',
        fingerprint: id,
        finding: { id, message: `found ${id}` },
      });
      for (let index = 0; index < 5; index++) {
        await storage.findings.saveRun({
          id: `r${index}`,
          uri: 'file:///a.ts',
          summary: `run ${index}`,
          findings: index === 3 ? [finding('f1', 'r3'), finding('f2', 'r3')] : [],
        });
      }
      const first = await storage.findings.pastRuns({ limit: 2 });
      assert.deepEqual(
        first.items.map(({ id, findings }) => [id, findings]),
        [
          ['r4', 0],
          ['r3', 2],
        ],
      );
      const rest = await storage.findings.pastRuns({ limit: 10, ...(first.next && { cursor: first.next }) });
      assert.deepEqual(
        rest.items.map(({ id }) => id),
        ['r2', 'r1', 'r0'],
      );
      assert.deepEqual(
        (await storage.findings.ofRun('r3')).map(({ finding: found }) => (found as { message: string }).message),
        ['found f1', 'found f2'],
      );
      const { id: profile } = await storage.profiles.create({ name: 'other' });
      assert.deepEqual(
        [(await storage.in(profile).findings.pastRuns({})).items, await storage.in(profile).findings.ofRun('r3')],
        [[], []],
      );
    });
  });
}
