// An answer that is begun while its question is being stored: the model is asked at once, and nothing is shown, or kept, of an answer
// whose question is not there. Real storage, held back at its first step.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { UserError } from '../../../../daemon/base/errors.ts';
import type { ReplyPart, TurnRequest } from '../../../../daemon/features/chat/chat.ts';
import type { Chats, StoredTurn } from '../../../../daemon/storage/chats.ts';
import type { ProfileStorage } from '../../../../daemon/storage/storage.ts';
import { spendingOf } from '../../../fakes/spending.ts';
import { openTestStorage, testFolder } from '../../storage/open-storage.ts';
import { routerTo, type Script, ScriptedProvider } from '../pipeline/parts.ts';
import { createTestChat } from './kit.ts';

/** Tells when it is asked. */
class WatchedProvider extends ScriptedProvider {
  #tell = Promise.withResolvers<void>();

  async asked(times = 1): Promise<void> {
    while (this.requests.length < times) await this.#tell.promise;
  }

  override async *stream(...args: Parameters<ScriptedProvider['stream']>): ReturnType<ScriptedProvider['stream']> {
    const parts = super.stream(...args);
    const first = parts.next(); // it is asked with this
    this.#tell.resolve();
    this.#tell = Promise.withResolvers<void>();
    try {
      const { done, value } = await first;
      if (!done) yield value;
      yield* parts;
    } finally {
      await parts.return(undefined);
    }
  }
}

function desk(...scripts: Script[]) {
  const folder = testFolder();
  const memory = openTestStorage(folder.database);
  const provider = new WatchedProvider(...scripts);
  const parts: ReplyPart[] = [];
  let store = (begin: () => Promise<StoredTurn>): Promise<StoredTurn> => begin();
  const held = (own: ProfileStorage): ProfileStorage => {
    const chats: Chats = {
      ...own.chats,
      beginTurn: (turn) => store(() => own.chats.beginTurn(turn)),
    };
    return { ...own, chats };
  };
  const chat = createTestChat({
    storage: { ...memory, in: (profile) => held(memory.in(profile)) },
    ...spendingOf(memory, Date.now),
    router: { ...routerTo(provider), finish: async () => {} },
    onOutcome() {},
    now: Date.now,
  });
  return {
    memory,
    provider,
    parts,
    ask: (turn: Partial<TurnRequest> = {}, signal = new AbortController().signal) =>
      chat.reply(
        { profile: 'default', text: 'why?', attachments: [], ...turn },
        { signal, onPart: (part) => parts.push(part) },
      ),
    /** How a question is stored from now on. */
    storing(how: typeof store) {
      store = how;
    },
    async [Symbol.asyncDispose]() {
      await memory[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('while a question is being stored', () => {
  it('the model is asked already, nothing is shown, and all of it in order once it is stored', async () => {
    await using bench = desk(['Be', 'cause.']);
    const committed = Promise.withResolvers<void>();
    bench.storing(async (begin) => {
      const begun = await begin();
      await committed.promise;
      return begun;
    });
    const reply = bench.ask();
    await bench.provider.asked();
    for (let i = 0; i < 10; i++) await nextTurn();
    assert.deepEqual(bench.parts, []);
    committed.resolve();
    const { chatId, messageId } = await reply;
    assert.deepEqual(
      bench.parts.map(({ kind }) => kind),
      ['decision', 'text', 'text'],
    );
    const { items } = await bench.memory.chats.messages(chatId, {});
    assert.deepEqual(
      items.map(({ id, text, status }) => [text, status, id === messageId]),
      [
        ['why?', 'complete', false],
        ['Because.', 'complete', true],
      ],
    );
  });

  it('a failure to store is the answer, and the model is left', async () => {
    await using bench = desk(['Because', 'hang']);
    const disk = Promise.withResolvers<never>();
    bench.storing(() => disk.promise);
    const reply = bench.ask();
    await bench.provider.asked();
    disk.reject(new UserError('disk-full', 'The disk is full. Make room.'));
    await assert.rejects(reply, { code: 'disk-full' });
    assert.deepEqual([bench.parts, bench.provider.open, (await bench.memory.chats.listChats({})).items], [[], 0, []]);
  });

  it('an answer to what storage says otherwise is begun again', async () => {
    await using bench = desk(['first'], ['stale', 'hang'], ['fresh']);
    const { chatId } = await bench.ask();
    bench.parts.length = 0;
    bench.storing(async (begin) => {
      const begun = await begin();
      await bench.provider.asked(2);
      return {
        ...begun,
        messages: begun.messages.map((message) =>
          message.role === 'assistant' ? { ...message, text: 'mended' } : message,
        ),
      };
    });
    const reply = await bench.ask({ chatId, text: 'and?' });
    assert.deepEqual([reply.text, bench.provider.open], ['fresh', 0]);
    assert.deepEqual(
      bench.provider.requests
        .slice(1)
        .map(({ messages }) => messages.find(({ role }) => role === 'assistant')?.content),
      ['first', 'mended'],
    );
    assert.deepEqual(
      bench.parts.filter(({ kind }) => kind === 'text'),
      [{ kind: 'text', text: 'fresh' }],
    );
  });

  it('a stop leaves the question stored, and nothing running', async () => {
    await using bench = desk(['Because', 'hang']);
    const committed = Promise.withResolvers<void>();
    bench.storing(async (begin) => {
      const begun = await begin();
      await committed.promise;
      return begun;
    });
    const stop = new AbortController();
    const reply = bench.ask({}, stop.signal);
    await bench.provider.asked();
    stop.abort();
    committed.resolve();
    await assert.rejects(reply, { name: 'CancelledError' });
    const [chat] = (await bench.memory.chats.listChats({})).items;
    const { items } = await bench.memory.chats.messages(chat?.id ?? '', {});
    assert.deepEqual([items.map(({ status }) => status), bench.provider.open], [['complete', 'cancelled'], 0]);
  });
});
