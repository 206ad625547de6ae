// The real llama-server with a model and a projector of random weights: what it says has no sense, but comes from what it sees.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { CancelledError } from '../../../../daemon/base/errors.ts';
import type { InferencePart } from '../../../../daemon/models/inference/inference.ts';
import { createLocalProvider } from '../../../../daemon/models/providers/local.ts';
import { builtLlamaServer } from '../../../bench/inference/llama-cpp.ts';
import { collect, finishOf, never, textOf } from '../inference/workbench.ts';
import { askAbout, openBench, type SeeingBench } from './workbench.ts';

describe('a real llama-server', () => {
  let bench: SeeingBench;
  let program: string;

  before(function () {
    program = builtLlamaServer() ?? '';
    if (program === '') return this.skip(); // `npm run bench -- inference` builds it, which takes half an hour
    bench = openBench({ program });
  });
  after(async () => await bench?.[Symbol.asyncDispose]());

  const see = (color: readonly number[], signal = never, tokens = 12): Promise<InferencePart[]> =>
    collect(bench.inference.chat(askAbout(bench.model, color, { temperature: 0, maxOutputTokens: tokens }), signal));

  it('says something else of another picture, and the same of the same one', async () => {
    const [red, blue, again] = [await see([250, 0, 0]), await see([0, 0, 250]), await see([250, 0, 0])];
    assert.ok(textOf(red).length >= 10);
    assert.equal(textOf(again), textOf(red));
    assert.notEqual(textOf(blue), textOf(red));
    assert.deepEqual([finishOf(red).reason, finishOf(again).cachedTokens], ['length', 0]);
  });

  it('answers through the provider, which lists the model as one that sees', async () => {
    const provider = createLocalProvider({
      name: 'local',
      inference: bench.inference,
      files: async () => [bench.model],
    });
    const [listed] = await provider.listModels(never);
    assert.equal(listed?.capabilities.vision, true);
    const { messages } = askAbout(bench.model);
    const [{ content, images = [] } = { content: '' }] = messages;
    const request = { model: 'seeing', messages: [{ role: 'user' as const, content, images }], maxOutputTokens: 5 };
    const parts = await collect(provider.stream(request, never));
    assert.deepEqual(
      parts.filter(({ kind }) => kind !== 'text').map(({ kind }) => kind),
      ['usage', 'finish'],
    );
  });

  it('stops to write for an answer that is cancelled: the next one begins at once', async () => {
    const cancelled = new AbortController();
    const parts = bench.inference.chat(askAbout(bench.model, [9, 9, 9], { maxOutputTokens: 900 }), cancelled.signal);
    await assert.rejects(async () => {
      for await (const _part of parts) cancelled.abort();
    }, CancelledError);
    assert.equal(finishOf(await see([1, 2, 3], never, 3)).outputTokens, 3);
  });
});
