// What became of written code decides about the next: whether a review pays, and what a judge's number is worth.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import {
  isLoopWorth,
  loopRates,
  type RevisedDraft,
  shareOf,
} from '../../../../../daemon/features/pipeline/write/loop-worth.ts';
import type { WrittenCode } from '../../../../../daemon/storage/written.ts';
import { code, objection, script, verdict, writeBench } from './bench.ts';

const good = 'function sum(a, b) {\n  return a + b;\n}';
const better = 'function sum(a, b) {\n  return Number(a) + Number(b);\n}';
const cast = {
  coder: [code(good), code(better)],
  reviewer: [objection({ quote: 'return a + b;' })],
  judge: [verdict('approve'), verdict('second'), verdict('first')],
};

/** So many revised drafts: corrected of those that failed, broken of those that passed. */
function drafts([corrected, failed]: [number, number], [broken, passed]: [number, number]): RevisedDraft[] {
  return [
    ...Array.from({ length: failed }, (_, i) => ({ draftPasses: false, revisionPasses: i < corrected })),
    ...Array.from({ length: passed }, (_, i) => ({ draftPasses: true, revisionPasses: i >= broken })),
  ];
}

describe('a review of what models write', () => {
  const rates: [what: string, known: RevisedDraft[], pays: boolean][] = [
    ['nothing is known', [], true],
    ['it corrects much and breaks little', drafts([15, 20], [1, 30]), true],
    ['it breaks much and corrects little', drafts([2, 20], [20, 40]), false],
    ['it breaks much, of few', drafts([0, 5], [10, 10]), true],
    ['it breaks nothing and corrects nothing', drafts([0, 20], [0, 40]), true],
    ['a model is good and revisions break it', drafts([10, 20], [40, 80]), false],
  ];
  for (const [what, known, pays] of rates)
    it(`${pays ? 'is made' : 'is left out'} where ${what}`, async () => {
      assert.equal(isLoopWorth(loopRates(known)), pays);
      const written = known.map(
        (draft, i): WrittenCode => ({ jobId: `${i}`, coder: 'lab/tiny', language: 'javascript', ...draft }),
      );
      const { write, provider, storage } = writeBench(cast, {}, undefined, written);
      const { id } = await write(script('let x;\n'));
      const isAsked = provider.asked.some(({ role }) => role === 'reviewer');
      assert.equal(isAsked, pays);
      const review = storage.jobs.get(id)?.finished.find(({ name }) => name === 'review');
      if (!pays)
        assert.match(
          review?.detail ?? '',
          /^Left out: a review of code by lab\/tiny doesn't pay, since revisions corrected \d+ of \d+ \(\d+–\d+%\) and broke \d+ of \d+/,
        );
    });

  it('is made where only another model, or another language, is known to lose by it', async () => {
    const lost = drafts([0, 20], [30, 40]);
    for (const other of [
      { coder: 'lab/other', language: 'javascript' },
      { coder: 'lab/tiny', language: 'python' },
    ]) {
      const written = lost.map((draft, i): WrittenCode => ({ jobId: `${i}`, ...other, ...draft }));
      const { write, provider } = writeBench(cast, {}, undefined, written);
      await write(script('let x;\n'));
      assert.ok(provider.asked.some(({ role }) => role === 'reviewer'));
    }
  });

  it('is counted with what the checks say, whether or not the revision is taken', async () => {
    const { write, written } = writeBench({ ...cast, coder: [code(good), code('function sum( {')] });
    await write(script('let x;\n'));
    const [first] = written.added;
    assert.deepEqual(first, {
      jobId: 'job0',
      coder: 'lab/tiny',
      language: 'javascript',
      revisionPasses: false,
      judge: 'lab/tiny',
      confidence: 0.9,
    });
  });

  it("knows Wilson's interval of a share", () => {
    const { low, high } = shareOf(8, 10);
    assert.ok(Math.abs(low - 0.4902) < 0.0005 && Math.abs(high - 0.9433) < 0.0005, `${low} ${high}`);
    assert.deepEqual(shareOf(0, 0), { count: 0, of: 0, low: 0, high: 1 });
  });
});

describe('the probability that is shown', () => {
  const outcomes = (count: number, judge = 'lab/tiny'): WrittenCode[] =>
    Array.from({ length: count }, (_, i) => ({
      jobId: `${i}`,
      coder: 'x',
      language: 'x',
      judge,
      confidence: 0.9,
      kept: i % 2 === 0,
    }));
  const alone = { ...cast, reviewer: [['{"findings":[]}']] as const };

  for (const [what, known, shown] of [
    ['is none before there are enough outcomes', outcomes(29), undefined],
    ['is what users kept', outcomes(40), 0.5],
    ['is none where only another judge is known', outcomes(40, 'lab/other'), undefined],
  ] as const)
    it(what, async () => {
      const { write } = writeBench(alone, {}, undefined, known);
      assert.equal((await write(script('let x;\n'))).probability, shown);
    });

  it('is none of code that is not approved', async () => {
    const { write, written } = writeBench({ ...alone, judge: [verdict('reject')] }, {}, undefined, outcomes(40));
    assert.equal((await write(script('let x;\n'))).probability, undefined);
    assert.equal(written.added[0]?.confidence, undefined);
  });
});
