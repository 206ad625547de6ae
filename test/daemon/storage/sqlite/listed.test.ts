// Whoever changes what the lists of chats and reviews show, storage says so, to the profile it belongs to.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { openStorage } from '../../../../daemon/storage/sqlite/client.ts';
import { folderInMemory, silentLog, type TestStorage, withDefault, workerPath } from '../open-storage.ts';

interface Known {
  chatId: string;
  messageId: string;
}

const changes: Readonly<Record<string, (storage: TestStorage, known: Known) => Promise<unknown>>> = {
  'a new chat': ({ chats }) => chats.createChat({}),
  'another title': ({ chats }, { chatId }) => chats.updateChat(chatId, { title: 'Other' }),
  'a question': ({ chats }, { chatId }) => chats.beginTurn({ chatId, question: { text: 'And?' }, recall: 1 }),
  'a fork': ({ chats }, { chatId }) => chats.forkChat(chatId),
  'an import': ({ chats }) =>
    chats.importChat(
      {
        origin: { source: 'test', id: '1' },
        title: 'From elsewhere',
        createdAt: 1,
        updatedAt: 1,
        messages: [],
      },
      {},
    ),
  'a review': ({ findings }) => findings.saveRun({ id: 'r', uri: 'file:///a.ts', summary: '', findings: [] }),
  'a deletion, and its undoing': async ({ chats, trash }, { chatId }) => {
    await chats.deleteChat(chatId);
    await trash.restore(chatId);
  },
};

const reads: Readonly<Record<string, (storage: TestStorage, known: Known) => Promise<unknown>>> = {
  'the list': ({ chats }) => chats.listChats({}),
  'a page': ({ chats }, { chatId }) => chats.messages(chatId, {}),
  'past reviews': ({ findings }) => findings.pastRuns({}),
};

describe('a change of what the lists show', () => {
  for (const [of, members, isTold] of [
    ['is told', changes, true],
    ['is not seen in', reads, false],
  ] as const)
    for (const [what, act] of Object.entries(members))
      it(`${of}: ${what}`, async () => {
        using folder = folderInMemory();
        const told: string[] = [];
        const { database } = folder;
        const onListed = (profile: string): void => void told.push(profile);
        await using storage = withDefault(openStorage({ database, workerPath, log: silentLog, onListed }));
        const { chatId, messages } = await storage.chats.beginTurn({ question: { text: 'Why?' }, recall: 1 });
        told.length = 0;
        await act(storage, { chatId, messageId: messages[0]?.id ?? '' });
        assert.deepEqual([...new Set(told)], isTold ? ['default'] : []);
      });
});
