// A chat turn, top to bottom: recall, route, stream, remember. Every part is handed to storage as it comes, so that a crash
// keeps what had arrived. A model that cannot answer is replaced by the next, in a message of its own that names it.
import { CancelledError, UserError } from '../base/errors.ts';
import { cachedNote } from '../cache/cache.ts';
import { createIdSource } from '../memory/ids.ts';
import type { RecalledMessage } from '../memory/memory.ts';
import { noUsage, type StreamPart, type Usage } from '../providers/provider.ts';
import { withFallback } from '../resilience/fallback.ts';
import { withFastest } from '../resilience/hedge.ts';
import type { RequestOutcome } from '../router/records.ts';
import type { RouteRequest, Selection, Wanted } from '../router/router.ts';
import { AnswerWriter } from './answer-writer.ts';
import type { Chat, ChatParts, Reply, ReplyPart, TurnOptions, TurnRequest } from './turn.ts';
import { ask, cacheKeyOf, countCached, promptFor, type Asking } from './ask.ts';
import { estimateTokens, type Turn } from './fit.ts';
import { withAttachments, type PromptAttachment } from './prompt.ts';

const mostTurnsRecalled = 200; // beyond this no context of today holds a conversation; the transcript itself stays whole

export function createReply(parts: ChatParts): Chat['reply'] {
  const newId = createIdSource();
  return async (request, options) => {
    const { conversations, router } = parts;
    // The question is stored before anything can fail, so that it is there to be retried.
    const { chatId, model, messages } = await conversations.beginTurn({
      recall: mostTurnsRecalled,
      ...(request.chatId && { chatId: request.chatId }),
      ...(!request.retryOf && { question: { text: request.text, attachments: [...request.attachments] } }),
    });
    const { turns, replaced } = asTurns(messages, request.retryOf);
    const explicit = request.model ?? model;
    const wanted: Wanted = { task: 'chat', ...(explicit && { explicit }), request: routeRequest(request, turns) };
    const first = await router.select(wanted, options.signal);
    let isShown = false;
    let retryOf = replaced;
    const rules = { router, wanted, neverSwitch: parts.neverSwitch?.() ?? false, isShown: () => isShown, now: parts.now, signal: options.signal };
    const answer = (chosen: Selection): Promise<Reply> => withFallback(chosen, rules, async ({ selection, notes }) => {
      const { decision } = selection;
      const messageId = newId();
      // The model is asked meanwhile; the writer waits for it before it adds anything.
      const begun = conversations.startAnswer(chatId, { id: messageId, decision, ...(retryOf && { retryOf }) });
      const writer = new AnswerWriter(conversations, messageId, { begun });
      retryOf = messageId; // should this model fail, the next one's answer takes the place
      options.onPart({ kind: 'decision', chatId, messageId, decision });
      return stream(parts, { chatId, messageId, writer, turns, selection, notes, workspace: request.workspace, isRetry: request.retryOf !== undefined }, { ...options, onPart });
    });
    if (!request.fastest) return answer(first);
    const open = ({ candidate: { provider, info } }: Selection, signal: AbortSignal) => provider.stream(promptFor(info, turns, request).request, signal);
    return withFastest(first, { rules, open, answer });

    function onPart(part: ReplyPart): void {
      isShown ||= part.kind !== 'note' && part.kind !== 'usage';
      options.onPart(part);
    }
  };
}

/**
 * The conversation so far as turns. A retry may name the answer to replace, or a question that was never answered;
 * messages after it are not told.
 */
function asTurns(items: readonly RecalledMessage[], retryOf: string | undefined): { turns: Turn[]; replaced?: string } {
  const index = items.findIndex((message) => message.id === retryOf);
  const retried = items[index];
  if (retryOf && !retried) throw new UserError('message-not-found', 'The answer to retry is no longer in this chat. Ask again instead.');
  const recalled = retried ? items.slice(0, retried.role === 'user' ? index + 1 : index) : items;
  const turns = recalled.map((message): Turn => {
    const attachments = (message.attachments ?? []) as PromptAttachment[];
    return { role: message.role, content: message.role === 'user' ? withAttachments(message.text, attachments) : message.text };
  });
  return { turns: turns.filter((turn) => turn.content !== ''), ...(retried?.role === 'assistant' && { replaced: retried.id }) };
}

/** The question as the router reads it; the turns before it count as history. */
function routeRequest({ text, attachments, workspace }: TurnRequest, turns: readonly Turn[]): RouteRequest {
  const history = turns.slice(0, -1).reduce((sum, turn) => sum + estimateTokens(turn.content), 0);
  return {
    text: text || (turns.at(-1)?.content ?? ''),
    attachments: attachments.map(({ kind, languageId, text: attached }) => ({ kind, text: attached, ...(languageId && { languageId }) })),
    historyTokens: history,
    ...(workspace && { workspace }),
  };
}

interface Answering extends Asking {
  writer: AnswerWriter;
  /** Why models that were asked before did not answer; all but the newest are known to the reader. */
  notes: readonly string[];
  /** A retry wants another answer than the one that is kept. */
  isRetry: boolean;
}

async function stream(parts: ChatParts, answering: Answering, options: TurnOptions): Promise<Reply> {
  const { selection, messageId, writer } = answering;
  const startedAt = parts.now();
  let usage: Usage | undefined; // unknown until the provider says, which an answer that was stopped never hears
  const onPart = (part: StreamPart): void => {
    if (part.kind === 'text' || part.kind === 'reasoning') writer.add(part);
    if (part.kind === 'usage') usage = part.usage;
    if (part.kind === 'warning') return void note(part.message);
    if (part.kind !== 'finish') options.onPart(part);
  };
  const note = (text: string): void => {
    writer.add({ kind: 'note', text });
    options.onPart({ kind: 'note', text });
  };
  for (const text of answering.notes.slice(0, -1)) writer.add({ kind: 'note', text });
  for (const text of answering.notes.slice(-1)) note(text);
  const key = cacheKeyOf(answering);
  const hit = answering.isRetry ? undefined : parts.cache.get(key);
  try {
    if (hit) {
      onPart({ kind: 'text', text: hit.text });
      note(cachedNote(hit, startedAt));
    }
    const { finishReason, cost } = hit ? { finishReason: hit.finishReason, cost: 0 } : await ask(answering, { costs: parts.costs, signal: options.signal, onPart, note });
    // Kept before it is stored: of those who ask the same meanwhile, none may find the call ended and the cache still empty.
    if (!hit) parts.cache.put(key, { text: writer.text, model: selection.decision.model, usage: usage ?? noUsage, finishReason, usedTools: false, at: parts.now() });
    await writer.finish({ status: 'complete', ...(usage && { usage }), finishReason, durationMs: parts.now() - startedAt });
    if (hit) countCached(hit, answering, parts.costs);
    parts.onOutcome(selection.decision.model);
    tellRouter(parts, answering, { status: 'complete', ...(cost !== undefined && { costUsd: cost }), durationMs: parts.now() - startedAt });
    return { chatId: answering.chatId, messageId, text: writer.text, decision: selection.decision, usage: usage ?? noUsage, cost, cached: hit !== undefined, finishReason };
  } catch (error) {
    await remember(writer, error, { signal: options.signal, ...(usage && { usage }), durationMs: parts.now() - startedAt });
    tellRouter(parts, answering, { status: options.signal.aborted ? 'cancelled' : writer.text === '' ? 'failed' : 'partial' });
    if (options.signal.aborted) throw new CancelledError();
    parts.onOutcome(selection.decision.model, error);
    throw error;
  }
}

/** The router learns from outcomes; an answer does not wait for it, nor fail with it. */
function tellRouter({ router }: ChatParts, { selection, isRetry }: Answering, outcome: RequestOutcome): void {
  if (selection.decisionId) router.finish(selection.decisionId, { ...outcome, ...(isRetry && { retried: true }) }).catch(() => {});
}

/** Stores how an answer failed; a storage that fails as well must not hide the first reason. */
async function remember(writer: AnswerWriter, error: unknown, end: { signal: AbortSignal; usage?: Usage; durationMs: number }): Promise<void> {
  const { signal, ...rest } = end;
  const status = signal.aborted ? 'cancelled' : writer.text === '' ? 'failed' : 'partial';
  const known = error instanceof UserError ? { code: error.code, message: error.message, retryable: error.retryable } : undefined;
  const stored = known ?? { code: 'internal', message: 'Something went wrong inside Switchyard. Try again.', retryable: true };
  await writer
    .finish({ status, ...rest, ...(signal.aborted ? { finishReason: 'cancelled' } : { error: stored, finishReason: 'error' }) })
    .catch(() => {});
}
