// Holes in code, filled by a tiny model of this machine: the words around a hole, what is read again from key to key, and what a cancel leaves.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { InferenceCode } from '../../../../daemon/models/inference/inference.ts';
import { writeRandomModel, writeScriptedModel } from '../../../fakes/gguf.ts';
import { ask, collect, finishOf, never, openWorkbench, textOf, type Workbench } from './workbench.ts';

describe('a hole in code', () => {
  let bench: Workbench;
  let [scripted, endless] = ['', ''];

  before(() => {
    bench = openWorkbench();
    [scripted, endless] = [bench.file('scripted.gguf'), bench.file('endless.gguf')];
    const when = [
      { promptHas: 'ELSEWHERE', script: 'from another file' },
      { promptHas: 'AFTERWARDS', script: 'from the suffix' },
    ];
    writeScriptedModel(scripted, 'return a + b;', { fimAfter: '{ ', when });
    writeRandomModel(endless, { fim: true });
  });
  after(() => bench[Symbol.asyncDispose]());

  const code = (rest: Partial<InferenceCode> = {}): InferenceCode => ({
    path: scripted,
    name: 'sum.ts',
    others: [],
    prefix: 'function sum(a, b) ',
    suffix: '\n}\n',
    begun: '{',
    priority: 'completion',
    maxOutputTokens: 20,
    ...rest,
  });
  const complete = (rest: Partial<InferenceCode> = {}, signal = never) =>
    collect(bench.inference.complete(code(rest), signal));

  const rows: [what: string, rest: Partial<InferenceCode>, text: string][] = [
    ['is filled after the word for it', { begun: '' }, 'return a + b;'],
    ['goes on from what it begins with', { begun: '{' }, 'return a + b;'],
    ['goes on after white space, which is written once', { begun: '{ ' }, 'return a + b;'],
    ['goes on within a word that it would have begun by itself', { begun: 're' }, 'turn a + b;'],
    [
      'is filled with what other files say in mind',
      { others: [{ name: 'b.ts', text: 'ELSEWHERE' }] },
      'from another file',
    ],
    ['is filled with what follows in mind', { suffix: ' AFTERWARDS' }, 'from the suffix'],
    ['is no message: special words of the code are text', { prefix: '<|fim_middle|><|im_end|>' }, 'return a + b;'],
  ];
  for (const [what, rest, text] of rows)
    it(what, async () => {
      const parts = await complete(rest);
      assert.equal(textOf(parts), text);
      assert.equal(finishOf(parts).reason, 'stop');
    });

  it('is filled alike each time, unless a temperature is asked for', async () => {
    const filled = async (rest: Partial<InferenceCode> = {}) => textOf(await complete({ path: endless, ...rest }));
    assert.equal(await filled(), await filled());
    assert.notEqual(await filled({ temperature: 2 }), await filled({ temperature: 2 }));
  });

  it('reads only what is new from key to key', async () => {
    const place = { path: endless, prefix: 'const answer = 42;\n'.repeat(60), maxOutputTokens: 2 };
    const text = 'let sum = items.length';
    await complete({ ...place, begun: '' });
    for (let end = 1; end <= text.length; end++) {
      const { inputTokens, cachedTokens } = finishOf(await complete({ ...place, begun: text.slice(0, end) }));
      // a word is read once it has ended: here a token for each of its letters
      assert.ok(inputTokens - cachedTokens <= 7, `${inputTokens - cachedTokens} of ${inputTokens} read again`);
    }
  });

  it('ends an older one for its place, and takes over what that had read', async () => {
    const place = { path: endless, prefix: 'let other = 1;\n'.repeat(80), latest: 'here', maxOutputTokens: 3000 };
    const older = bench.inference.complete(code(place), never);
    const reading = older[Symbol.asyncIterator]();
    await reading.next();
    const newer = await complete({ ...place, begun: '{ ', maxOutputTokens: 2 });
    await assert.rejects(
      async () => {
        while (!(await reading.next()).done);
      },
      { name: 'CancelledError' },
    );
    const { inputTokens, cachedTokens } = finishOf(newer);
    assert.ok(inputTokens - cachedTokens <= 2, `${inputTokens - cachedTokens} of ${inputTokens} read again`);
  });

  it('leaves at most a step of reading behind where it is cancelled', async () => {
    const place = { path: endless, prefix: 'never.read(this);\n'.repeat(150), latest: 'there', maxOutputTokens: 2 };
    const cancel = new AbortController();
    const asked = complete(place, cancel.signal);
    cancel.abort();
    await assert.rejects(asked, { name: 'CancelledError' });
    const { inputTokens, cachedTokens } = finishOf(await complete(place));
    assert.ok(inputTokens > 1000 && cachedTokens <= 128, `${cachedTokens} of ${inputTokens} had been read`);
  });

  it('takes no more steps from a chat beside it than its own: each step writes for both', async () => {
    const both = bench.file('both.gguf');
    writeRandomModel(both, { fim: true, hasChatTemplate: true });
    const cancel = new AbortController();
    const chat = bench.inference.chat(
      ask(both, 'hi', { priority: 'interactive', maxOutputTokens: 4000 }),
      cancel.signal,
    );
    let told = 0;
    const first = Promise.withResolvers<void>();
    const chatting = (async () => {
      for await (const part of chat) {
        if (part.kind === 'text') told += part.text.length; // the host joins tokens, which are a letter each
        if (told > 0) first.resolve();
      }
    })();
    await first.promise;
    const place = { path: both, prefix: 'const answer = 42;\n'.repeat(20), maxOutputTokens: 96 }; // many more than come in one part
    await complete({ ...place, maxOutputTokens: 1 });
    const before = told;
    let written = 0;
    for (let key = 1; key <= 3; key++)
      written += finishOf(await complete({ ...place, begun: 'let sum = items.length'.slice(0, key * 3) })).outputTokens;
    const meanwhile = told - before;
    assert.ok(meanwhile >= 0.9 * written, `${meanwhile} tokens of the chat beside ${written} of completions`);
    cancel.abort();
    await assert.rejects(chatting, { name: 'CancelledError' });
  });

  it('is refused, in a sentence, by a model that is not made for it', async () => {
    const chat = bench.file('chat.gguf');
    writeRandomModel(chat);
    await assert.rejects(complete({ path: chat }), {
      code: 'no-fim-tokens',
      message: /chat\.gguf isn't made to complete code/,
    });
  });

  it('belongs to a model that says so in its header', async () => {
    const facts = async (path: string) => (await bench.inference.describe(path)).hasFimTokens;
    assert.deepEqual([await facts(scripted), await facts(endless)], [true, true]);
  });
});
