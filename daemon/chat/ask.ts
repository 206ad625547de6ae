// One model asked once for an answer to a conversation: fitted to its context, metered, and asked again with less where it finds
// the prompt too long.
import type { CachedAnswer } from '../cache/cache.ts';
import { keyOf, type CacheKey } from '../cache/key.ts';
import { UserError } from '../base/errors.ts';
import type { Costs, PricedRequest } from '../costs/costs.ts';
import { metered } from '../costs/metered.ts';
import { usdOf } from '../costs/price.ts';
import { pricedRequest } from '../costs/priced.ts';
import type { FinishReason, ModelInfo, ModelRequest, PromptMessage, StreamPart } from '../providers/provider.ts';
import type { Selection } from '../router/router.ts';
import type { StoredContext } from '../memory/memory.ts';
import { contextFor } from './context.ts';
import { estimateTokens, type Turn } from './fit.ts';
import { systemPrompt } from './prompt.ts';

const mostFittingRounds = 4; // each round leaves out more of the oldest turns

export interface Asking {
  profile: string;
  chatId: string;
  messageId: string;
  turns: readonly Turn[];
  /** How many messages there are before them. */
  earlier: number;
  selection: Selection;
  workspace?: string | undefined;
}

export interface AskOptions {
  costs: Costs;
  signal: AbortSignal;
  onPart(part: StreamPart): void;
  note(text: string): void;
}

export interface Asked {
  finishReason: FinishReason;
  /** What of the conversation it was made from. */
  context: StoredContext;
  /** US dollars of every attempt; undefined when one of them is unknown. */
  cost: number | undefined;
}

/** Asks the model; when it finds the prompt too long, leaves out more of the oldest turns and says so. */
export async function ask(asking: Asking, { costs, signal, onPart, note }: AskOptions): Promise<Asked> {
  const { turns, earlier, selection, workspace } = asking;
  const { provider, info } = selection.candidate;
  let cost: number | undefined = 0;
  for (let round = 0; ; round++) {
    const { request, included } = promptFor(info, turns, { workspace, earlier, scale: 2 ** round });
    const onCost = (spent: Parameters<typeof usdOf>[0]): void => {
      const usd = usdOf(spent);
      cost = cost === undefined || usd === undefined ? undefined : cost + usd;
    };
    try {
      const stream = metered({ costs, request: priced(asking, request), onCost }, () => provider.stream(request, signal));
      const finishReason = await consume(stream, (part, isFirst) => {
        if (isFirst && included.leftOut > 0) note(leftOutNote(included.leftOut, selection));
        onPart(part);
      });
      return { finishReason, cost, context: included };
    } catch (error) {
      const canCutMore = included.recent > 1 && round + 1 < mostFittingRounds;
      if (!(error instanceof UserError && error.code === 'context-too-long' && canCutMore)) throw error;
    }
  }
}

/** What a model is sent of a conversation, and what that was. */
export function promptFor(info: ModelInfo, turns: readonly Turn[], { workspace, earlier = 0, scale = 1 }: { workspace?: string | undefined; earlier?: number; scale?: number }): { request: ModelRequest; included: StoredContext } {
  const context = contextFor(turns, { contextTokens: info.contextTokens, systemTokens: estimateTokens(systemPrompt), scale, earlier });
  const messages: PromptMessage[] = [{ role: 'system', content: systemPrompt }, ...context.turns];
  return { request: { model: info.name, messages, ...(workspace && { workspace }) }, included: context.included };
}

/** Where the answer to this question by this model is kept. */
export function cacheKeyOf({ profile, turns, selection }: Asking): CacheKey {
  const { messages } = promptFor(selection.candidate.info, turns, {}).request;
  return keyOf({ profile, model: selection.decision.model, text: messages.at(-1)?.content ?? '', context: messages.slice(0, -1), attachments: [], tools: [] });
}

/** Counts an answer that came from the cache, and cost nothing. */
export function countCached(hit: CachedAnswer, asking: Asking, costs: Costs): void {
  costs.countCached(priced(asking, promptFor(asking.selection.candidate.info, asking.turns, {}).request), hit.text.length);
}

function priced({ profile, chatId, messageId, selection, workspace }: Asking, request: ModelRequest): PricedRequest {
  return pricedRequest(selection, request, { profile, task: 'chat', chat: chatId, answer: messageId, ...(workspace && { workspace }) });
}

function leftOutNote(count: number, { decision, candidate }: Selection): string {
  const context = candidate.info.contextTokens;
  return `The ${count} oldest messages were left out: ${decision.model} holds ${context === undefined ? 'less than this chat' : `${context} tokens`}. They are still in this chat.`;
}

async function consume(stream: AsyncIterable<StreamPart>, onPart: (part: StreamPart, isFirst: boolean) => void): Promise<FinishReason> {
  let isFirst = true;
  let finish: FinishReason | undefined;
  for await (const part of stream) {
    onPart(part, isFirst);
    isFirst = false;
    if (part.kind === 'finish') finish = part.reason;
  }
  if (!finish) throw new UserError('unavailable', 'The model stopped without ending its answer. What arrived is kept; retry to ask again.', { retryable: true });
  return finish;
}
