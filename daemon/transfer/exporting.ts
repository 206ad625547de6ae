// An export as a client runs it: the daemon is asked for one page after another, and the client writes what it is given.
import { ChatList } from '../../shared/protocol/chat.ts';
import type { AnyRequest, ParamsInput, Result } from '../../shared/protocol/define.ts';
import { ChatTree } from '../../shared/protocol/transfer.ts';
import { type ReadPage, toDocument } from './document.ts';

/** Asks the daemon. */
export type Ask = <M extends AnyRequest>(message: M, params: ParamsInput<M>) => Promise<Result<M>>;

export interface NamedChat {
  id: string;
  title: string;
}

const pageSize = 200;

/** Every chat of the session's profile, the most recently used first. */
export async function* allChats(ask: Ask): AsyncGenerator<NamedChat> {
  let cursor: string | undefined;
  do {
    const { chats, next } = await ask(ChatList, { limit: pageSize, ...(cursor && { cursor }) });
    yield* chats;
    cursor = next;
  } while (cursor !== undefined);
}

export function pagesReader(ask: Ask, chatId: string): ReadPage {
  return (cursor) => ask(ChatTree, { chatId, limit: pageSize, ...(cursor && { cursor }) });
}

/** Chats as one document. `onChat` is called before each. Chats in which nothing was said yet are left out. */
export function documentOf(
  ask: Ask,
  chats: AsyncIterable<NamedChat> | Iterable<NamedChat>,
  onChat: (chat: NamedChat) => void,
): AsyncGenerator<string> {
  return toDocument(readers(ask, chats, onChat));
}

async function* readers(
  ask: Ask,
  chats: AsyncIterable<NamedChat> | Iterable<NamedChat>,
  onChat: (chat: NamedChat) => void,
): AsyncGenerator<ReadPage> {
  for await (const chat of chats) {
    const read = pagesReader(ask, chat.id);
    const first = await read(undefined);
    if (first.messages.length === 0) continue;
    onChat(chat);
    yield (cursor) => (cursor === undefined ? Promise.resolve(first) : read(cursor));
  }
}
