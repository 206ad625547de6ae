// Damaged and hostile GGUF files: refused with a sentence by our own check, and what it lets through does not crash llama.cpp's process.
import assert from 'node:assert/strict';
import { readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'mocha';
import { readGgufHeader } from '../../../../daemon/models/inference/gguf/header.ts';
import { KnownHeaders } from '../../../../daemon/models/inference/gguf/known.ts';
import { InferenceError } from '../../../../daemon/models/inference/inference.ts';
import { writeRandomModel } from '../../../fakes/gguf.ts';
import {
  ggufBytes,
  llamaMetadata,
  llamaTensors,
  randomNumbers,
  string,
  type Tensor,
  uint32,
  uint64,
  type Value,
  Vocabulary,
} from '../../../fakes/gguf-file.ts';
import { ask, never, openWorkbench, type Workbench } from './workbench.ts';

const shape = { embedding: 32, layers: 1, heads: 4, feedForward: 32, contextTokens: 512 };

describe('the check of a GGUF header', () => {
  let bench: Workbench;
  before(() => {
    bench = openWorkbench();
  });
  after(() => bench[Symbol.asyncDispose]());

  const refusal = async (bytes: Buffer): Promise<string> => {
    const path = bench.file('damaged.gguf');
    writeFileSync(path, bytes);
    try {
      await readGgufHeader(path);
    } catch (error) {
      assert.ok(error instanceof InferenceError && error.code === 'bad-model-file', String(error));
      return error.message;
    }
    return 'accepted';
  };

  it('describes a sound file', async () => {
    const path = bench.file('sound.gguf');
    writeRandomModel(path, { contextTokens: 2048 });
    const { sizeBytes, ...info } = await bench.inference.describe(path);
    assert.deepEqual(info, {
      path,
      name: 'random',
      architecture: 'llama',
      contextTokens: 2048,
      hasChatTemplate: true,
      hasFimTokens: false,
      embeddingOnly: false,
      sampling: {},
      shape: { kvWidth: 256, embedding: 64, heads: 4, vocabulary: 262 },
    });
    assert.equal(sizeBytes, readFileSync(path).length);
  });

  it('counts all parts of a model that comes in several, and names one that is missing', async () => {
    const [first, second] = [1, 2].map((part) => bench.file(`big-0000${part}-of-00002.gguf`));
    assert.ok(first && second);
    writeRandomModel(first);
    await assert.rejects(bench.inference.describe(first), /its part big-00002-of-00002\.gguf is missing/);
    writeFileSync(second, 'GGUF');
    assert.equal((await bench.inference.describe(first)).sizeBytes, readFileSync(first).length + 4);
  });

  it('is read once, and anew when its file has changed', async () => {
    const path = bench.file('known.gguf');
    writeRandomModel(path, { contextTokens: 1024 });
    const longAgo = new Date(Date.now() - 60_000);
    const headers = new KnownHeaders({ settledMs: 0 });
    const first = await headers.describe(path);
    assert.equal(await headers.describe(path), first, 'the same object');
    writeRandomModel(path, { contextTokens: 2048 });
    utimesSync(path, longAgo, longAgo);
    assert.equal((await headers.describe(path)).contextTokens, 2048);
    rmSync(path);
    await assert.rejects(headers.describe(path), /doesn't exist/);
  });

  it('is read each time as long as its file may still be written', async () => {
    const path = bench.file('fresh.gguf');
    writeRandomModel(path);
    const headers = new KnownHeaders();
    assert.notEqual(await headers.describe(path), await headers.describe(path));
  });

  it('tells an embedding model by its pooling', async () => {
    const path = bench.file('embedding.gguf');
    writeFileSync(
      path,
      model((metadata) => {
        metadata['llama.pooling_type'] = { type: 'uint32', value: 1 };
      }),
    );
    assert.equal((await readGgufHeader(path)).embeddingOnly, true);
  });

  const header = (...parts: Buffer[]) => Buffer.concat([Buffer.from('GGUF'), uint32(3), ...parts, Buffer.alloc(64)]);
  const mutations: [what: string, bytes: () => Buffer, sentence: RegExp][] = [
    ['an empty file', () => Buffer.alloc(0), /truncated/],
    ['another format', () => Buffer.from('PK\u0003\u0004 not a model at all'), /isn't a GGUF file/],
    ['an old version', () => Buffer.concat([Buffer.from('GGUF'), uint32(1), Buffer.alloc(64)]), /version is 1/],
    [
      'the other byte order',
      () => Buffer.concat([Buffer.from('GGUF'), Buffer.from([0, 0, 0, 3]), Buffer.alloc(64)]),
      /version is/,
    ],
    ['endless tensors', () => header(Buffer.alloc(8, 0xff), uint64(0)), /claims 18446744073709551615 tensors/],
    ['endless metadata', () => header(uint64(0), Buffer.alloc(8, 0xff)), /claims .* metadata entries/],
    ['an endless key', () => header(uint64(0), uint64(1), Buffer.alloc(8, 0xff)), /bytes of text/],
    ['an empty key', () => header(uint64(0), uint64(1), string('')), /key is empty/],
    ['an unknown type', () => header(uint64(0), uint64(1), string('k'), uint32(99)), /unknown type/],
    [
      'nested arrays',
      () => header(uint64(0), uint64(1), string('k'), uint32(9), uint32(9), uint64(1)),
      /array of unknown type/,
    ],
    [
      'an array larger than the file',
      () => header(uint64(0), uint64(1), string('k'), uint32(9), uint32(4), uint64(1e12)),
      /elements of k/,
    ],
    [
      'a string in an array larger than the file',
      () => header(uint64(0), uint64(1), string('k'), uint32(9), uint32(8), uint64(1), uint64(1e15)),
      /cut off|damaged/,
    ],
    [
      'a key that occurs twice',
      () => header(uint64(0), uint64(2), string('k'), uint32(4), uint32(1), string('k'), uint32(4), uint32(1)),
      /occurs twice/,
    ],
    [
      'no architecture',
      () =>
        model((metadata) => {
          delete metadata['general.architecture'];
        }),
      /architecture/,
    ],
    [
      'a context of nothing',
      () =>
        model((metadata) => {
          metadata['llama.context_length'] = { type: 'uint32', value: 0 };
        }),
      /context_length is 0/,
    ],
    [
      'a setting of the wrong kind',
      () =>
        model((metadata) => {
          metadata['llama.block_count'] = { type: 'string', value: 'many' };
        }),
      /block_count is many/,
    ],
    [
      'more layers than llama.cpp takes',
      () =>
        model((metadata) => {
          metadata['llama.block_count'] = { type: 'uint32', value: 900 };
        }),
      /block_count is 900/,
    ],
    [
      'more layers than its tensors are of',
      () =>
        model((metadata) => {
          metadata['llama.block_count'] = { type: 'uint32', value: 3 };
        }),
      /block_count is 3, and it holds 1 layers/,
    ],
    [
      'more heads than the embedding has room for',
      () =>
        model((metadata) => {
          metadata['llama.attention.head_count'] = { type: 'uint32', value: 64 };
        }),
      /head_count is 64/,
    ],
    [
      'layers of no width',
      () =>
        model((metadata) => {
          delete metadata['llama.feed_forward_length'];
        }),
      /feed_forward_length is missing/,
    ],
    [
      'attention without heads',
      () =>
        model((metadata) => {
          delete metadata['llama.attention.head_count'];
        }),
      /head_count is missing/,
    ],
    [
      'a vocabulary without bytes',
      () =>
        model((metadata) => {
          metadata['tokenizer.ggml.tokens'] = {
            type: 'strings',
            value: Array.from({ length: 262 }, (_, id) => `t${id}`),
          };
        }),
      /tokens for single bytes/,
    ],
    [
      'an odd alignment',
      () =>
        model((metadata) => {
          metadata['general.alignment'] = { type: 'uint32', value: 24 };
        }),
      /alignment is 24/,
    ],
    [
      'scores that do not match the tokens',
      () =>
        model((metadata) => {
          metadata['tokenizer.ggml.scores'] = { type: 'float32s', value: [0] };
        }),
      /scores don't match/,
    ],
    [
      'a token id out of range',
      () =>
        model((metadata) => {
          metadata['tokenizer.ggml.eos_token_id'] = { type: 'uint32', value: 1e6 };
        }),
      /eos_token_id/,
    ],
    [
      'a tensor twice',
      () =>
        model((_, tensors) => {
          tensors.push(tensors[0] as Tensor);
        }),
      /occurs twice/,
    ],
    [
      'a tensor of five dimensions',
      () =>
        model((_, tensors) => {
          (tensors[0] as Tensor).dimensions = [1, 1, 1, 1, 1];
        }),
      /5 dimensions/,
    ],
    [
      'a tensor whose size overflows',
      () =>
        model((_, tensors) => {
          (tensors[0] as Tensor).dimensions = [2 ** 40, 2 ** 40];
        }),
      /elements/,
    ],
    [
      'a tensor larger than its data',
      () =>
        model((_, tensors) => {
          (tensors[0] as Tensor).dimensions = [1024, 1024];
        }),
      /doesn't start where the previous one ends/,
    ],
    [
      'a last tensor beyond the end',
      () =>
        model((_, tensors) => {
          (tensors.at(-1) as Tensor).dimensions = [1024, 1024];
        }),
      /truncated before its last tensor/,
    ],
    [
      'a name too long for native code',
      () =>
        model((_, tensors) => {
          (tensors[0] as Tensor).name = 'x'.repeat(64);
        }),
      /bytes of text/,
    ],
  ];
  for (const [what, bytes, sentence] of mutations) {
    it(`refuses ${what}`, async () => assert.match(await refusal(bytes()), sentence));
  }

  it('refuses a file that is cut off anywhere', async () => {
    const whole = model();
    const random = randomNumbers(3);
    for (let i = 0; i < 300; i++) {
      const length = Math.floor(random() * (whole.length - 32)); // the padding after the last tensor may be missing
      assert.notEqual(await refusal(whole.subarray(0, length)), 'accepted', `${length} of ${whole.length} bytes`);
    }
  });

  it('answers flipped bytes with a sentence or a description, and llama.cpp survives what it accepts', async () => {
    const whole = model();
    const random = randomNumbers(5);
    const headerBytes = whole.indexOf('blk.0.ffn_down.weight') + 64;
    const accepted: Buffer[] = [];
    for (let i = 0; i < 400; i++) {
      const damaged = Buffer.from(whole);
      for (let flips = 0; flips < 3; flips++) damaged[Math.floor(random() * headerBytes)] = Math.floor(random() * 256);
      if ((await refusal(damaged)) === 'accepted') accepted.push(damaged);
    }
    assert.ok(accepted.length > 0 && accepted.length < 400, `${accepted.length} accepted`);
    for (const bytes of accepted.slice(0, 25)) await useWithoutCrash(bench, bytes);
  });
});

/** Any refusal will do; the loss of the process will not. */
async function useWithoutCrash({ inference, file }: Workbench, bytes: Buffer): Promise<void> {
  const path = file('accepted.gguf');
  writeFileSync(path, bytes);
  try {
    for await (const _ of inference.chat(ask(path, 'hi', { maxOutputTokens: 2 }), never));
  } catch (error) {
    assert.ok(error instanceof InferenceError && error.code !== 'inference-crashed', String(error));
  }
  await inference.unload(path);
}

function model(change: (metadata: Record<string, Value>, tensors: Tensor[]) => void = () => {}): Buffer {
  const vocabulary = new Vocabulary();
  const metadata = llamaMetadata('model', shape, vocabulary);
  const tensors = llamaTensors(shape, vocabulary.texts.length, () => {});
  change(metadata, tensors);
  return ggufBytes(metadata, tensors);
}
