// Ranking what a search has found: by a model that is configured, and never in the way of the search.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { CancelledError } from '../../../../daemon/base/errors.ts';
import { createReranker, type RerankerDeps } from '../../../../daemon/models/embedding/reranker.ts';
import { type Inference, InferenceError } from '../../../../daemon/models/inference/inference.ts';

const never = new AbortController().signal;
const texts = ['one', 'two', 'three'];
const log = { debug() {}, info() {}, warn() {}, error() {} };

function reranker(rank: Inference['rank'], over: Partial<RerankerDeps> = {}) {
  return createReranker({
    configured: () => 'local/judge',
    files: async () => ['/models/other.gguf', '/models/judge.gguf'],
    inference: { rank },
    log,
    ...over,
  });
}

/** Ends when its signal does. */
const hanging: Inference['rank'] = async (_, signal) => {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  throw new CancelledError();
};

describe('a reranker', () => {
  it('puts first what bears most on the query, by the file of its name', async () => {
    const paths: string[] = [];
    const { order, note } = await reranker(async ({ path }) => {
      paths.push(path);
      return [0.2, 0.9, 0.2];
    }).rank('q', texts, never);
    assert.deepEqual([order, note, paths], [[1, 0, 2], undefined, ['/models/judge.gguf']]);
  });

  it('reads the beginning of long texts', async () => {
    const read: number[] = [];
    await reranker(async ({ query, texts: given }) => {
      read.push(query.length, ...given.map(({ length }) => length));
      return [1, 2];
    }).rank('q'.repeat(9000), ['x'.repeat(9000), 'y'], never);
    assert.deepEqual(read, [1000, 2000, 1]);
  });

  const failures: [what: string, rank: Inference['rank'], over: Partial<RerankerDeps>, note: RegExp][] = [
    [
      'is damaged',
      async () => Promise.reject(new InferenceError('bad-model-file', 'It is damaged.')),
      {},
      /It is damaged/,
    ],
    [
      'ends its process',
      async () => Promise.reject(new InferenceError('inference-crashed', 'It ended.')),
      {},
      /It ended/,
    ],
    [
      'has a bug',
      async () => Promise.reject(new TypeError('inner workings')),
      {},
      /couldn't rank the results(?!.*inner)/,
    ],
    ['takes too long', hanging, { maxMs: 1 }, /didn't rank the results in time/],
    ['has no file', async () => [], { files: async () => [] }, /There's no local model "local\/judge"/],
  ];
  for (const [what, rank, over, sentence] of failures)
    it(`that ${what} leaves the order of the search, and says so`, async () => {
      const { order, note } = await reranker(rank, over).rank('q', texts, never);
      assert.deepEqual(order, [0, 1, 2]);
      assert.match(note ?? '', sentence);
      assert.match(note ?? '', /in the order of the search/);
    });

  it('is canceled with its question', async () => {
    const controller = new AbortController();
    const ranked = reranker(hanging).rank('q', texts, controller.signal);
    controller.abort();
    await assert.rejects(ranked, { name: 'CancelledError' });
  });

  it('is on only while one is configured', () => {
    assert.equal(reranker(hanging).isOn, true);
    assert.equal(reranker(hanging, { configured: () => undefined }).isOn, false);
  });
});
