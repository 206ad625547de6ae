// Learning from the embeddings of texts: by vectors of one model, beside words, and only where that has proven better.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { finish } from '../../../../../daemon/models/router/learn/blend.ts';
import {
  fitEmbeddings,
  fromStored,
  type TextEmbedding,
  toStored,
} from '../../../../../daemon/models/router/learn/embedding-regression.ts';
import { featuresOf } from '../../../../../daemon/models/router/learn/features.ts';
import { Learner } from '../../../../../daemon/models/router/learn/learner.ts';
import { createRandom } from '../../../../../daemon/models/router/learn/random.ts';
import { madePrompts } from './made-prompts.ts';

const size = 16;

/** A direction at random, with its first number up for a good outcome and down for a bad one, as far as `signal` says. */
function embeddingOf(isGood: boolean, random: () => number, { signal = 1, model = 'minilm' } = {}): TextEmbedding {
  const vector = Float32Array.from({ length: size }, () => random() - 0.5);
  vector[0] = signal * (isGood ? 0.9 : -0.9);
  const length = Math.hypot(...vector);
  return { model, vector: vector.map((value) => value / length) };
}

describe('a regression over embeddings', () => {
  const random = createRandom(4);
  const samples = Array.from({ length: 300 }, (_, place) => ({
    embedding: embeddingOf(place % 2 === 0, random),
    target: Number(place % 2 === 0),
  }));

  it('tells new embeddings apart, and predicts nothing for those of another embedding model', () => {
    const model = finish(fitEmbeddings(samples));
    assert.ok((model.predict(embeddingOf(true, random)) ?? 0) > (model.predict(embeddingOf(false, random)) ?? 1) + 0.4);
    assert.equal(model.predict(embeddingOf(true, random, { model: 'other' })), undefined);
    assert.equal(model.predict({ model: 'minilm', vector: new Float32Array(size + 1) }), undefined);
  });

  it('learns from nothing without a fault', () => {
    assert.equal(finish(fitEmbeddings([])).predict(embeddingOf(true, random)), undefined);
    assert.equal(finish(fitEmbeddings(samples.slice(0, 1))).predict(embeddingOf(true, random)), 1);
  });
});

describe('a stored embedding', () => {
  const embedding = embeddingOf(true, createRandom(5));

  it('comes back nearly as it was', () => {
    const back = fromStored(JSON.parse(JSON.stringify(toStored(embedding))), 'minilm');
    assert.ok(
      back &&
        back.vector.length === size &&
        back.vector.every((value, i) => Math.abs(value - (embedding.vector[i] ?? 0)) < 0.01),
    );
  });

  it('is dropped when another model embeds, or when it is no vector', () => {
    assert.equal(fromStored(toStored(embedding), 'other'), undefined);
    assert.equal(fromStored(toStored(embedding), undefined), undefined);
    assert.equal(fromStored(undefined, 'minilm'), undefined);
    assert.equal(fromStored({ model: 'minilm', vector: '' }, 'minilm'), undefined);
    assert.equal(fromStored({ model: 'minilm', vector: 7 as unknown as string }, 'minilm'), undefined);
  });
});

describe('the learner with embeddings', () => {
  const good = featuresOf('Name the capital of "Spain", please.\nA. one city\nB. another');

  /** Words predict half of the outcomes, and embeddings as much as `signal` says. The embedding comes after the outcome, as in the daemon. */
  function taught({ signal }: { signal: number }): Learner {
    const learner = new Learner();
    const random = createRandom(9);
    madePrompts(220).forEach(({ text, weak }, place) => {
      const lesson = { id: `d${place}`, model: 'cloud/mini', text: featuresOf(text), score: weak };
      learner.observe(lesson);
      learner.observe({ ...lesson, embedding: embeddingOf(weak === 1, random, { signal }) });
      finish(learner.refit());
    });
    return learner;
  }

  it('uses them when they have predicted better than words alone, where a request has one', () => {
    const learner = taught({ signal: 1 });
    const [shadow] = learner.shadows();
    assert.deepEqual([shadow?.state, shadow?.usesEmbedding, shadow?.outcomes], ['in-use', true, 220]);
    const words = learner.expect('cloud/mini', good) ?? 0;
    const random = createRandom(10);
    assert.ok((learner.expect('cloud/mini', good, embeddingOf(false, random)) ?? 1) < words - 0.15);
    assert.equal(learner.expect('cloud/mini', good, embeddingOf(false, random, { model: 'other' })), words);
  });

  it('leaves them out where they predict nothing', () => {
    const learner = taught({ signal: 0 });
    assert.equal(learner.shadows()[0]?.usesEmbedding, false);
    assert.equal(
      learner.expect('cloud/mini', good, embeddingOf(false, createRandom(10))),
      learner.expect('cloud/mini', good),
    );
  });
});
