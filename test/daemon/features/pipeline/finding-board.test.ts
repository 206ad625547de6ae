// The findings that stand, as reviews begin and end and the daemon starts anew.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import { FindingBoard, type ProfileBoard } from '../../../../daemon/features/pipeline/finding-board.ts';
import type { Finding } from '../../../../daemon/features/pipeline/types.ts';
import type { StoredFinding } from '../../../../daemon/storage/findings.ts';
import { FindingsInMemory } from './parts.ts';

const uri = 'file:///a.ts';
const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 3 } };
const stored = (id: string): StoredFinding<{ finding: Finding }> => ({
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

  it('forgets what was known of a document when a review of the whole of it begins', () => {
    board.set(uri, [finding('old')]);
    const end = board.beginReview({ uri });
    assert.deepEqual(ids(), []);
    board.add(uri, finding('new'));
    end([finding('new')]);
    assert.deepEqual(ids(), ['new']);
  });

  it('keeps what was known of a document through a review of a range of it, each finding once', () => {
    board.set(uri, [finding('old'), finding('again')]);
    const end = board.beginReview({ uri, range });
    assert.deepEqual(ids(), ['old', 'again']);
    end([finding('again'), finding('new')]);
    assert.deepEqual(ids(), ['old', 'again', 'new']);
  });

  it('drops what a review showed on its way and did not end with', () => {
    const end = board.beginReview({ uri });
    board.add(uri, finding('refuted'));
    end([]);
    assert.deepEqual(ids(), []);
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
