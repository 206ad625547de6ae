// TABLE of the limits of a run, each with what its user is told when it ends there. They count what its stages have stored, so that a run
// that goes on after a crash ends where it would have ended.
import { formatUsd } from '../../../../shared/usd.ts';
import { counted } from '../../../../shared/words/counted.ts';
import { UserError } from '../../../base/errors.ts';
import { defaultBytesPerToken, type Price, tokensFor } from '../../../models/costs/price.ts';
import { endNote } from '../../chat/answer.ts';
import type { RunBudget } from '../tools/tool.ts';
import { costOf, type RunSpent, roundsOf, tokensOf } from './spending.ts';
import type { ModelTurn } from './turn.ts';

export interface RunLimits extends Pick<RunBudget, 'rounds'> {
  /** US dollars; absent where only the budgets hold. */
  usd?: number | undefined;
  /** Those of every run where they are left out, as those after it. */
  tokens?: number;
  workMs?: number;
  /** What to do then, in a sentence. */
  toGoOn?: string;
}

export const defaultRounds = 25;
export const maxTokens = 2_000_000;
export const maxWorkMs = 60 * 60_000;
const toContinue = 'To continue, send another message in its chat.';

interface LimitRow {
  name: 'rounds' | 'tokens' | 'money' | 'minutes';
  /** The sentence, where it is reached. */
  why(spent: RunSpent, limits: RunLimits): string | undefined;
}

const rows: readonly LimitRow[] = [
  {
    name: 'rounds',
    why: (spent, { rounds, toGoOn = toContinue }) =>
      roundsOf(spent) >= rounds
        ? `Stopped after ${counted(rounds, 'turn')}, which is the limit of this run. ${toGoOn}`
        : undefined,
  },
  {
    name: 'tokens',
    why: (spent, { tokens = maxTokens, toGoOn = toContinue }) =>
      tokensOf(spent) >= tokens
        ? `Stopped after ${tokensOf(spent)} tokens, since it may use ${tokens}. ${toGoOn}`
        : undefined,
  },
  {
    name: 'money',
    why({ turns, tools = [] }, { usd, toGoOn = toContinue }) {
      if (usd === undefined) return undefined;
      const costs = [...tools, ...turns];
      const spent = costOf(costs);
      if (spent === undefined)
        return `Stopped, since it isn't known what ${turns.at(-1)?.model ?? 'the model'} costs, so the limit of ${formatUsd(usd)} can't be kept. Choose a model with a known price, or run it without a limit.`;
      const next = costs.at(-1)?.costUsd ?? 0; // the next turn costs at least about what the last one did
      return spent + next > usd && costs.length > 0
        ? `Stopped at ${formatUsd(spent)}, since another turn would exceed the limit of ${formatUsd(usd)}. ${toGoOn}`
        : undefined;
    },
  },
  {
    name: 'minutes',
    why: ({ workMs }, limits) => (workMs >= (limits.workMs ?? maxWorkMs) ? whyTimeUp(limits) : undefined),
  },
];

/** The time of a run was used up before its model said anything. */
export class TimeUpError extends Error {}

/** Why no further turn may be made; undefined where one may. */
export function whyNoTurn(spent: RunSpent, limits: RunLimits): string | undefined {
  for (const { why } of rows) {
    const sentence = why(spent, limits);
    if (sentence !== undefined) return sentence;
  }
  return undefined;
}

export function whyTimeUp({ workMs = maxWorkMs, toGoOn = toContinue }: RunLimits): string {
  return `Stopped after ${timeWords(workMs)} of work, which is the limit of a run. ${toGoOn}`;
}

function timeWords(ms: number): string {
  return ms < 60_000 ? counted(Math.round(ms / 1000), 'second') : counted(Math.round(ms / 60_000), 'minute');
}

/** Before a sentence that says why. */
export function cutOffBy(why: string): string {
  return `The last answer is cut off. ${why}`;
}

/** Why an answer isn't whole; undefined where it is. */
export function whyCutOff({ finish, bound, model }: ModelTurn, limits: RunLimits): string | undefined {
  const { usd = 0, tokens = maxTokens, toGoOn = toContinue } = limits;
  if (finish !== 'length' || bound === undefined) return endNote(finish, { model, isEmpty: false });
  const limit = bound === 'money' ? formatUsd(usd) : `${tokens} tokens`;
  return cutOffBy(`A longer one could exceed this run's limit of ${limit}. ${toGoOn}`);
}

/** A prompt for a model, before it is sent. */
export interface PromptSize {
  bytes: number;
  /** Tokens that its answer may have, were there no limits. */
  maxOutput: number;
  price?: Price | undefined;
}

export interface AnswerBound extends Pick<ModelTurn, 'bound'> {
  maxOutput: number;
}

const minAnswerTokens = 200;

/** How long the answer to a prompt may get, so that no limit is exceeded. Throws UserError `run-limit` where that's too short for one. */
export function boundAnswer(spent: RunSpent, limits: RunLimits, { bytes, maxOutput, price }: PromptSize): AnswerBound {
  const { usd, tokens = maxTokens, toGoOn = toContinue } = limits;
  const spentUsd = costOf([...spent.turns, ...(spent.tools ?? [])]);
  const paid =
    usd !== undefined && spentUsd !== undefined && price ? tokensFor(usd - spentUsd, bytes, price) : maxOutput;
  const left = tokens - tokensOf(spent) - Math.ceil(bytes / defaultBytesPerToken);
  const room = Math.min(maxOutput, paid, left);
  if (room >= maxOutput) return { maxOutput };
  const bound = paid < left ? 'money' : 'tokens';
  if (room >= minAnswerTokens) return { maxOutput: room, bound };
  const limit = bound === 'money' ? formatUsd(usd ?? 0) : `${tokens} tokens`;
  const hasBegun = spent.turns.length > 0;
  const used = bound === 'money' ? `at ${formatUsd(spentUsd ?? 0)}` : `after ${tokensOf(spent)} tokens`;
  throw new UserError(
    'run-limit',
    hasBegun
      ? `Stopped ${used}, since another turn could exceed the limit of ${limit}. ${toGoOn}`
      : `Not started, since one answer could exceed the limit of ${limit}. Raise the limit, or choose a cheaper model.`,
  );
}
