// Ranking by real inference on a tiny reranker: its numbers have no sense here, and their form has.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { writeRandomModel, writeRankingModel } from '../../../fakes/gguf.ts';
import { never, openWorkbench, type Workbench } from './workbench.ts';

describe('ranking', () => {
  let bench: Workbench;
  let path: string;
  before(() => {
    bench = openWorkbench();
    path = bench.file('ranking.gguf');
    writeRankingModel(path);
  });
  after(() => bench[Symbol.asyncDispose]());

  const rank = (query: string, ...texts: string[]): Promise<number[]> =>
    bench.inference.rank({ path, query, texts }, never);

  it('gives each text a number from 0 to 1, which is the same again and depends on the query', async () => {
    const scores = await rank('cart', 'add to the cart', 'open a file', 'add to the cart');
    assert.ok(
      scores.every((score) => score > 0 && score < 1),
      scores.join(),
    );
    assert.equal(scores[0], scores[2]);
    assert.notEqual(scores[0], scores[1]);
    assert.notEqual((await rank('file', 'add to the cart'))[0], scores[0]);
  });

  it('reads the beginning of a text or a query that is too long, and nothing of an empty one', async () => {
    const [long, longer, none] = await rank('cart', 'x'.repeat(500), 'x'.repeat(5000), '');
    assert.equal(long, longer);
    assert.equal(none, 0);
    assert.equal((await rank('cart '.repeat(200), 'add'))[0] !== undefined, true);
  });

  it('is refused by a model that was not made for it', async () => {
    const other = bench.file('random.gguf');
    writeRandomModel(other);
    await assert.rejects(bench.inference.rank({ path: other, query: 'q', texts: ['a'] }, never), {
      code: 'bad-model-file',
      message: /random\.gguf isn't a reranker/,
    });
  });

  it('ends between two texts when it is canceled', async () => {
    const controller = new AbortController();
    const texts = Array.from({ length: 400 }, (_, i) => `text ${i}`);
    const ranked = bench.inference.rank({ path, query: 'q', texts }, controller.signal);
    controller.abort();
    await assert.rejects(ranked, { name: 'CancelledError' });
    assert.equal((await rank('q', 'a')).length, 1);
  });
});
