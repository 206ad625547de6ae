// The sentences in which a review says who looked: what could not run, what may not run here, and what is not installed differ.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { analysersDetail, reviewSummary } from '../../../../daemon/features/pipeline/summary.ts';
import type { CoverageEntry, CoverageState } from '../../../../daemon/features/pipeline/verdict/coverage.ts';

const look = (by: string, state: CoverageState, why?: string): CoverageEntry => ({
  uri: 'file:///a.ts',
  by,
  state,
  ...(why !== undefined && { why }),
});

describe('the progress of linters', () => {
  const cases: [looks: CoverageEntry[], missing: string[], detail: string][] = [
    [[look('tsc', 'read'), look('biome', 'partly')], [], 'ran tsc, biome'],
    [[look('tsc', 'untrusted'), look('biome', 'untrusted')], [], 'none ran; need a trusted folder: tsc, biome'],
    [[look('tsc', 'untrusted'), look('node', 'read')], [], 'ran node; need a trusted folder: tsc'],
    [[look('tsc', 'failed'), look('eslint', 'untrusted')], [], 'none ran; failed: tsc; need a trusted folder: eslint'],
    [[look('tsc', 'read'), look('tsc', 'failed')], ['ruff'], 'ran tsc; not installed: ruff'],
    [[look('biome', 'left-out')], [], 'none ran'],
  ];
  for (const [looks, missing, detail] of cases)
    it(`is "${detail}"`, () => assert.equal(analysersDetail(looks, missing), detail));
});

describe('the summary of a review', () => {
  it('is incomplete where a linter needs a trusted folder', () => {
    const coverage = [
      look('lab/tiny', 'read'),
      look('tsc', 'untrusted', "didn't run because the folder isn't trusted"),
    ];
    assert.equal(
      reviewSummary({ findings: [], lines: 4, coverage }),
      "Incomplete: no findings in the part that was checked. Checked by lab/tiny. Not checked by tsc (a.ts: didn't run because the folder isn't trusted).",
    );
  });

  const repeated = 'it only repeated the example. A larger model may do better.';
  const cutOff = 'it was cut off, so there may be more to find.';
  const severalFiles: [title: string, whys: string[], words: string][] = [
    ['lines of one of them', [`lines 1 to 2: ${repeated}`, `lines 1 to 9: ${repeated}`], repeated],
    ['a single line', [`line 1: ${cutOff}`, `lines 2 to 3: ${cutOff}`], cutOff],
    ['lines of several parts', [`lines 1 to 2: ${cutOff} lines 3 to 4: ${cutOff}`, `line 1: ${cutOff}`], cutOff],
    [
      'the reason of one of them alone',
      [`line 1: ${cutOff}`, 'line 7: it returned an empty answer.'],
      'it was cut off, so there may be more to find. it returned an empty answer.',
    ],
  ];
  for (const [title, whys, words] of severalFiles)
    it(`names for several files not ${title}`, () => {
      const coverage = whys.map((why, i) => ({ ...look('lab/tiny', 'failed', why), uri: `file:///${i}.ts` }));
      const said = reviewSummary({ findings: [], lines: 4, coverage });
      assert.equal(said, `Not reviewed. Not checked by lab/tiny (2 files: ${words.replace(/\.$/, '')}).`);
    });
});
