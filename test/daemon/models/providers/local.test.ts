// GGUF files as a provider: real inference on tiny models, in the words of the provider interface.
import assert from 'node:assert/strict';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { CancelledError } from '../../../../daemon/base/errors.ts';
import type { Inference, InferenceChat, InferencePart } from '../../../../daemon/models/inference/inference.ts';
import { createLocalProvider } from '../../../../daemon/models/providers/local.ts';
import {
  type ModelRequest,
  type Provider,
  ProviderError,
  type StreamPart,
} from '../../../../daemon/models/providers/provider.ts';
import type { AnswerTiming } from '../../../../daemon/models/setup/speeds.ts';
import { scriptedJson, writeRandomModel, writeScriptedModel } from '../../../fakes/gguf.ts';
import { collect, never, openWorkbench, type Workbench } from '../inference/workbench.ts';

describe('the local provider', () => {
  let bench: Workbench;
  let provider: Provider;
  let files: string[];

  before(() => {
    bench = openWorkbench();
    files = ['coder.gguf', 'random.GGUF', 'broken.gguf', 'other/coder.gguf'].map(bench.file);
    const [coder = '', random = '', broken = '', other = ''] = files;
    mkdirSync(dirname(other));
    mkdirSync(bench.file('fim'));
    writeScriptedModel(coder, 'const answer = 42;', {
      when: [{ promptHas: 'as JSON', script: scriptedJson({ answer: 42 }) }],
    });
    writeRandomModel(random, { contextTokens: 1024 });
    writeFileSync(broken, 'no model');
    writeScriptedModel(other, 'not me');
    provider = createLocalProvider({ name: 'local', inference: bench.inference, files: async () => files });
  });
  after(() => bench[Symbol.asyncDispose]());

  const request = (model: string, content = 'hi', rest: Partial<ModelRequest> = {}): ModelRequest => ({
    model,
    messages: [{ role: 'user', content }],
    ...rest,
  });
  const answer = (asked: ModelRequest): Promise<StreamPart[]> => collect(provider.stream(asked, never));
  const textOf = (parts: StreamPart[]) => parts.map((part) => (part.kind === 'text' ? part.text : '')).join('');

  it('lists each sound file once, by its name, with what its header says', async () => {
    const models = await provider.listModels(never);
    assert.deepEqual(
      models.map(({ name, contextTokens, source }) => [name, contextTokens, source]),
      [
        ['coder', 8192, 'file'],
        ['random', 1024, 'file'],
      ],
    );
    assert.equal(models[0]?.capabilities.chat, true);
  });

  it('says which complete code: made for it, small and of code, or only if it is chosen', async () => {
    const kinds: Record<string, Parameters<typeof writeRandomModel>[1]> = {
      base: { fim: true },
      'small-coder': { fim: true, hasChatTemplate: true },
      'no-keys-coder': { fim: true, hasChatTemplate: true, hasFimKeys: false },
      chatter: { fim: true, hasChatTemplate: true },
      'large-coder': { fim: true, hasChatTemplate: true },
      'plain-coder': {},
    };
    for (const [name, options] of Object.entries(kinds)) writeRandomModel(bench.file(`fim/${name}.gguf`), options);
    truncateSync(bench.file('fim/large-coder.gguf'), 2.1e9); // a hole in the disk, behind the weights
    const own = createLocalProvider({
      name: 'local',
      inference: bench.inference,
      files: async () => Object.keys(kinds).map((name) => bench.file(`fim/${name}.gguf`)),
    });
    const listed = await own.listModels(never);
    assert.deepEqual(Object.fromEntries(listed.map(({ name, completion }) => [name, completion])), {
      base: 'only',
      'small-coder': 'small',
      'no-keys-coder': 'small',
      chatter: 'also',
      'large-coder': 'also',
      'plain-coder': undefined,
    });
  });

  describe('whose template begins a thought', () => {
    const marks = [
      ['<think>', '</think>'],
      ['<thinking>', '</thinking>'],
      ['[THINK]', '[/THINK]'],
      ['◁think▷', '◁/think▷'],
      ['<seed:think>', '</seed:think>'],
    ] as const;
    let written = 0;
    const told = async (script: string, opening: string, asked: Partial<ModelRequest> = {}) => {
      const name = `thinker${written++}`;
      files.push(bench.file(`${name}.gguf`));
      const when = [{ promptHas: 'as JSON', script: scriptedJson({ answer: 42 }) }];
      writeScriptedModel(files.at(-1) ?? '', script, { answerBegins: opening, when });
      const parts = await answer({ ...request(name), ...asked });
      files.pop();
      const of = (kind: string) =>
        parts.map((part) => (part.kind === kind && 'text' in part ? part.text : '')).join('');
      return { reasoning: of('reasoning').trim(), text: of('text') };
    };

    for (const [opening, closing] of marks) {
      it(`tells the thought after ${opening} from the answer`, async () =>
        assert.deepEqual(await told(`Let me see now.\n${closing}\n\nIt is 42.`, opening), {
          reasoning: 'Let me see now.',
          text: 'It is 42.',
        }));

      it(`takes nothing of a thought after ${opening} that never ends for an answer`, async () =>
        assert.deepEqual(await told('Let me see, and see, or not', opening), {
          reasoning: 'Let me see, and see, or not',
          text: '',
        }));
    }

    it('has the thought over where the form of the answer is forced', async () => {
      const schema = { type: 'object', properties: { answer: { type: 'integer' } }, required: ['answer'] };
      const json = {
        messages: [{ role: 'user', content: 'as JSON' }],
        jsonSchema: { name: 'answer', schema },
      } as const;
      assert.deepEqual(await told('No.', '<think>', json), { reasoning: '', text: '{"answer":42}' });
    });
  });

  it('answers with the first file of a name, counts disjoint tokens, and finishes once', async () => {
    await answer(request('coder'));
    const parts = await answer(request('coder'));
    assert.equal(textOf(parts), 'const answer = 42;');
    assert.deepEqual(parts.at(-1), { kind: 'finish', reason: 'stop' });
    const usage = parts.find((part) => part.kind === 'usage')?.usage;
    assert.deepEqual([usage?.input, usage?.cacheWrite, usage?.reasoning], [1, 0, 0]); // the rest of the prompt was in the context already
    assert.ok(usage && usage.cacheRead > 10 && usage.output > 1);
    assert.equal((await provider.listModels(never))[0]?.loaded, true);
  });

  it('begins a prompt with the user’s instructions for the model, before those of the work at hand', async () => {
    const asked: string[][] = [];
    const inference: Inference = Object.assign(Object.create(bench.inference), {
      async *chat({ messages }: InferenceChat): AsyncGenerator<InferencePart> {
        asked.push(messages.map(({ role, content }) => `${role}: ${content}`));
      },
    });
    const settings = () => ({ '*': { systemPrompt: 'Be brief.' }, random: { systemPrompt: ' ' } });
    const own = createLocalProvider({ name: 'local', inference, files: async () => files, settings });
    const system = { role: 'system', content: 'Review this.' } as const;
    const { messages } = request('coder');
    await collect(own.stream(request('coder'), never));
    await collect(own.stream({ model: 'coder', messages: [system, ...messages] }, never));
    await collect(own.stream(request('random'), never));
    assert.deepEqual(asked, [
      ['system: Be brief.', 'user: hi'],
      ['system: Be brief.\n\nReview this.', 'user: hi'],
      ['user: hi'],
    ]);
  });

  it('tells how long each answer took to read and to write', async () => {
    const timings: AnswerTiming[] = [];
    const onAnswer = (_: string, timing: AnswerTiming) => void timings.push(timing);
    const own = createLocalProvider({ name: 'local', inference: bench.inference, files: async () => files, onAnswer });
    await collect(own.stream(request('random', 'x'.repeat(300), { maxOutputTokens: 20 }), never));
    const [
      { readTokens, readMs, writtenTokens, writeMs } = { readTokens: 0, readMs: 0, writtenTokens: 0, writeMs: 0 },
    ] = timings;
    assert.ok(readTokens > 250 && readMs > 0 && writeMs > 0);
    assert.equal(writtenTokens, 19);
  });

  it('offers a model that only completes code for no chat, though its file has a template', async () => {
    const base = bench.file('qwen2.5-coder-0.5b-q8_0.gguf');
    writeRandomModel(base);
    const own = createLocalProvider({ name: 'local', inference: bench.inference, files: async () => [base] });
    const [model] = await own.listModels(never);
    assert.deepEqual([model?.capabilities.chat, model?.capabilities.jsonSchema], [false, false]);
  });

  it('forces JSON, and says that it takes no tools', async () => {
    const schema = { type: 'object', properties: { answer: { type: 'integer' } }, required: ['answer'] };
    const tools = [{ name: 'read', description: 'reads', parameters: {} }];
    const parts = await answer(request('coder', 'as JSON please', { jsonSchema: { name: 'answer', schema }, tools }));
    assert.equal(textOf(parts), '{"answer":42}');
    assert.equal(parts.filter(({ kind }) => kind === 'warning').length, 1);
  });

  it('refuses an image rather than answer as if there were none, and tells results of tools in words', async () => {
    const images = [{ mediaType: 'image/png', data: 'aW1hZ2U=' }];
    await assert.rejects(answer({ model: 'coder', messages: [{ role: 'user', content: 'What?', images }] }), {
      code: 'bad-request',
      message: /can't see pictures/,
    });
    const messages: ModelRequest['messages'] = [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: '', toolCalls: [{ id: 'c', name: 'read', arguments: '{}' }] },
      { role: 'tool', content: 'now as JSON', toolCallId: 'c' }, // the model recites JSON when it reads this
    ];
    assert.equal(textOf(await answer({ model: 'coder', messages })), '{"answer":42}');
  });

  it('fails in the words of providers', async () => {
    const code = async (asked: ModelRequest) => {
      const error: unknown = await answer(asked).then(
        () => undefined,
        (failure: unknown) => failure,
      );
      assert.ok(error instanceof ProviderError, String(error));
      return error.code;
    };
    assert.equal(await code(request('absent')), 'model-not-found');
    assert.equal(await code(request('broken')), 'model-not-found');
    assert.equal(await code(request('random', 'x'.repeat(2000))), 'context-too-long');
  });

  it('says that it waits while all places of the model are taken', async () => {
    const path = bench.file('busy.gguf');
    writeRandomModel(path);
    bench.inference.configure({ busy: { slots: 1 } });
    const { stream } = createLocalProvider({ name: 'local', inference: bench.inference, files: async () => [path] });
    const request = { model: 'busy', messages: [{ role: 'user' as const, content: 'hi' }] };
    const first = stream({ ...request, maxOutputTokens: 2000 }, never)[Symbol.asyncIterator]();
    await first.next();
    const second = stream({ ...request, maxOutputTokens: 3 }, never)[Symbol.asyncIterator]();
    const message = 'busy is busy with another answer. This one begins when a place is free.';
    assert.partialDeepStrictEqual((await second.next()).value, { kind: 'waiting', message });
    await first.return?.();
    let part = await second.next();
    while (part.value?.kind === 'waiting') part = await second.next(); // told again as the other one ended
    assert.equal(part.value?.kind, 'begins');
    assert.equal((await second.next()).value?.kind, 'text');
    await second.return?.();
  });

  it('passes a cancellation on as it is', async () => {
    const controller = new AbortController();
    await assert.rejects(async () => {
      for await (const _ of provider.stream(request('random'), controller.signal)) controller.abort();
    }, CancelledError);
  });

  it('embeds', async () => {
    assert.deepEqual(
      (await provider.embed('random', ['a', 'b'], never)).map((vector) => vector.length),
      [64, 64],
    );
  });
});
