// Chats that share one model: each keeps what was read of it, goes on beside the others, and leaves nothing to another owner.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { CancelledError } from '../../../../daemon/base/errors.ts';
import type { InferenceChat, InferenceMessage } from '../../../../daemon/models/inference/inference.ts';
import { writeRandomModel, writeScriptedModel } from '../../../fakes/gguf.ts';
import { until } from '../../../process/home.ts';
import { ask, collect, finishOf, never, openWorkbench, textOf, type Workbench } from './workbench.ts';

const script = 'The quick brown fox jumps over the lazy dog.';
const system: InferenceMessage = { role: 'system', content: 'You are a careful helper of developers. '.repeat(8) };

/** A chat of its own: each `turn` asks the next question and resolves with how much of its prompt was read again. */
function openChat(bench: Workbench, key: string, rest: Partial<InferenceChat> = {}) {
  const messages: InferenceMessage[] = [system];
  return async (content = 'and now explain this, please: '.repeat(10)) => {
    messages.push({ role: 'user', content });
    const asked = { path: bench.file('model.gguf'), messages: [...messages], owner: 'me', key, ...rest };
    const parts = await collect(bench.inference.chat(asked, never));
    messages.push({ role: 'assistant', content: textOf(parts) });
    const { inputTokens, cachedTokens } = finishOf(parts);
    return { inputTokens, readAgain: inputTokens - cachedTokens, text: textOf(parts) };
  };
}

function openScripted(statesFolder?: string): Workbench {
  const bench = openWorkbench(statesFolder === undefined ? {} : { statesFolder });
  writeScriptedModel(bench.file('model.gguf'), script, { contextTokens: 8192 });
  return bench;
}

describe('chats that share a model', () => {
  it('read only what is new when they take turns, also where there are more of them than slots', async () => {
    await using bench = openScripted();
    await using states = openWorkbench();
    await using shared = openScripted(states.file('states'));
    for (const [used, count] of [
      [bench, 4],
      [shared, 7],
    ] as const) {
      const chats = Array.from({ length: count }, (_, i) => openChat(used, `chat ${i}`));
      for (const turn of chats) await turn();
      for (let round = 0; round < 2; round++) {
        for (const turn of chats) {
          const { readAgain, text } = await turn();
          assert.ok(readAgain < 450, `${readAgain} tokens were read again`); // the answer and the question before the last
          assert.equal(text, script);
        }
      }
    }
  });

  it('go on after the host has ended', async () => {
    await using bench = openScripted();
    const statesFolder = bench.file('states');
    const before = openWorkbench({ statesFolder });
    const messages = [system, { role: 'user', content: 'explain this: '.repeat(60) }] as const;
    const asked = { path: bench.file('model.gguf'), messages, owner: 'me', key: 'chat' };
    const first = finishOf(await collect(before.inference.chat(asked, never)));
    assert.equal(first.cachedTokens, 0);
    await before[Symbol.asyncDispose]();
    await using after = openWorkbench({ statesFolder });
    const again = finishOf(await collect(after.inference.chat(asked, never)));
    assert.equal(again.cachedTokens, again.inputTokens - 1);
  });

  it('begin together, and each has its share', async () => {
    await using bench = openWorkbench();
    const path = bench.file('random.gguf');
    writeRandomModel(path);
    const order: string[] = [];
    const read = async (name: string) => {
      const chat = { ...ask(path, name, { maxOutputTokens: 1500 }), owner: name, key: name };
      for await (const part of bench.inference.chat(chat, never)) order.push(`${name} ${part.kind}`);
    };
    await Promise.all(['one', 'two'].map(read));
    const ends = ['one', 'two'].map((name) => order.indexOf(`${name} finish`));
    const begins = ['one', 'two'].map((name) => order.indexOf(`${name} text`));
    assert.ok(Math.max(...begins) < Math.min(...ends) / 3, `began at ${begins}, ended at ${ends}`);
  });

  it('start with what their kind of work begins with', async () => {
    await using bench = openScripted();
    await using chats = openWorkbench({ statesFolder: bench.file('states') });
    const open = (key: string) => openChat({ ...chats, file: bench.file }, key);
    const first = await open('one')();
    assert.equal(first.readAgain, first.inputTokens);
    const { readAgain, inputTokens } = await open('two')();
    assert.ok(readAgain < inputTokens / 1.5, `${readAgain} of ${inputTokens} tokens were read again`);
  });

  it('begin with what the chat has read that they were forked from', async () => {
    await using bench = openScripted();
    await using chats = openWorkbench({ statesFolder: bench.file('states') });
    const messages = [system, { role: 'user', content: 'explain this: '.repeat(60) }] as const;
    const asked = { path: bench.file('model.gguf'), messages, owner: 'me' };
    await collect(chats.inference.chat({ ...asked, key: 'original' }, never));
    const { inputTokens, cachedTokens } = finishOf(
      await collect(chats.inference.chat({ ...asked, key: 'fork' }, never)),
    );
    assert.equal(cachedTokens, inputTokens - 1);
  });

  it('never use what another owner has read, in memory or on disk', async () => {
    await using bench = openScripted();
    const statesFolder = bench.file('states');
    await using chats = openWorkbench({ statesFolder });
    const cached = async (owner: string, key: string) => {
      const asked = { path: bench.file('model.gguf'), messages: [system], owner, key };
      return finishOf(await collect(chats.inference.chat(asked, never))).cachedTokens;
    };
    await cached('one', 'chat');
    for (let i = 0; i < 5; i++) assert.equal(await cached(`other ${i}`, 'chat'), 0);
    assert.ok((await cached('one', 'chat')) > 0);
  });

  it('leave nothing on disk once they are forgotten', async () => {
    await using bench = openScripted();
    const statesFolder = bench.file('states');
    await using chats = openWorkbench({ statesFolder });
    const saved = () =>
      (existsSync(statesFolder) ? readdirSync(statesFolder) : []).filter((name) => /\.state$/.test(name));
    for (let i = 0; i < 6; i++) await openChat({ ...chats, file: bench.file }, `chat ${i}`)();
    const all = saved().length;
    assert.ok(all >= 3, `${all} states`); // two chats that lost their slot, and what all begin with
    await chats.inference.forget({ owner: 'me', key: 'chat 0' });
    assert.equal(saved().length, all - 2, 'the chat, and what its kind of work begins with');
    await chats.inference.forget({ owner: 'someone else' });
    assert.equal(saved().length, all - 2);
    await chats.inference.forget({ owner: 'me' });
    assert.deepEqual(saved(), []);
    await chats[Symbol.asyncDispose]();
    assert.deepEqual(saved(), [], 'what is forgotten is not saved at the end either');
  });

  it('read again what was changed on disk', async () => {
    await using bench = openScripted();
    const statesFolder = bench.file('states');
    const asked = { path: bench.file('model.gguf'), messages: [system], owner: 'me', key: 'chat' };
    const before = openWorkbench({ statesFolder });
    await collect(before.inference.chat(asked, never));
    await before[Symbol.asyncDispose]();
    for (const name of readdirSync(statesFolder).filter((each) => /\.state$/.test(each))) {
      const file = join(statesFolder, name);
      if (process.platform !== 'win32') assert.equal(statSync(file).mode & 0o777, 0o600);
      const bytes = readFileSync(file);
      bytes[bytes.length - 5] = (bytes[bytes.length - 5] ?? 0) ^ 1;
      writeFileSync(file, bytes);
    }
    await using after = openWorkbench({ statesFolder });
    const parts = await collect(after.inference.chat(asked, never));
    assert.equal(finishOf(parts).cachedTokens, 0);
    assert.equal(textOf(parts), script);
  });

  it('find a slot while background work waits for one', async () => {
    await using bench = openWorkbench();
    const path = bench.file('random.gguf');
    writeRandomModel(path);
    const long = ask(path, 'hi', { maxOutputTokens: 4000, priority: 'background' });
    const jobs = Array.from({ length: 4 }, (_, i) =>
      bench.inference.chat({ ...long, key: `job ${i}` }, never)[Symbol.asyncIterator](),
    );
    const firsts = await Promise.all(jobs.map((job) => job.next()));
    assert.deepEqual(
      firsts.map(({ value }) => value?.kind),
      ['text', 'text', 'text', 'waiting'],
    );
    const chat = await collect(bench.inference.chat(ask(path, 'hi', { maxOutputTokens: 3 }), never));
    assert.deepEqual([...new Set(chat.map(({ kind }) => kind))], ['text', 'finish']);
    await Promise.all(jobs.map((job) => job.return?.()));
  });

  it('find a slot for a completion before the chats that wait', async () => {
    await using bench = openWorkbench();
    const path = bench.file('random.gguf');
    writeRandomModel(path);
    bench.inference.configure({ '*': { slots: 1 } });
    const first = bench.inference.chat(ask(path, 'hi'), never)[Symbol.asyncIterator]();
    await first.next();
    const order: string[] = [];
    const read = async (name: string, rest: Partial<InferenceChat>) => {
      const asked = ask(path, name, { maxOutputTokens: 3, ...rest });
      for await (const { kind } of bench.inference.chat(asked, never)) {
        if (kind === 'waiting') waiting[name]?.resolve();
        if (kind === 'finish') order.push(name);
      }
    };
    const names = ['review', 'chat', 'completion'] as const;
    const waiting: Record<string, PromiseWithResolvers<void>> = {};
    const priorities = { review: 'steady', chat: 'interactive', completion: 'completion' } as const;
    const reads = [];
    for (const name of names) {
      const wait = Promise.withResolvers<void>();
      waiting[name] = wait;
      reads.push(read(name, { priority: priorities[name] }));
      await wait.promise;
    }
    await first.return?.();
    await Promise.all(reads);
    assert.deepEqual(order, ['completion', 'chat', 'review']);
  });

  for (const state of ['waits', 'reads its prompt', 'generates'] as const)
    it(`are left by a completion that ${state} when its owner asks for a newer one`, async () => {
      await using bench = openWorkbench();
      const path = bench.file('random.gguf');
      writeRandomModel(path, { contextTokens: 32_768 });
      bench.inference.configure({ '*': { slots: state === 'waits' ? 1 : 3 } });
      const completion = (content: string, owner: string) =>
        bench.inference.chat(ask(path, content, { owner, priority: 'completion', latest: 'file.ts' }), never);
      const other = completion('hi', 'other');
      const others = other[Symbol.asyncIterator]();
      await others.next();
      const older = completion(state === 'reads its prompt' ? 'long '.repeat(5000) : 'hi', 'me');
      const first = older[Symbol.asyncIterator]().next();
      if (state === 'reads its prompt')
        await until('both being at work', async () => (await bench.inference.activity()).running === 2);
      else assert.equal((await first).value?.kind, state === 'waits' ? 'waiting' : 'text');
      const [newer] = await Promise.all([
        completion('hi', 'me')[Symbol.asyncIterator]().next(),
        assert.rejects(
          first.then(() => collect(older)),
          CancelledError,
        ),
      ]);
      assert.equal(newer.value?.kind, state === 'waits' ? 'waiting' : 'text');
      assert.equal((await others.next()).value?.kind, 'text', "another owner's goes on");
    });
});
