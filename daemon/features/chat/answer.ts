// One model's answer to a turn: asked for with what fits, or taken from the cache, shown and stored as it comes, and ended.
import { CancelledError, UserError } from '../../base/errors.ts';
import type { Attempt, Prompt } from '../../models/ask.ts';
import { type CachedAnswer, cachedNote } from '../../models/cache/cache.ts';
import type { CacheKey } from '../../models/cache/key.ts';
import {
  type FinishReason,
  noUsage,
  type PromptMessage,
  type StreamPart,
  type Usage,
} from '../../models/providers/provider.ts';
import type { StoredContext } from '../../storage/messages.ts';
import type { AnswerWriter } from './answer-writer.ts';
import type { Reply, ReplyPart, TurnDeps, TurnOptions, TurnRequest } from './chat.ts';
import { addedUsage, type BegunAnswer } from './continuation.ts';
import { type Conversation, cacheKeyOf, type FittedPrompt } from './fitting.ts';
import type { UnstoredEnds } from './unstored-ends.ts';

const maxFittingRounds = 4; // each round leaves out more of the oldest turns

export interface AnswerDeps extends Pick<TurnDeps, 'cache' | 'memories' | 'older' | 'titles' | 'now'> {
  attempt: Attempt;
  conversation: Conversation;
  request: TurnRequest;
  chatId: string;
  messageId: string;
  /** What there is of it, where it is continued. */
  begun?: BegunAnswer | undefined;
  /** What the model was sent already, where it has won a race. */
  raced: FittedPrompt | undefined;
  /** The prompt as the model holds it; each further round leaves out more. */
  fit(round: number): Promise<FittedPrompt>;
  writer: AnswerWriter;
  unstoredEnds: UnstoredEnds;
  options: TurnOptions;
}

interface AnswerResult {
  /** What the model was sent. */
  prompt: Prompt;
  finishReason: FinishReason;
  context: StoredContext;
}

/** Lives until the answer has ended, and is stored as far as it came. */
export class ChatAnswer {
  readonly #deps: AnswerDeps;
  readonly #startedAt: number;
  /** Unknown until the provider says it at the end, so unknown for an answer that was stopped. */
  #usage: Usage | undefined;
  #waiting: string | undefined;

  constructor(deps: AnswerDeps) {
    this.#deps = deps;
    this.#startedAt = deps.now();
  }

  /** Throws what the model or storage threw, after storing how far it came; CancelledError. */
  async write(): Promise<Reply> {
    const { attempt, raced, fit, cache, request } = this.#deps;
    const fitted = raced ?? (await fit(0)); // another model may hold less than the one that was chosen first
    this.#tellNotes();
    const { profile, mode } = request;
    const key = cacheKeyOf(fitted.prompt, { profile, model: attempt.decision.model, mode });
    const hit = wantsNewAnswer(request) || attempt.hasWonRace ? undefined : cache.get(key);
    try {
      const end = hit ? this.#repeat(hit, fitted) : await this.#ask(key, fitted);
      return await this.#finish(end, hit);
    } catch (error) {
      return await this.#fail(error);
    }
  }

  /** Stores every note on models that did not answer, and shows the newest: earlier attempts have shown the others. */
  #tellNotes(): void {
    const { request, attempt, begun, writer } = this.#deps;
    if (begun?.model !== undefined && begun.model !== attempt.decision.model)
      this.#note(`The beginning of this answer is by ${begun.model}.`);
    for (const text of request.notes ?? []) this.#note(text);
    for (const text of attempt.notes.slice(0, -1)) writer.add({ kind: 'note', text });
    for (const text of attempt.notes.slice(-1)) this.#note(text);
  }

  #note(text: string): void {
    this.#deps.writer.add({ kind: 'note', text });
    this.#show({ kind: 'note', text });
  }

  #show(part: ReplyPart): void {
    if (part.kind !== 'note' && part.kind !== 'usage') this.#deps.attempt.isShown = true;
    this.#deps.options.onPart(part);
  }

  #repeat(hit: CachedAnswer, { prompt, included }: FittedPrompt): AnswerResult {
    const { attempt, messageId } = this.#deps;
    this.#take({ kind: 'text', text: hit.text });
    this.#note(cachedNote(hit, this.#startedAt));
    attempt.countCached(prompt, { answer: messageId, characters: hit.text.length });
    return { prompt, finishReason: hit.finishReason, context: included };
  }

  /** When the model finds the prompt too long, leaves out more of the oldest turns and says so. */
  async #ask(key: CacheKey, fitted: FittedPrompt): Promise<AnswerResult> {
    const { attempt, messageId, request, fit, cache } = this.#deps;
    let { prompt, included } = fitted;
    for (let round = 0; ; round++) {
      const shareAs = JSON.stringify([key.hash, round, request.workspace, wantsNewAnswer(request)]);
      try {
        const finishReason = await this.#read(attempt.stream(prompt, { answer: messageId, shareAs }), included);
        if (!this.#deps.begun) cache.put(key, this.#cachable(finishReason)); // before anything is awaited, so that no equal request asks once more
        return { prompt, finishReason, context: included };
      } catch (error) {
        const canCutMore = included.recent > 1 && round + 1 < maxFittingRounds;
        if (!(error instanceof UserError && error.code === 'context-too-long' && canCutMore)) throw error;
      }
      ({ prompt, included } = await fit(round + 1));
    }
  }

  async #read(parts: AsyncIterable<StreamPart>, included: StoredContext): Promise<FinishReason> {
    let isFirst = true;
    let finish: FinishReason | undefined;
    for await (const part of parts) {
      if (isFirst && included.leftOut > 0) this.#note(leftOutNote(included.leftOut, this.#deps.attempt));
      isFirst = false;
      this.#take(part);
      if (part.kind === 'finish') finish = part.reason;
    }
    if (finish) {
      this.#tellEnd(finish);
      return finish;
    }
    throw new UserError(
      'unavailable',
      'The model stopped before finishing its answer. The partial answer is saved. Try again to ask once more.',
      { retryable: true },
    );
  }

  /** An answer that is empty, withheld or cut is never shown as if it were whole. */
  #tellEnd(finish: FinishReason): void {
    const { attempt, writer } = this.#deps;
    const note = endNote(finish, { model: attempt.decision.model, isEmpty: writer.text.trim() === '' });
    if (note) this.#note(note);
  }

  #take(part: StreamPart): void {
    if (part.kind === 'text' || part.kind === 'reasoning') this.#deps.writer.add(part);
    if (part.kind === 'thought') this.#deps.writer.takeForReasoning();
    if (part.kind === 'usage') this.#usage = part.usage;
    if (part.kind === 'warning') this.#note(part.message);
    else if (part.kind === 'usage') this.#show({ kind: 'usage', usage: this.#wholeUsage ?? part.usage });
    else if (part.kind === 'waiting') this.#showWaiting(part);
    else if (part.kind !== 'finish' && part.kind !== 'begins') this.#show(part);
  }

  /** With what its beginning took. */
  get #wholeUsage(): Usage | undefined {
    return addedUsage(this.#deps.begun?.usage, this.#usage);
  }

  /** Of interest until the answer begins, so it's shown when it changes and not stored. */
  #showWaiting({ message, answer }: Extract<StreamPart, { kind: 'waiting' }>): void {
    const waiting = JSON.stringify([message, answer]);
    if (waiting !== this.#waiting) this.#show({ kind: 'note', text: message, waiting: answer });
    this.#waiting = waiting;
  }

  #cachable(finishReason: FinishReason): CachedAnswer {
    const { writer, attempt, now } = this.#deps;
    const usage = this.#usage ?? noUsage;
    return { text: writer.text, model: attempt.decision.model, usage, finishReason, usedTools: false, at: now() };
  }

  async #finish({ prompt, finishReason, context }: AnswerResult, hit: CachedAnswer | undefined): Promise<Reply> {
    const { attempt, begun, writer, chatId, messageId, options, memories, request } = this.#deps;
    const usage = this.#wholeUsage;
    const durationMs = this.#durationMs;
    const finished = writer.finish({ status: 'complete', ...(usage && { usage }), finishReason, durationMs, context });
    attempt.report({ status: 'complete' }); // with the same call to storage; where that fails, the report is corrected
    await finished;
    if (context.memories) {
      options.onPart({ kind: 'memories', used: context.memories });
      memories?.used(request.profile, context.memories);
    }
    this.#tellAnswered(prompt);
    return {
      chatId,
      messageId,
      text: writer.text,
      decision: attempt.decision,
      usage: usage ?? noUsage,
      cost: begun ? added(begun.costUsd, attempt.costUsd) : attempt.costUsd,
      cached: hit !== undefined,
      finishReason,
      context,
    };
  }

  get #durationMs(): number {
    const { begun, now } = this.#deps;
    return now() - this.#startedAt + (begun?.durationMs ?? 0);
  }

  #tellAnswered({ messages: prompt }: Prompt): void {
    const { older, titles, attempt, conversation, request, chatId, messageId, writer } = this.#deps;
    const turn = {
      profile: request.profile,
      workspace: request.workspace,
      chatId,
      selection: attempt.selection,
      turns: [
        ...conversation.turns.map(({ images: _, ...said }) => said),
        { id: messageId, role: 'assistant' as const, content: writer.text },
      ],
      earlier: conversation.earlier,
      contextTokens: attempt.info.contextTokens,
    };
    older?.answered(turn);
    titles?.answered({ ...turn, prompt: prompt.map(withoutImages) });
  }

  /** Stores how the answer failed; a storage that fails as well must not hide the first reason. */
  async #fail(error: unknown): Promise<never> {
    const { attempt, begun, writer, unstoredEnds, options } = this.#deps;
    const { aborted } = options.signal;
    const status = aborted ? 'cancelled' : writer.text === '' ? 'failed' : 'partial';
    const reason = aborted
      ? { finishReason: 'cancelled' as const }
      : { finishReason: 'error' as const, error: storedError(error) };
    const usage = this.#wholeUsage;
    const durationMs = this.#durationMs;
    const context = begun?.context;
    const end = { status, ...(usage && { usage }), durationMs, ...reason, ...(context && { context }) } as const;
    const finish = (): Promise<void> => writer.finish(end);
    await finish().catch((refusal) => writer.isBegun && unstoredEnds.keep(finish, refusal));
    attempt.report({ status, error });
    throw aborted ? new CancelledError() : error;
  }
}

/** What is made of an answer later has no need of them, and would keep them in memory until then. */
function withoutImages(message: PromptMessage): PromptMessage {
  if (message.role !== 'user') return message;
  const { images: _, ...said } = message;
  return said;
}

/** A retry wants another answer than the one that is kept, and a continuation what is not there yet. */
export function wantsNewAnswer({
  retryOf,
  continueOf,
  noCache,
}: Pick<TurnRequest, 'retryOf' | 'continueOf' | 'noCache'>): boolean {
  return retryOf !== undefined || continueOf !== undefined || noCache === true;
}

function added(first: number | undefined, second: number | undefined): number | undefined {
  return first === undefined || second === undefined ? undefined : first + second;
}

function storedError(error: unknown): { code: string; message: string; retryable: boolean } {
  if (error instanceof UserError) return { code: error.code, message: error.message, retryable: error.retryable };
  return { code: 'internal', message: 'Something went wrong inside Switchyard. Try again.', retryable: true };
}

/** What the user is told of an answer that did not end well; nothing where it did. */
export function endNote(
  finish: FinishReason,
  { model, isEmpty }: { model: string; isEmpty: boolean },
): string | undefined {
  if (finish === 'content-filter')
    return `${model} declined, or its provider withheld ${isEmpty ? 'the answer' : 'the rest of the answer'}. Reword the question, or choose another model.`;
  if (finish === 'length')
    return isEmpty
      ? `${model} reached its length limit before it could answer. Ask for less, or choose a model with a longer output limit.`
      : `${model} reached its length limit, so the answer is cut off. Continue it, or choose a model with a longer output limit.`;
  if (finish === 'repetition')
    return `${model} repeated itself, so the answer was stopped. Try again, or choose another model.`;
  if (finish === 'error')
    return `${model} reported an error instead of finishing its answer. Try again, or choose another model.`;
  return isEmpty && finish === 'stop'
    ? `${model} sent an empty answer. Try again, or choose another model.`
    : undefined;
}

function leftOutNote(count: number, { decision, info }: Attempt): string {
  const messages = count === 1 ? '1 older message was' : `${count} older messages were`;
  const holds = info.contextTokens === undefined ? 'less than this chat' : `${info.contextTokens} tokens`;
  return `${messages} left out because ${decision.model}'s context window holds ${holds}. They are still in this chat.`;
}
