// Two judgements of the same pair, each candidate once in the first place, since judges favor a place. Pure.
import type { JudgeAnswer } from './verdict.ts';

export const pairWords = ['first', 'second', 'tie', 'neither'] as const;
export const singleWords = ['approve', 'reject'] as const;

/** What came of judging; `undecided` where nobody said anything that can be read, or the two orders disagree. */
export interface Judgement {
  verdict: 'approved' | 'rejected' | 'undecided';
  /** Which of two is better, where both orders say so. */
  prefers?: 'draft' | 'revision';
  /** The judge's own number, of the less sure of two answers; absent where there is none. */
  confidence?: number;
  conflicts: string[];
  /** The end of a sentence that begins with the judge. */
  parseError?: string;
}

export function undecided(parseError?: string): Judgement {
  return { verdict: 'undecided', conflicts: [], ...(parseError !== undefined && { parseError }) };
}

/** Of one candidate alone. */
export function singleJudgement(answer: JudgeAnswer<(typeof singleWords)[number]>): Judgement {
  if ('parseError' in answer) return undecided(answer.parseError);
  const { verdict, conflicts, confidence } = answer;
  return { verdict: verdict === 'approve' ? 'approved' : 'rejected', conflicts, confidence };
}

type PairAnswer = JudgeAnswer<(typeof pairWords)[number]>;

/** `draftFirst` saw the draft first, `revisionFirst` the revision. */
export function pairJudgement(draftFirst: PairAnswer, revisionFirst: PairAnswer): Judgement {
  for (const answer of [draftFirst, revisionFirst]) if ('parseError' in answer) return undecided(answer.parseError);
  if ('parseError' in draftFirst || 'parseError' in revisionFirst) return undecided();
  const conflicts = [...new Set([...draftFirst.conflicts, ...revisionFirst.conflicts])];
  const confidence = Math.min(draftFirst.confidence, revisionFirst.confidence);
  const meant = { first: 'draft', second: 'revision', tie: 'tie', neither: 'neither' } as const;
  const other = { first: 'revision', second: 'draft', tie: 'tie', neither: 'neither' } as const;
  const [one, two] = [meant[draftFirst.verdict], other[revisionFirst.verdict]];
  if (one !== two) return { verdict: 'undecided', conflicts, confidence };
  if (one === 'neither') return { verdict: 'rejected', conflicts, confidence };
  return { verdict: 'approved', conflicts, confidence, ...(one !== 'tie' && { prefers: one }) };
}
