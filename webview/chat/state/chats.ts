// What happens to the list of chats and to the pages of the one shown. Pure; a part of the update.
import type { Chat } from '../../../shared/protocol/chat.ts';
import { t } from '../../words.ts';
import { draftsOnLeaving, isEmpty, rescueDraft } from './drafts.ts';
import type { Effect, Of, Transition } from './messages.ts';
import { receivePage } from './pages.ts';
import { type Draft, firstPollMs, type State, shownAnswer, strangersAnswer } from './state.ts';
import { emptyTranscript, type PageKind } from './transcript.ts';

const maxPollMs = 8000;

export function newChat(state: State): Transition {
  return openChat(state, undefined);
}

/** An empty view of a chat, or of a new one. */
function openChat(state: State, chatId: string | undefined): Transition {
  const nothing = {
    ...draftsOnLeaving(state, chatId),
    effective: undefined,
    chatId,
    panel: undefined,
    spot: undefined,
    problem: undefined,
    queuedAt: undefined,
  } satisfies Partial<State>;
  return [{ ...state, ...nothing, transcript: emptyTranscript }, [{ kind: 'focus-composer' }]];
}

/** Chats belong to a profile, so a switch to another one begins with an empty view. */
export function workIn(state: State, profile: NonNullable<State['profile']>): Transition {
  const before = state.profile?.id ?? state.savedProfileId;
  const now = { ...state, profile, savedProfileId: undefined };
  if (before === undefined || before === profile.id) return [now, []];
  const [fresh] = newChat({ ...now, model: undefined, answers: [], explanations: {}, runs: {}, queued: {} });
  return [
    { ...fresh, chats: { ...fresh.chats, items: [], next: undefined } },
    [{ kind: 'load-chats', cursor: undefined }],
  ];
}

export function chooseChat(state: State, chatId: string): Transition {
  const model = state.chats.items.find(({ id }) => id === chatId)?.model;
  const [fresh, focus] = openChat(state, chatId);
  const [loading, load] = wantPage({ ...fresh, model, pollDelayMs: firstPollMs }, 'latest');
  return [loading, [...load, ...focus]];
}

/** The list changes at once; should the daemon refuse, it is asked for the list again. */
export function renameChat(state: State, { chatId, title }: Of<'chat-renamed'>): Transition {
  const trimmed = title.trim();
  if (trimmed === '') return [state, []];
  const items = state.chats.items.map((chat) => (chat.id === chatId ? { ...chat, title: trimmed } : chat));
  return [{ ...state, chats: { ...state.chats, items } }, [{ kind: 'rename', chatId, title: trimmed }]];
}

export function deleteChat(state: State, chatId: string): Transition {
  const items = state.chats.items.filter(({ id }) => id !== chatId);
  const remaining = {
    ...state,
    chats: { ...state.chats, items },
    answers: state.answers.filter((answer) => answer.chatId !== chatId),
  };
  const stopped = state.answers.filter((answer) => answer.chatId === chatId);
  const effects: Effect[] = [...stopped.map(({ key }): Effect => ({ kind: 'stop', key })), { kind: 'delete', chatId }];
  if (state.chatId !== chatId) return [remaining, effects];
  const [fresh] = leaveDeleted(remaining);
  return [{ ...fresh, panel: state.panel }, effects];
}

/** The chat shown is gone: a new one takes its place, with what was typed. */
function leaveDeleted(state: State): Transition {
  const lost = state.editing?.before ?? state.draft;
  const [fresh, effects] = newChat(state);
  const { [state.chatId ?? '']: _gone, ...drafts } = fresh.drafts;
  return [rescueDraft({ ...fresh, drafts }, lost), effects];
}

/** Somebody else has deleted the chat shown. `question` is what was just sent to it. */
export function lostChat(state: State, question?: Draft): Transition {
  const [fresh, effects] = leaveDeleted(question ? rescueDraft(state, question) : state);
  const problem = isEmpty(fresh.draft)
    ? t('This chat was deleted. This is a new one.')
    : t('This chat was deleted. Your text is kept: send it to start a new chat.');
  return [{ ...fresh, problem }, [...effects, { kind: 'load-chats', cursor: undefined }]];
}

/** Asks for the next page of chats, if there is one. */
export function wantChats(state: State): Transition {
  const { next, isLoading } = state.chats;
  if (next === undefined || isLoading) return [state, []];
  return [{ ...state, chats: { ...state.chats, isLoading: true } }, [{ kind: 'load-chats', cursor: next }]];
}

export function chatsLoaded(state: State, { chats, cursor, next }: Of<'chats-loaded'>): Transition {
  const isMore = cursor !== undefined;
  const items = isMore
    ? [...state.chats.items, ...chats.filter((chat) => !state.chats.items.some(({ id }) => id === chat.id))]
    : chats;
  const loaded = { ...state, chats: { ...state.chats, items, next, isLoading: false } };
  // A search looks at every title: while it goes on, page follows page.
  return state.chats.search === '' ? [loaded, []] : wantChats(loaded);
}

export function matchingChats({ items, search }: State['chats']): readonly Chat[] {
  const words = search.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return items.filter(({ title }) => words.every((word) => title.toLocaleLowerCase().includes(word)));
}

/** Asks for a page, if there is one and none is on its way. */
export function wantPage(state: State, page: PageKind): Transition {
  const { chatId, transcript } = state;
  if (chatId === undefined || (transcript.loading !== undefined && page !== 'latest')) return [state, []];
  if (page === 'older' && transcript.older === undefined) return [state, []];
  if (page === 'newer' && transcript.newer.length === 0) return [state, []];
  const cursors = { older: transcript.older, newer: transcript.newer.at(-1), latest: undefined, refresh: undefined };
  const spot = page === 'latest' && transcript.pages.length > 0 ? undefined : state.spot;
  const loading = { ...state, spot, transcript: { ...transcript, loading: page, error: undefined } };
  return [loading, [{ kind: 'load-page', chatId, page, cursor: cursors[page] }]];
}

export function pageLoaded(state: State, { chatId, kind, effective, reply }: Of<'page-loaded'>): Transition {
  if (chatId !== state.chatId || kind !== state.transcript.loading) return [state, []];
  // The answer that this view is waiting for stands beside the pages.
  const messages = shownAnswer(state) ? reply.messages.filter(({ status }) => status !== 'streaming') : reply.messages;
  const model = effective.source === 'chat' ? effective.model : undefined;
  const loaded = {
    ...state,
    model,
    effective,
    transcript: receivePage(state.transcript, kind, { ...reply, messages }),
  };
  return pollIfStreaming(loaded, state);
}

export function pageFailed(state: State, { chatId, failure }: Of<'page-failed'>): Transition {
  if (chatId !== state.chatId) return [state, []];
  if (failure.code === chatNotFound) return lostChat(state);
  const transcript = { ...state.transcript, loading: undefined, error: failure.message };
  return [{ ...state, queuedAt: undefined, transcript }, []];
}

/** The daemon's code for a chat that is not there. */
export const chatNotFound = 'chat-not-found';

export function poll(state: State, chatId: string): Transition {
  return chatId === state.chatId ? wantPage(state, 'refresh') : [state, []];
}

/** Polls an answer that streams to another client, less often while it does not grow. */
function pollIfStreaming(state: State, before: State): Transition {
  const answer = strangersAnswer(state);
  if (!answer || state.chatId === undefined) return [{ ...state, pollDelayMs: firstPollMs }, []];
  const hasGrown = answer.text !== strangersAnswer(before)?.text;
  const delayMs = hasGrown ? firstPollMs : state.pollDelayMs;
  const pollDelayMs = Math.min(delayMs * 2, maxPollMs);
  return [{ ...state, pollDelayMs }, [{ kind: 'poll-later', chatId: state.chatId, delayMs }]];
}
