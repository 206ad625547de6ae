// The refuter: tries to disprove each finding. Only evidence counts, code that stands in the document or what an analyser says; a
// refutation without it is an opinion, and changes nothing.
import * as z from 'zod';
import { cleanMessage } from '../../../base/clean-text.ts';
import type { FinishReason } from '../../../models/providers/provider.ts';
import { strictJson } from '../judge/strict-json.ts';
import { compactText, type ReviewTarget } from '../target.ts';
import type { Finding, HeldFinding } from '../types.ts';
import { isAgreed, isUnanimous, type PanelCandidate } from './candidate.ts';

export const refuterInstructions = `You check claims about code that a reviewer made. Try to disprove each one by reading the code. Answer with one JSON object and nothing else, with one verdict for each claim:
${JSON.stringify({ verdicts: [{ claim: 1, reason: 'The loop above stops before the last item, so the index exists.', quote: 'i < items.length - 1', verdict: 'refuted' }] })}
claim: its number. reason: one sentence. quote: the code that proves it, copied exactly, without line numbers. verdict: "refuted" if the quote shows that the claim is wrong, "stands" if the quote shows that it is right, "unsure" if you cannot tell.`;

const verdicts = ['refuted', 'stands', 'unsure'] as const;

const Answer = z.strictObject({
  verdicts: z.array(
    z.strictObject({ claim: z.number().int(), reason: z.string(), quote: z.string(), verdict: z.enum(verdicts) }),
  ),
});

export const refuterSchema = {
  name: 'verdicts',
  schema: {
    type: 'object',
    properties: {
      verdicts: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            claim: { type: 'integer' },
            reason: { type: 'string' },
            quote: { type: 'string' },
            verdict: { type: 'string', enum: [...verdicts] },
          },
          required: ['claim', 'reason', 'quote', 'verdict'],
          additionalProperties: false,
        },
      },
    },
    required: ['verdicts'],
    additionalProperties: false,
  },
};

/** An analyser that has read the document, and the lines, from 0, in which it found something. */
export interface AnalyserFact {
  by: string;
  lines: ReadonlySet<number>;
}

/** `only`: each claim is asked about once. Of a noisy model some are asked about twice: the `first` of two, and the `last`. */
export type RefuterRound = 'only' | 'first' | 'last';

export interface Refuted {
  kept: PanelCandidate[];
  held: HeldFinding[];
  /** To be asked about once more; of a first round alone. */
  open: PanelCandidate[];
}

/** What is left of the candidates. `parseError` ends a sentence that begins with the model: then nothing has been weighed. */
export function applyRefutations(
  answer: { text: string; reason: FinishReason },
  {
    target,
    candidates,
    facts,
    round = 'only',
  }: {
    target: ReviewTarget;
    candidates: readonly PanelCandidate[];
    facts: readonly AnalyserFact[];
    round?: RefuterRound;
  },
): Refuted | { parseError: string } {
  if (answer.reason !== 'stop') return { parseError: 'was cut off' };
  const read = strictJson(answer.text, Answer);
  if ('parseError' in read) return read;
  const result: Refuted = { kept: [], held: [], open: [] };
  for (const [index, candidate] of candidates.entries()) {
    const { finding } = candidate;
    const own = read.value.verdicts.filter(({ claim }) => claim === index + 1);
    const [verdict] = own.length === 1 ? own : []; // two verdicts of one claim are none
    const isProven = verdict !== undefined && hasEvidence(verdict, candidate, { target, facts });
    const reason = cleanMessage(verdict?.reason ?? '', maxReasonChars);
    if (verdict?.verdict === 'refuted' && isProven && reason !== '') {
      result.held.push({ finding, reason: 'refuted', detail: reason });
      continue;
    }
    const isSeconded = verdict?.verdict === 'stands' && isProven;
    if (round === 'first' && isDoubtful(candidate, isSeconded)) {
      result.open.push(candidate);
    } else if (round === 'only' ? isConfirmed(candidate, isSeconded) : isSeconded || isUnanimous(candidate)) {
      result.kept.push(candidate);
    } else {
      result.held.push({ finding, reason: 'unconfirmed', detail: unconfirmedDetail(candidate) });
    }
  }
  return result;
}

const maxReasonChars = 400;

/** An error has to be disproved. Less than an error, and what one of several passes saw alone, has to be confirmed. */
function isConfirmed(candidate: PanelCandidate, isSeconded: boolean): boolean {
  const needsNone = candidate.passes === 1 && candidate.finding.severity === 'error';
  return isSeconded || needsNone || isAgreed(candidate);
}

/** Of a noisy model: nothing but its own word speaks for it, or one of several readings and one look. */
function isDoubtful(candidate: PanelCandidate, isSeconded: boolean): boolean {
  const isAlone = candidate.passes > 1 && !isAgreed(candidate);
  return !isUnanimous(candidate) && (!isSeconded || isAlone);
}

function unconfirmedDetail({ support, passes }: PanelCandidate): string {
  return passes === 1
    ? 'Nothing in the code confirmed it.'
    : `Only ${support} of ${passes} readings reported it, and nothing in the code confirmed it.`;
}

const minQuoteChars = 6; // without white space: less stands everywhere

function hasEvidence(
  { quote, verdict }: z.infer<typeof Answer>['verdicts'][number],
  candidate: PanelCandidate,
  { target, facts }: { target: ReviewTarget; facts: readonly AnalyserFact[] },
): boolean {
  if (verdict === 'refuted' && isAnalyserFact(quote, candidate.finding, facts)) return true;
  const compact = compactText(quote.replace(/^[ \t]*>?[ \t]*\d+\|[ \t]?/gm, '')).text;
  if (compact.length < minQuoteChars || !target.compact().text.includes(compact)) return false;
  if (verdict !== 'refuted' || !isAgreed(candidate)) return true;
  // Two readings that agree are not overruled by the very code that they are about.
  return !compactText(candidate.finding.evidence).text.includes(compact);
}

const checkable = /\b(syntax|type|types|typing|import|imports|undefined-variable|compile|compilation|parse)\b/;

/** An analyser that reads types and syntax, and has nothing against these lines, disproves what is claimed of both. */
function isAnalyserFact(quote: string, { category, range }: Finding, facts: readonly AnalyserFact[]): boolean {
  if (!checkable.test(category)) return false;
  const fact = facts.find(({ by }) => by.toLowerCase() === quote.trim().toLowerCase());
  if (!fact) return false;
  for (let line = range.start.line; line <= range.end.line; line++) if (fact.lines.has(line)) return false;
  return true;
}
