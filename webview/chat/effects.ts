// Carries out what the update asks for, and reports back in messages.
import type { SentAttachment } from '../../shared/protocol/chat.ts';
import type { Host } from '../host.ts';
import { type Failure, RequestError, type Rpc } from '../rpc.ts';
import { base64Of } from './pictures/bytes.ts';
import { runEffects } from './run-effects.ts';
import type { Effect, MemoryDeed, Of, Turn, ViewMessage } from './state/messages.ts';
import type { FoundMessage } from './state/state.ts';
import { pageSize } from './state/transcript.ts';

/** What effects work on. Lives as long as the page. */
export interface EffectDeps {
  readonly host: Host;
  readonly rpc: Rpc;
  /** What can be stopped, by the answer's key or the download's model. */
  readonly running: Map<string, AbortController>;
  /** Chats whose model is being set: what is asked in them next waits for it. */
  readonly settling: Map<string, Promise<unknown>>;
  dispatch(message: ViewMessage): void;
  focusComposer(): void;
}

type EffectOf<Kind extends Effect['kind']> = Extract<Effect, { kind: Kind }>;
type Rows = { readonly [Kind in Effect['kind']]: (effect: EffectOf<Kind>, on: EffectDeps) => void | Promise<void> };

const maxChatsAtOnce = 100;

const rows: Rows = {
  async 'load-chats'({ cursor }, { rpc, dispatch }) {
    const { chats, next } = await rpc.call('ChatList', { limit: maxChatsAtOnce, ...(cursor && { cursor }) });
    dispatch({ type: 'chats-loaded', chats, cursor, next });
  },
  'load-page': loadPage,
  async 'load-models'({ refresh }, { rpc, dispatch }) {
    const [setup, { models, notes }] = await Promise.all([
      rpc.call('ModelsSetup', {}),
      rpc.call('ModelsList', { refresh }),
    ]);
    dispatch({ type: 'setup-loaded', setup });
    dispatch({ type: 'models-loaded', models, notes });
  },
  suggest,
  async 'load-profile'(_, { rpc, dispatch }) {
    const { profiles, current } = await rpc.call('ProfileList', {});
    dispatch({ type: 'profiles-listed', profiles });
    const profile = profiles.find(({ id }) => id === current);
    if (profile)
      dispatch({
        type: 'profile-loaded',
        profile: { id: profile.id, name: profile.name, model: profile.model, isOnlyOne: profiles.length === 1 },
      });
  },
  send,
  ...runEffects,
  stop: ({ key }, { running }) => running.get(key)?.abort(),
  async 'stop-chat'({ chatId }, { rpc, dispatch }) {
    await rpc.call('ChatStop', { chatId });
    dispatch({ type: 'poll', chatId });
  },
  async 'load-waits'({ key }, { rpc, dispatch }) {
    dispatch({ type: 'waits-loaded', key, waits: await rpc.call('ModelsWaiting', {}) });
  },
  'go-first': ({ id }, { rpc }) => unlessEnded(rpc.call('ModelsPrefer', { id })),
  async 'stop-others'({ ids }, { rpc }) {
    await Promise.all(ids.map((id) => unlessEnded(rpc.call('ModelsStop', { id }))));
  },
  'load-decision': loadDecision,
  'load-found': loadFound,
  async rate({ decisionId, thumbs }, { rpc }) {
    await rpc.call('RouterOutcome', { decisionId, thumbs: thumbs ?? null });
  },
  async 'choose-version'({ chatId, messageId, version }, { rpc, dispatch }) {
    await rpc.call('ChatBranch', { chatId, messageId, version });
    dispatch({ type: 'branch-changed', chatId });
  },
  async fork({ chatId, messageId }, { rpc, dispatch }) {
    const made = await rpc.call('ChatFork', { chatId, messageId });
    dispatch({ type: 'fork-made', chatId: made.chatId });
  },
  async pin({ messageId, pinned }, { rpc }) {
    await rpc.call('ChatPin', { messageId, pinned });
  },
  async rename({ chatId, title }, { rpc }) {
    await rpc.call('ChatRename', { chatId, title });
  },
  async 'set-model'({ chatId, model }, { rpc, dispatch, settling }) {
    const settled = rpc.call('ChatRename', { chatId, model: model ?? null });
    settling.set(
      chatId,
      settled.catch(() => {}),
    ); // a failure is reported below
    await settled;
    dispatch({ type: 'poll', chatId });
  },
  async delete({ chatId }, { rpc }) {
    await rpc.call('ChatDelete', { chatId });
  },
  async export({ chatId, title }, { rpc, host }) {
    const { text } = await rpc.call('ChatExport', { chatId, format: 'markdown' });
    await host.act({ kind: 'save-export', text, name: `${title}.md` });
  },
  'load-memories': loadMemories,
  memory: doMemoryDeed,
  pull,
  'stop-pull': ({ model }, { running }) => running.get(model)?.abort(),
  'poll-later': ({ chatId, delayMs }, { dispatch }) =>
    void setTimeout(() => dispatch({ type: 'poll', chatId }), delayMs),
  action: ({ action }, { host }) => host.act(action),
  'focus-composer': (_, { focusComposer }) => focusComposer(),
};

/** Failures become messages; this never throws. */
export function perform(effect: Effect, on: EffectDeps): void {
  const row = rows[effect.kind] as (effect: Effect, on: EffectDeps) => void | Promise<void>;
  Promise.resolve(row(effect, on)).catch((error: unknown) => {
    const failure = toFailure(error);
    // The banner tells of a lost connection, and `hello` asks again for what is missing.
    if (failure.code === 'disconnected') return;
    on.dispatch({ type: 'failed', failure });
    if (effect.kind === 'rate' || effect.kind === 'pin' || effect.kind === 'choose-version')
      on.dispatch({ type: 'poll', chatId: effect.chatId });
    if (effect.kind === 'memory') perform({ kind: 'load-memories' }, on);
    if (effect.kind === 'rename' || effect.kind === 'delete') perform({ kind: 'load-chats', cursor: undefined }, on);
  });
}

async function loadPage(
  { chatId, page: kind, cursor }: EffectOf<'load-page'>,
  { rpc, dispatch }: EffectDeps,
): Promise<void> {
  try {
    const { messages, effective, next } = await askForPage({ chatId, ...(cursor && { cursor }) }, rpc);
    dispatch({ type: 'page-loaded', chatId, kind, effective, reply: { cursor, messages, next } });
  } catch (error) {
    dispatch({ type: 'page-failed', chatId, failure: toFailure(error) });
  }
}

/** A page whose messages are too large for the host is asked for in smaller ones. */
async function askForPage(place: { chatId: string; cursor?: string }, rpc: Rpc) {
  for (const limit of [pageSize, 10]) {
    try {
      return await rpc.call('ChatMessages', { ...place, limit });
    } catch (error) {
      if (!(error instanceof RequestError) || error.code !== 'too-large') throw error;
    }
  }
  return await rpc.call('ChatMessages', { ...place, limit: 1 });
}

/** An answer that has ended meanwhile needs nothing any more. */
async function unlessEnded(asked: Promise<unknown>): Promise<void> {
  try {
    await asked;
  } catch (error) {
    if (!(error instanceof RequestError) || error.code !== 'no-such-answer') throw error;
  }
}

async function loadDecision({ decisionId }: EffectOf<'load-decision'>, { rpc, dispatch }: EffectDeps): Promise<void> {
  try {
    const { decision } = await rpc.call('RouterDecision', { id: decisionId });
    dispatch({ type: 'decision-loaded', decisionId, record: decision });
  } catch (error) {
    dispatch({ type: 'decision-failed', decisionId, failure: toFailure(error) });
  }
}

const aroundOne = 4; // messages: an exchange, wherever in it the first one stands

/** A message that cannot be read is left out. */
async function loadFound(
  { decisionId, chatId, ids }: EffectOf<'load-found'>,
  { rpc, dispatch }: EffectDeps,
): Promise<void> {
  const known = new Map<string, FoundMessage>();
  for (const around of ids) {
    if (known.has(around)) continue;
    const page = await rpc.call('ChatMessages', { chatId, around, limit: aroundOne }).catch(() => ({ messages: [] }));
    for (const { id, role, text } of page.messages) known.set(id, { id, role, text });
  }
  dispatch({ type: 'found-loaded', decisionId, found: ids.flatMap((id) => known.get(id) ?? []) });
}

/** Only the newest question counts. One that fails leaves the list as it is: a mention can be typed to its end without it. */
async function suggest({ of, query }: EffectOf<'suggest'>, { rpc, dispatch, running }: EffectDeps): Promise<void> {
  const controller = new AbortController();
  running.get(suggesting)?.abort();
  running.set(suggesting, controller);
  try {
    const { items, note } = await rpc.call(
      'ContextSuggest',
      { query, limit: maxSuggestions, ...(of && { kind: of }) },
      { signal: controller.signal },
    );
    dispatch({ type: 'suggested', of, query, items, note });
  } catch (error) {
    const { code, message } = toFailure(error);
    if (code !== 'cancelled' && code !== 'disconnected')
      dispatch({ type: 'suggested', of, query, items: [], note: message });
  }
}

const suggesting = 'suggest';
const maxSuggestions = 20;

async function send({ key, turn }: EffectOf<'send'>, on: EffectDeps): Promise<void> {
  const controller = new AbortController();
  on.running.set(key, controller);
  try {
    const chatId = turn.chatId ?? (await createChat(key, turn, on));
    await on.settling.get(chatId);
    if (turn.isTask) return await runTask({ key, turn, chatId, signal: controller.signal }, on);
    const sent = await on.rpc.call('ChatSend', await turnParams(turn, chatId), {
      signal: controller.signal,
      onPart: (part) => on.dispatch({ type: 'answer-part', key, part }),
    });
    on.dispatch({ type: 'answer-done', key, sent, at: Date.now() });
  } catch (error) {
    on.dispatch({ type: 'answer-failed', key, failure: toFailure(error), at: Date.now() });
  } finally {
    on.running.delete(key);
  }
}

async function createChat(key: string, { model }: Turn, { rpc, dispatch }: EffectDeps): Promise<string> {
  const { chatId } = await rpc.call('ChatCreate', { ...(model && { model }) });
  dispatch({ type: 'chat-created', key, chatId });
  return chatId;
}

/** Its parts are a run's. */
async function runTask(
  { key, turn, chatId, signal }: { key: string; turn: Turn; chatId: string; signal: AbortSignal },
  { rpc, dispatch }: EffectDeps,
): Promise<void> {
  const attachments = await sentAttachments(turn);
  const done = await rpc.call(
    'AgentRun',
    {
      task: turn.text,
      chatId,
      ...(turn.mode !== undefined && { mode: turn.mode }),
      ...(attachments.length > 0 && { attachments }),
    },
    { signal, onPart: (part) => dispatch({ type: 'run-part', key, part }) },
  );
  dispatch({ type: 'run-done', key, done, at: Date.now() });
}

/** The chat has its model already, so that the daemon can tell which level named it. */
async function turnParams(turn: Turn, chatId: string) {
  const { text, retryOf, editOf, continueOf, overBudget, mode } = turn;
  const attachments = await sentAttachments(turn);
  return {
    chatId,
    text,
    ...(mode !== undefined && { mode }),
    ...(attachments.length > 0 && { attachments }),
    ...(retryOf && { retryOf }),
    ...(continueOf && { continueOf }),
    ...(overBudget && { overBudget }),
    ...(editOf && { editOf }),
  };
}

/** Pictures go in base64, each when it is sent and not before. A question that is answered again has its own. */
async function sentAttachments({ attachments, pictures = [], retryOf }: Turn): Promise<SentAttachment[]> {
  const sent: SentAttachment[] = [...attachments];
  if (retryOf !== undefined) return sent;
  for (const { uri, blob } of pictures) sent.push({ kind: 'image', uri, text: '', data: await base64Of(blob) });
  return sent;
}

async function pull({ model }: EffectOf<'pull'>, { rpc, dispatch, running }: EffectDeps): Promise<void> {
  const controller = new AbortController();
  running.set(model, controller);
  let failure: Of<'pull-ended'>['failure'];
  try {
    await rpc.call(
      'ModelsPull',
      { model },
      {
        signal: controller.signal,
        onPart: ({ received, total }) => dispatch({ type: 'pull-moved', model, received, total }),
      },
    );
  } catch (error) {
    failure = toFailure(error);
  }
  running.delete(model);
  dispatch({ type: 'pull-ended', model, failure });
}

async function loadMemories(_effect: object, { rpc, dispatch }: Pick<EffectDeps, 'rpc' | 'dispatch'>): Promise<void> {
  const { memories, project } = await rpc.call('MemoriesList', {});
  dispatch({ type: 'memories-loaded', memories, project });
}

/** The list is asked for again: the daemon knows the outcome better than a guess would. */
async function doMemoryDeed({ deed }: { deed: MemoryDeed }, on: Pick<EffectDeps, 'rpc' | 'dispatch'>): Promise<void> {
  await carryOut(deed, on.rpc);
  await loadMemories({}, on);
}

async function carryOut({ kind, ...params }: MemoryDeed, rpc: Rpc): Promise<unknown> {
  switch (kind) {
    case 'add':
      return await rpc.call('MemoriesAdd', params as Params<'add'>);
    case 'update':
      return await rpc.call('MemoriesUpdate', params as Params<'update'>);
    case 'accept':
      return await rpc.call('MemoriesAccept', params as Params<'accept'>);
    case 'dismiss':
      return await rpc.call('MemoriesDismiss', params as Params<'dismiss'>);
    case 'delete':
      return await rpc.call('MemoriesDelete', params as Params<'delete'>);
  }
}

type Params<Kind extends MemoryDeed['kind']> = Omit<Extract<MemoryDeed, { kind: Kind }>, 'kind'>;

function toFailure(error: unknown): Failure {
  if (error instanceof RequestError) return error;
  return { message: error instanceof Error ? error.message : String(error), code: 'view', retryable: false };
}
