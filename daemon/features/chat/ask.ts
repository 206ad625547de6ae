// One model asked once for an answer to a conversation: fitted to its context, together with equal requests, metered, and asked
// again with less where it finds the prompt too long.

import { UserError } from '../../base/errors.ts';
import type { CachedAnswer } from '../../models/cache/cache.ts';
import { type CacheKey, keyOf } from '../../models/cache/key.ts';
import type { Costs, PricedRequest } from '../../models/costs/costs.ts';
import { metered } from '../../models/costs/metered.ts';
import { usdOf } from '../../models/costs/price.ts';
import { pricedRequest } from '../../models/costs/priced.ts';
import type { FinishReason, ModelRequest, PromptMessage, StreamPart } from '../../models/providers/provider.ts';
import type { SingleFlight } from '../../models/resilience/single-flight.ts';
import type { Selection } from '../../models/router/router.ts';
import type { StoredContext } from '../../storage/messages.ts';
import { type Fact, sectionOf } from '../memories/section.ts';
import { estimateTokens, type Turn } from './fit.ts';
import { systemPrompt } from './prompt.ts';
import { contextFor, type Older } from './window.ts';

const maxFittingRounds = 4; // each round leaves out more of the oldest turns

export interface Asking {
  profile: string;
  chatId: string;
  messageId: string;
  turns: readonly Turn[];
  /** How many messages there are before them. */
  earlier: number;
  /** What the user wants remembered, for the system part of the prompt. */
  memories?: readonly Fact[] | undefined;
  /** Finds what of older messages bears on the question; the first call does it, and it never fails. */
  recollect?: (() => Promise<Older>) | undefined;
  /** What was found. */
  older?: Older | undefined;
  selection: Selection;
  mode?: string | undefined;
  workspace?: string | undefined;
  /** A retry wants another answer than the one that is kept. */
  isRetry: boolean;
  /** The request that runs already, where it has won a race. */
  begun?: Begun | undefined;
}

/** A request to a model under way, with its meter on. Lives until it has ended. */
export interface Begun {
  parts: AsyncIterable<StreamPart>;
  included: StoredContext;
  /** The message it is made for, as soon as that is known. */
  messageId?: string;
  /** US dollars, once it has ended; undefined when they are unknown. */
  usd?: number | undefined;
}

export interface AskOptions {
  costs: Costs;
  flights: SingleFlight;
  /** Where its answer is kept: equal requests have the same. */
  key: CacheKey;
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
export async function ask(asking: Asking, options: AskOptions): Promise<Asked> {
  const { onPart, note } = options;
  let cost: number | undefined = 0;
  const add = (usd: number | undefined): void => {
    cost = cost === undefined || usd === undefined ? undefined : cost + usd;
  };
  for (let round = 0; ; round++) {
    const { included, parts, spent } =
      round === 0 && asking.begun ? takeOver(asking.begun) : share(await withOlder(asking, round), round, options);
    try {
      const finishReason = await consume(parts, (part, isFirst) => {
        if (isFirst && included.leftOut > 0) note(leftOutNote(included.leftOut, asking.selection));
        onPart(part);
      });
      add(spent());
      return { finishReason, cost, context: included };
    } catch (error) {
      add(spent());
      const canCutMore = included.recent > 1 && round + 1 < maxFittingRounds;
      if (!(error instanceof UserError && error.code === 'context-too-long' && canCutMore)) throw error;
    }
  }
}

interface Attempt {
  included: StoredContext;
  parts: AsyncIterable<StreamPart>;
  /** US dollars, once it has ended. */
  spent(): number | undefined;
}

function takeOver(begun: Begun): Attempt {
  return { included: begun.included, parts: begun.parts, spent: () => begun.usd };
}

/** Asks, unless an equal request is under way: then this one is answered together with it, and costs nothing more. */
function share(asking: Asking, round: number, { costs, flights, key, signal }: AskOptions): Attempt {
  const fitting = promptFor(asking, round);
  let begun: Begun | undefined;
  const open = (shared: AbortSignal): AsyncIterable<StreamPart> => {
    begun = begin(asking, { ...fitting, costs, signal: shared });
    return begun.parts;
  };
  const flight = JSON.stringify([key.hash, round, asking.workspace, asking.isRetry]);
  const parts = countingShared(flights.stream(flight, open, signal), (characters) => {
    if (!begun) costs.countShared(priced(asking, fitting.request), characters);
  });
  return { included: fitting.included, parts, spent: () => (begun ? begun.usd : 0) };
}

/** Asks the model that was selected, under a meter of its own. */
export function begin(
  asking: Omit<Asking, 'messageId'> & { messageId?: string },
  { request, included, costs, signal }: Fitting & { costs: Costs; signal: AbortSignal },
): Begun {
  const { provider } = asking.selection.candidate;
  const begun: Begun = {
    included,
    parts: metered(
      {
        costs,
        request: priced(asking, request),
        answer: () => begun.messageId ?? asking.messageId,
        onCost(cost) {
          begun.usd = usdOf(cost);
        },
      },
      () => provider.stream(request, signal),
    ),
  };
  return begun;
}

async function* countingShared(
  parts: AsyncIterable<StreamPart>,
  onEnd: (characters: number) => void,
): AsyncGenerator<StreamPart> {
  let characters = 0;
  for await (const part of parts) {
    if (part.kind === 'text') characters += part.text.length;
    yield part;
  }
  onEnd(characters);
}

export interface Fitting {
  request: ModelRequest;
  included: StoredContext;
}

/** What a model is sent of a conversation, and what that was; less with each round. */
export function promptFor(
  {
    turns,
    earlier,
    memories = [],
    older,
    selection,
    workspace,
  }: Pick<Asking, 'turns' | 'earlier' | 'memories' | 'older' | 'selection' | 'workspace'>,
  round = 0,
): Fitting {
  const { info } = selection.candidate;
  const section = sectionOf(memories, { contextTokens: info.contextTokens, estimateTokens });
  const system = systemPrompt({ hasCode: turns.some(({ hasCode }) => hasCode) }) + section.text;
  const context = contextFor(turns, {
    contextTokens: info.contextTokens,
    systemTokens: estimateTokens(system),
    scale: 2 ** round,
    earlier,
    older,
  });
  const messages: PromptMessage[] = [{ role: 'system', content: system }, ...context.turns];
  return {
    request: { model: info.name, messages, ...(workspace && { workspace }) },
    included: { ...context.included, ...(section.memories.length > 0 && { memories: section.memories }) },
  };
}

/** With what older messages say to it, where the model does not hold the whole conversation: only then are they looked for. */
export async function withOlder<
  Some extends Pick<Asking, 'turns' | 'earlier' | 'memories' | 'older' | 'recollect' | 'selection'>,
>(asking: Some, round = 0): Promise<Some> {
  if (asking.older || !asking.recollect || promptFor(asking, round).included.leftOut === 0) return asking;
  return { ...asking, older: await asking.recollect() };
}

/** Where the answer to this question by this model is kept. */
export function cacheKeyOf(
  asking: Pick<Asking, 'turns' | 'earlier' | 'memories' | 'older' | 'selection' | 'profile' | 'mode'>,
): CacheKey {
  const { messages } = promptFor(asking).request;
  const { selection, profile, mode } = asking;
  return keyOf({
    profile,
    model: selection.decision.model,
    mode,
    text: messages.at(-1)?.content ?? '',
    context: messages.slice(0, -1),
    attachments: [],
    tools: [],
  });
}

/** Counts an answer that came from the cache, and cost nothing. */
export function countCached(hit: CachedAnswer, asking: Asking, costs: Costs): void {
  costs.countCached(priced(asking, promptFor(asking).request), hit.text.length);
}

function priced(
  { chatId, messageId, selection, profile, workspace }: Omit<Asking, 'messageId'> & { messageId?: string },
  request: ModelRequest,
): PricedRequest {
  return pricedRequest(selection, request, {
    task: 'chat',
    profile,
    chat: chatId,
    ...(messageId && { answer: messageId }),
    ...(workspace && { workspace }),
  });
}

function leftOutNote(count: number, { decision, candidate }: Selection): string {
  const context = candidate.info.contextTokens;
  const messages = count === 1 ? '1 older message was' : `${count} older messages were`;
  return `${messages} left out: ${decision.model} holds ${context === undefined ? 'less than this chat' : `${context} tokens`}. What is left out is still in this chat.`;
}

async function consume(
  stream: AsyncIterable<StreamPart>,
  onPart: (part: StreamPart, isFirst: boolean) => void,
): Promise<FinishReason> {
  let isFirst = true;
  let finish: FinishReason | undefined;
  for await (const part of stream) {
    onPart(part, isFirst);
    isFirst = false;
    if (part.kind === 'finish') finish = part.reason;
  }
  if (!finish)
    throw new UserError(
      'unavailable',
      'The model stopped without ending its answer. What arrived is kept; retry to ask again.',
      { retryable: true },
    );
  return finish;
}
