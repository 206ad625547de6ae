// The visible rule by which a conversation becomes a prompt: what the user pinned always goes along, then the newest messages,
// whole, as many as the model holds. The rest is left out of the prompt, never out of the transcript.
import type { StoredContext } from '../memory/chats/earlier.ts';
import { estimateTokens, type Turn } from './fit.ts';
import { pinnedText } from './prompt.ts';

export interface Context {
  /** In reading order, beginning with the user. Pinned messages from before the newest ones stand in front of the first of them. */
  turns: Pick<Turn, 'role' | 'content'>[];
  /** What went in, for the answer's record. */
  included: StoredContext;
}

export interface ContextOptions {
  /** What the model holds; everything goes along when it is unknown. */
  contextTokens: number | undefined;
  systemTokens: number;
  /** Above 1 it tightens the rule, after a model has found the estimate too low. */
  scale: number;
  /** Messages of the branch from before `turns`. */
  earlier?: number;
}

const tokensPerTurn = 8; // role markers of chat templates
/** Share of the context kept free for the answer. */
const answerShare = 0.25;

/**
 * The last turn (the question) always goes along, as do pinned ones: when they alone are too long, the model refuses them, and the
 * user is told so.
 */
export function contextFor(turns: readonly Turn[], options: ContextOptions): Context {
  const first = firstRecent(turns, options);
  const recent = turns.slice(first);
  const pinned = turns.slice(0, first).filter((turn) => turn.pinned);
  const begin = recent[0];
  return {
    turns: recent.map(({ role, content }, index) => ({ role, content: index === 0 && pinned.length > 0 ? `${pinnedText(pinned)}\n\n${content}` : content })),
    included: {
      pinned: turns.filter((turn) => turn.pinned).map(({ id }) => id),
      recent: recent.length,
      ...(begin && { firstRecent: begin.id }),
      leftOut: first - pinned.length + (options.earlier ?? 0),
    },
  };
}

function firstRecent(turns: readonly Turn[], { contextTokens, systemTokens, scale }: ContextOptions): number {
  if (contextTokens === undefined && scale === 1) return beginWithUser(turns, 0);
  const cost = (turn: Turn): number => (estimateTokens(turn.content) + tokensPerTurn) * scale;
  const whole = turns.reduce((sum, turn) => sum + cost(turn) / scale, 0);
  const room = (contextTokens ?? whole) * (1 - answerShare) - systemTokens;
  let used = turns.filter(({ pinned }) => pinned).reduce((sum, turn) => sum + cost(turn), 0);
  let first = turns.length;
  for (const turn of turns.toReversed()) {
    if (!turn.pinned) used += cost(turn);
    if (used > room && first < turns.length) break;
    first--;
  }
  return beginWithUser(turns, first);
}

/** An answer without its question would confuse the model. */
function beginWithUser(turns: readonly Turn[], first: number): number {
  const found = turns.findIndex(({ role }, index) => index >= first && role === 'user');
  return found < 0 ? Math.min(first, turns.length - 1) : found;
}
