// What a past review has beside its findings, as it crosses the wire.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { handleReviewFindings } from '../../../daemon/handlers/reviews.ts';
import { ReviewFindings } from '../../../shared/protocol/review.ts';

const rules = [{ uri: 'file:///shop/AGENTS.md', name: 'AGENTS.md', isCut: true }];
const beside = { held: [], solved: [] };

describe('switchyard/review/findings', () => {
  const cases: [what: string, aside: object | undefined, expected: object][] = [
    ['the rules that were applied', { ...beside, rules }, { findings: [], held: [], rules }],
    ['that there were none', { ...beside, rules: [] }, { findings: [], held: [], rules: [] }],
    ['nothing of rules where that was not noted', beside, { findings: [], held: [] }],
    ['nothing at all where nothing was noted', undefined, { findings: [] }],
  ];
  for (const [what, aside, expected] of cases)
    it(`tells ${what}`, async () => {
      const findings = { ofRun: async () => [], coverageOf: async () => undefined, asideOf: async () => aside };
      const call = { storage: { findings } } as unknown as Parameters<typeof handleReviewFindings>[1];
      const answer = await handleReviewFindings({ runId: 'r' }, call);
      assert.deepEqual(answer, expected);
      assert.deepEqual(ReviewFindings.result.parse(answer), expected);
    });
});
