// The findings that stand, as reviews begin and end and the daemon starts anew.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import { FindingBoard, type ProfileBoard } from '../../../../daemon/features/pipeline/finding-board.ts';
import type { Finding, ReviewShapes } from '../../../../daemon/features/pipeline/types.ts';
import type { StoredFinding } from '../../../../daemon/storage/findings.ts';
import { FindingsInMemory } from './parts.ts';

const uri = 'file:///a.ts';
const rangeOf = (line: number, length: number) => ({
  start: { line, character: 0 },
  end: { line, character: length },
});
const range = rangeOf(0, 3);
const stored = (id: string): StoredFinding<ReviewShapes> => ({
  id,
  runId: 'r',
  uri,
  fingerprint: id,
  finding: finding(id),
});
const finding = (id: string): Finding => ({
  id,
  uri,
  range,
  severity: 'error',
  category: 'correctness',
  message: id,
  evidence: 'one',
  source: 'model',
  confidence: 1,
});

describe('the board of findings', () => {
  let whole: FindingBoard;
  let board: ProfileBoard;
  const ids = (): string[] => board.list(uri).map(({ id }) => id);
  beforeEach(() => {
    whole = new FindingBoard();
    board = whole.in('p');
  });

  const text = 'one\ntwo\nthree\n';
  const below = { ...finding('below'), evidence: 'three', range: rangeOf(2, 5) };

  it('replaces what was known of a document when a review of the whole of it ends', () => {
    board.set(uri, [finding('old'), below]);
    const review = board.beginReview({ uri, text });
    board.add(uri, finding('new'));
    assert.deepEqual(ids(), ['old', 'below', 'new']);
    review.end([finding('new')]);
    assert.deepEqual(ids(), ['new']);
  });

  it('replaces what was known of a range when a review of the range ends, wherever the range has moved', () => {
    for (const moved of ['', 'zero\nzero\n']) {
      const lines = moved.split('\n').length - 1;
      board.set(uri, [finding('old'), finding('again'), below]);
      const start = { line: lines, character: 0 };
      const end = { line: lines, character: 3 };
      const review = board.beginReview({ uri, text: moved + text, range: { start, end } });
      review.end([finding('again'), finding('new')]);
      assert.deepEqual(ids(), ['below', 'again', 'new']);
    }
  });

  it('drops what a review showed on its way and did not end with', () => {
    const review = board.beginReview({ uri, text });
    board.add(uri, finding('refuted'));
    review.end([]);
    assert.deepEqual(ids(), []);
  });

  it('keeps what was known of a document when a review of it fails', () => {
    for (const part of [{}, { range }]) {
      board.set(uri, [finding('old'), below]);
      const review = board.beginReview({ uri, text, ...part });
      board.add(uri, finding('half'));
      review.abandon();
      assert.deepEqual(ids(), ['old', 'below']);
    }
  });

  it('recalls from storage a document that it knows nothing of, and no other', async () => {
    const findings = new FindingsInMemory();
    await findings.saveRun({ id: 'r', uri, summary: '', findings: [stored('stored')] });
    await board.recall(uri, findings);
    assert.deepEqual(ids(), ['stored']);
    board.set(uri, []);
    await board.recall(uri, findings);
    assert.deepEqual(ids(), [], 'a review found nothing since');
  });

  it('keeps what a review found while storage was read', async () => {
    const recalled = board.recall(uri, { latest: async () => [stored('stored')] });
    board.set(uri, [finding('new')]);
    await recalled;
    assert.deepEqual(ids(), ['new']);
  });
});
