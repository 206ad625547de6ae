// What every storage engine has to do about memories: facts that the user stated, each in one profile.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { Memories } from '../../../daemon/storage/memories.ts';
import type { OpenEmpty, TestStorage } from './open-storage.ts';

const notFound = { code: 'memory-not-found' };

export function describeMemories(open: OpenEmpty): void {
  describe('memories', () => {
    let storage: TestStorage;
    before(() => {
      storage = open();
    });
    after(() => storage[Symbol.asyncDispose]());

    /** Those of a profile that is new. */
    async function newMemories(name: string): Promise<Memories> {
      return storage.in((await storage.profiles.create({ name })).id).memories;
    }

    it('are listed the oldest first, dismissed ones included, as they were added', async () => {
      const memories = await newMemories('Listed');
      assert.deepEqual(await memories.list(), []);
      for (const state of ['accepted', 'proposed', 'dismissed'] as const)
        await memories.add({ text: `is ${state}`, state });
      assert.deepEqual(
        (await memories.list()).map(({ text, state, enabled, uses, usedAt, projectId, messageId }) => ({
          text,
          state,
          enabled,
          uses,
          usedAt,
          projectId,
          messageId,
        })),
        (['accepted', 'proposed', 'dismissed'] as const).map((state) => ({
          text: `is ${state}`,
          state,
          enabled: true,
          uses: 0,
          usedAt: undefined,
          projectId: undefined,
          messageId: undefined,
        })),
      );
    });

    it('change field by field, and are gone when deleted', async () => {
      const memories = await newMemories('Changed');
      const { id } = await memories.add({ text: 'Tabs.', state: 'proposed' });
      const changed = await memories.update(id, { text: 'Spaces.', state: 'accepted' });
      assert.deepEqual([changed.text, changed.state, changed.enabled], ['Spaces.', 'accepted', true]);
      assert.equal((await memories.update(id, { enabled: false })).enabled, false);
      assert.deepEqual(
        (await memories.list()).map(({ text, enabled }) => [text, enabled]),
        [['Spaces.', false]],
      );
      await memories.delete(id);
      assert.deepEqual(await memories.list(), []);
      for (const attempt of [memories.update(id, { text: 'x' }), memories.delete(id)])
        await assert.rejects(attempt, notFound);
    });

    it('hold in a project of their profile, or everywhere in it', async () => {
      const { id: profile } = await storage.profiles.create({ name: 'Projects' });
      const { memories, projects } = storage.in(profile);
      const project = await projects.visit({ name: 'shop', path: '/shop', keys: [{ kind: 'path', value: '/shop' }] });
      const projectId = project?.id ?? '';
      const { id, project: name } = await memories.add({ text: 'Tabs.', state: 'accepted', projectId });
      assert.equal(name, 'shop');
      assert.equal((await memories.update(id, { projectId: null })).projectId, undefined);
      assert.equal((await memories.update(id, { projectId })).projectId, projectId);
      const missing = { code: 'project-not-found' };
      await assert.rejects(memories.add({ text: 'x', state: 'accepted', projectId: 'none' }), missing);
      await assert.rejects(memories.update(id, { projectId: 'none' }), missing);
      await assert.rejects(
        storage.memories.add({ text: 'x', state: 'accepted', projectId }),
        missing,
        'of another profile',
      );
    });

    it('know the message they come from, and are found by it while they are proposed', async () => {
      const { chats, memories } = storage;
      const { id: chatId } = await chats.createChat({});
      const { id: messageId } = await chats.addUserMessage(chatId, { text: 'I use tabs.' });
      const added = await memories.add({ text: 'Tabs.', state: 'proposed', messageId });
      assert.deepEqual([added.messageId, added.chatId], [messageId, chatId]);
      assert.deepEqual(
        (await memories.proposals([messageId, 'none'])).map(({ id }) => id),
        [added.id],
      );
      assert.deepEqual(await memories.proposals([]), []);
      await memories.update(added.id, { state: 'accepted' });
      assert.deepEqual(await memories.proposals([messageId]), []);
      await assert.rejects(memories.add({ text: 'x', state: 'proposed', messageId: 'none' }), {
        code: 'message-not-found',
      });
    });

    it('count the answers that they were used for', async () => {
      const memories = await newMemories('Used');
      const { id } = await memories.add({ text: 'Tabs.', state: 'accepted' });
      await memories.markUsed([id, 'gone'], 1000);
      await memories.markUsed([id], 2000);
      assert.deepEqual(
        (await memories.list()).map(({ uses, usedAt }) => [uses, usedAt]),
        [[2, 2000]],
      );
    });

    it('are not there in another profile', async () => {
      const [mine, theirs] = [await newMemories('Mine'), await newMemories('Theirs')];
      const { id } = await mine.add({ text: 'Tabs.', state: 'accepted' });
      for (const attempt of [theirs.update(id, { text: 'x' }), theirs.delete(id)])
        await assert.rejects(attempt, notFound);
      await theirs.markUsed([id], 1);
      assert.deepEqual(
        (await mine.list()).map(({ text, uses }) => [text, uses]),
        [['Tabs.', 0]],
      );
      assert.deepEqual(await theirs.list(), []);
    });
  });
}
