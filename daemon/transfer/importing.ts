// An import as a client runs it: each chat by itself, whole or not at all; what cannot be imported is told and stops nothing.
import type { ChatImport } from '../../shared/protocol/transfer.ts';
import type { ParamsInput, Result } from '../../shared/protocol/define.ts';
import { chatsOf, findPlace, programs, type Source } from './reading.ts';

export interface ImportReport {
  source: Source;
  /** How many chats there were, the unreadable ones included. */
  found: number;
  /** Or that would be, in a dry run. */
  imported: number;
  /** How many were there already. */
  known: number;
  messages: number;
  /** The others, each with the reason as a part of a sentence. */
  skipped: { name: string; why: string }[];
}

export interface ImportOptions {
  path: string;
  from: Source | 'auto';
  dryRun?: boolean;
  signal: AbortSignal;
  /** Sends a chat to the daemon. */
  send(params: ParamsInput<typeof ChatImport>): Promise<Result<typeof ChatImport>>;
  /** Whether an error of `send` is about this chat alone. */
  isAboutChat(error: unknown): boolean;
  onProgress?(report: ImportReport): void;
}

const mostSkippedTold = 1000;

/** Throws TransferError where nothing can be read, what aborted the signal, and errors of `send` that are not about one chat. */
export async function importChats({ path, from, dryRun = false, signal, send, isAboutChat, onProgress }: ImportOptions): Promise<ImportReport> {
  const place = await findPlace(path, from);
  const report: ImportReport = { source: place.source, found: 0, imported: 0, known: 0, messages: 0, skipped: [] };
  const skip = (name: string, why: string): void => {
    if (report.skipped.length < mostSkippedTold) report.skipped.push({ name, why });
  };
  for await (const found of chatsOf(place, signal)) {
    signal.throwIfAborted();
    report.found++;
    if ('why' in found) {
      skip(found.name, found.why);
    } else {
      try {
        const { outcome } = await send({ chat: found.chat, dryRun });
        report[outcome]++;
        if (outcome === 'imported') report.messages += found.chat.messages.length;
      } catch (error) {
        if (!isAboutChat(error)) throw error;
        skip(found.name, (error as Error).message);
      }
    }
    onProgress?.(report);
  }
  return report;
}

/** The report as sentences, a line each. */
export function describeImport({ source, found, imported, known, messages, skipped }: ImportReport, dryRun: boolean): string[] {
  const left = found - imported - known;
  const counts = [`${imported} ${dryRun ? 'to import' : 'imported'} (${counted(messages, 'message')})`, ...(known > 0 ? [`${known} here already`] : []), ...(left > 0 ? [`${left} skipped`] : [])];
  return [
    `${counted(found, 'chat')} of ${programs[source]}: ${counts.join(', ')}.`,
    ...skipped.map(({ name, why }) => `Skipped ${name}: ${why.replace(/\.$/, '')}.`),
    ...(left > skipped.length ? [`And ${left - skipped.length} more.`] : []),
  ];
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
