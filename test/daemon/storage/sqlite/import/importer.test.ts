// A chat that was made elsewhere comes in slice by slice: other calls are answered between them, and whoever looks sees none of it or all.
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import type { ImportResult } from '../../../../../daemon/storage/import.ts';
import type { SearchResult } from '../../../../../daemon/storage/search.ts';
import { SqliteEngine } from '../../../../../daemon/storage/sqlite/engine.ts';
import { arranged } from '../../../../../daemon/storage/sqlite/import/arrange.ts';
import { openDatabase } from '../../../../../daemon/storage/sqlite/native.ts';
import { verifyFile } from '../../../../../daemon/storage/sqlite/safety/verify.ts';
import { elsewhere, longChat } from '../../imported-chats.ts';
import { folderInMemory, openTestMemory, type TestFolder, type TestMemory } from '../../open-storage.ts';
import { callsOf } from '../safety/filled.ts';

describe('a chat that arrives', () => {
  let folder: TestFolder;
  let memory: TestMemory;
  beforeEach(() => {
    folder = folderInMemory();
    memory = openTestMemory(folder.database);
  });
  afterEach(async () => {
    await memory[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  it('lets others be answered after each slice, and is seen by none of them before it is whole', async () => {
    const chat = longChat(2000);
    const slices: number[] = [];
    const reads: Promise<{ asked: number; answered: number; chats: number }>[] = [];
    const look = async (asked: number) => {
      const { items } = await memory.chats.listChats({});
      return { asked, answered: slices.length, chats: items.length };
    };
    const {
      outcome,
      chatId = '',
      added,
    } = await memory.chats.importChat(chat, {
      onProgress: (taken) => void reads.push(look(slices.push(taken))),
    });
    assert.deepEqual([outcome, added, slices.at(-1), slices.length >= 8], ['imported', 2000, 2000, true], `${slices}`);
    const seen = await Promise.all(reads);
    for (const { asked, answered, chats } of seen.slice(0, -1))
      assert.deepEqual(
        [answered - asked <= 1, chats],
        [true, 0],
        `asked after slice ${asked}, answered after ${answered}`,
      );
    assert.equal((await memory.chats.chat(chatId)).messageCount, 2000);
    assert.ok((await memory.search.find({ query: '"said 1999"', limit: 5 })).hits.length === 1, 'it is found now');
    assert.deepEqual((await memory.backups.verify()).problems, []);
  });

  it('leaves nothing where it is cancelled, at any slice', async () => {
    for (const slice of [1, 2, 4]) {
      const controller = new AbortController();
      let slices = 0;
      const importing = memory.chats.importChat(longChat(1000), {
        signal: controller.signal,
        onProgress: () => ++slices === slice && controller.abort(),
      });
      await assert.rejects(importing, { name: 'CancelledError' });
      assert.equal(slices, slice);
      assert.deepEqual((await memory.chats.listChats({})).items, []);
    }
    while (rows(folder.database) > 0) await memory.chats.listChats({}); // storage tidies up between calls
    assert.equal((await memory.chats.importChat(longChat(1000))).outcome, 'imported', 'it can come again');
  });

  it('twice at once is one chat', async () => {
    const outcomes = await Promise.all([
      memory.chats.importChat(longChat(600)),
      memory.chats.importChat(longChat(600)),
    ]);
    assert.deepEqual(outcomes.map(({ outcome }) => outcome).toSorted(), ['imported', 'known']);
    assert.equal(outcomes[0]?.chatId, outcomes[1]?.chatId);
    assert.deepEqual(
      (await memory.chats.listChats({})).items.map(({ messageCount }) => messageCount),
      [600],
    );
  });

  it('goes with its profile', async () => {
    const { id } = await memory.profiles.create({ name: 'Short' });
    let deleted: Promise<void> | undefined;
    const importing = memory.in(id).chats.importChat(longChat(1000), {
      onProgress() {
        deleted ??= memory.profiles.delete(id);
      },
    });
    await assert.rejects(importing, { code: 'profile-not-found' });
    await deleted;
    assert.equal(rows(folder.database), 0);
  });

  it('whose messages make no tree is refused before anything is stored', async () => {
    await memory.health();
    await assert.rejects(memory.chats.importChat(elsewhere(['q1 - A', 'a1 q1 B', 'a1 q1 C'])), {
      code: 'bad-chat',
    });
    await assert.rejects(memory.chats.importChat(elsewhere(['q1 - A', 'a1 q2 B'])), { code: 'bad-chat' });
    assert.equal(rows(folder.database), 0);
  });

  it('is in the project it was made in, and in none that is not there', async () => {
    const project = await memory.projects.visit({ name: 'p', path: '/p', keys: [{ kind: 'path', value: '/p' }] });
    const projectId = project?.id ?? '';
    const { chatId = '' } = await memory.chats.importChat(elsewhere(['q1 - A'], { projectId }));
    assert.equal((await memory.chats.chat(chatId)).projectId, projectId);
    assert.deepEqual(
      (await memory.projects.list()).map(({ chatCount }) => chatCount),
      [1],
    );
    const other = elsewhere(['q1 - A'], { projectId: 'none', origin: { source: 'chatgpt', id: 'c2' } });
    await assert.rejects(memory.chats.importChat(other), { code: 'project-not-found' });
  });
});

describe('a chat that was arriving when the process ended', () => {
  let folder: TestFolder;
  before(() => {
    folder = folderInMemory();
  });
  after(() => folder[Symbol.dispose]());

  it('is not there afterwards, wherever it ended, and what was stored of it goes by and by', async () => {
    const storage = new SqliteEngine(folder.database);
    const call = callsOf(storage);
    const { messages, ...head } = longChat(1500);
    const arrival = call<string>('imports', 'begin', head, { dryRun: false });
    const kept = [copyOf('begun')];
    const tree = arranged(messages);
    for (let at = 0; at < tree.length; at += 250) {
      call('imports', 'add', arrival, tree.slice(at, at + 250));
      kept.push(copyOf(`after-${at}`));
    }
    const { chatId } = call<ImportResult>('imports', 'finish', arrival);
    const whole = copyOf('whole');
    storage.close();
    for (const [slice, database] of kept.entries()) {
      assert.deepEqual(verifyFile(database).problems, [], `slice ${slice}`);
      assert.equal(rows(database), slice * 250);
      assert.deepEqual(await look(database), { chats: [], found: false, rows: 0, problems: [] }, `slice ${slice}`);
    }
    assert.deepEqual(await look(whole), { chats: [chatId], found: true, rows: 1500, problems: [] });
  });

  /** The files as they are now: what a kill at this moment leaves. */
  function copyOf(name: string): string {
    const copy = join(folder.path, name);
    cpSync(dirname(folder.database), copy, { recursive: true });
    return join(copy, 'switchyard.db');
  }

  /** After a start, and once all is done that waits. */
  async function look(
    database: string,
  ): Promise<{ chats: string[]; found: boolean; rows: number; problems: string[] }> {
    const storage = new SqliteEngine(database, { onNotice: (notice) => assert.fail(notice) });
    const call = callsOf(storage);
    const { items } = call<{ items: { id: string }[] }>('chats', 'listChats', {});
    const { hits } = await call<Promise<SearchResult>>('search', 'find', { query: 'said', limit: 5 }, 1);
    while (storage.step());
    storage.close();
    return {
      chats: items.map(({ id }) => id),
      found: hits.length > 0,
      rows: rows(database),
      problems: verifyFile(database).problems,
    };
  }
});

/** How many messages are in the file, seen or not. */
function rows(file: string): number {
  const database = openDatabase(file);
  try {
    return database.prepare('select count(*) from message').pluck().get() as number;
  } finally {
    database.close();
  }
}
