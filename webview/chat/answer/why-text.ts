// "Why this model?" as rows to show, read from the stored record of a decision. Pure.
import type { Decision, Message } from '../../../shared/protocol/chat.ts';
import type { RecordedDecision } from '../../../shared/protocol/router.ts';
import { formatSeconds, shownTokens, shownUsd } from '../../format.ts';
import { plural, t } from '../../words.ts';

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
  { part: 'match', name: t('Fit'), title: t('How well its strength suits the request') },
  { part: 'quality', name: t('Quality'), title: t('How good its answers are, whatever is asked') },
  { part: 'cost', name: t('Cost'), title: t('The longer, the cheaper') },
  { part: 'speed', name: t('Speed'), title: t('The longer, the faster') },
  { part: 'preference', name: t('Order'), title: t('Loaded already, or early in your configuration') },
  { part: 'learned', name: t('Learned'), title: t('Based on your ratings and the edits you kept') },
];

const policyWords: Record<RecordedDecision['policy'], string> = {
  'local-first': t('this machine first, others only when none here can answer'),
  cheapest: t('the cheapest'),
  best: t('the best answers'),
  fastest: t('the fastest'),
  'local-only': t('this machine only'),
};

/** Which level named the model, in words. */
export const sourceWords: Record<NonNullable<Decision['source']>, string> = {
  message: t('this message'),
  chat: t('this chat'),
  profile: t('the profile'),
  workspace: t('the setting "switchyard.model"'),
  policy: t('the routing policy'),
};

/** What of the conversation a model was shown: `the newest 4 messages, and 1 pinned; of the older ones 2 were found again, 30 summarized, none left out`. */
export function sawWords({
  pinned,
  recent,
  found = [],
  summarised = 0,
  leftOut,
}: NonNullable<Message['context']>): string {
  const newest = recent === 1 ? t('this question') : t('the newest {0} messages', recent);
  const kept = pinned.length === 0 ? '' : t(', and {0} pinned', pinned.length);
  const older = [
    ...(found.length > 0 ? [plural(found.length, ['{0} was found again', '{0} were found again'])] : []),
    ...(summarised > 0 ? [t('{0} summarized', summarised)] : []),
  ];
  if (older.length > 0)
    return t(
      '{0}{1}; of the older ones {2}, {3} left out',
      newest,
      kept,
      older.join(', '),
      leftOut === 0 ? t('none') : leftOut,
    );
  if (leftOut === 0) return t('{0}{1}, nothing left out', newest, kept);
  return plural(leftOut, ['{1}{2}; {0} older one was left out', '{1}{2}; {0} older ones were left out'], newest, kept);
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
    tokens === undefined ? undefined : t('about {0} tokens', shownTokens(tokens)),
  ];
  const facts = [
    { name: t('Read as'), value: read.filter((part) => part !== undefined).join(', ') },
    {
      name: t('Policy'),
      value: explicit ? t('{0}, but a specific model was requested', policyWords[policy]) : policyWords[policy],
    },
    { name: t('Confidence'), value: `${Math.round(confidence * 100)}%` },
    {
      name: t('Cost'),
      value: t(
        '{0} estimated, {1}',
        costWords(estimatedCost, local),
        outcome?.cost === undefined ? t('actual unknown') : t('{0} actual', costWords(outcome.cost, local)),
      ),
    },
    { name: t('Outcome'), value: outcomeWords(outcome) },
  ];
  return facts.filter(({ value }) => value !== '');
}

/** An unknown price is never shown as nothing. */
function costWords(usd: number | undefined, local: boolean): string {
  if (usd === undefined) return t('unknown');
  return usd === 0 && local ? t('free') : shownUsd(usd);
}

function outcomeWords(outcome: RecordedDecision['outcome']): string {
  if (!outcome) return t('not known yet');
  const { status, durationMs, judgeScore, keptEdit, thumbs, retried } = outcome;
  const words = [
    status,
    durationMs === undefined ? undefined : formatSeconds(durationMs),
    thumbs && (thumbs === 'up' ? t('thumbs up') : t('thumbs down')),
    keptEdit === true ? t('its edit was kept') : undefined,
    keptEdit === false ? t('its edit was not kept') : undefined,
    retried ? t('asked again') : undefined,
    judgeScore === undefined ? undefined : t('judged {0}%', Math.round(judgeScore * 100)),
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
