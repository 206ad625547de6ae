// What every storage engine has to do with a chat that is imported again: what is new in it is added where it belongs, nothing comes twice, and what the user did here stays.
import assert from 'node:assert/strict';
import { afterEach, before, describe, it } from 'mocha';
import type { ImportedChat } from '../../../daemon/storage/import.ts';
import { importedChat, line, longChat, reading } from './imported-chats.ts';
import type { TestStorage } from './open-storage.ts';

export function describeGrowth(engine: () => TestStorage): void {
  describe('a chat that has grown elsewhere', () => {
    let storage: TestStorage;
    let count = 0;
    before(() => {
      storage = engine();
    });
    afterEach(async () =>
      assert.deepEqual((await storage.backups.verify()).problems, [], 'every chat is still a tree'),
    );

    /** Imports lines, and says how to import others as the same chat. */
    async function arrived(lines: readonly string[]) {
      const origin = { source: 'chatgpt', id: `c${++count}` };
      const again = (more: readonly string[], change: Partial<ImportedChat> = {}) =>
        storage.chats.importChat(importedChat(more, { origin, ...change }));
      const { chatId = '' } = await again(lines);
      return { chatId, origin, again, read: () => reading(storage.chats, chatId) };
    }
    const say = async (chatId: string, text: string) => (await storage.chats.addUserMessage(chatId, { text })).id;

    const start = ['q1 - Q1', 'a1 q1 A1'];

    it('gets its new messages at its end, once', async () => {
      const { chatId, again, read } = await arrived(start);
      const longer = [...start, 'q2 a1 Q2', 'a2 q2 A2'];
      const updatedAt = Date.now() + 10_000;
      assert.deepEqual(await again(longer, { updatedAt }), { outcome: 'grown', chatId, added: 2 });
      assert.deepEqual(await read(), ['Q1', 'A1', 'Q2', 'A2']);
      assert.equal((await storage.chats.chat(chatId)).updatedAt, updatedAt);
      for (let time = 0; time < 2; time++)
        assert.deepEqual(await again(longer), { outcome: 'known', chatId, added: 0 });
      assert.deepEqual(await again(start), { outcome: 'known', chatId, added: 0 }, 'an older state of it');
      assert.deepEqual(await read(), ['Q1', 'A1', 'Q2', 'A2']);
    });

    it('is known by what is said, whatever its messages are called there by now', async () => {
      const { again, read } = await arrived(start);
      assert.equal((await again(['q7 - Q1', 'a9 q7 A1', 'q8 a9 Q2'])).added, 1);
      assert.deepEqual(await read(), ['Q1', 'A1', 'Q2']);
    });

    it('keeps what the user said here as what is read; the rest is another version', async () => {
      const { chatId, again, read } = await arrived(start);
      await say(chatId, 'mine');
      assert.equal((await again([...start, 'q2 a1 Q2', 'a2 q2 A2'])).outcome, 'grown');
      assert.deepEqual(await read(), ['Q1', 'A1', 'mine 1/2']);
      const [, , mine] = (await storage.chats.messages(chatId, {})).items;
      await storage.chats.chooseVersion(chatId, mine?.id ?? '', 2);
      assert.deepEqual(await read(), ['Q1', 'A1', 'Q2 2/2', 'A2']);
      assert.equal((await again([...start, 'q2 a1 Q2', 'a2 q2 A2', 'q3 a2 Q3'])).added, 1);
      assert.deepEqual(await read(), ['Q1', 'A1', 'Q2 2/2', 'A2', 'Q3']);
    });

    it('follows another version that is read there, where all of it came from there', async () => {
      const regenerated = ['q1 - Q1', 'a1 q1 A1!', 'q2 a1 Q2', 'b1 q1 B1', 'q3 b1 Q3'];
      const [untouched, touched] = [await arrived([...start, 'q2 a1 Q2']), await arrived([...start, 'q2 a1 Q2'])];
      await storage.chats
        .startAnswer(touched.chatId, {})
        .then(({ id }) => storage.chats.finishAnswer(id, { status: 'complete' }));
      for (const { again } of [untouched, touched]) assert.equal((await again(regenerated)).added, 2);
      assert.deepEqual(await untouched.read(), ['Q1', 'B1 2/2', 'Q3']);
      assert.deepEqual(await touched.read(), ['Q1', 'A1 1/2', 'Q2', '']);
      assert.equal((await untouched.again([...regenerated, 'a4 q2 A4'])).added, 1);
      assert.deepEqual(await untouched.read(), ['Q1', 'B1 2/2', 'Q3'], 'a branch that is not read has grown');
    });

    it('two versions that are new take their order and their choice along', async () => {
      const { again, read } = await arrived(start);
      assert.equal(
        (await again([...start, 'q2 a1 Q2', 'a2 q2 A2!', 'b2 q2 B2', 'c2 q2 C2!', 'q3 a2 Q3', 'q4 b2 Q4'])).added,
        6,
      );
      assert.deepEqual(await read(), ['Q1', 'A1', 'Q2', 'B2 2/3', 'Q4']);
    });

    it('an answer that went on there gets the rest of its text, unless somebody went on from it here', async () => {
      const [untouched, touched] = [await arrived(start), await arrived(start)];
      await say(touched.chatId, 'mine');
      const longer = ['q1 - Q1', 'a1 q1 A1 and more', 'q2 a1 Q2'];
      for (const { again } of [untouched, touched])
        assert.deepEqual(
          [(await again(longer)).added, (await again(longer)).added],
          [touched.again === again ? 2 : 2, 0],
        );
      assert.deepEqual(await untouched.read(), ['Q1', 'A1 and more', 'Q2']);
      assert.deepEqual(await touched.read(), ['Q1', 'A1 1/2', 'mine']);
      assert.equal(
        (await storage.search.find({ query: '"and more"', limit: 5 })).hits.length,
        1,
        'its new words are found',
      );
    });

    it('a question of the user is never changed, nor an answer that was made here', async () => {
      const { chatId, again, read } = await arrived(['q1 - Q']);
      const { id } = await storage.chats.startAnswer(chatId, { decision: { id: 'd', model: 'lab/x' } });
      await storage.chats.finishAnswer(id, { status: 'complete', last: [{ text: 'A' }] });
      assert.equal((await again(['q1 - Q', 'a1 q1 A but longer'])).added, 1);
      assert.deepEqual(await read(), ['Q', 'A 1/2']);
      assert.equal((await again(['q1 - Q but longer'])).added, 1);
      assert.deepEqual(await read(), ['Q 1/2', 'A 1/2']);
    });

    it('a state of our own chat that was written down while its answer came in is no other version of it', async () => {
      const { id } = await storage.chats.createChat({ title: 'Ours' });
      await say(id, 'Q');
      const answer = await storage.chats.startAnswer(id, { decision: { id: 'd' } });
      await storage.chats.appendAnswer(answer.id, { text: 'Half' });
      const chat = importedChat([], {
        origin: { source: 'switchyard', id },
        messages: [line('q1 - Q'), { ...line('a1 q1 Half'), status: 'partial' }],
      });
      assert.equal((await storage.chats.importChat(chat)).outcome, 'known');
      await storage.chats.finishAnswer(answer.id, { status: 'complete', last: [{ text: ' and half' }] });
      assert.equal((await storage.chats.importChat(chat)).outcome, 'known');
      assert.deepEqual(await reading(storage.chats, id), ['Q', 'Half and half']);
    });

    it('that is deleted while it is compared is refused, and comes back as it was', async () => {
      const { chatId, origin, read } = await arrived(start);
      let deleted: Promise<void> | undefined;
      const importing = storage.chats.importChat(importedChat([...start, 'q2 a1 Q2'], { origin }), {
        onProgress() {
          deleted = storage.chats.deleteChat(chatId);
        },
      });
      await assert.rejects(importing, { code: 'bad-chat', message: /deleted meanwhile/ });
      await deleted;
      await storage.trash.restore(chatId);
      assert.deepEqual(await read(), ['Q1', 'A1']);
    });

    it('a trial run only counts', async () => {
      const { chatId, origin, read } = await arrived(start);
      const chat = importedChat([...start, 'q2 a1 Q2'], { origin });
      assert.deepEqual(await storage.chats.importChat(chat, { dryRun: true }), {
        outcome: 'grown',
        chatId,
        added: 1,
      });
      assert.deepEqual(await read(), ['Q1', 'A1']);
      assert.deepEqual(
        await storage.chats.importChat(importedChat(start, { origin: { source: 'chatgpt', id: 'never' } }), {
          dryRun: true,
        }),
        { outcome: 'imported', added: 2 },
      );
    });

    it('gets a project where it had none, and keeps the one it has', async () => {
      const [one, other] = await Promise.all(
        ['/one', '/other'].map((path) =>
          storage.projects.visit({ name: path, path, keys: [{ kind: 'path', value: path }] }),
        ),
      );
      const { chatId, again } = await arrived(start);
      for (const project of [one, other]) await again(start, { projectId: project?.id ?? '' });
      assert.equal((await storage.chats.chat(chatId)).projectId, one?.id);
    });

    it('by thousands of messages grows in steps, each of which leaves a chat', async () => {
      const { messages } = longChat(5000);
      const origin = { source: 'chatgpt', id: 'long' };
      const chat = (upTo: number) => ({ ...longChat(0, { origin }), messages: messages.slice(0, upTo) });
      const { chatId = '' } = await storage.chats.importChat(chat(10));
      assert.deepEqual(await storage.chats.importChat(chat(5000)), { outcome: 'grown', chatId, added: 4990 });
      assert.equal((await storage.chats.chat(chatId)).messageCount, 5000);
    });
  });
}
