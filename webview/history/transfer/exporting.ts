// All chats as one document, made in the page itself where no editor is behind it: asked for page by page, and kept by the browser,
// not in the page's own memory.

import type { Result } from '../../../shared/protocol/define.ts';
import type { ChatTree, documentFormat, documentVersion } from '../../../shared/protocol/transfer.ts';
import type { Rpc } from '../../rpc.ts';
import { RequestError } from '../../rpc.ts';
import type { Running } from './running.ts';

const format: typeof documentFormat = 'switchyard-chats';
const version: typeof documentVersion = 1;

const chatsAtOnce = 200;
/** Messages of a page; where a page is larger than a view may be given, fewer. */
const pageSizes = [200, 20, 1] as const;
const charsPerBlob = 4_000_000;

export interface Export {
  file: Blob;
  chats: number;
  /** Titles of those that could not be had. */
  missing: string[];
}

/** Throws what aborted the signal, and RequestErrors that are not about one chat. */
export async function exportAll(rpc: Rpc, { signal, onProgress }: Running): Promise<Export> {
  const document = new Pieces();
  const missing: string[] = [];
  let chats = 0;
  document.add(`{\n"format": ${JSON.stringify(format)},\n"version": ${version},\n"chats": [`);
  let cursor: string | undefined;
  do {
    const page = await rpc.call('ChatList', { limit: chatsAtOnce, ...(cursor && { cursor }) }, { signal });
    for (const { id, title, messageCount } of page.chats) {
      signal.throwIfAborted();
      if (messageCount === 0) continue; // a document has no chat in which nothing was said
      const text = await chatText(rpc, id, signal);
      if (text === undefined) missing.push(title || 'Untitled');
      else document.add(`${chats++ === 0 ? '' : ','}\n${text}`);
      onProgress(`Exporting: ${chats.toLocaleString()} chats`);
    }
    cursor = page.next;
  } while (cursor !== undefined);
  document.add('\n]\n}\n');
  return { file: document.whole(), chats, missing };
}

/** Undefined for a chat that is gone meanwhile, or has a message larger than a view may be given. */
async function chatText(rpc: Rpc, chatId: string, signal: AbortSignal): Promise<string | undefined> {
  for (const limit of pageSizes) {
    try {
      return await chatOf(rpc, { chatId, limit, signal });
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      if (error.code === 'chat-not-found') return undefined;
      if (error.code !== 'too-large') throw error;
    }
  }
  return undefined;
}

async function chatOf(
  rpc: Rpc,
  { chatId, limit, signal }: { chatId: string; limit: number; signal: AbortSignal },
): Promise<string> {
  const messages: string[] = [];
  let head: Result<typeof ChatTree>['chat'] | undefined;
  let cursor: string | undefined;
  do {
    const page = await rpc.call('ChatTree', { chatId, limit, ...(cursor && { cursor }) }, { signal });
    signal.throwIfAborted();
    head ??= page.chat;
    for (const message of page.messages) messages.push(JSON.stringify(message));
    cursor = page.next;
  } while (cursor !== undefined);
  return `${JSON.stringify(head).slice(0, -1)},"messages":[\n${messages.join(',\n')}\n]}`;
}

/** A text of any length: what is large enough is handed to the browser. */
class Pieces {
  readonly #blobs: Blob[] = [];
  #texts: string[] = [];
  #chars = 0;

  add(text: string): void {
    this.#texts.push(text);
    this.#chars += text.length;
    if (this.#chars >= charsPerBlob) this.#put();
  }

  whole(): Blob {
    this.#put();
    return new Blob(this.#blobs, { type: 'application/json' });
  }

  #put(): void {
    this.#blobs.push(new Blob(this.#texts));
    this.#texts = [];
    this.#chars = 0;
  }
}
