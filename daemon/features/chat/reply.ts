// A chat turn, top to bottom: recall, route, stream, remember. Every part is handed to storage as it comes, so that a crash
// keeps what had arrived. A model that cannot answer is replaced by the next, in a message of its own that names it.
import { CancelledError, UserError } from '../../base/errors.ts';
import { createIdSource } from '../../base/ids.ts';
import { cachedNote } from '../../models/cache/cache.ts';
import { noUsage, type StreamPart, type Usage } from '../../models/providers/provider.ts';
import { withFallback } from '../../models/resilience/fallback.ts';
import { withFastest } from '../../models/resilience/hedge.ts';
import { SingleFlight } from '../../models/resilience/single-flight.ts';
import type { RequestOutcome } from '../../models/router/records.ts';
import type { Decision, RouteRequest, Selection, SelectRequest } from '../../models/router/router.ts';
import type { StoredTurn, TurnBegin } from '../../storage/chats.ts';
import { effectiveModel } from '../profiles/model.ts';
import { AnswerWriter } from './answer-writer.ts';
import { type Asking, ask, type Begun, begin, cacheKeyOf, countCached, promptFor, withOlder } from './ask.ts';
import { estimateTokens, type Turn } from './fit.ts';
import { isCode, type PromptAttachment, withAttachments } from './prompt.ts';
import type { Chat, ChatDeps, Reply, ReplyPart, TurnOptions, TurnRequest } from './turn.ts';
import { whileStoring } from './while-storing.ts';

const maxTurnsRecalled = 200; // beyond this no context of today holds a conversation; the transcript itself stays whole

export function createReply(parts: ChatDeps): Chat['reply'] {
  const flights = new SingleFlight();
  const newId = createIdSource();
  const answerTo = createAnswer(parts, { flights, newId });
  return async (request, options) => {
    const beginning = beginningOf(request, { chat: newId(), question: newId() });
    const predicted = parts.storage.predictTurn?.(request.profile, beginning); // before its chat is in motion
    // Stored whatever becomes of its answer, so that it is there to be retried.
    const stored = parts.storage.in(request.profile).chats.beginTurn(beginning);
    const answer = (begun: StoredTurn, how: TurnOptions): Promise<Reply> => answerTo(request, begun, how);
    return predicted ? whileStoring({ stored, predicted }, options, answer) : answer(await stored, options);
  };
}

type Answer = (request: TurnRequest, begun: StoredTurn, options: TurnOptions) => Promise<Reply>;

function createAnswer(parts: ChatDeps, { flights, newId }: { flights: SingleFlight; newId(): string }): Answer {
  return async (request, begun, options) => {
    const { router } = parts;
    const { chats } = parts.storage.in(request.profile);
    const profile = await parts.storage.profiles.find(request.profile);
    const { chatId, model: chatModel, earlier } = begun;
    const { turns, answerTo } = asTurns(begun);
    tellReplaced(parts, begun, profile.id);
    // What the request starts with holds to its end, whatever is switched meanwhile.
    const { model: explicit, source } = effectiveModel({
      message: request.model,
      chat: chatModel,
      profile: profile.model,
      workspace: request.workspaceModel,
    });
    const asked: SelectRequest = {
      task: 'chat',
      profile: profile.id,
      source,
      ...(explicit && { explicit }),
      policy: request.policy,
      request: routeRequest(request, turns),
    };
    const question = { profile: profile.id, chatId, projectId: begun.projectId, text: turns.at(-1)?.content ?? '' };
    const proposing = propose(parts, request, { begun, options });
    const [{ wanted, first }, memories] = await Promise.all([
      choose(router, asked, { turns, signal: options.signal }),
      parts.memories?.recall(question, options.signal),
    ]);
    let isShown = false;
    let place: AnswerPlace = answerTo;
    const rules = {
      router,
      wanted,
      neverSwitch: parts.neverSwitch?.() ?? false,
      isShown: () => isShown,
      now: parts.now,
      signal: options.signal,
    };
    const turn = await withOlder({
      chatId,
      turns,
      earlier,
      memories,
      selection: first,
      recollect: recollection(parts, { begun, profile: profile.id, signal: options.signal }),
      profile: profile.id,
      mode: request.mode,
      workspace: request.workspace,
      isRetry: request.retryOf !== undefined,
      told: request.notes ?? [],
    });
    const answer = (chosen: Selection, won?: { begun: Begun; note: string }): Promise<Reply> =>
      withFallback(chosen, rules, async ({ selection, notes }) => {
        const { decision } = selection;
        const messageId = newId();
        // The model is asked meanwhile; the writer waits for it before it adds anything.
        const writer = new AnswerWriter(chats, messageId, {
          begun: chats.startAnswer(chatId, { id: messageId, decision, ...place }),
        });
        place = { retryOf: messageId }; // should this model fail, the next one's answer takes the place
        const isWinner = won !== undefined && selection === chosen;
        if (isWinner) won.begun.messageId = messageId;
        options.onPart({ kind: 'decision', chatId, messageId, decision });
        return stream(
          parts,
          {
            ...turn,
            messageId,
            writer,
            selection,
            flights,
            notes: isWinner ? [won.note] : notes,
            begun: isWinner ? won.begun : undefined,
          },
          { ...options, onPart },
        );
      });
    const isKept = (): boolean =>
      !turn.isRetry && parts.cache.get(cacheKeyOf({ ...turn, selection: first })) !== undefined;
    if (!request.fastest || isKept()) return answer(first).finally(() => proposing);
    return withFastest(first, {
      rules,
      open: (selection, signal) =>
        begin({ ...turn, selection }, { ...promptFor({ ...turn, selection }), costs: parts.costs, signal }),
      onLost: (selection, error) => lost(parts, { ...turn, selection }, error),
      answer: (winner, begun, others) => answer(winner, { begun, note: raceNote(others) }),
    }).finally(() => proposing);

    function onPart(part: ReplyPart): void {
      isShown ||= part.kind !== 'note' && part.kind !== 'usage';
      options.onPart(part);
    }
  };
}

/** What the user's own words say that may be remembered; attachments and retries say nothing new. Never fails. */
async function propose(
  { memories }: ChatDeps,
  { profile, text, retryOf }: TurnRequest,
  { begun, options }: { begun: StoredTurn; options: TurnOptions },
): Promise<void> {
  const messageId = begun.messages.at(-1)?.id;
  if (!memories || retryOf !== undefined || messageId === undefined) return;
  const memory = await memories.propose(
    { profile, chatId: begun.chatId, projectId: begun.projectId, text, messageId },
    options.signal,
  );
  if (memory) options.onPart({ kind: 'memory', memory });
}

/** Looks for what older messages say to the question, once, as soon as a model turns out not to hold all of them. */
function recollection(
  { older }: ChatDeps,
  { begun, profile, signal }: { begun: StoredTurn; profile: string; signal: AbortSignal },
): Asking['recollect'] {
  const { chatId, messages } = begun;
  const text = messages.findLast(({ role }) => role === 'user')?.text ?? '';
  let found: ReturnType<NonNullable<Asking['recollect']>> | undefined;
  return (
    older &&
    (() => (found ??= older.recollect({ profile, chatId, messageId: messages.at(-1)?.id ?? '', text }, signal)))
  );
}

function beginningOf(
  { chatId, projectId, text, attachments, retryOf, editOf }: TurnRequest,
  ids: { chat: string; question: string },
): TurnBegin {
  return {
    recall: maxTurnsRecalled,
    ids,
    ...(retryOf ? { retryOf } : { question: { text, attachments: [...attachments], ...(editOf && { editOf }) } }),
    ...(chatId && { chatId }),
    ...(projectId && { projectId }),
  };
}

/** Where an answer goes: beside the one it replaces, or after its question. */
type AnswerPlace = { retryOf: string } | { after: string };

/**
 * The conversation up to a message as turns. A retry may name the answer to replace, or a question that was never answered;
 * messages after it, and those of other branches, are not recalled.
 */
function asTurns({ messages }: StoredTurn): { turns: Turn[]; answerTo: AnswerPlace } {
  const last = messages.at(-1);
  const isRetry = last?.role === 'assistant';
  const turns = (isRetry ? messages.slice(0, -1) : messages).map(({ id, role, text, pinned, ...message }): Turn => {
    const attachments = (message.attachments ?? []) as PromptAttachment[];
    return {
      id,
      role,
      pinned,
      hasCode: attachments.some(isCode),
      content: role === 'user' ? withAttachments(text, attachments) : text,
    };
  });
  const messageId = last?.id ?? '';
  return {
    turns: turns.filter((turn) => turn.content !== ''),
    answerTo: isRetry ? { retryOf: messageId } : { after: messageId },
  };
}

/** The question as the router reads it; the turns before it count as history. */
function routeRequest({ text, attachments, workspace }: TurnRequest, turns: readonly Turn[]): RouteRequest {
  const history = turns.slice(0, -1).reduce((sum, turn) => sum + estimateTokens(turn.content), 0);
  return {
    text: text || (turns.at(-1)?.content ?? ''),
    attachments: attachments.map(({ kind, languageId, text: attached }) => ({
      kind,
      text: attached,
      ...(languageId && { languageId }),
    })),
    historyTokens: history,
    ...(workspace && { workspace }),
  };
}

/** Where no model holds the whole conversation, one that holds what must go along will do: the rest is left out of its prompt. */
async function choose(
  router: ChatDeps['router'],
  wanted: SelectRequest,
  { turns, signal }: { turns: readonly Turn[]; signal: AbortSignal },
): Promise<{ wanted: SelectRequest; first: Selection }> {
  try {
    return { wanted, first: await router.select(wanted, signal) };
  } catch (error) {
    if (!(error instanceof UserError && error.code === 'no-able-model' && wanted.request)) throw error;
    const historyTokens = turns
      .slice(0, -1)
      .reduce((sum, { pinned, content }) => sum + (pinned ? estimateTokens(content) : 0), 0);
    const less = { ...wanted, request: { ...wanted.request, historyTokens } };
    return { wanted: less, first: await router.select(less, signal) };
  }
}

interface Answering extends Asking {
  writer: AnswerWriter;
  /** Why models that were asked before did not answer; all but the newest are known to the reader. */
  notes: readonly string[];
  /** What the user is told with any answer to this question. */
  told: readonly string[];
  flights: SingleFlight;
}

async function stream(parts: ChatDeps, asked: Answering, options: TurnOptions): Promise<Reply> {
  const answering = await withOlder(asked); // another model may hold less
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
  for (const text of answering.told) note(text);
  for (const text of answering.notes.slice(0, -1)) writer.add({ kind: 'note', text });
  for (const text of answering.notes.slice(-1)) note(text);
  const key = cacheKeyOf(answering);
  const hit = answering.isRetry || answering.begun ? undefined : parts.cache.get(key);
  try {
    if (hit) {
      onPart({ kind: 'text', text: hit.text });
      note(cachedNote(hit, startedAt));
    }
    const { finishReason, cost, context } = hit
      ? { finishReason: hit.finishReason, cost: 0, context: promptFor(answering).included }
      : await ask(answering, {
          costs: parts.costs,
          flights: answering.flights,
          key,
          signal: options.signal,
          onPart,
          note,
        });
    if (hit) countCached(hit, answering, parts.costs);
    else
      parts.cache.put(key, {
        text: writer.text,
        model: selection.decision.model,
        usage: usage ?? noUsage,
        finishReason,
        usedTools: false,
        at: parts.now(),
      }); // before anything is awaited, so that no equal request falls between the call and what is kept of it
    const durationMs = parts.now() - startedAt;
    const finished = writer.finish({ status: 'complete', ...(usage && { usage }), finishReason, durationMs, context });
    tellRouter(parts, answering, { status: 'complete', ...(cost !== undefined && { costUsd: cost }), durationMs }); // with the same call to storage; where that fails, it is told so
    await finished;
    if (context.memories) {
      options.onPart({ kind: 'memories', used: context.memories });
      parts.memories?.used(answering.profile, context.memories);
    }
    parts.older?.answered({
      ...answering,
      turns: [...answering.turns, { id: messageId, role: 'assistant', content: writer.text }],
      contextTokens: selection.candidate.info.contextTokens,
    });
    parts.onOutcome(selection.decision.model);
    return {
      chatId: answering.chatId,
      messageId,
      text: writer.text,
      decision: selection.decision,
      usage: usage ?? noUsage,
      cost,
      cached: hit !== undefined,
      finishReason,
      context,
    };
  } catch (error) {
    await remember(writer, error, {
      signal: options.signal,
      ...(usage && { usage }),
      durationMs: parts.now() - startedAt,
    });
    tellRouter(parts, answering, {
      status: options.signal.aborted ? 'cancelled' : writer.text === '' ? 'failed' : 'partial',
    });
    if (options.signal.aborted) throw new CancelledError();
    parts.onOutcome(selection.decision.model, error);
    throw error;
  }
}

/** The router learns from outcomes; an answer does not wait for it, nor fail with it. */
function tellRouter(
  { router }: ChatDeps,
  { profile, selection }: Pick<Answering, 'profile' | 'selection'>,
  outcome: RequestOutcome,
): void {
  const { id } = selection.decision; // also of a model that stepped in for another
  if (id) router.finish(id, outcome, profile).catch(() => {});
}

/** Who wants another answer than a whole one was not content with that one; nothing is said of the new one. */
function tellReplaced({ router }: ChatDeps, { replaced }: StoredTurn, profile: string): void {
  const { id } = (replaced?.decision ?? {}) as Partial<Decision>;
  if (id && replaced?.status === 'complete') router.finish(id, { retried: true }, profile).catch(() => {});
}

/** What becomes of a model that was asked together with others, and did not win. */
function lost(parts: ChatDeps, turn: Pick<Answering, 'profile' | 'selection'>, error: unknown): void {
  if (error !== undefined) parts.onOutcome(turn.selection.decision.model, error);
  tellRouter(parts, turn, { status: error === undefined ? 'cancelled' : 'failed' });
}

function raceNote(others: readonly string[]): string {
  return others.length === 0
    ? 'No other model could be asked at the same time.'
    : `Asked at the same time: ${others.join(', ')}. What that cost is counted in this chat.`;
}

/** Stores how an answer failed; a storage that fails as well must not hide the first reason. */
async function remember(
  writer: AnswerWriter,
  error: unknown,
  end: { signal: AbortSignal; usage?: Usage; durationMs: number },
): Promise<void> {
  const { signal, ...rest } = end;
  const status = signal.aborted ? 'cancelled' : writer.text === '' ? 'failed' : 'partial';
  const known =
    error instanceof UserError ? { code: error.code, message: error.message, retryable: error.retryable } : undefined;
  const stored = known ?? {
    code: 'internal',
    message: 'Something went wrong inside Switchyard. Try again.',
    retryable: true,
  };
  await writer
    .finish({
      status,
      ...rest,
      ...(signal.aborted ? { finishReason: 'cancelled' } : { error: stored, finishReason: 'error' }),
    })
    .catch(() => {});
}
