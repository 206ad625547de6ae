// What every storage engine has to do about backups, wherever it keeps them.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { OpenEmpty, TestStorage } from './open-storage.ts';

export function describeBackups(open: OpenEmpty): void {
  describe('backups of any storage', () => {
    let storage: TestStorage;
    beforeEach(() => {
      storage = open();
    });
    afterEach(() => storage[Symbol.asyncDispose]());

    it('are made while it is in use, are listed, and are sound', async () => {
      const { chats, backups } = storage;
      assert.deepEqual(await backups.list(), []);
      const { id } = await chats.createChat({ title: 'before' });
      const [backup] = await Promise.all([backups.create(), chats.addUserMessage(id, { text: 'meanwhile' })]);
      assert.equal(backup.kind, 'manual');
      assert.deepEqual(await backups.list(), [backup]);
      const { ok, problems, isNewer } = await backups.verify(backup.file);
      assert.deepEqual({ ok, problems, isNewer }, { ok: true, problems: [], isNewer: false });
      assert.deepEqual((await backups.verify()).problems, [], 'what is in use is sound as well');
    });

    it('bring back what was there, and keep what was there before that', async () => {
      const { chats, memories, backups } = storage;
      const kept = await chats.createChat({ title: 'kept' });
      const { file } = await backups.create();
      await chats.deleteChat(kept.id);
      await memories.add({ text: 'Tabs.', state: 'accepted' });
      assert.equal((await memories.list()).length, 1);
      const { backup } = await backups.restore(file);
      assert.equal((await chats.chat(kept.id)).title, 'kept');
      assert.deepEqual(await memories.list(), [], 'no answer from before the restore is cached');
      assert.equal(backup?.kind, 'before-restore');
      await backups.restore(backup?.file ?? '');
      await assert.rejects(chats.chat(kept.id), { code: 'chat-not-found' });
      assert.equal((await memories.list()).length, 1);
    });

    it('a backup that is not there is named as the reason, and nothing changes', async () => {
      const { id } = await storage.chats.createChat({ title: 'now' });
      for (const attempt of [storage.backups.verify('none'), storage.backups.restore('none')])
        await assert.rejects(attempt, { code: 'no-such-file' });
      assert.equal((await storage.chats.chat(id)).title, 'now');
    });
  });
}
