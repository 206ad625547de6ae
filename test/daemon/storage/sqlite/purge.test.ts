// What is deleted for good is nowhere in the data folder any more: neither in the file nor in its log, nor in a backup that is made
// afterwards. Each way of deleting is tried on planted words, which are looked for in the bytes of every file.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, it } from 'mocha';
import { resumableMs } from '../../../../daemon/storage/jobs.ts';
import { deletedKeptMs } from '../../../../daemon/storage/sqlite/chats/trash.ts';
import { SqliteEngine } from '../../../../daemon/storage/sqlite/engine.ts';
import { migrate, migrations } from '../../../../daemon/storage/sqlite/migrate.ts';
import { openTestStorage, type TestFolder, type TestStorage, testFolder } from '../open-storage.ts';
import { callsOf } from './safety/filled.ts';

const planted = 'zanzibarquux';
const sentence = `Zanzibarquux lives here, and zanzibarquux${'w'.repeat(40)} too. `;

const job = (id: string) => ({ id, kind: 'write', title: 'Write', request: { text: sentence.repeat(200) } });
const stage = { name: 'draft', detail: 'Wrote it.', answer: sentence, durationMs: 1, outcome: { text: sentence } };

interface Deletion {
  title: string;
  /** Stores planted words among others; returns what deletes them for good. */
  plant(storage: TestStorage): Promise<() => Promise<unknown>>;
}

const deletions: Deletion[] = [
  {
    title: 'a purged chat',
    async plant(storage) {
      const id = await chatWith(storage, sentence);
      return async () => {
        await storage.chats.deleteChat(id);
        await storage.trash.purge(id);
      };
    },
  },
  {
    title: 'an emptied trash, of a chat with versions, a streaming answer, a summary and memories',
    async plant(storage) {
      const id = await chatWith(storage, sentence);
      const answer = await storage.chats.startAnswer(id, {});
      for (let i = 0; i < 50; i++) await storage.chats.appendAnswer(answer.id, { text: sentence, reasoning: sentence });
      const [first] = (await storage.chats.messages(id, {})).items;
      const messageId = first?.id ?? '';
      await storage.memories.add({ text: sentence, state: 'proposed', messageId });
      await storage.memories.add({ text: `${sentence} no`, state: 'dismissed', messageId });
      return async () => {
        await storage.chats.deleteChat(id);
        await storage.trash.purge();
      };
    },
  },
  {
    title: 'a deleted memory',
    async plant(storage) {
      const { id } = await storage.memories.add({ text: sentence, state: 'accepted' });
      return () => storage.memories.delete(id);
    },
  },
  {
    title: 'what a job holds of its document',
    async plant(storage) {
      await storage.jobs.add({ ...job('a'), document: 'file:///a.ts' });
      await storage.jobs.finishStage('a', stage);
      await storage.jobs.end('a', { state: 'done', result: { code: sentence } });
      return () => storage.jobs.purge('a', 'Its file is kept from models.');
    },
  },
  {
    title: 'a job that is removed, with its stages',
    async plant(storage) {
      await storage.jobs.add({ ...job('a'), title: sentence });
      await storage.jobs.finishStage('a', { ...stage, answer: sentence });
      return async () => {
        await storage.jobs.remove('a');
        await assert.rejects(storage.jobs.job('a'), { code: 'job-not-found' });
        await assert.rejects(storage.jobs.remove('a'), { code: 'job-not-found' });
      };
    },
  },
  {
    title: 'a memory with other words',
    async plant(storage) {
      const { id } = await storage.memories.add({ text: sentence.repeat(20), state: 'accepted' });
      return () => storage.memories.update(id, { text: 'nothing of it' });
    },
  },
  {
    title: 'a deleted profile with chats, trash, reviews and memories',
    async plant(storage) {
      const profile = await storage.profiles.create({ name: `Named ${planted}` });
      const theirs = { ...storage, ...storage.in(profile.id) };
      await chatWith(theirs, sentence);
      await theirs.chats.deleteChat(await chatWith(theirs, sentence));
      await theirs.memories.add({ text: sentence, state: 'accepted' });
      const uri = `file:///${planted}.ts`;
      const finding = { id: 'f1', runId: 'r1', uri, fingerprint: planted, finding: { message: sentence } };
      await theirs.findings.saveRun({ id: 'r1', uri, summary: sentence, findings: [finding] });
      await theirs.findings.dismiss('f1', sentence);
      await theirs.trash.list();
      return () => storage.profiles.delete(profile.id);
    },
  },
];

describe('what is deleted for good', () => {
  for (const { title, plant } of deletions)
    it(`${title}: is in no file of the running storage, in none after its end, and in no new backup`, async () => {
      using folder = testFolder();
      {
        await using storage = openTestStorage(folder.database);
        await chatWith(storage, 'what stays, and a ballast of words ');
        const remove = await plant(storage);
        await untilIndexed(storage);
        assert.notDeepEqual(filesWith(folder), [], 'the words are found while they are stored');
        await remove();
        await until(() => filesWith(folder).length === 0, `no ${planted}`);
        await storage.backups.create();
        assert.deepEqual(filesWith(folder), []);
        assert.deepEqual((await storage.backups.verify()).problems, []);
      }
      assert.deepEqual(filesWith(folder), []);
    });

  it('a backup that is asked for at once has none of it, and neither has the file when storage ends at once', async () => {
    using folder = testFolder();
    for (const makesBackup of [true, false]) {
      await using storage = openTestStorage(folder.database);
      const id = await chatWith(storage, sentence);
      await untilIndexed(storage);
      await storage.chats.deleteChat(id);
      await storage.trash.purge();
      if (makesBackup) await storage.backups.create();
      await storage[Symbol.asyncDispose]();
      assert.deepEqual(filesWith(folder), []);
    }
  });

  it('a deleted chat goes when its day is over, without another call', async () => {
    using folder = testFolder();
    await using storage = openTestStorage(folder.database);
    await storage.chats.deleteChat(await chatWith(storage, sentence));
    await storage[Symbol.asyncDispose]();
    const shift = deletedKeptMs - 1500;
    edit(folder, `update deleted_chat set deleted_at = deleted_at - ${shift}`);
    await using later = openTestStorage(folder.database);
    await later.health();
    assert.notDeepEqual(filesWith(folder), []);
    await until(() => filesWith(folder).length === 0, `no ${planted}`);
  });

  it('what only going on with a job needs goes a day after it stopped, without another call, and it says so', async () => {
    using folder = testFolder();
    await using storage = openTestStorage(folder.database);
    const states = ['running', 'waiting', 'failed', 'cancelled', 'stopped'] as const;
    for (const state of states) {
      await storage.jobs.add(job(state));
      await storage.jobs.begin(state);
      await storage.jobs.finishStage(state, { ...stage, answer: 'without secrets' });
      if (state === 'waiting') await storage.jobs.wait(state, { text: 'Run?', answers: [], stage: 'tests' });
      else if (state !== 'running') await storage.jobs.end(state, { state });
    }
    await storage[Symbol.asyncDispose]();
    edit(folder, `update job set touched_at = touched_at - ${resumableMs - 1500}`);
    await using later = openTestStorage(folder.database);
    await later.health();
    assert.notDeepEqual(filesWith(folder), []);
    await until(() => filesWith(folder).length === 0, `no ${planted}`);
    for (const state of states) {
      const { isResumable, state: now, request, question, finished } = await later.jobs.job(state);
      const expected = state === 'running' || state === 'waiting' ? 'stopped' : state;
      assert.deepEqual([isResumable, now, request, question], [false, expected, null, undefined]);
      assert.deepEqual([finished[0]?.answer, finished[0]?.outcome], ['without secrets', undefined]);
    }
  });

  it('words leave the segments of the index that hold other documents, too, and those are found as before', async () => {
    using folder = testFolder();
    const storage = new SqliteEngine(folder.database);
    const call = callsOf(storage);
    const chats = Array.from({ length: 6 }, (_, i) => {
      const { id } = call<{ id: string }>('chats', 'createChat', { title: `${i}` });
      for (let j = 0; j < 900; j++)
        call('chats', 'addUserMessage', id, { text: `${i === 2 ? `${planted} ` : ''}common word${j} of chat${i}` });
      return id;
    });
    while (storage.step() === true);
    assert.ok(count(folder, `select count(*) from search_posting where term = '${planted}'`) > 0, 'in a segment');
    call('chats', 'deleteChat', chats[2]);
    call('trash', 'purge');
    storage.end();
    assert.deepEqual(filesWith(folder), []);
    const again = new SqliteEngine(folder.database);
    while (again.step() === true);
    const found = async (text: string) =>
      (await callsOf(again)<Promise<{ hits: unknown[] }>>('search', 'find', { query: text }, 1)).hits.length;
    assert.deepEqual([await found('chat2'), (await found('word7 chat3')) > 0], [0, true]);
    again.end();
  });

  it('what was deleted before there was this is cleaned up after the update', async () => {
    using folder = testFolder();
    await openTestStorage(folder.database)[Symbol.asyncDispose]();
    const old = testFolder();
    const file = join(old.path, 'old.db');
    const database = new Database(file);
    migrate(
      database,
      migrations.slice(
        0,
        migrations.findIndex(({ name }) => name === '0014-purge'),
      ),
    );
    database.exec("insert into chat (id, title, created_at, updated_at) values ('c1', 'kept', 1, 2)");
    for (let i = 0; i < 200; i++)
      database
        .prepare('insert into chat (id, title, created_at, updated_at) values (?, ?, 1, 2)')
        .run(`d${i}`, sentence);
    database.exec("delete from chat where id <> 'c1'");
    database.close();
    assert.ok(readFileSync(file, 'latin1').toLowerCase().includes(planted));
    await using storage = openTestStorage(folder.database);
    await storage.backups.restore(file);
    assert.equal((await storage.chats.chat('c1')).title, 'kept');
    await until(() => filesWith(folder).length === 0, `no ${planted}`);
  });
});

/** Waits for what the worker does in idle moments, of which nothing tells. */
async function until(isSo: () => boolean | Promise<boolean>, what: string, timeoutMs = 20_000): Promise<void> {
  const endsAt = performance.now() + timeoutMs;
  while (!(await isSo())) {
    assert.ok(performance.now() < endsAt, `not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function chatWith(storage: Pick<TestStorage, 'chats'>, text: string): Promise<string> {
  const { id } = await storage.chats.createChat({ title: text });
  for (let i = 0; i < 40; i++) await storage.chats.addUserMessage(id, { text: text.repeat((i % 7) * 12 + 1) });
  return id;
}

async function untilIndexed(storage: TestStorage): Promise<void> {
  await until(async () => (await storage.searchIndex.status()).queued === 0, 'indexed');
}

/** Files of the data folder, those below it too, that hold the planted words in any case. */
function filesWith({ database }: TestFolder): string[] {
  const folder = dirname(database);
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((file) => readFileSync(file, 'latin1').toLowerCase().includes(planted));
}

function edit({ database }: TestFolder, sql: string): void {
  const opened = new Database(database);
  opened.exec(sql);
  opened.close();
}

function count({ database }: TestFolder, sql: string): number {
  const opened = new Database(database);
  try {
    return opened.prepare(sql).pluck().get() as number;
  } finally {
    opened.close();
  }
}
