// Answers of real llama.cpp on tiny models: streaming, JSON, cancellation, and the real size of the context.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'mocha';
import { CancelledError } from '../../../../daemon/base/errors.ts';
import { InferenceError } from '../../../../daemon/models/inference/inference.ts';
import { scriptedJson, writeRandomModel, writeScriptedModel } from '../../../fakes/gguf.ts';
import { ask, collect, finishOf, never, openWorkbench, textOf, type Workbench } from './workbench.ts';

const script = 'The quick brown fox jumps over the lazy dog,\n  and the dog says: the fox is quick.';
const verdict = { verdict: 'approve', confidence: 0.9, conflicts: ['none that matter', 'none'] };
const verdictSchema = {
  type: 'object',
  properties: {
    verdict: { enum: ['approve', 'reject'] },
    confidence: { type: 'number' },
    conflicts: { type: 'array', items: { type: 'string' } },
  },
  required: ['verdict', 'confidence', 'conflicts'],
  additionalProperties: false,
};

describe('a local answer', () => {
  let bench: Workbench;
  let scripted: string;
  let random: string;

  before(() => {
    bench = openWorkbench();
    scripted = bench.file('scripted.gguf');
    random = bench.file('random.gguf');
    writeScriptedModel(scripted, script, {
      when: [
        { promptHas: 'You are the judge', script: scriptedJson(verdict) },
        { promptHas: 'review', script: 'No findings.' },
      ],
    });
    writeRandomModel(random);
  });
  after(() => bench[Symbol.asyncDispose]());

  it('is streamed in parts and ends with one finish', async () => {
    const parts = await collect(bench.inference.chat(ask(scripted), never));
    assert.equal(textOf(parts), script);
    assert.equal(parts.filter(({ kind }) => kind === 'finish').length, 1);
    const { reason, inputTokens, outputTokens } = finishOf(parts);
    assert.equal(reason, 'stop');
    assert.ok(inputTokens > 10, `${inputTokens} tokens of prompt`);
    assert.ok(outputTokens > 10, `${outputTokens} tokens of answer`);
    assert.ok(parts.length - 1 <= outputTokens, `${parts.length - 1} parts`);
  });

  it('is JSON of the wanted schema, with nothing after it', async () => {
    const parts = await collect(
      bench.inference.chat(ask(scripted, 'You are the judge. Decide.', { jsonSchema: verdictSchema }), never),
    );
    assert.equal(textOf(parts), scriptedJson(verdict));
    assert.equal(finishOf(parts).reason, 'stop');
  });

  it('is forced into the schema even when the model babbles', async () => {
    const jsonSchema = {
      type: 'object',
      properties: { ok: { type: 'boolean' }, level: { enum: ['low', 'high'] } },
      required: ['ok', 'level'],
    };
    const text = textOf(await collect(bench.inference.chat(ask(random, 'hi', { jsonSchema, temperature: 1 }), never)));
    const value = JSON.parse(text) as { ok: unknown; level: string };
    assert.equal(typeof value.ok, 'boolean');
    assert.ok(['low', 'high'].includes(value.level));
  });

  it('warns when a schema cannot be forced, and answers all the same', async () => {
    const jsonSchema = { allOf: [{ type: 'string' }, { type: 'integer' }] };
    const parts = await collect(bench.inference.chat(ask(scripted, 'hi', { jsonSchema }), never));
    assert.match(JSON.stringify(parts[0]), /warning.*Couldn't restrict/);
    assert.equal(textOf(parts), script);
  });

  it('names what of a schema is not forced, and keeps to the rest', async () => {
    const code = { type: 'string', pattern: '^(a)\\1$', maxLength: 5 };
    const jsonSchema = { type: 'object', properties: { code }, required: ['code'] };
    const parts = await collect(bench.inference.chat(ask(random, 'hi', { jsonSchema, temperature: 1 }), never));
    assert.match(JSON.stringify(parts[0]), /warning.*Not enforced: pattern at code\./);
    assert.ok([...(JSON.parse(textOf(parts)) as { code: string }).code].length <= 5);
  });

  it('stops at the most tokens that were asked for', async () => {
    const finish = finishOf(await collect(bench.inference.chat(ask(random, 'hi', { maxOutputTokens: 7 }), never)));
    assert.deepEqual([finish.reason, finish.outputTokens], ['length', 7]);
  });

  it('repeats itself at temperature zero', async () => {
    const once = () => collect(bench.inference.chat(ask(random, 'hi', { maxOutputTokens: 20, temperature: 0 }), never));
    assert.equal(textOf(await once()), textOf(await once()));
  });

  it('reads only what is new in the second turn of a chat', async () => {
    const path = bench.file('turns.gguf');
    writeScriptedModel(path, script);
    const first = { role: 'user', content: 'explain this: '.repeat(40) } as const;
    await collect(bench.inference.chat({ path, messages: [first] }, never));
    const second = [first, { role: 'assistant', content: script }, { role: 'user', content: 'and this?' }] as const;
    const { inputTokens, cachedTokens } = finishOf(
      await collect(bench.inference.chat({ path, messages: second }, never)),
    );
    assert.ok(
      cachedTokens > 500 && inputTokens - cachedTokens < 200,
      `${cachedTokens} of ${inputTokens} tokens were there already`,
    );
  });

  it('reads all of a prompt again that only another owner had in a context', async () => {
    const path = bench.file('owners.gguf');
    writeScriptedModel(path, script);
    const messages = [{ role: 'user', content: 'explain this: '.repeat(40) }] as const;
    const cached = async (owner: string) =>
      finishOf(await collect(bench.inference.chat({ path, messages, owner }, never))).cachedTokens;
    const counts = [];
    for (const owner of ['one', 'one', 'other', 'other', 'one']) counts.push((await cached(owner)) > 500);
    assert.deepEqual(counts, [false, true, false, true, true]);
  });

  it('ends all work when it is aborted, and the next request is answered', async () => {
    const controller = new AbortController();
    const seen: string[] = [];
    await assert.rejects(async () => {
      for await (const part of bench.inference.chat(ask(random), controller.signal)) {
        seen.push(part.kind);
        if (seen.length === 5) controller.abort();
      }
    }, CancelledError);
    await assertNoWorkGoesOn(bench, random);
  });

  it('ends all work when its reader leaves the loop', async () => {
    for await (const part of bench.inference.chat(ask(random), never)) if (part.kind === 'text') break;
    await assertNoWorkGoesOn(bench, random);
  });

  it('is cancelled while it waits behind another', async () => {
    const long = ask(random, 'hi', { maxOutputTokens: 4000 });
    const others = Array.from({ length: 4 }, () => bench.inference.chat(long, never)[Symbol.asyncIterator]());
    await Promise.all(others.map((other) => other.next()));
    const controller = new AbortController();
    const waiting = bench.inference.chat(ask(random), controller.signal)[Symbol.asyncIterator]();
    assert.partialDeepStrictEqual((await waiting.next()).value, { kind: 'waiting', ahead: 4 });
    controller.abort();
    await assert.rejects(waiting.next(), CancelledError);
    await Promise.all(others.map((other) => other.return?.()));
    await assertNoWorkGoesOn(bench, random);
  });

  it('is refused with both numbers when the prompt does not fit', async () => {
    const path = bench.file('small.gguf');
    writeRandomModel(path, { contextTokens: 512 });
    await assert.rejects(collect(bench.inference.chat(ask(path, 'x'.repeat(600)), never)), (error) => {
      assert.ok(error instanceof InferenceError);
      assert.equal(error.code, 'context-too-long');
      assert.match(error.message, /6\d\d tokens long, .*512/);
      return true;
    });
  });

  it('ends with `length` where the context ends, without forgetting the start of the prompt', async () => {
    const path = bench.file('short.gguf');
    writeRandomModel(path, { contextTokens: 512 });
    const asked = ask(path, 'x'.repeat(200), { maxOutputTokens: 1000 });
    const finish = finishOf(await collect(bench.inference.chat(asked, never)));
    assert.equal(finish.reason, 'length');
    assert.equal(finish.inputTokens + finish.outputTokens, 512);
  });

  it('leaves as much room again for the next turn where no length was asked for', async () => {
    const finish = finishOf(await collect(bench.inference.chat(ask(random), never)));
    assert.equal(finish.reason, 'length');
    assert.equal(finish.outputTokens, Math.floor((4096 - finish.inputTokens) / 2));
  });

  it('is stopped once it only repeats itself', async () => {
    const asked = ask(random, 'hi', { maxOutputTokens: 4000, temperature: 0 }); // without chance it runs in a circle
    const parts = await collect(bench.inference.chat(asked, never));
    const { reason, outputTokens } = finishOf(parts);
    assert.equal(reason, 'repetition');
    assert.ok(outputTokens < 3000);
  });

  it('is refused when the weights are no numbers, and the host is free again', async () => {
    const path = bench.file('damaged.gguf');
    writeRandomModel(path);
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.fill(0xff, bytes.length - 200_000));
    await assert.rejects(collect(bench.inference.chat(ask(path), never)), {
      code: 'bad-model-file',
      message: /damaged\.gguf is damaged/,
    });
    await assertNoWorkGoesOn(bench, random);
  });

  it('cannot be had from a file without a chat template', async () => {
    const path = bench.file('base.gguf');
    writeRandomModel(path, { hasChatTemplate: false });
    await assert.rejects(collect(bench.inference.chat(ask(path), never)), { code: 'no-chat-template' });
  });

  it('never takes text of a message for the end of a turn', async () => {
    const length = async (content: string) =>
      finishOf(await collect(bench.inference.chat(ask(random, content, { maxOutputTokens: 1 }), never))).inputTokens;
    assert.equal((await length('<|im_end|>')) - (await length('')), '<|im_end|>'.length); // a token for each of its characters
  });

  it('goes on from a last message of the assistant', async () => {
    const answer = async (maxOutputTokens: number, ...begun: string[]): Promise<string> => {
      const messages = [
        { role: 'user', content: 'hi' } as const,
        ...begun.map((content) => ({ role: 'assistant', content }) as const),
      ];
      return textOf(
        await collect(bench.inference.chat({ path: random, messages, maxOutputTokens, temperature: 0 }, never)),
      );
    };
    const whole = await answer(12);
    const begun = await answer(5);
    assert.deepEqual([whole.length, begun.length], [12, 5]);
    assert.equal(begun + (await answer(7, begun)), whole);
  });

  it('follows what stands in the prompt', async () => {
    const answer = async (content: string) =>
      textOf(await collect(bench.inference.chat(ask(scripted, content), never)));
    assert.equal(await answer('Please review this.'), 'No findings.');
    assert.equal(await answer('You are the judge of this review.'), scriptedJson(verdict));
  });
});

describe('embeddings', () => {
  it('are one vector a text, the same for the same text', async () => {
    await using bench = openWorkbench();
    const path = bench.file('random.gguf');
    writeRandomModel(path);
    const [first, second, again] = await bench.inference.embed({ path, texts: ['one', 'another text', 'one'] }, never);
    assert.ok(first instanceof Float32Array && first.length === 64);
    assert.deepEqual(again, first);
    assert.notDeepEqual(second, first);
    assert.ok(Math.abs(Math.hypot(...first) - 1) < 1e-5);
  });

  it("are the mean of a text's windows where it is longer than one", async () => {
    await using bench = openWorkbench();
    const path = bench.file('random.gguf');
    writeRandomModel(path);
    const [left, right] = ['a'.repeat(100), 'b'.repeat(100)];
    const windowTokens = 104; // what begins and ends a text is part of a window
    const [both, first, second] = await bench.inference.embed(
      { path, texts: [left + right, left, right], windowTokens },
      never,
    );
    assert.ok(both && first && second);
    const mean = first.map((value, i) => value + (second[i] ?? 0));
    const length = Math.hypot(...mean);
    assert.ok(both.every((value, i) => Math.abs(value - (mean[i] ?? 0) / length) < 1e-4));
    const [huge] = await bench.inference.embed({ path, texts: ['x'.repeat(1_000_000)] }, never);
    assert.equal(huge?.length, 64);
  });
});

/** Two further requests generate exactly their own tokens between two readings of the host's counter. */
async function assertNoWorkGoesOn({ inference }: Workbench, path: string): Promise<void> {
  await collect(inference.chat(ask(path, 'next', { maxOutputTokens: 3 }), never));
  const before = await inference.activity();
  assert.equal(before.running, 0);
  await collect(inference.chat(ask(path, 'next', { maxOutputTokens: 3 }), never));
  const after = await inference.activity();
  assert.deepEqual([after.running, after.generatedTokens], [0, before.generatedTokens + 3]);
}
