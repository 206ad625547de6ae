// Learning from a user's own outcomes: silent at first, in use when proven, and never where there is nothing to learn.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { finish } from '../../../../../daemon/models/router/learn/blend.ts';
import { featuresOf } from '../../../../../daemon/models/router/learn/features.ts';
import { Learner } from '../../../../../daemon/models/router/learn/learner.ts';
import { createRandom } from '../../../../../daemon/models/router/learn/random.ts';
import { type MadePrompt, madePrompts } from './made-prompts.ts';

const sum = featuresOf('What is 512 + 388 * 245?\nA. 771\nB. 205');
const capital = featuresOf('Name the capital of "Spain", please.\nA. one city\nB. another');

function teach(learner: Learner, prompts: readonly MadePrompt[], scoreOf: (weak: number) => number): Learner {
  for (const { text, weak } of prompts) {
    learner.observe({ model: 'cloud/mini', text: featuresOf(text), score: scoreOf(weak) });
    finish(learner.refit());
  }
  return learner;
}

function taught(count: number, scoreOf: (weak: number) => number): Learner {
  return teach(new Learner(), madePrompts(count), scoreOf);
}

describe('the learner', () => {
  it('says nothing before it has seen anything', () =>
    assert.equal(new Learner().expect('cloud/mini', sum), undefined));

  it('says nothing while its foresight is not proven', () => {
    const learner = taught(50, (weak) => weak);
    assert.equal(learner.expect('cloud/mini', sum), undefined);
    assert.equal(learner.shadows()[0]?.state, 'shadow');
  });

  it('tells a good request for a model from a bad one once it has predicted enough of them', () => {
    const learner = taught(160, (weak) => weak);
    const [shadow] = learner.shadows();
    assert.ok(
      shadow?.state === 'in-use' && shadow.overall.learnedError < shadow.overall.meanError,
      JSON.stringify(shadow),
    );
    assert.ok((learner.expect('cloud/mini', capital) ?? 0) > (learner.expect('cloud/mini', sum) ?? 1) + 0.2);
  });

  it('counts an outcome once, however often more is told of it: the last word holds', () => {
    const learner = new Learner();
    for (const score of [0.1, 0.1, 1]) learner.observe({ id: 'd1', model: 'cloud/mini', text: sum, score });
    learner.observe({ id: 'd2', model: 'cloud/mini', text: sum, score: 1 });
    assert.equal(learner.shadows()[0]?.outcomes, 2);
  });

  it('stays in the shadow where outcomes are chance', () => {
    const random = createRandom(3);
    const learner = taught(160, () => Number(random() < 0.5));
    assert.equal(learner.shadows()[0]?.state, 'shadow');
    assert.equal(learner.expect('cloud/mini', capital), undefined);
  });

  it('goes back to the shadow when what it learned no longer holds, and comes back when it has learned anew', () => {
    const learner = taught(160, (weak) => weak);
    assert.equal(learner.shadows()[0]?.state, 'in-use');
    teach(learner, madePrompts(24, 21), (weak) => 1 - weak); // the model was exchanged behind its name
    const [shadow] = learner.shadows();
    assert.equal(shadow?.state, 'withdrawn', JSON.stringify(shadow));
    assert.ok(shadow.recent.learnedError > shadow.recent.meanError);
    assert.equal(learner.expect('cloud/mini', sum), undefined);
    teach(learner, madePrompts(200, 22), (weak) => 1 - weak);
    assert.equal(learner.shadows()[0]?.state, 'in-use', JSON.stringify(learner.shadows()));
    assert.ok((learner.expect('cloud/mini', sum) ?? 0) > (learner.expect('cloud/mini', capital) ?? 1));
  });

  it('is fitted anew as outcomes come in: what the first forty did not hold is learned later', () => {
    const capitals = madePrompts(200).filter((_, place) => place % 2 === 1);
    const learner = teach(new Learner(), capitals.slice(0, 60), (weak) => weak);
    teach(learner, madePrompts(200, 12), (weak) => weak);
    assert.equal(learner.shadows()[0]?.state, 'in-use', JSON.stringify(learner.shadows()));
    assert.ok((learner.expect('cloud/mini', capital) ?? 0) > (learner.expect('cloud/mini', sum) ?? 1) + 0.2);
  });

  it('says nothing of a model that was never judged', () =>
    assert.equal(taught(160, (weak) => weak).expect('cloud/opus', sum), undefined));
});
