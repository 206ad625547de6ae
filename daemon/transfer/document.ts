// Chats as one JSON document, written piece by piece: no more of a chat is held than a page of its messages.
import {
  type ChatHead,
  documentFormat,
  documentVersion,
  type TransferredMessage,
} from '../../shared/protocol/transfer.ts';

/** A page of a chat, as the daemon gives it. */
export interface ChatPage {
  chat: ChatHead;
  messages: TransferredMessage[];
  next?: string | undefined;
}
export type ReadPage = (cursor: string | undefined) => Promise<ChatPage>;

export async function* toDocument(chats: AsyncIterable<ReadPage> | Iterable<ReadPage>): AsyncGenerator<string> {
  yield `{\n"format": ${JSON.stringify(documentFormat)},\n"version": ${documentVersion},\n"chats": [`;
  let isFirst = true;
  for await (const read of chats) {
    yield isFirst ? '\n' : ',\n';
    isFirst = false;
    yield* chatAsJson(read);
  }
  yield '\n]\n}\n';
}

async function* chatAsJson(read: ReadPage): AsyncGenerator<string> {
  let isFirst = true;
  for await (const { chat, messages } of pagesOf(read)) {
    if (isFirst) yield `${JSON.stringify(chat).slice(0, -1)},"messages":[\n`;
    for (const message of messages) {
      yield `${isFirst ? '' : ',\n'}${JSON.stringify(message)}`;
      isFirst = false;
    }
  }
  yield '\n]}';
}

/** The pages of a chat, one after another. */
export async function* pagesOf(read: ReadPage): AsyncGenerator<ChatPage> {
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    yield page;
    cursor = page.next;
  } while (cursor !== undefined);
}
