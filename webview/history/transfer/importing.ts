// Chats out of a file that the user chose in a browser, read by the page itself: a document of Switchyard, or ChatGPT's
// `conversations.json`. Each chat is stored by itself, whole or not at all; what cannot be stored is told and stops nothing.
import { UnreadableChat } from '../../../daemon/transfer/error.ts';
import { chatOfChatgpt } from '../../../daemon/transfer/formats/chatgpt.ts';
import type { documentFormat, TransferredChat } from '../../../shared/protocol/transfer.ts';
import { RequestError, type Rpc } from '../../rpc.ts';
import type { Running } from './running.ts';

const format: typeof documentFormat = 'switchyard-chats';
const mostFileBytes = 300_000_000; // a page holds all of it, and what was read from it
const mostChatChars = 5_000_000; // at three bytes each they fit into one message of a view
const mostToldSkipped = 3;
const mostReasonChars = 200;
const elsewhere = '`switchyard import FILE` in a terminal takes it.';

/** Errors of the daemon that are about the one chat that was sent. */
const aboutChat: ReadonlySet<string> = new Set(['bad-chat', 'internal', 'invalid-params', 'too-large']);
const outcomes: Readonly<Record<string, string>> = { imported: 'new', grown: 'grown', known: 'already here' };

/** Resolves with a sentence that says what came of it. Throws errors with a sentence, and what aborted the signal. */
export async function importFile(rpc: Rpc, file: File, { signal, onProgress }: Running): Promise<string> {
  if (file.size > mostFileBytes) throw new Error(`“${file.name}” is too large for a browser. ${elsewhere}`);
  const found = chatsIn(await parsed(file));
  const counts = new Map<string, number>();
  const skipped: string[] = [];
  for (const [index, read] of found.entries()) {
    signal.throwIfAborted();
    onProgress(`Importing: ${(index + 1).toLocaleString()} of ${found.length.toLocaleString()} chats`);
    try {
      const outcome = await send(rpc, read(), signal);
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    } catch (error) {
      const isAboutChat = error instanceof UnreadableChat || (error instanceof RequestError && aboutChat.has(error.code));
      if (!isAboutChat || signal.aborted) throw error;
      skipped.push(error.message);
    }
  }
  return report(found.length, { counts, skipped });
}

async function parsed(file: File): Promise<unknown> {
  try {
    return JSON.parse(await file.text());
  } catch {
    throw new Error(`“${file.name}” cannot be read as JSON. Choose an export of Switchyard, or conversations.json of ChatGPT; ${elsewhere}`);
  }
}

/** How each chat is read: a chat that cannot be costs none of the others. */
function chatsIn(document: unknown): (() => TransferredChat)[] {
  if (Array.isArray(document)) return document.map((one: unknown) => () => chatOfChatgpt(one));
  const { format: named, chats } = (document ?? {}) as { format?: unknown; chats?: unknown };
  if (named !== format || !Array.isArray(chats)) throw new Error('This is no export that a browser can read. Choose an export of Switchyard, or conversations.json of ChatGPT.');
  return chats.map((one: unknown) => () => one as TransferredChat); // the daemon checks every field
}

async function send(rpc: Rpc, chat: TransferredChat, signal: AbortSignal): Promise<string> {
  if (JSON.stringify(chat).length > mostChatChars) throw new UnreadableChat(`it is too large for a browser; ${elsewhere.replace(/\.$/, '')}`);
  return (await rpc.call('ChatImport', { chat }, { signal })).outcome;
}

function report(found: number, { counts, skipped }: { counts: ReadonlyMap<string, number>; skipped: readonly string[] }): string {
  const parts = [...counts].map(([outcome, count]) => `${count.toLocaleString()} ${outcomes[outcome] ?? outcome}`);
  if (skipped.length > 0) parts.push(`${skipped.length.toLocaleString()} skipped`);
  const why = [...new Set(skipped)].slice(0, mostToldSkipped).map((reason) => ` Skipped: ${reason.slice(0, mostReasonChars).replace(/\.$/, '')}.`);
  return `${found.toLocaleString()} ${found === 1 ? 'chat' : 'chats'} in the file${parts.length > 0 ? `: ${parts.join(', ')}` : ''}.${why.join('')}`;
}
