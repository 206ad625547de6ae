// The visible rule by which a conversation is made to fit a model: the newest turns stay, whole; the oldest are left out.

export interface Turn {
  role: 'user' | 'assistant';
  content: string;
}

export interface Fitted {
  turns: Turn[];
  /** How many of the oldest turns were left out. */
  leftOut: number;
}

// Bytes per token of English and code lie near 4 with current vocabularies; 3 errs on the safe side.
const bytesPerToken = 3;
const tokensPerTurn = 8; // role markers of chat templates
/** Share of the context kept free for the answer. */
const answerShare = 0.25;

/** A careful estimate of how many tokens a text takes. */
export function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / bytesPerToken);
}

/**
 * Keeps as many of the newest turns as fit into `contextTokens` beside the answer. The last turn (the question) always stays:
 * when it alone is too long, the model refuses it, and the user is told so. Unknown context keeps everything.
 * `scale` > 1 tightens the rule after a model has found the estimate too low.
 */
export function fit(turns: readonly Turn[], options: { contextTokens: number | undefined; systemTokens: number; scale: number }): Fitted {
  if (options.contextTokens === undefined && options.scale === 1) return { turns: [...turns], leftOut: 0 };
  const whole = turns.reduce((sum, turn) => sum + estimateTokens(turn.content) + tokensPerTurn, 0);
  const room = (options.contextTokens ?? whole) * (1 - answerShare) - options.systemTokens;
  let used = 0;
  let first = turns.length;
  while (first > 0) {
    const turn = turns[first - 1];
    used += (estimateTokens(turn?.content ?? '') + tokensPerTurn) * options.scale;
    if (used > room && first < turns.length) break;
    first--;
  }
  // An answer without its question would confuse the model: begin with a user's turn.
  while (first < turns.length - 1 && turns[first]?.role === 'assistant') first++;
  return { turns: turns.slice(first), leftOut: first };
}
