// Each limit of a run ends it with a sentence of its own.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { whyNoTurn } from '../../../../../daemon/features/agent/loop/limits.ts';
import type { ModelTurn } from '../../../../../daemon/features/agent/loop/turn.ts';
import { noUsage } from '../../../../../daemon/models/providers/provider.ts';

const turn = (costUsd: number | null = 0, input = 100): ModelTurn => ({
  text: '',
  calls: [],
  model: 'lab/x',
  dialect: 'native',
  finish: 'stop',
  usage: { ...noUsage, input },
  costUsd,
  digested: 0,
});
const why = (turns: ModelTurn[], limits: { rounds?: number; usd?: number } = {}, workMs = 0): string =>
  whyNoTurn({ turns, workMs }, { rounds: 25, ...limits }) ?? '';

const ended: Record<string, [string, RegExp]> = {
  'turns are used up': [why([turn(), turn()], { rounds: 2 }), /^Stopped after 2 turns/],
  'tokens are used up': [why([turn(0, 2_000_000)]), /^Stopped after 2000000 tokens/],
  'money is used up': [why([turn(0.5), turn(0.5)], { usd: 1 }), /^Stopped at \$1\.00, .* limit of \$1\.00/],
  'another turn would cost too much': [why([turn(0.1), turn(0.5)], { usd: 1 }), /^Stopped at \$0\.60/],
  'a cost is unknown': [why([turn(0.1), turn(null)], { usd: 1 }), /isn't known what lab\/x costs/],
  'it has worked too long': [why([turn()], {}, 60 * 60_000), /^Stopped after 60 minutes/],
};

describe('a run', () => {
  for (const [what, [sentence, expected]] of Object.entries(ended))
    it(`ends where ${what}, and says what to do`, () => {
      assert.match(sentence, expected);
      assert.match(sentence, /\. (To continue, send|Choose a model)/);
    });

  it('goes on where no limit is reached', () => {
    assert.equal(why([]), '');
    assert.equal(why([turn(null)]), '');
    assert.equal(why([turn(0.1)], { usd: 1, rounds: 2 }), '');
    assert.equal(why([], { usd: 0.01 }), '');
  });
});
