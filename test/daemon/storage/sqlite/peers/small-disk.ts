// What storage does on a disk that is full or read-only, seen from a process that has such a disk of its own.
// Run by disk.test.ts as `small-disk.ts <scenario> <mount point>`; fails with the assertion that did not hold.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProfileStorage } from '../../../../../daemon/storage/storage.ts';
import { openTestStorage } from '../../open-storage.ts';

const [scenario = '', disk = ''] = process.argv.slice(2);
const database = join(disk, 'switchyard.db');
const filler = join(disk, 'filler');

const scenarios: Record<string, () => Promise<void>> = {
  async 'full while writing'() {
    await using storage = openTestStorage(database);
    const { chatId, answerId } = await beginAnswer(storage);
    fillDisk();
    const lost = await firstRefusal(storage, answerId);
    assert.deepEqual([lost.code, lost.retryable], ['disk-full', true]);
    assert.match(lost.message, new RegExp(`${disk} is full .*Free some space`));
    const stored = (await storage.chats.message(answerId)).text;
    assert.ok(stored.startsWith('first words'));
    assert.equal((await storage.chats.messages(chatId, {})).items.length, 2);
    assert.equal((await storage.health()).ok, true, 'what is stored can be read');

    rmSync(filler);
    await storage.chats.appendAnswer(answerId, { text: 'last words' });
    await storage.chats.finishAnswer(answerId, { status: 'complete' });
    assert.equal((await storage.chats.message(answerId)).text, `${stored}last words`);
  },

  async 'full among calls made together'() {
    await using storage = openTestStorage(database);
    const { chatId, answerId } = await beginAnswer(storage);
    fillDisk();
    await firstRefusal(storage, answerId);
    const { chats } = storage;
    const big = (): Promise<unknown> => chats.addUserMessage(chatId, { text: 'x'.repeat(100_000) });
    const settled = await Promise.allSettled([chats.message(answerId), big(), chats.chat(chatId), big()]);
    assert.deepEqual(
      settled.map((outcome) => (outcome.status === 'rejected' ? (outcome.reason as { code: string }).code : 'done')),
      ['done', 'disk-full', 'done', 'disk-full'],
    );
    rmSync(filler);
    await Promise.all([big(), big()]);
    assert.equal((await chats.chat(chatId)).messageCount, 4);
  },

  async 'full before opening'() {
    const { chatId } = await storeOneChat();
    fillDisk();
    await using storage = openTestStorage(database);
    assert.equal((await storage.chats.messages(chatId, {})).items[0]?.text, 'a question');
    await assert.rejects(storage.chats.addUserMessage(chatId, { text: 'x'.repeat(100_000) }), {
      code: 'disk-full',
    });
    rmSync(filler);
    await storage.chats.addUserMessage(chatId, { text: 'x'.repeat(100_000) });
    assert.equal((await storage.chats.chat(chatId)).messageCount, 3);
  },

  async 'full before the first start'() {
    fillDisk();
    await using storage = openTestStorage(database);
    await assert.rejects(storage.chats.listChats({}), { code: 'disk-full' });
    await assert.rejects(storage.chats.createChat({}), { code: 'disk-full' });
    assert.equal((await storage.health()).ok, false);
    rmSync(filler);
    await storage.chats.createChat({});
  },

  async 'read-only'() {
    const { chatId } = await storeOneChat();
    remount('ro');
    await using storage = openTestStorage(database);
    assert.equal((await storage.chats.messages(chatId, {})).items[0]?.text, 'a question');
    for (let attempt = 0; attempt < 2; attempt++) {
      await assert.rejects(storage.chats.addUserMessage(chatId, { text: 'another' }), {
        code: 'storage-read-only',
        message: new RegExp(`can't write to ${disk}`),
      });
    }
    const { ok, detail } = await storage.health();
    assert.equal(ok, false);
    assert.match(detail, /Make the folder writable/);
    assert.equal((await storage.chats.chat(chatId)).messageCount, 2);
    remount('rw');
    await storage.chats.addUserMessage(chatId, { text: 'another' });
    assert.equal((await storage.chats.chat(chatId)).messageCount, 3);
    assert.equal((await storage.health()).ok, true);
  },

  async 'read-only after a kill -9'() {
    const child = spawn(process.execPath, [fileURLToPath(new URL('./appender.ts', import.meta.url)), database], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [firstLine] = (await once(child.stdout, 'data')) as [Buffer];
    child.kill('SIGKILL');
    await once(child, 'exit');
    remount('ro');
    await using storage = openTestStorage(database);
    const [answerId = ''] = firstLine.toString().split('\n');
    assert.equal((await storage.chats.message(answerId)).role, 'assistant');
    await assert.rejects(storage.chats.createChat({}), { code: 'storage-read-only' });
  },

  async 'read-only before the first start'() {
    remount('ro');
    await using storage = openTestStorage(database);
    await assert.rejects(storage.chats.listChats({}), { code: 'storage-read-only' });
    remount('rw');
    assert.deepEqual((await storage.chats.listChats({})).items, []);
  },
};

await scenarios[scenario]?.();

async function storeOneChat(): Promise<{ chatId: string }> {
  await using storage = openTestStorage(database);
  return await beginAnswer(storage);
}

async function beginAnswer({ chats }: ProfileStorage): Promise<{ chatId: string; answerId: string }> {
  const { id: chatId } = await chats.createChat({});
  await chats.addUserMessage(chatId, { text: 'a question' });
  const { id: answerId } = await chats.startAnswer(chatId, {});
  await chats.appendAnswer(answerId, { text: 'first words' });
  return { chatId, answerId };
}

async function firstRefusal(
  { chats }: ProfileStorage,
  answerId: string,
): Promise<{ code: string; retryable: boolean; message: string }> {
  for (let i = 0; i < 1000; i++) {
    try {
      await chats.appendAnswer(answerId, { text: 'more words '.repeat(400) });
    } catch (error) {
      return error as { code: string; retryable: boolean; message: string };
    }
  }
  throw new Error('the disk was never full');
}

function fillDisk(): void {
  const file = openSync(filler, 'w');
  try {
    for (const block of [65_536, 4096, 1]) {
      const bytes = Buffer.alloc(block);
      try {
        while (writeSync(file, bytes) > 0);
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'ENOSPC');
      }
    }
  } finally {
    closeSync(file);
  }
}

function remount(mode: 'ro' | 'rw'): void {
  execFileSync('mount', ['-o', `remount,${mode}`, disk]);
}
