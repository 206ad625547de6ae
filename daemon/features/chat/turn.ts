// A chat turn, top to bottom: recall, select, ask, finish. Every part is handed to storage as it comes, so that a crash keeps what
// had arrived. A model that cannot answer is replaced by the next, in a message of its own that names it.
import { pathOf } from '../../../shared/edits/named-paths.ts';
import { UserError } from '../../base/errors.ts';
import { createIdSource } from '../../base/ids.ts';
import { estimatePictureTokens, estimateTokens } from '../../base/tokens.ts';
import type { Attempt } from '../../models/ask.ts';
import type { Decision, RouteRequest, Selection, SelectRequest } from '../../models/router/router.ts';
import { asksForChange } from '../../models/router/tasks.ts';
import type { StoredTurn, TurnBegin } from '../../storage/chats.ts';
import { effectiveModel, effectivePolicy } from '../profiles/model.ts';
import { ChatAnswer, endNote, wantsNewAnswer } from './answer.ts';
import { AnswerWriter } from './answer-writer.ts';
import type { ChatShapes, Reply, TurnDeps, TurnOptions, TurnRequest } from './chat.ts';
import { type BegunAnswer, begunAnswer } from './continuation.ts';
import type { PromptTurn } from './fit.ts';
import { type Conversation, cacheKeyOf, type FittedPrompt, fitPrompt } from './fitting.ts';
import { isCode, isPicture, withAttachments } from './prompt.ts';
import { picturesFor } from './turn-pictures.ts';
import { UnstoredEnds } from './unstored-ends.ts';
import { whileStoring } from './while-storing.ts';
import type { Older } from './window.ts';

const maxTurnsRecalled = 200; // beyond this no context of today holds a conversation; the transcript itself stays whole

/**
 * Answers a question: stores it, chooses a model, streams, remembers. What arrived is kept, however it ends. When another model has
 * to answer, a new `decision` part names it and its message, and a note says why.
 */
export type AnswerQuestion = (request: TurnRequest, options: TurnOptions) => Promise<Reply>;

export function createTurns(deps: TurnDeps): AnswerQuestion {
  const newId = createIdSource();
  const unstoredEnds = new UnstoredEnds();
  return async (request, options) => {
    const { continueOf, profile } = request;
    const begun = continueOf === undefined ? undefined : await begunAnswer(deps.storage.in(profile), continueOf);
    const beginning = beginningOf(request, { chat: newId(), question: newId() });
    const predicted = deps.storage.predictTurn?.(request.profile, beginning); // before the question is on its way
    // The question is stored even if its answer fails, so that it can be retried.
    const storing = deps.storage.in(request.profile).chats.beginTurn(beginning);
    storing.then(
      () => unstoredEnds.retry(),
      () => {},
    );
    const answer = (stored: StoredTurn<ChatShapes>, how: TurnOptions): Promise<Reply> =>
      new Turn({ ...deps, newId, unstoredEnds }, { request, stored, begun, options: how }).run();
    return predicted ? whileStoring({ stored: storing, predicted }, options, answer) : answer(await storing, options);
  };
}

function beginningOf(
  { chatId, projectId, text, attachments, retryOf, continueOf = retryOf, editOf }: TurnRequest,
  ids: { chat: string; question: string },
): TurnBegin<ChatShapes> {
  const question = { text, attachments: [...attachments], ...(editOf && { editOf }) };
  return {
    recall: maxTurnsRecalled,
    ids,
    ...(continueOf ? { retryOf: continueOf } : { question }),
    ...(chatId && { chatId }),
    ...(projectId && { projectId }),
  };
}

/** Where an answer goes: beside the one it replaces, or after its question. */
type AnswerPlace = { retryOf: string } | { after: string };

interface SharedTurnDeps extends TurnDeps {
  newId(): string;
  unstoredEnds: UnstoredEnds;
}

interface TurnStart {
  request: TurnRequest;
  stored: StoredTurn<ChatShapes>;
  /** The answer that is continued, in place of a new one. */
  begun: BegunAnswer | undefined;
  options: TurnOptions;
}

/** One question that is stored, and its answer. Lives until the answer has ended, however it ends. */
class Turn {
  readonly #deps: SharedTurnDeps;
  #request: TurnRequest;
  readonly #stored: StoredTurn<ChatShapes>;
  readonly #begun: BegunAnswer | undefined;
  readonly #options: TurnOptions;
  readonly #conversation: Conversation;
  /** The prompts of models that were asked at the same time, by model id. */
  readonly #raced = new Map<string, FittedPrompt>();
  #place: AnswerPlace;
  #recollection: Promise<Older> | undefined;

  constructor(deps: SharedTurnDeps, { request, stored, begun, options }: TurnStart) {
    this.#deps = deps;
    this.#request = request;
    this.#stored = stored;
    this.#begun = begun;
    this.#options = options;
    const { turns, place } = recalledTurns(stored);
    this.#conversation = { turns, earlier: stored.earlier, begun: begun?.text, mode: request.modeWords };
    this.#place = place;
  }

  async run(): Promise<Reply> {
    this.#attachPictures();
    const profile = await this.#deps.storage.profiles.find(this.#request.profile);
    this.#reportReplaced();
    const proposal = this.#proposeMemory();
    const [{ wanted, first }, memories] = await Promise.all([this.#select(profile.model), this.#recallMemories()]);
    this.#conversation.memories = memories;
    await this.#fit(first.candidate.info.contextTokens); // what older messages say is known before any model is asked
    return this.#ask(wanted, first).finally(() => proposal);
  }

  /** They go along with the question, whose stored part has no bytes of them. Throws UserError `picture-gone`. */
  #attachPictures(): void {
    const { profile, pictures, notes = [] } = this.#request;
    const { turns } = this.#conversation;
    const question = turns.at(-1);
    const find = (hash: string) => pictures?.get(hash) ?? this.#deps.pictures?.find(profile, hash);
    const { images, line, notes: gone } = picturesFor(this.#stored.messages, find);
    this.#request = { ...this.#request, notes: [...notes, ...gone] };
    if (!question || images.length === 0) return;
    const content = line === undefined ? question.content : `${question.content}\n\n${line}`;
    this.#conversation.turns = [...turns.slice(0, -1), { ...question, content, images }];
  }

  /** A retry of a complete answer says that the user was not content with it. */
  #reportReplaced(): void {
    const { replaced } = this.#stored;
    const id = replaced?.decision?.id;
    if (id && replaced.status === 'complete' && !this.#begun) this.#deps.models.retried(id, this.#request.profile);
  }

  /** Offers to remember what the user's own words say; attachments and retries say nothing new. Never fails. */
  async #proposeMemory(): Promise<void> {
    const { profile, text, retryOf } = this.#request;
    const { chatId, projectId, messages } = this.#stored;
    const messageId = messages.at(-1)?.id;
    if (!this.#deps.memories || retryOf !== undefined || this.#begun || messageId === undefined) return;
    const said = { profile, chatId, projectId, text, messageId };
    const memory = await this.#deps.memories.propose(said, this.#options.signal);
    if (memory) this.#options.onPart({ kind: 'memory', memory });
  }

  async #recallMemories(): Promise<Conversation['memories']> {
    const { chatId, projectId } = this.#stored;
    const text = this.#conversation.turns.at(-1)?.content ?? '';
    return this.#deps.memories?.recall(
      { profile: this.#request.profile, chatId, projectId, text },
      this.#options.signal,
    );
  }

  /** The model and policy are read once, so a switch during the turn does not affect it. */
  async #select(profileModel: string | undefined): Promise<{ wanted: SelectRequest; first: Selection }> {
    const { model: message, workspaceModel: workspace, profile } = this.#request;
    const policy = effectivePolicy(this.#request);
    const levels = this.#request.policy ? {} : { message, chat: this.#stored.model, profile: profileModel, workspace };
    const { model: explicit, source } = effectiveModel(levels);
    const request = routeRequest(this.#request, this.#conversation.turns);
    const named = { profile, chat: this.#stored.chatId, source, policy, ...(explicit && { explicit }) };
    const wanted: SelectRequest = { task: 'chat', request, ...named };
    const { signal } = this.#options;
    const author = message === undefined ? this.#begun?.model : undefined;
    if (author !== undefined) {
      const same: SelectRequest = { ...wanted, explicit: author, because: 'Wrote the beginning of this answer' };
      const first = await this.#deps.models.select(same, signal).catch(() => undefined); // gone, or down: another continues
      if (first) return { wanted: same, first };
    }
    try {
      return { wanted, first: await this.#deps.models.select(wanted, signal) };
    } catch (error) {
      if (!(error instanceof UserError && error.code === 'no-able-model')) throw error;
      // No model holds the whole conversation, so choose among those that hold its pinned messages. The prompt leaves out the rest.
      const historyTokens = tokensBefore(this.#conversation.turns, ({ pinned }) => pinned ?? false);
      const less: SelectRequest = { ...wanted, request: { ...request, historyTokens } };
      return { wanted: less, first: await this.#deps.models.select(less, signal) };
    }
  }

  /**
   * Fits the prompt to a model. Older messages are searched for what bears on the question, once, and only for a model that does not
   * hold all of them.
   */
  async #fit(contextTokens: number | undefined, round = 0): Promise<FittedPrompt> {
    const { older } = this.#deps;
    const fitted = fitPrompt(this.#conversation, contextTokens, round);
    if (!older || this.#conversation.older || fitted.included.leftOut === 0) return fitted;
    const { chatId, messages } = this.#stored;
    const text = messages.findLast(({ role }) => role === 'user')?.text ?? '';
    const question = { profile: this.#request.profile, chatId, messageId: messages.at(-1)?.id ?? '', text };
    this.#recollection ??= older.recollect(question, this.#options.signal);
    this.#conversation.older = await this.#recollection;
    return fitPrompt(this.#conversation, contextTokens, round);
  }

  async #ask(wanted: SelectRequest, first: Selection): Promise<Reply> {
    const { workspace, fastest, overBudget } = this.#request;
    const race =
      fastest && !this.#begun && !this.#isCached(first) ? (each: Selection) => this.#racePrompt(each) : undefined;
    const { signal } = this.#options;
    const request = { wanted, first, workspace, race, overBudget, signal };
    return this.#deps.models.ask(request, (attempt) => this.#answer(attempt));
  }

  #isCached({ candidate, decision }: Selection): boolean {
    if (wantsNewAnswer(this.#request)) return false;
    const { prompt } = fitPrompt(this.#conversation, candidate.info.contextTokens);
    const { profile, mode } = this.#request;
    return this.#deps.cache.get(cacheKeyOf(prompt, { profile, model: decision.model, mode })) !== undefined;
  }

  #racePrompt({ candidate }: Selection): FittedPrompt['prompt'] {
    const fitted = fitPrompt(this.#conversation, candidate.info.contextTokens);
    this.#raced.set(candidate.id, fitted);
    return fitted.prompt;
  }

  /** One model's answer, in a message of its own. The model is asked while the message is being stored. */
  async #answer(attempt: Attempt): Promise<Reply> {
    const { chatId } = this.#stored;
    const { decision } = attempt;
    const { messageId, stored } = this.#begun ? this.#resume(this.#begun, decision) : this.#start(decision);
    this.#options.onPart({ kind: 'decision', chatId, messageId, decision });
    return new ChatAnswer({
      ...this.#deps,
      attempt,
      conversation: this.#conversation,
      request: this.#request,
      chatId,
      messageId,
      raced: attempt.hasWonRace ? this.#raced.get(attempt.id) : undefined,
      fit: (round) => this.#fit(attempt.info.contextTokens, round),
      begun: this.#begun,
      writer: new AnswerWriter(this.#chats, messageId, { begun: stored, before: this.#begun?.text ?? '' }),
      options: this.#options,
    }).write();
  }

  get #chats() {
    return this.#deps.storage.in(this.#request.profile).chats;
  }

  #start(decision: Decision): PlacedAnswer {
    const messageId = this.#deps.newId();
    const stored = this.#chats.startAnswer(this.#stored.chatId, { id: messageId, decision, ...this.#place });
    this.#place = { retryOf: messageId }; // should this model fail, the next one's answer takes the place
    return { messageId, stored };
  }

  /** The answer has not ended after all, so it no longer says so. */
  #resume({ messageId, model }: BegunAnswer, decision: Decision): PlacedAnswer {
    const withoutNote = model && endNote('length', { model, isEmpty: false });
    const change = { decision, ...(withoutNote && { withoutNote }) };
    return { messageId, stored: this.#chats.resumeAnswer(this.#stored.chatId, messageId, change) };
  }
}

interface PlacedAnswer {
  messageId: string;
  /** Resolves when what comes can be added to it. */
  stored: Promise<unknown>;
}

/**
 * The conversation up to a message as turns. A retry may name the answer to replace, or a question that was never answered;
 * messages after it, and those of other branches, are not recalled.
 */
function recalledTurns({ messages }: StoredTurn<ChatShapes>): { turns: PromptTurn[]; place: AnswerPlace } {
  const last = messages.at(-1);
  const isRetry = last?.role === 'assistant';
  const turns = (isRetry ? messages.slice(0, -1) : messages).map(
    ({ id, role, text, pinned, ...message }, index, { length }): PromptTurn => {
      const attachments = message.attachments ?? [];
      const areSeen = index === length - 1;
      const content = role === 'user' ? withAttachments(text, attachments, { areSeen }) : text;
      const holds = { hasCode: attachments.some(isCode), hasPictures: attachments.some(isPicture) };
      return { id, role, pinned, ...holds, ...(role === 'user' && wishIn(text)), content };
    },
  );
  const messageId = last?.id ?? '';
  return {
    turns: turns.filter(({ content }) => content !== ''),
    place: isRetry ? { retryOf: messageId } : { after: messageId },
  };
}

const maxReadChars = 2000;

function wishIn(text: string): Pick<PromptTurn, 'asksForChange' | 'namesFile'> {
  const words = text.slice(0, maxReadChars);
  return {
    asksForChange: asksForChange(words),
    namesFile: words.split(/\s+/).some((word) => pathOf(word) !== undefined),
  };
}

/** The question as the router reads it; the turns before it count as history. */
function routeRequest({ text, attachments, workspace }: TurnRequest, turns: readonly PromptTurn[]): RouteRequest {
  return {
    text: text || (turns.at(-1)?.content ?? ''),
    attachments: [
      ...attachments
        .filter((attachment) => !isPicture(attachment))
        .map(({ kind, languageId, text: attached }) => ({
          kind,
          text: attached,
          ...(languageId && { languageId }),
        })),
      ...(turns.at(-1)?.images ?? []).map((image) => ({ kind: 'image', tokens: estimatePictureTokens(image) })),
    ],
    historyTokens: tokensBefore(turns, () => true),
    ...(workspace && { workspace }),
  };
}

function tokensBefore(turns: readonly PromptTurn[], counts: (turn: PromptTurn) => boolean): number {
  return turns.slice(0, -1).reduce((sum, turn) => sum + (counts(turn) ? estimateTokens(turn.content) : 0), 0);
}
