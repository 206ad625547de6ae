// What every storage engine has to do about a chat that was made elsewhere: it comes in slice by slice, and is seen once it is whole.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { importedChat, longChat } from './imported-chats.ts';
import type { OpenEmpty, TestStorage } from './open-storage.ts';

export function describeImports(open: OpenEmpty): void {
  describe('a chat that is imported', () => {
    let storage: TestStorage;
    beforeEach(() => {
      storage = open();
    });
    afterEach(() => storage[Symbol.asyncDispose]());

    it('lets others be answered after each slice, and is seen by none of them before it is whole', async () => {
      const chat = longChat(2000);
      const slices: number[] = [];
      const reads: Promise<{ asked: number; answered: number; chats: number }>[] = [];
      const look = async (asked: number) => {
        const { items } = await storage.chats.listChats({});
        return { asked, answered: slices.length, chats: items.length };
      };
      const {
        outcome,
        chatId = '',
        added,
      } = await storage.chats.importChat(chat, {
        onProgress: (taken) => void reads.push(look(slices.push(taken))),
      });
      assert.deepEqual(
        [outcome, added, slices.at(-1), slices.length >= 8],
        ['imported', 2000, 2000, true],
        `${slices}`,
      );
      const seen = await Promise.all(reads);
      for (const { asked, answered, chats } of seen.slice(0, -1))
        assert.deepEqual(
          [answered - asked <= 1, chats],
          [true, 0],
          `asked after slice ${asked}, answered after ${answered}`,
        );
      assert.equal((await storage.chats.chat(chatId)).messageCount, 2000);
      assert.ok((await storage.search.find({ query: '"said 1999"', limit: 5 })).hits.length === 1, 'it is found now');
      assert.deepEqual((await storage.backups.verify()).problems, []);
    });

    it('twice at once is one chat', async () => {
      const outcomes = await Promise.all([
        storage.chats.importChat(longChat(600)),
        storage.chats.importChat(longChat(600)),
      ]);
      assert.deepEqual(outcomes.map(({ outcome }) => outcome).toSorted(), ['imported', 'known']);
      assert.equal(outcomes[0]?.chatId, outcomes[1]?.chatId);
      assert.deepEqual(
        (await storage.chats.listChats({})).items.map(({ messageCount }) => messageCount),
        [600],
      );
    });

    it('is in the project it was made in, and in none that is not there', async () => {
      const project = await storage.projects.visit({ name: 'p', path: '/p', keys: [{ kind: 'path', value: '/p' }] });
      const projectId = project?.id ?? '';
      const { chatId = '' } = await storage.chats.importChat(importedChat(['q1 - A'], { projectId }));
      assert.equal((await storage.chats.chat(chatId)).projectId, projectId);
      assert.deepEqual(
        (await storage.projects.list()).map(({ chatCount }) => chatCount),
        [1],
      );
      const other = importedChat(['q1 - A'], { projectId: 'none', origin: { source: 'chatgpt', id: 'c2' } });
      await assert.rejects(storage.chats.importChat(other), { code: 'project-not-found' });
    });

    it('leaves nothing to be seen where it is cancelled, and can come again', async () => {
      const controller = new AbortController();
      const importing = storage.chats.importChat(longChat(1000), {
        signal: controller.signal,
        onProgress: () => controller.abort(),
      });
      await assert.rejects(importing, { name: 'CancelledError' });
      assert.deepEqual((await storage.chats.listChats({})).items, []);
      assert.equal((await storage.chats.importChat(longChat(1000))).outcome, 'imported');
    });

    it('is refused where its messages make no tree, or its profile is gone', async () => {
      await assert.rejects(storage.chats.importChat(importedChat(['q1 - A', 'a1 q2 B'])), { code: 'bad-chat' });
      await assert.rejects(storage.in('none').chats.importChat(importedChat(['q1 - A'])), {
        code: 'profile-not-found',
      });
      assert.deepEqual((await storage.chats.listChats({})).items, []);
    });
  });
}
