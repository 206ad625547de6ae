// What happens to stored messages: a question is edited, a version is chosen, a message is pinned, the chat is forked. Pure; a part of the update.
import type { Attachment } from '../../../shared/protocol/chat.ts';
import { t } from '../../words.ts';
import { chooseChat, wantPage } from './chats.ts';
import type { Of, Transition } from './messages.ts';
import { isAnswering, type State } from './state.ts';
import { changeEntry, entriesOf, isStored } from './transcript.ts';

/** Takes a question into the composer; what was being written there waits. */
export function edit(state: State, key: string): Transition {
  const entry = entriesOf(state.transcript).find((one) => one.key === key);
  if (entry?.role !== 'user' || !isStored(entry) || isAnswering(state)) return [state, []];
  const before = state.editing?.before ?? state.draft;
  const draft = { text: entry.text, attachments: ownAttachments(entry.text, entry.attachments ?? []) };
  if (isTask(state, key)) return [{ ...state, draft, panel: undefined }, [{ kind: 'focus-composer' }]];
  return [
    { ...state, draft, editing: { key, messageId: entry.id, before }, panel: undefined },
    [{ kind: 'focus-composer' }],
  ];
}

/** A task is done, and has no versions: its text is sent as a new one. */
function isTask({ transcript }: State, key: string): boolean {
  const entries = entriesOf(transcript);
  return entries[entries.findIndex((one) => one.key === key) + 1]?.jobId !== undefined;
}

export function cancelEdit(state: State): Transition {
  if (!state.editing) return [state, []];
  return [{ ...state, draft: state.editing.before, editing: undefined }, [{ kind: 'focus-composer' }]];
}

export function chooseVersion(state: State, { key, version }: Of<'version-chosen'>): Transition {
  const entry = entriesOf(state.transcript).find((one) => one.key === key);
  if (!entry || !isStored(entry) || isAnswering(state) || version < 1 || version > (entry.versions ?? 1))
    return [state, []];
  return [state, [{ kind: 'choose-version', chatId: entry.chatId, messageId: entry.id, version }]];
}

/** The daemon reads another branch now, or knows more of this one. */
export function lookAgain(state: State, chatId: string): Transition {
  return chatId === state.chatId ? wantPage(state, 'refresh') : [state, []];
}

/** A copy of the chat up to a message; the view goes there once it is made. */
export function fork(state: State, { key }: Of<'forked'>): Transition {
  const entry = entriesOf(state.transcript).find((one) => one.key === key);
  if (!entry || !isStored(entry)) return [state, []];
  return [state, [{ kind: 'fork', chatId: entry.chatId, messageId: entry.id }]];
}

export function showFork(state: State, { chatId }: Of<'fork-made'>): Transition {
  const [shown, effects] = chooseChat(state, chatId);
  const announcement = t('This is the fork. The original chat is unchanged.');
  return [{ ...shown, announcement }, [...effects, { kind: 'load-chats', cursor: undefined }]];
}

/** Shown at once; should the daemon refuse, the page is asked for again. */
export function pin(state: State, { key, pinned }: Of<'pinned'>): Transition {
  const entry = entriesOf(state.transcript).find((one) => one.key === key);
  if (!entry || !isStored(entry)) return [state, []];
  const announcement = pinned ? t('Pinned. This is added to every prompt in this chat.') : t('No longer pinned.');
  return [
    { ...state, transcript: changeEntry(state.transcript, key, { pinned }), announcement },
    [{ kind: 'pin', messageId: entry.id, chatId: entry.chatId, pinned }],
  ];
}

/** The attachments that the user added. Those of mentions are left out: they are looked up again, since they may have changed. */
export function ownAttachments(text: string, attachments: readonly Attachment[]): Attachment[] {
  const mentioned = [...text.matchAll(/@file:(?:"([^"\n]+)"|(\S+))/g)].map(
    ([, quoted, plain = '']) => quoted ?? plain.replace(/[,;!?)\]}.]+$/, ''),
  );
  return attachments.filter(({ kind, uri }) => {
    if (kind === 'file') return !mentioned.some((name) => decoded(uri).endsWith(`/${name}`));
    return kind === 'selection' || kind === 'terminal' || kind === 'problems' || kind === 'image';
  });
}

function decoded(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    return uri;
  }
}
