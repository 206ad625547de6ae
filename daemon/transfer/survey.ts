// What there is in a place, chat by chat, before anything of it is imported.
import type { ChatList, Origin } from '../../shared/protocol/chat.ts';
import type { ParamsInput, Result } from '../../shared/protocol/define.ts';
import type { TransferredMessage } from '../../shared/protocol/transfer.ts';
import type { ImportPlace } from './places.ts';
import { chatsOf } from './reading.ts';

/** A chat that could be imported. */
export interface ListedChat {
  /** Names it among all chats of all programs. */
  key: string;
  title: string;
  /** Milliseconds since the epoch. */
  updatedAt: number;
  messages: number;
  /** Whether it was imported before; it may have grown since. */
  isKnown: boolean;
}

export interface Survey {
  /** The newest first. */
  chats: ListedChat[];
  /** How many cannot be read. */
  unreadable: number;
}

/** Asks the daemon for a page of the list of chats. */
export type ListChats = (params: ParamsInput<typeof ChatList>) => Promise<Result<typeof ChatList>>;

const pageSize = 200;

/** The keys of all chats that were imported before. */
export async function importedKeys(list: ListChats): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await list({ limit: pageSize, ...(cursor && { cursor }) });
    for (const { origin } of page.chats) if (origin) keys.add(keyOf({ origin }));
    cursor = page.next;
  } while (cursor !== undefined);
  return keys;
}

/** Throws TransferError, and what aborted the signal. */
export async function survey(place: ImportPlace, known: ReadonlySet<string>, signal: AbortSignal): Promise<Survey> {
  const chats: ListedChat[] = [];
  let unreadable = 0;
  for await (const found of chatsOf(place, signal)) {
    if ('why' in found) {
      unreadable++;
      continue;
    }
    const { title, updatedAt, messages } = found.chat;
    const key = keyOf(found.chat);
    chats.push({
      key,
      title: title || firstWordsOf(messages),
      updatedAt,
      messages: messages.length,
      isKnown: known.has(key),
    });
  }
  return { chats: chats.toSorted((a, b) => b.updatedAt - a.updatedAt), unreadable };
}

const maxTitleCharacters = 60;

/** What the user said first, for a chat without a title. */
function firstWordsOf(messages: readonly TransferredMessage[]): string {
  const text = messages.find(({ role }) => role === 'user')?.text ?? '';
  const line = text.split('\n').find((each) => each.trim() !== '') ?? '';
  const characters = [...line.trim().replace(/\s+/g, ' ')];
  return characters.length > maxTitleCharacters
    ? `${characters.slice(0, maxTitleCharacters).join('')}…`
    : characters.join('');
}

export function keyOf({ origin }: { origin: Origin }): string {
  return `${origin.source} ${origin.id}`;
}

/** `12 chats, 10 of them imported before, 1 unreadable` */
export function describeSurvey({ chats, unreadable }: Survey): string {
  const known = chats.filter(({ isKnown }) => isKnown).length;
  const isAll = known === chats.length;
  return [
    `${chats.length} ${chats.length === 1 ? 'chat' : 'chats'}`,
    ...(known > 0 ? [isAll ? 'already imported' : `${known} already imported`] : []),
    ...(unreadable > 0 ? [`${unreadable} unreadable`] : []),
  ].join(', ');
}

/** `3 messages` */
export function messageCount(count: number): string {
  return `${count} ${count === 1 ? 'message' : 'messages'}`;
}
