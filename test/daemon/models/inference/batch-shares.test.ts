// How a step of a model is shared between those who generate and those who read.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { BatchItem, EvaluationPriority } from 'node-llama-cpp';
import { BatchShares } from '../../../../daemon/models/inference/batch-shares.ts';

function item(tokens: number, evaluationPriority: EvaluationPriority = 4): BatchItem {
  return { tokens: Array.from({ length: tokens }, () => 1), logits: [], evaluationPriority } as unknown as BatchItem;
}

/** Shares steps of 512 tokens; a token of a prompt takes so many milliseconds. */
function steps(msPerToken: number) {
  let now = 0;
  const shares = new BatchShares(
    () => {},
    () => now,
  );
  return (...items: BatchItem[]): number[] => {
    const given = shares.share({ items, size: 512 });
    now += given.reduce((sum, { processAmount }) => sum + processAmount, 0) * msPerToken;
    return items.map((each) => given.find((share) => share.item === each)?.processAmount ?? 0);
  };
}

describe('a step of a model', () => {
  it('has the next token of everybody who generates', () => {
    assert.deepEqual(steps(1)(item(1), item(1, 1), item(1, 5)), [1, 1, 1]);
  });

  it('takes no longer than 60 ms of a prompt while somebody generates, and a second else', () => {
    for (const [msPerToken, beside, alone] of [
      [0.1, 511, 512],
      [1, 60, 512],
      [3, 20, 333],
      [20, 16, 50],
    ] as const) {
      const step = steps(msPerToken);
      for (let i = 0; i < 40; i++) step(item(4000));
      assert.deepEqual(step(item(4000)), [alone]);
      assert.deepEqual(step(item(4000), item(1)), [beside, 1]);
    }
  });

  it('is shared evenly by prompts of one priority, and given to the higher one first', () => {
    const step = steps(0.1);
    for (let i = 0; i < 40; i++) step(item(4000));
    assert.deepEqual(step(item(4000), item(4000)), [256, 256]);
    assert.deepEqual(step(item(4000, 1), item(4000, 4)), [0, 512]);
  });
});
