// Chats out of a document of ours that the user chose in a browser. Each is stored by itself, whole or not at all; what cannot be
// stored is told and stops nothing. What other programs wrote is read by the daemon alone (`daemon/transfer`).
import type { documentFormat, TransferredChat } from '../../../shared/protocol/transfer.ts';
import { RequestError, type Rpc } from '../../rpc.ts';
import type { Running } from './running.ts';

const format: typeof documentFormat = 'switchyard-chats';
const maxFileBytes = 300_000_000; // a page holds all of it, and what was read from it
const maxChatChars = 5_000_000; // at three bytes each they fit into one message of a view
const maxToldSkipped = 3;
const maxReasonChars = 200;
const elsewhere = '`switchyard import FILE` in a terminal takes it.';
const noExport =
  'This is no export of Switchyard. `switchyard import FILE` in a terminal reads those of ChatGPT, Continue and Cline.';

/** Errors of the daemon that are about the one chat that was sent. */
const aboutChat: ReadonlySet<string> = new Set(['bad-chat', 'internal', 'invalid-params', 'too-large']);
const outcomes: Readonly<Record<string, string>> = { imported: 'new', grown: 'grown', known: 'already here' };

/** Resolves with a sentence that says what came of it. Throws errors with a sentence, and what aborted the signal. */
export async function importFile(rpc: Rpc, file: File, { signal, onProgress }: Running): Promise<string> {
  if (file.size > maxFileBytes) throw new Error(`“${file.name}” is too large for a browser. ${elsewhere}`);
  const found = chatsIn(await parsed(file));
  const counts = new Map<string, number>();
  const skipped: string[] = [];
  for (const [index, chat] of found.entries()) {
    signal.throwIfAborted();
    onProgress(`Importing: ${(index + 1).toLocaleString()} of ${found.length.toLocaleString()} chats`);
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
      message: `it is too large for a browser; ${elsewhere}`,
      retryable: false,
    });
  return (await rpc.call('ChatImport', { chat }, { signal })).outcome;
}

function report(
  found: number,
  { counts, skipped }: { counts: ReadonlyMap<string, number>; skipped: readonly string[] },
): string {
  const parts = [...counts].map(([outcome, count]) => `${count.toLocaleString()} ${outcomes[outcome] ?? outcome}`);
  if (skipped.length > 0) parts.push(`${skipped.length.toLocaleString()} skipped`);
  const why = [...new Set(skipped)]
    .slice(0, maxToldSkipped)
    .map((reason) => ` Skipped: ${reason.slice(0, maxReasonChars).replace(/\.$/, '')}.`);
  return `${found.toLocaleString()} ${found === 1 ? 'chat' : 'chats'} in the file${parts.length > 0 ? `: ${parts.join(', ')}` : ''}.${why.join('')}`;
}
