// An answer that was cut off and is continued: it grows as one message, by the model that began it, and counts everything once.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { ReplyPart, TurnRequest } from '../../../../daemon/features/chat/chat.ts';
import { ProviderError, type Usage } from '../../../../daemon/models/providers/provider.ts';
import { spendingOf } from '../../../fakes/spending.ts';
import { openTestStorage, testFolder } from '../../storage/open-storage.ts';
import { routerTo, type Script, ScriptedProvider } from '../pipeline/parts.ts';
import { createTestChat } from './kit.ts';

const usage = (input: number, output: number): Usage => ({ input, output, cacheRead: 0, cacheWrite: 0, reasoning: 0 });
const cutOff = { kind: 'finish', reason: 'length' } as const;
const half: Script = ['One, ', { kind: 'usage', usage: usage(10, 2) }, cutOff];

function bench(...scripts: Script[]) {
  const folder = testFolder();
  const memory = openTestStorage(folder.database);
  const provider = new ScriptedProvider(...scripts);
  const parts: ReplyPart[] = [];
  const router = routerTo(provider);
  const selected: (string | undefined)[] = [];
  const chat = createTestChat({
    storage: memory,
    ...spendingOf(memory, () => 5),
    router: {
      select(wanted, signal) {
        selected.push(wanted.explicit);
        return router.select(wanted, signal);
      },
      finish: async () => {},
    },
    onOutcome() {},
    now: () => 5,
  });
  return {
    memory,
    provider,
    parts,
    selected,
    ask: (turn: Partial<TurnRequest>, signal = new AbortController().signal) =>
      chat.reply(
        { profile: 'default', text: 'why?', attachments: [], ...turn },
        { signal, onPart: (part) => parts.push(part) },
      ),
    async last(chatId: string) {
      return (await memory.chats.messages(chatId, {})).items.at(-1);
    },
    async [Symbol.asyncDispose]() {
      await memory[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

describe('an answer that is continued', () => {
  it('grows as one version, with the tokens of both parts, and no longer says that it is cut off', async () => {
    await using desk = bench(half, ['two.', { kind: 'usage', usage: usage(12, 3) }]);
    const { chatId, messageId } = await desk.ask({});
    assert.match(String((await desk.last(chatId))?.notes), /cut off/);
    const reply = await desk.ask({ chatId, text: '', continueOf: messageId });
    assert.deepEqual(
      [reply.messageId, reply.text, reply.finishReason, reply.usage],
      [messageId, 'One, two.', 'stop', usage(22, 5)],
    );
    const stored = await desk.last(chatId);
    assert.deepEqual(
      [stored?.id, stored?.text, stored?.status, stored?.versions, stored?.usage, stored?.notes],
      [messageId, 'One, two.', 'complete', 1, usage(22, 5), undefined],
    );
    assert.equal((await desk.memory.chats.chat(chatId)).messageCount, 2);
    const [spent] = await desk.memory.ledger.sums({ by: 'answer', answers: [messageId] });
    assert.equal(spent?.requests, 2);
  });

  it('is asked of the model that began it, with the same prompt and what there is of the answer', async () => {
    await using desk = bench(half, ['two.']);
    const { chatId, messageId } = await desk.ask({});
    await desk.ask({ chatId, text: '', continueOf: messageId });
    const [first, second] = desk.provider.requests.map(({ messages }) => messages);
    assert.deepEqual(second, [...(first ?? []), { role: 'assistant', content: 'One, ' }]);
    assert.deepEqual(desk.selected, [undefined, 'lab/tiny']);
  });

  it('can be continued as often as it is cut off, and the next question sees all of it', async () => {
    await using desk = bench(half, ['two, ', cutOff], ['three.'], ['Well.']);
    const { chatId, messageId } = await desk.ask({});
    const second = await desk.ask({ chatId, text: '', continueOf: messageId });
    assert.equal(second.finishReason, 'length');
    await desk.ask({ chatId, text: '', continueOf: messageId });
    await desk.ask({ chatId });
    assert.deepEqual(desk.provider.requests.at(-1)?.messages.at(-2), {
      role: 'assistant',
      content: 'One, two, three.',
    });
  });

  it('keeps what there was, and how much it took, where its continuation is stopped or fails', async () => {
    await using desk = bench(half, ['two', 'hang'], [new ProviderError('auth', 'The key is wrong.')], [', three.']);
    const { chatId, messageId } = await desk.ask({});
    const controller = new AbortController();
    const asked = desk.ask({ chatId, text: '', continueOf: messageId }, controller.signal);
    while (!desk.parts.some((part) => part.kind === 'text' && part.text === 'two'))
      await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    await assert.rejects(asked, { name: 'CancelledError' });
    const stopped = await desk.last(chatId);
    assert.deepEqual([stopped?.status, stopped?.text, stopped?.usage], ['cancelled', 'One, two', usage(10, 2)]);
    await assert.rejects(desk.ask({ chatId, text: '', continueOf: messageId }), { code: 'auth' });
    assert.deepEqual([(await desk.last(chatId))?.status, (await desk.last(chatId))?.text], ['partial', 'One, two']);
    await desk.ask({ chatId, text: '', continueOf: messageId });
    const whole = await desk.last(chatId);
    assert.deepEqual([whole?.status, whole?.text, whole?.error], ['complete', 'One, two, three.', undefined]);
  });

  it('moves no more than its own text where that turns out to be reasoning', async () => {
    await using desk = bench(half, ['hm', { kind: 'thought' }, 'two.']);
    const { chatId, messageId } = await desk.ask({});
    const { text } = await desk.ask({ chatId, text: '', continueOf: messageId });
    const stored = await desk.last(chatId);
    assert.deepEqual([text, stored?.text, stored?.reasoning], ['One, two.', 'One, two.', 'hm']);
  });

  const refused: [what: string, script: Script, of: 'answer' | 'question'][] = [
    ['that is whole', ['All.'], 'answer'],
    ['that is empty', [cutOff], 'answer'],
    ['that the user wrote', half, 'question'],
    ['that was withheld', ['Half', { kind: 'finish', reason: 'content-filter' }], 'answer'],
  ];
  for (const [what, script, of] of refused)
    it(`is none ${what}`, async () => {
      await using desk = bench(script, ['more']);
      const { chatId, messageId } = await desk.ask({});
      const [question] = (await desk.memory.chats.messages(chatId, {})).items;
      const continueOf = of === 'answer' ? messageId : (question?.id ?? '');
      await assert.rejects(desk.ask({ chatId, text: '', continueOf }), { code: 'not-cut-off' });
      assert.equal(desk.provider.requests.length, 1);
    });
});
