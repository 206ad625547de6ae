// What the panel is for: with a reviewer that finds little and cries wolf, what is shown is twice as often right and hardly less is found.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { readReviewCorpus } from '../../../../../daemon/cli/eval/review-corpus.ts';
import { climb, heldOut, type Ladder, type Rung } from '../../../../bench/review/ladder.ts';
import { careful, type Noise, noisy, noisyModel } from '../../../../bench/review/noisy-model.ts';

const corpus = heldOut(readReviewCorpus(join(import.meta.dirname, '../../../../../media/eval/review')));
const seeds = Array.from({ length: 20 }, (_, index) => index + 1);
type Figure = 'precision' | 'recall' | 'silent' | 'exact';

/** The mean over some seeds, so that no single draw decides. */
async function meanOf(noise: Noise, passes: number): Promise<(rung: Rung, figure: Figure) => number> {
  const ladders: Ladder[] = [];
  for (const seed of seeds) ladders.push(await climb(corpus, { model: noisyModel(corpus, noise, seed), passes }));
  return (rung, figure) => ladders.reduce((sum, { scores }) => sum + scores[rung][figure], 0) / ladders.length;
}

describe('the panel over a noisy reviewer', () => {
  for (const passes of [1, 3])
    it(`doubles precision at a tenth of recall lost at most, with ${passes} of its readings`, async () => {
      const mean = await meanOf(noisy, passes);
      const [before, after] = [mean('one pass', 'precision'), mean('refuter and judge', 'precision')];
      assert.ok(after >= 2 * before, `precision ${before} to ${after}`);
      const [found, kept] = [mean('one pass', 'recall'), mean('refuter and judge', 'recall')];
      assert.ok(kept >= 0.9 * found, `recall ${found} to ${kept}`);
    });

  it('finds more with several readings', async () => {
    const [one, three] = [await meanOf(noisy, 1), await meanOf(noisy, 3)];
    assert.ok(three('refuter and judge', 'recall') >= 1.4 * one('refuter and judge', 'recall'));
  });

  for (const passes of [1, 3])
    it(`is silent about 95 of 100 changes that are fine, with ${passes} of its readings`, async () => {
      const mean = await meanOf(noisy, passes);
      assert.equal(mean('one pass', 'silent'), 0);
      assert.ok(mean('refuter and judge', 'silent') >= 0.95, `${mean('refuter and judge', 'silent')}`);
    });

  it('over a careful reviewer is as silent, and exact about the place of what it shows', async () => {
    const mean = await meanOf(careful, 1);
    assert.ok(mean('one pass', 'silent') < 0.8);
    assert.ok(mean('refuter and judge', 'silent') >= 0.95, `${mean('refuter and judge', 'silent')}`);
    assert.equal(mean('refuter and judge', 'exact'), 1);
  });
});
