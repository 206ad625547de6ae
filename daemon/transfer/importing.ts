// An import as a client runs it: each chat by itself, whole or not at all. A chat that cannot be imported is reported and stops nothing.

import type { ParamsInput, Part, Result } from '../../shared/protocol/define.ts';
import type { ChatImport, TransferredChat } from '../../shared/protocol/transfer.ts';
import { counted } from '../../shared/words/counted.ts';
import { findPlace, type ImportPlace, type ImportSource, programs } from './places.ts';
import { chatsOf } from './reading.ts';

export interface ImportReport {
  source: ImportSource;
  /** How many chats there were, the unreadable ones included. */
  found: number;
  /** Or that would be, in a dry run. */
  imported: number;
  /** How many were there already and have grown. */
  grown: number;
  /** How many were there already, unchanged. */
  known: number;
  /** How many messages are new. */
  messages: number;
  /** The others, each with the reason as a part of a sentence. */
  skipped: { name: string; why: string }[];
}

export interface ImportOptions {
  path: string;
  from: ImportSource | 'auto';
  /** What is there, where that is known. */
  place?: ImportPlace;
  /** Whether a chat is to be imported; left out, all are. */
  wants?(chat: TransferredChat): boolean;
  dryRun?: boolean;
  signal: AbortSignal;
  /** Sends a chat to the daemon, which reports how much of it was taken. */
  send(
    params: ParamsInput<typeof ChatImport>,
    onPart: (part: Part<typeof ChatImport>) => void,
  ): Promise<Result<typeof ChatImport>>;
  /** Whether an error of `send` is about this chat alone. */
  isAboutChat(error: unknown): boolean;
  /** Called after each chat, and within a long one with how far it is. */
  onProgress?(report: ImportReport, within?: Part<typeof ChatImport>): void;
}

const maxSkippedTold = 1000;

/** Throws TransferError where nothing can be read, what aborted the signal, and errors of `send` that are not about one chat. */
export async function importChats({
  path,
  from,
  place: known,
  wants,
  dryRun = false,
  signal,
  send,
  isAboutChat,
  onProgress,
}: ImportOptions): Promise<ImportReport> {
  const place = known ?? (await findPlace(path, from));
  const report: ImportReport = {
    source: place.source,
    found: 0,
    imported: 0,
    grown: 0,
    known: 0,
    messages: 0,
    skipped: [],
  };
  const skip = (name: string, why: string): void => {
    if (report.skipped.length < maxSkippedTold) report.skipped.push({ name, why });
  };
  for await (const found of chatsOf(place, signal)) {
    signal.throwIfAborted();
    if (wants && ('why' in found || !wants(found.chat))) continue;
    report.found++;
    if ('why' in found) {
      skip(found.name, found.why);
    } else {
      try {
        const { outcome, added } = await send({ chat: found.chat, dryRun }, (within) => onProgress?.(report, within));
        report[outcome]++;
        report.messages += added;
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
export function describeImport(
  { source, found, imported, grown, known, messages, skipped }: ImportReport,
  dryRun: boolean,
): string[] {
  const left = found - imported - grown - known;
  const counts = [
    `${imported} new`,
    ...(grown > 0 ? [`${grown} grown`] : []),
    ...(known > 0 ? [`${known} already here`] : []),
    ...(left > 0 ? [`${left} skipped`] : []),
  ];
  const wereAdded = messages === 1 ? 'was added' : 'were added';
  const sum = imported + grown > 0 ? ` ${counted(messages, 'message')} ${dryRun ? 'would be added' : wereAdded}.` : '';
  return [
    `${counted(found, 'chat')} of ${programs[source]}: ${counts.join(', ')}.${sum}`,
    ...skipped.map(({ name, why }) => `Skipped ${name}: ${why.replace(/\.$/, '')}.`),
    ...(left > skipped.length ? [`And ${left - skipped.length} more.`] : []),
  ];
}
