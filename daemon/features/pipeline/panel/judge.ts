// The judge: joins findings that say the same, and puts them in order. It takes nothing away: what it cannot be read for, the order by
// severity, votes and confidence stands for.
import * as z from 'zod';
import { cleanMessage } from '../../../base/clean-text.ts';
import type { FinishReason } from '../../../models/providers/provider.ts';
import { strictJson } from '../judge/strict-json.ts';
import { maxConflictChars, maxConflicts } from '../judge/verdict.ts';
import { sharesLine } from '../target.ts';
import type { HeldFinding } from '../types.ts';
import { severities } from '../verdict/claim-words.ts';
import { lineOf, type PanelCandidate } from './candidate.ts';

export const judgeInstructions = `You judge the claims of a reviewer about code. Answer with one JSON object and nothing else, with one entry for each claim:
${JSON.stringify({ findings: [{ claim: 1, duplicateOf: null, score: 0.8 }], conflicts: ['Claims 1 and 2 contradict each other.'], confidence: 0.7 })}
claim: its number. duplicateOf: the number of an earlier claim about the same flaw of the same code, or null. score: how much it matters that the author fixes it, 0 to 1. conflicts: where claims contradict each other or the code, a sentence each. confidence: the probability that your order is right, 0 to 1.`;

const Answer = z.strictObject({
  findings: z.array(
    z.strictObject({
      claim: z.number().int(),
      duplicateOf: z.number().int().nullable(),
      score: z.number().min(0).max(1),
    }),
  ),
  conflicts: z.array(z.string()).max(maxConflicts),
  confidence: z.number().min(0).max(1),
});

export const judgeSchema = {
  name: 'judgement',
  schema: {
    type: 'object',
    properties: {
      findings: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            claim: { type: 'integer' },
            duplicateOf: { type: ['integer', 'null'] },
            score: { type: 'number' },
          },
          required: ['claim', 'duplicateOf', 'score'],
          additionalProperties: false,
        },
      },
      conflicts: { type: 'array', items: { type: 'string' } },
      confidence: { type: 'number' },
    },
    required: ['findings', 'conflicts', 'confidence'],
    additionalProperties: false,
  },
};

export interface PanelJudgement {
  /** What the judge says of itself; 0 where it could not be read. */
  confidence: number;
  conflicts: string[];
  /** Why it could not be read. */
  parseError?: string;
}

export interface Judged {
  /** The strongest first. */
  ranked: PanelCandidate[];
  held: HeldFinding[];
  judgement: PanelJudgement;
}

export function applyJudgement(
  answer: { text: string; reason: FinishReason },
  candidates: readonly PanelCandidate[],
): Judged {
  const read = answer.reason === 'stop' ? strictJson(answer.text, Answer) : { parseError: 'was cut off' };
  if ('parseError' in read) return unjudged(candidates, read.parseError);
  const { findings, conflicts, confidence } = read.value;
  const claims = findings.map(({ claim }) => claim).sort((a, b) => a - b);
  if (claims.join() !== candidates.map((_, index) => index + 1).join())
    return unjudged(candidates, "didn't judge each finding once");
  const scores = new Map<PanelCandidate, number>();
  const held: HeldFinding[] = [];
  for (const { claim, duplicateOf, score } of findings) {
    const [own, other] = [candidates[claim - 1], candidates[(duplicateOf ?? 0) - 1]];
    if (!own) continue;
    if (other && duplicateOf !== null && duplicateOf < claim && sharesLine(own.finding.range, other.finding.range))
      held.push({
        finding: own.finding,
        reason: 'merged',
        detail: `Same as the finding in line ${lineOf(other.finding)}.`,
      });
    else scores.set(own, score);
  }
  return {
    ranked: strongestFirst([...scores.keys()], (candidate) => scores.get(candidate) ?? 0),
    held,
    judgement: {
      confidence,
      conflicts: conflicts.map((text) => cleanMessage(text, maxConflictChars)).filter((text) => text !== ''),
    },
  };
}

/** By what is known without a judge. */
function unjudged(candidates: readonly PanelCandidate[], parseError: string): Judged {
  return { ranked: strongestFirst(candidates), held: [], judgement: { confidence: 0, conflicts: [], parseError } };
}

/** Severity, then votes, then the score, then confidence: what a model says of its own certainty says least. */
export function strongestFirst(
  candidates: readonly PanelCandidate[],
  scoreOf: (candidate: PanelCandidate) => number = () => 0,
): PanelCandidate[] {
  return candidates.toSorted(
    (a, b) =>
      severities.indexOf(a.finding.severity) - severities.indexOf(b.finding.severity) ||
      b.support - a.support ||
      scoreOf(b) - scoreOf(a) ||
      b.finding.confidence - a.finding.confidence,
  );
}
