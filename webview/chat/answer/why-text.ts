// "Why this model?" as rows to show, read from the stored record of a decision. Pure.
import type { Decision, Message } from '../../../shared/protocol/chat.ts';
import type { RecordedDecision } from '../../../shared/protocol/router.ts';
import { formatTokens } from '../../../shared/tokens.ts';
import { formatUsd } from '../../../shared/usd.ts';
import { formatSeconds } from '../../format.ts';

export interface Why {
  reason: string;
  facts: { name: string; value: string }[];
  /** The features of the text that the router used. */
  signals: readonly string[];
  candidates: CandidateRow[];
  excluded: { id: string; reason: string }[];
}

export interface CandidateRow {
  id: string;
  isChosen: boolean;
  local: boolean;
  /** 0..1 */
  score: number | undefined;
  /** What the answer would probably cost. */
  cost: string;
  bars: Bar[];
}

export interface Bar {
  name: string;
  title: string;
  /** 0..1; undefined where nothing is known. */
  share: number | undefined;
}

type Candidate = RecordedDecision['candidates'][number];
type Parts = NonNullable<Candidate['parts']>;

const parts: readonly { part: keyof Parts; name: string; title: string }[] = [
  { part: 'match', name: 'Fit', title: 'How well its strength suits the request' },
  { part: 'quality', name: 'Quality', title: 'How good its answers are, whatever is asked' },
  { part: 'cost', name: 'Cost', title: 'The longer, the cheaper' },
  { part: 'speed', name: 'Speed', title: 'The longer, the faster' },
  { part: 'preference', name: 'Order', title: 'Loaded already, or early in your configuration' },
  { part: 'learned', name: 'Learned', title: 'Based on your ratings and the edits you kept' },
];

const policyWords: Record<RecordedDecision['policy'], string> = {
  'local-first': 'this machine first, others only when none here can answer',
  cheapest: 'the cheapest',
  best: 'the best answers',
  fastest: 'the fastest',
  'local-only': 'this machine only',
};

/** Which level named the model, in words. */
export const sourceWords: Record<NonNullable<Decision['source']>, string> = {
  message: 'this message',
  chat: 'this chat',
  profile: 'the profile',
  workspace: 'the setting "switchyard.model"',
  policy: 'the routing policy',
};

/** What of the conversation a model was shown: `the newest 4 messages, and 1 pinned; of the older ones 2 were found again, 30 summarized, none left out`. */
export function sawWords({
  pinned,
  recent,
  found = [],
  summarised = 0,
  leftOut,
}: NonNullable<Message['context']>): string {
  const newest = recent === 1 ? 'this question' : `the newest ${recent} messages`;
  const kept = pinned.length === 0 ? '' : `, and ${pinned.length} pinned`;
  const older = [
    ...(found.length > 0 ? [`${found.length} ${found.length === 1 ? 'was' : 'were'} found again`] : []),
    ...(summarised > 0 ? [`${summarised} summarized`] : []),
  ];
  if (older.length > 0)
    return `${newest}${kept}; of the older ones ${older.join(', ')}, ${leftOut === 0 ? 'none' : leftOut} left out`;
  return `${newest}${kept}${leftOut === 0 ? ', nothing left out' : `; ${leftOut} older ${leftOut === 1 ? 'one was' : 'ones were'} left out`}`;
}

/** `shown` is the decision as it stands under the answer: a model that stepped in for another says so there. */
export function toWhy(record: RecordedDecision, shown: Decision): Why {
  const ranked = record.candidates.filter(({ excluded }) => excluded === undefined);
  return {
    reason: shown.reason,
    facts: factsOf(record),
    signals: record.signals,
    candidates: ranked.map((candidate) => toRow(candidate, record.model)),
    excluded: record.candidates.flatMap(({ id, excluded }) =>
      excluded === undefined ? [] : [{ id, reason: excluded }],
    ),
  };
}

function factsOf({
  tokens,
  complexity,
  task,
  policy,
  explicit,
  confidence,
  estimatedCost,
  outcome,
  candidates,
  model,
}: RecordedDecision): Why['facts'] {
  const local = candidates.find(({ id }) => id === model)?.local ?? false;
  const read = [
    complexity && task ? `${complexity} ${task}` : undefined,
    tokens === undefined ? undefined : `about ${formatTokens(tokens)} tokens`,
  ];
  const facts = [
    { name: 'Read as', value: read.filter((part) => part !== undefined).join(', ') },
    {
      name: 'Policy',
      value: explicit ? `${policyWords[policy]}, but a specific model was requested` : policyWords[policy],
    },
    { name: 'Confidence', value: `${Math.round(confidence * 100)}%` },
    {
      name: 'Cost',
      value: `${costWords(estimatedCost, local)} estimated, ${outcome?.cost === undefined ? 'actual unknown' : `${costWords(outcome.cost, local)} actual`}`,
    },
    { name: 'Outcome', value: outcomeWords(outcome) },
  ];
  return facts.filter(({ value }) => value !== '');
}

/** An unknown price is never shown as nothing. */
function costWords(usd: number | undefined, local: boolean): string {
  if (usd === undefined) return 'unknown';
  return usd === 0 && local ? 'free' : formatUsd(usd);
}

function outcomeWords(outcome: RecordedDecision['outcome']): string {
  if (!outcome) return 'not known yet';
  const { status, durationMs, judgeScore, keptEdit, thumbs, retried } = outcome;
  const words = [
    status,
    durationMs === undefined ? undefined : formatSeconds(durationMs),
    thumbs && `thumbs ${thumbs}`,
    keptEdit === undefined ? undefined : `its edit was ${keptEdit ? 'kept' : 'not kept'}`,
    retried ? 'asked again' : undefined,
    judgeScore === undefined ? undefined : `judged ${Math.round(judgeScore * 100)}%`,
  ];
  return words.filter((word) => word !== undefined).join(', ');
}

function toRow({ id, local, score, parts: measured, cost }: Candidate, model: string): CandidateRow {
  return {
    id,
    local,
    score,
    isChosen: id === model,
    cost: costWords(cost, local),
    bars: parts.map(({ part, name, title }) => ({ name, title, share: measured?.[part] })),
  };
}
