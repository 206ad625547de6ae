// Models that share what memory they are given, in real llama.cpp: two at once where both fit, and by the rule where they don't.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { InferenceError } from '../../../../../daemon/models/inference/inference.ts';
import { writeRandomModel } from '../../../../fakes/gguf.ts';
import { ask, collect, finishOf, never, openWorkbench, type Workbench } from '../workbench.ts';

const contextTokens = 4096;
const mb = 1e-3; // of a GB

/** Each takes 9.7 MB with four slots and 3.4 MB with one, most of it for contexts. */
function openModels(names: readonly string[]): { bench: Workbench; paths: string[] } {
  const bench = openWorkbench();
  const paths = names.map((name) => bench.file(`${name}.gguf`));
  for (const path of paths) writeRandomModel(path, { contextTokens });
  return { bench, paths };
}

const short = { maxOutputTokens: 3 };
const namesOf = ({ inference }: Workbench) => inference.loaded().map(({ path }) => /(\w+)\.gguf$/.exec(path)?.[1]);

describe('models on this machine', () => {
  for (const order of [
    ['chat', 'embedding'],
    ['embedding', 'chat'],
  ] as const)
    it(`stay in memory together where both fit, the ${order[0]} first`, async () => {
      const { bench, paths } = openModels(['one', 'two']);
      await using _bench = bench;
      const [one = '', two = ''] = paths;
      const use = {
        chat: () => collect(bench.inference.chat(ask(one, 'hi', short), never)),
        embedding: () => bench.inference.embed({ path: two, texts: ['hi'] }, never),
      };
      for (const role of order) await use[role]();
      for (const role of order) await use[role]();
      assert.deepEqual(
        bench.inference
          .loaded()
          .map(({ role, slots, contextTokens: tokens }) => [role, slots, tokens])
          .sort(),
        [
          ['chat', 4, contextTokens],
          ['embedding', undefined, undefined],
        ],
      );
    });

  it('take fewer slots where no more fit, and one is unloaded for the next where none does', async () => {
    const { bench, paths } = openModels(['one', 'two', 'three']);
    await using _bench = bench;
    const { inference } = bench;
    inference.configure({}, 14 * mb);
    const slots = [];
    for (const path of paths) {
      await collect(inference.chat(ask(path, 'hi', short), never));
      slots.push(inference.loaded().find((model) => model.path === path)?.slots);
    }
    assert.deepEqual(slots, [4, 1, 4]);
    assert.deepEqual(namesOf(bench), ['two', 'three']);
    assert.ok(inference.loaded().reduce((sum, { bytes }) => sum + bytes, 0) <= 14e6);
  });

  it('are refused, with the numbers and what would help, while another that answers has the room', async () => {
    const { bench, paths } = openModels(['one', 'two']);
    await using _bench = bench;
    const { inference } = bench;
    inference.configure({ '*': { contextTokens, slots: 4 } }, 15 * mb);
    const [one = '', two = ''] = paths;
    const first = inference.chat(ask(one), never)[Symbol.asyncIterator]();
    await first.next();
    await assert.rejects(collect(inference.chat(ask(two, 'hi', short), never)), (error: InferenceError) => {
      assert.equal(error.code, 'out-of-memory');
      assert.match(
        error.message,
        /^two\.gguf needs about \d+ MB of memory, but local models can take only \d MB more\. one can't be unloaded while in use\. To make room, set a smaller "contextTokens", set fewer "slots", raise "localMemoryGb" in config\.json, or choose a smaller model or quantization\.$/,
      );
      return error instanceof InferenceError;
    });
    assert.equal((await first.next()).value?.kind, 'text', 'the other goes on');
    await first.return?.();
    finishOf(await collect(inference.chat(ask(two, 'hi', short), never))); // now it makes room
    assert.deepEqual(namesOf(bench), ['two']);
  });
});
