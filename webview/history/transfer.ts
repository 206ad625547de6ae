// All chats out as one document, and chats in from one, done by the page itself where no editor is behind it.
// An export is asked for page by page and kept by the browser, not in the page's own memory.
// Each chat of an import is stored by itself, whole or not at all; one that cannot be stored is reported and stops nothing.
// Exports of other programs are read by the daemon alone (`daemon/transfer`).
import type { Result } from '../../shared/protocol/define.ts';
import type { ChatTree, documentFormat, documentVersion, TransferredChat } from '../../shared/protocol/transfer.ts';
import { RequestError, type Rpc } from '../rpc.ts';
import { plural, t } from '../words.ts';

const format: typeof documentFormat = 'switchyard-chats';
const version: typeof documentVersion = 1;

const chatsAtOnce = 200;
/** Messages of a page; where a page is larger than a view may be given, fewer. */
const pageSizes = [200, 20, 1] as const;
const charsPerBlob = 4_000_000;

/** What an export or an import is given while it runs. */
export interface TransferOptions {
  readonly signal: AbortSignal;
  /** Takes a sentence for the user. */
  onProgress(text: string): void;
}

export interface Export {
  file: Blob;
  chats: number;
  /** Titles of the chats that could not be read. */
  missing: string[];
}

/** Throws what aborted the signal, and RequestErrors that are not about one chat. */
export async function exportAll(rpc: Rpc, { signal, onProgress }: TransferOptions): Promise<Export> {
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
      if (text === undefined) missing.push(title || t('Untitled'));
      else document.add(`${chats++ === 0 ? '' : ','}\n${text}`);
      onProgress(plural(chats, ['Exporting: {0} chat', 'Exporting: {0} chats']));
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

const maxFileBytes = 300_000_000; // a page holds all of it, and what was read from it
const maxChatChars = 5_000_000; // at three bytes each they fit into one message of a view
const maxToldSkipped = 3;
const maxReasonChars = 200;
const elsewhere = t('Run `switchyard import FILE` in a terminal instead.');
const noExport = t(
  "This isn't a Switchyard export. `switchyard import FILE` in a terminal reads those of ChatGPT, Continue and Cline.",
);

/** Errors of the daemon that are about the one chat that was sent. */
const aboutChat: ReadonlySet<string> = new Set(['bad-chat', 'internal', 'invalid-params', 'too-large']);
const outcomes: Readonly<Record<string, (count: number) => string>> = {
  imported: (count) => t('{0} new', count),
  grown: (count) => t('{0} grown', count),
  known: (count) => t('{0} already here', count),
};

/** Resolves with a sentence that says what came of it. Throws errors with a sentence, and what aborted the signal. */
export async function importFile(rpc: Rpc, file: File, { signal, onProgress }: TransferOptions): Promise<string> {
  if (file.size > maxFileBytes) throw new Error(t('“{0}” is too large for a browser. {1}', file.name, elsewhere));
  const found = chatsIn(await parsed(file));
  const counts = new Map<string, number>();
  const skipped: string[] = [];
  for (const [index, chat] of found.entries()) {
    signal.throwIfAborted();
    onProgress(t('Importing: {0} of {1} chats', index + 1, found.length));
    try {
      const outcome = await send(rpc, chat, signal);
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    } catch (error) {
      if (!(error instanceof RequestError && aboutChat.has(error.code)) || signal.aborted) throw error;
      skipped.push(error.message);
    }
  }
  return report(found.length, { counts, skipped });
}

async function parsed(file: File): Promise<unknown> {
  try {
    return JSON.parse(await file.text());
  } catch {
    throw new Error(noExport);
  }
}

/** The daemon checks every field. */
function chatsIn(document: unknown): TransferredChat[] {
  const { format: named, chats } = (document ?? {}) as { format?: unknown; chats?: unknown };
  if (named !== format || !Array.isArray(chats)) throw new Error(noExport);
  return chats as TransferredChat[];
}

async function send(rpc: Rpc, chat: TransferredChat, signal: AbortSignal): Promise<string> {
  if (JSON.stringify(chat).length > maxChatChars)
    throw new RequestError({
      code: 'too-large',
      message: t('it is too large for a browser; {0}', elsewhere),
      retryable: false,
    });
  return (await rpc.call('ChatImport', { chat }, { signal })).outcome;
}

function report(
  found: number,
  { counts, skipped }: { counts: ReadonlyMap<string, number>; skipped: readonly string[] },
): string {
  const parts = [...counts].map(([outcome, count]) => outcomes[outcome]?.(count) ?? `${count} ${outcome}`);
  if (skipped.length > 0) parts.push(t('{0} skipped', skipped.length));
  const why = [...new Set(skipped)]
    .slice(0, maxToldSkipped)
    .map((reason) => ` ${t('Skipped: {0}.', reason.slice(0, maxReasonChars).replace(/\.$/, ''))}`);
  const told = plural(found, ['{0} chat in the file', '{0} chats in the file']);
  return `${[told, ...(parts.length > 0 ? [parts.join(', ')] : [])].join(': ')}.${why.join('')}`;
}
