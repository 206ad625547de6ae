// What the daemon keeps of storage's words beside the worker: true after every write, and a foresight of a question that storage agrees with.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { StoredTurn, TurnBegin } from '../../../../daemon/storage/chats.ts';
import { openTestStorage, type TestStorage, testFolder } from '../open-storage.ts';

async function withStorage(test: (storage: TestStorage) => Promise<void>): Promise<void> {
  using folder = testFolder();
  await using storage = openTestStorage(folder.database);
  await test(storage);
}

let asked = 0;

/** A question, in a new chat when none is named. */
function question(text: string, chatId?: string): TurnBegin & { ids: { chat: string; question: string } } {
  const ids = { chat: crypto.randomUUID(), question: crypto.randomUUID() };
  return { question: { text: `${text} ${++asked}` }, recall: 40, ids, ...(chatId && { chatId }) };
}

/** Asks and answers; says what was predicted and what storage said. */
async function turn(
  storage: TestStorage,
  begin: TurnBegin,
  profile = 'default',
): Promise<{ predicted: StoredTurn | undefined; begun: StoredTurn; answer: string }> {
  const { chats } = storage.in(profile);
  const predicted = storage.predictTurn?.(profile, begin);
  const begun = await chats.beginTurn(begin);
  const answer = crypto.randomUUID();
  await chats.startAnswer(begun.chatId, { id: answer, after: begun.messages.at(-1)?.id ?? '' });
  await chats.appendAnswer(answer, { text: 'Be', reasoning: 'hm' });
  await chats.finishAnswer(answer, { status: 'complete', last: [{ note: 'careful' }, { text: 'cause.' }] });
  return { predicted, begun, answer };
}

describe('what is kept of storage', () => {
  it('follows each write to profiles and memories', () =>
    withStorage(async (storage) => {
      const { id } = await storage.profiles.create({ name: 'Work' });
      const own = storage.in(id);
      assert.deepEqual([(await storage.profiles.find(id)).name, await own.memories.list()], ['Work', []]);
      await storage.profiles.update(id, { name: 'Play', model: 'lab/a' });
      assert.deepEqual(
        [(await storage.profiles.find(id)).name, (await storage.profiles.find('play')).model],
        ['Play', 'lab/a'],
      );
      const fact = await own.memories.add({ text: 'Tabs.', state: 'accepted' });
      assert.deepEqual(
        (await own.memories.list()).map(({ text }) => text),
        ['Tabs.'],
      );
      await own.memories.update(fact.id, { text: 'Spaces.' });
      assert.deepEqual(
        (await own.memories.list()).map(({ text }) => text),
        ['Spaces.'],
      );
      assert.deepEqual(await storage.memories.list(), [], 'another profile has its own');
      await storage.profiles.delete(id);
      await assert.rejects(storage.profiles.find(id), { code: 'profile-not-found' });
      await assert.rejects(own.memories.list(), { code: 'profile-not-found' });
    }));

  it('is never what was read while a write was under way', () =>
    withStorage(async (storage) => {
      await storage.memories.list();
      const adding = storage.memories.add({ text: 'Tabs.', state: 'accepted' });
      const meanwhile = storage.memories.list();
      await Promise.all([adding, meanwhile]);
      assert.equal((await storage.memories.list()).length, 1);
    }));
});

describe('what is predicted of a question', () => {
  it('is what storage says of it, in a new chat and in one that was used', () =>
    withStorage(async (storage) => {
      const first = await turn(storage, question('why?'));
      assert.deepEqual(first.predicted, first.begun);
      const { chatId } = first.begun;
      for (let i = 0; i < 3; i++) {
        const { predicted, begun } = await turn(storage, question('and then?', chatId));
        assert.deepEqual(predicted, begun);
      }
      const made = await storage.chats.createChat({ model: 'lab/a' });
      const inMade = await turn(storage, question('here?', made.id));
      assert.deepEqual([inMade.predicted, inMade.predicted?.model], [inMade.begun, 'lab/a']);
    }));

  it('is nothing where storage may say otherwise', () =>
    withStorage(async (storage) => {
      const { id: profile } = await storage.profiles.create({ name: 'Work' });
      const { begun, answer } = await turn(storage, question('why?'));
      const { chatId } = begun;
      const isPredicted = (where = chatId, whose = 'default'): boolean =>
        storage.predictTurn?.(whose, question('now?', where)) !== undefined;
      const again = async (): Promise<void> => {
        await turn(storage, question('again?', chatId));
        assert.equal(isPredicted(), true);
      };
      await again();
      assert.deepEqual(
        [isPredicted(crypto.randomUUID()), isPredicted(chatId, profile)],
        [false, false],
        'an unknown chat, another profile',
      );
      const { chats } = storage;
      for (const write of [
        () => chats.pin(answer, true),
        () => chats.updateChat(chatId, { model: 'lab/b' }),
        () => chats.forkChat(chatId),
        () => chats.startAnswer(chatId, { retryOf: answer }),
        () => chats.chooseVersion(chatId, answer, 1),
        () => chats.beginTurn({ question: { text: 'edited', editOf: begun.messages[0]?.id ?? '' }, recall: 10 }),
        () => chats.deleteChat(chatId).then(() => storage.trash.restore(chatId)),
      ]) {
        await again();
        await write();
        assert.equal(isPredicted(), false, String(write));
      }
      for (let i = 0; i < 20; i++) await turn(storage, question('more?', chatId));
      assert.equal(isPredicted(), false, 'more than is recalled');
    }));

  it('is nothing while its chat is being asked or answered', () =>
    withStorage(async (storage) => {
      const { begun } = await turn(storage, question('why?'));
      const asking = storage.chats.beginTurn(question('and?', begun.chatId));
      const isPredicted = (): boolean => storage.predictTurn?.('default', question('now?', begun.chatId)) !== undefined;
      assert.equal(isPredicted(), false);
      await asking;
      assert.equal(isPredicted(), false);
    }));
});
