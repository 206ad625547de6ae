// What is left after a crash: of the whole process, and of the worker thread alone.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'mocha';
import { openStorage } from '../../../../daemon/storage/sqlite/client.ts';
import { openTestStorage, silentLog, testFolder, withDefault } from '../open-storage.ts';

const appender = fileURLToPath(new URL('./peers/appender.ts', import.meta.url));
const crashingWorker = new URL('./peers/crashing-worker.ts', import.meta.url);

describe('after a crash', () => {
  it('every append that was acknowledged before a kill -9 is there, in an answer marked partial', async () => {
    using folder = testFolder();
    for (const killAfter of [1, 57, 400]) {
      const { answerId, acknowledged } = await killWhileAppending(folder.database, killAfter);
      await using storage = openTestStorage(folder.database);
      const message = await storage.chats.message(answerId);
      const stored = message.text.split(',').slice(0, -1).map(Number);
      assert.equal(message.status, 'partial');
      assert.ok(acknowledged >= killAfter);
      assert.ok(stored.length >= acknowledged, `${acknowledged} acknowledged, ${stored.length} stored`);
      assert.deepEqual(stored, Array.from(stored.keys()), 'in order, without a gap');
    }
  });

  it('a call in the worker at its death fails with a sentence, and the next one works', async () => {
    using folder = testFolder();
    await using storage = openTestStorage(folder.database, crashingWorker);
    const before = await storage.chats.createChat({ title: 'before' });
    const failed = storage.chats.createChat({ title: 'crash' });
    const behind = storage.chats.chat(before.id);
    await assert.rejects(failed, { name: 'UserError', code: 'storage-restarted', retryable: true });
    await assert.rejects(behind, { code: 'storage-restarted' });
    assert.deepEqual(await storage.chats.chat(before.id), before);
  });

  it('an answer that was streaming when the worker died can still be added to and finished', async () => {
    using folder = testFolder();
    await using storage = openTestStorage(folder.database, crashingWorker);
    const { chats } = storage;
    const { id } = await chats.startAnswer((await chats.createChat({})).id, {});
    await chats.appendAnswer(id, { text: 'before ', note: 'one' });
    await assert.rejects(chats.createChat({ title: 'crash' }), { code: 'storage-restarted' });
    const { status, text } = await chats.message(id);
    assert.deepEqual([status, text], ['partial', 'before ']);
    await chats.appendAnswer(id, { text: 'after', note: 'two' });
    await chats.finishAnswer(id, { status: 'complete' });
    const whole = await chats.message(id);
    assert.deepEqual([whole.status, whole.text, whole.notes], ['complete', 'before after', ['one', 'two']]);
  });

  it('a worker that cannot start is a sentence at each call, and the log has the reason', async () => {
    using folder = testFolder();
    const logged: string[] = [];
    const log = { ...silentLog, error: (fields: Record<string, unknown>) => logged.push(String(fields['error'])) };
    await using storage = withDefault(
      openStorage({ database: folder.database, workerPath: new URL('./peers/not-there.ts', import.meta.url), log }),
    );
    for (let attempt = 1; attempt <= 2; attempt++) {
      await assert.rejects(storage.chats.listChats({}), { code: 'storage-restarted' });
      assert.equal(logged.length, attempt);
    }
    assert.match(logged[0] ?? '', /not-there/);
  });

  it('calls made before the storage is closed are done, calls after it are refused', async () => {
    using folder = testFolder();
    const storage = openTestStorage(folder.database);
    const made = storage.chats.createChat({ title: 'last' });
    await storage[Symbol.asyncDispose]();
    assert.equal((await made).title, 'last');
    await assert.rejects(storage.chats.chat((await made).id), { code: 'storage-closed' });
    await storage[Symbol.asyncDispose]();
  });
});

async function killWhileAppending(
  database: string,
  killAfter: number,
): Promise<{ answerId: string; acknowledged: number }> {
  const child = spawn(process.execPath, [appender, database], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  let answerId = '';
  let acknowledged = 0;
  for await (const line of createInterface(child.stdout)) {
    if (answerId === '') answerId = line;
    else if (++acknowledged === killAfter) child.kill('SIGKILL');
  }
  await closed;
  return { answerId, acknowledged };
}
