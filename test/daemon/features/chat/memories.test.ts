// A chat turn with memories: what its prompt, its parts and its record say of them, and what a change does to answers that were kept.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { estimateTokens } from '../../../../daemon/base/tokens.ts';
import type { ReplyPart, TurnRequest } from '../../../../daemon/features/chat/chat.ts';
import { createMemories } from '../../../../daemon/features/memories/memories.ts';
import { ProviderError } from '../../../../daemon/models/providers/provider.ts';
import { spendingOf } from '../../../fakes/spending.ts';
import { openTestStorage, silentLog, testFolder } from '../../storage/open-storage.ts';
import { routerTo, type Script, ScriptedProvider } from '../pipeline/parts.ts';
import { createTestChat } from './kit.ts';

function bench(scripts: Script[]) {
  const folder = testFolder();
  const memory = openTestStorage(folder.database);
  const provider = new ScriptedProvider(...scripts);
  const parts: ReplyPart[] = [];
  const spending = spendingOf(memory, () => 5);
  const memories = createMemories({
    memoriesOf: (profile) => memory.in(profile).memories,
    embedder: { embed: () => Promise.reject(new Error('no model')) },
    estimateTokens,
    now: () => 7,
    log: silentLog,
    find: () => Promise.reject(new Error('search is not needed for a few')),
    onChange: (profile) => spending.cache.clear(profile),
  });
  const chat = createTestChat({
    storage: memory,
    memories,
    ...spending,
    router: { ...routerTo(provider), finish: async () => {} },
    onOutcome() {},
    now: () => 5,
  });
  return {
    memory,
    memories,
    provider,
    parts,
    ask: (turn: Partial<TurnRequest>, signal = new AbortController().signal) =>
      chat.reply(
        { profile: 'default', text: 'why?', attachments: [], ...turn },
        { signal, onPart: (part) => parts.push(part) },
      ),
    system: () => provider.requests.at(-1)?.messages[0]?.content ?? '',
    async [Symbol.asyncDispose]() {
      await memory[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

describe('a chat turn with memories', () => {
  it('tells them in its system part, the same way each time, and its record and parts say which', async () => {
    await using desk = bench([['one'], ['two']]);
    const first = await desk.memories.add('default', { text: 'Answer in German' });
    const second = await desk.memories.add('default', { text: 'Use pnpm' });
    const reply = await desk.ask({});
    const { provider, parts, memory } = desk;
    const [system, question] = provider.requests[0]?.messages ?? [];
    assert.match(system?.content ?? '', /^You are Switchyard[\s\S]*own words[\s\S]*\n- Answer in German\n- Use pnpm$/);
    assert.equal(question?.content, 'why?');
    const ids = [first.id, second.id];
    assert.deepEqual(
      parts.filter(({ kind }) => kind === 'memories'),
      [{ kind: 'memories', used: ids }],
    );
    const {
      items: [, answer],
    } = await memory.chats.messages(reply.chatId, {});
    assert.deepEqual(answer?.context?.memories, ids);
    await desk.ask({ chatId: reply.chatId, text: 'and then?' });
    assert.equal(provider.requests[1]?.messages[0]?.content, system?.content);
    assert.deepEqual(
      (await desk.memories.list('default')).map(({ uses, usedAt }) => [uses, usedAt]),
      [
        [2, 7],
        [2, 7],
      ],
    );
  });

  it('answers from what was kept until a memory is changed, switched off or deleted', async () => {
    await using desk = bench([['one'], ['two'], ['three'], ['four']]);
    const { id } = await desk.memories.add('default', { text: 'Use pnpm' });
    assert.equal((await desk.ask({})).text, 'one');
    const kept = await desk.ask({});
    assert.deepEqual(
      [kept.text, kept.cached, desk.parts.filter(({ kind }) => kind === 'memories').length],
      ['one', true, 2],
    );
    await desk.memories.update('default', id, { text: 'Use yarn' });
    assert.equal((await desk.ask({})).text, 'two');
    assert.match(desk.system(), /yarn/);
    await desk.memories.update('default', id, { enabled: false });
    assert.equal((await desk.ask({})).text, 'three');
    assert.doesNotMatch(desk.system(), /yarn|own words/);
    await desk.memories.update('default', id, { text: 'Use pnpm', enabled: true });
    assert.equal((await desk.ask({})).text, 'four', 'nothing is left of the first answer');
    await desk.memories.delete('default', id);
    assert.deepEqual((await desk.memory.memories.list()).length, 0);
  });

  it('proposes from the question alone: once, not from attachments, answers or retries', async () => {
    await using desk = bench([['We use spaces here.'], ['again'], ['more']]);
    const { chatId, messageId } = await desk.ask({
      text: 'We use tabs here. Fix it.',
      attachments: [{ kind: 'file', uri: 'file:///a.md', text: 'Always use spaces.' }],
    });
    const proposals = () => desk.parts.flatMap((part) => (part.kind === 'memory' ? [part.memory.text] : []));
    assert.deepEqual(proposals(), ['We use tabs here']);
    await desk.ask({ chatId, text: '', retryOf: messageId });
    await desk.ask({ chatId, text: 'Yes, we use tabs here.' });
    assert.deepEqual(proposals(), ['We use tabs here']);
    assert.doesNotMatch(desk.system(), /own words/, 'it is not used before it is accepted');
    const {
      items: [question],
    } = await desk.memory.chats.messages(chatId, {});
    assert.deepEqual(
      (await desk.memory.memories.proposals([question?.id ?? ''])).map(({ chatId: of }) => of),
      [chatId],
    );
  });

  it('proposes even where the model fails, and the proposal does not keep another from answering', async () => {
    await using desk = bench([[new ProviderError('unavailable', 'The server went away. Retry.')]]);
    await assert.rejects(desk.ask({ text: 'We use tabs here. Fix it.' }), { code: 'unavailable' });
    assert.deepEqual(
      desk.parts.flatMap((part) => (part.kind === 'memory' ? [part.memory.state] : [])),
      ['proposed'],
    );
  });

  it('goes on with the newest of too many when they cannot be searched', async () => {
    await using desk = bench([['one']]);
    for (let i = 0; i < 25; i++) await desk.memory.memories.add({ text: `Fact ${i}`, state: 'accepted' });
    assert.equal((await desk.ask({})).text, 'one');
    assert.match(desk.system(), /own words[\s\S]*\n- Fact 5\n[\s\S]*\n- Fact 24$/);
  });
});
