// Whoever stores something that can be found, the daemon hears when it is indexed: that is when vectors are made.
import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { defaultProfile } from '../../../../../daemon/storage/profiles.ts';
import { openStorage } from '../../../../../daemon/storage/sqlite/client.ts';
import {
  silentLog,
  type TestFolder,
  type TestStorage,
  testFolder,
  withDefault,
  workerPath,
} from '../../open-storage.ts';

let folder: TestFolder;
let storage: TestStorage;
let heard: () => void;

function open(): TestStorage {
  return withDefault(openStorage({ database: folder.database, workerPath, log: silentLog, onIndexed: () => heard() }));
}

/** Resolves when so many documents lack a vector. */
async function lacking(count: number, work: () => Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  heard = () =>
    void storage.searchIndex.status().then(({ pending }) => {
      if (pending === count) resolve();
    });
  await work();
  await promise;
}

const members: Readonly<Record<string, () => Promise<unknown>>> = {
  'a memory': () => storage.memories.add({ text: 'the host is called marmot', state: 'accepted' }),
  'a question': async () => {
    const { id } = await storage.chats.createChat({});
    return storage.chats.addUserMessage(id, { text: 'where does the marmot live' });
  },
  'a piece of code': () =>
    storage.code.put(pathToFileURL('/shop').href, {
      path: 'a.ts',
      stamp: '1',
      hash: '1',
      language: 'typescript',
      chunks: [{ symbol: 'a', startLine: 0, endLine: 1, text: 'a()' }],
    }),
  'a finding': () =>
    storage.findings.saveRun({
      id: 'r1',
      uri: 'file:///a.ts',
      summary: '',
      findings: [
        {
          id: 'f1',
          runId: 'r1',
          uri: 'file:///a.ts',
          fingerprint: 'p',
          finding: { message: 'never awaited' } as never,
        },
      ],
    }),
  'a chat that comes back': async () => {
    const { id } = await storage.chats.createChat({});
    await storage.chats.addUserMessage(id, { text: 'a marmot' });
    await storage.chats.deleteChat(id);
    await storage.trash.restore(id);
  },
};

describe('what is stored is told once it is indexed', () => {
  beforeEach(async () => {
    folder = testFolder();
    heard = () => {};
    storage = open();
    await storage.searchIndex.useModel({ name: 'test', dimensions: 8 });
  });
  afterEach(async () => {
    await storage[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  for (const [title, store] of Object.entries(members)) it(title, () => lacking(1, store));

  it('what an earlier life of the daemon left, and what a restore brings back', async () => {
    const add = (text: string) => storage.memories.add({ text, state: 'accepted' });
    await lacking(1, () => add('the first'));
    const { file } = await storage.backups.create();
    await lacking(2, () => add('the second'));
    await storage[Symbol.asyncDispose]();
    await lacking(2, async () => {
      storage = open();
    });
    await lacking(1, () => storage.backups.restore(file));
    assert.equal((await storage.in(defaultProfile).memories.list()).length, 1);
  });
});
