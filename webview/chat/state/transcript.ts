// The part of a chat that is held: a few consecutive pages of it, so that a chat of any length costs the same. Pure.
import { isCutOff } from '../../../shared/cut-off.ts';
import type { PictureHeader } from '../../../shared/pictures.ts';
import type { Message } from '../../../shared/protocol/chat.ts';

/** A message as shown. Its key stays the same when the daemon's id becomes known. */
export interface Entry extends Message {
  readonly key: string;
  /** Ids of the memories it was made with, as its parts named them. */
  readonly memories?: readonly string[];
  /** While it waits for a model on this machine. */
  readonly wait?: Wait;
  /** Of a task that this page sent: its mode. */
  readonly taskMode?: string;
  /** Whether a picture is being made. */
  readonly isPicture?: true;
  /** Pictures that this page sent with it: shown until the stored message has its own. */
  readonly pictures?: readonly DraftPicture[];
}

/** A picture that is to be sent. Its bytes are in the page's memory alone, and leave it once, with the question. */
export interface DraftPicture {
  /** Of its file, or `dropped:NAME`. */
  readonly uri: string;
  readonly name: string;
  readonly mediaType: PictureHeader['mediaType'];
  /** In pixels, as it is seen. */
  readonly width: number;
  readonly height: number;
  readonly blob: Blob;
}

/** A picture that was made as an answer, as far as it has come in. */
export interface ReceivedPicture {
  readonly mediaType: 'image/png' | 'image/jpeg' | 'image/webp';
  /** Base64. */
  readonly data: string;
  readonly isWhole: boolean;
}

/** What an answer waits for. Lives until the answer begins or ends. */
interface Wait {
  readonly id: string;
  /** A sentence about what is waited for. */
  readonly text: string;
  /** Answers of this profile that run before it, and so can be stopped. */
  readonly behind: readonly string[];
  /** What they are, in their order, once that is known. */
  readonly names: readonly string[];
  /** Whether others of this profile wait before it. */
  readonly canGoFirst: boolean;
}

export interface Page {
  /** What the page was asked with; the newest has none. */
  readonly cursor: string | undefined;
  readonly entries: readonly Entry[];
}

export interface Transcript {
  /** In reading order. */
  readonly pages: readonly Page[];
  /** Leads to the page before the first one held. */
  readonly older: string | undefined;
  /** Lead to the pages after the last one held, the nearest last. Empty when the newest page is held. */
  readonly newer: readonly (string | undefined)[];
  readonly loading: PageKind | undefined;
  readonly error: string | undefined;
}

/** `refresh` brings the held newest page up to date without moving anything. */
export type PageKind = 'latest' | 'older' | 'newer' | 'refresh';

export const pageSize = 50;
const localIdPrefix = 'local-';

export const emptyTranscript: Transcript = {
  pages: [],
  older: undefined,
  newer: [],
  loading: undefined,
  error: undefined,
};

export function entriesOf(transcript: Transcript): readonly Entry[] {
  return transcript.pages.flatMap((page) => page.entries);
}

export function appendEntry(transcript: Transcript, entry: Entry): Transcript {
  const last = transcript.pages.at(-1) ?? { cursor: undefined, entries: [] };
  return { ...transcript, pages: [...transcript.pages.slice(0, -1), { ...last, entries: [...last.entries, entry] }] };
}

export function removeEntry(transcript: Transcript, key: string): Transcript {
  const pages = transcript.pages.map((page) => ({
    ...page,
    entries: page.entries.filter((entry) => entry.key !== key),
  }));
  return { ...transcript, pages };
}

export function changeEntry(transcript: Transcript, key: string, change: Partial<Entry>): Transcript {
  const pages = transcript.pages.map((page) => ({
    ...page,
    entries: page.entries.map((entry) => (entry.key === key ? { ...entry, ...change } : entry)),
  }));
  return { ...transcript, pages };
}

/** The chat up to a message, without it. The question that replaces the message is appended there. */
export function cutBefore(transcript: Transcript, key: string): Transcript {
  const at = transcript.pages.findIndex((page) => page.entries.some((entry) => entry.key === key));
  const page = transcript.pages[at];
  if (!page) return transcript;
  const entries = page.entries.slice(
    0,
    page.entries.findIndex((entry) => entry.key === key),
  );
  return { ...transcript, pages: [...transcript.pages.slice(0, at), { cursor: undefined, entries }], newer: [] };
}

/** An id for a message that the daemon has not named yet. */
export function localId(serial: number): string {
  return `${localIdPrefix}${serial}`;
}

export function canContinue(entry: Entry): boolean {
  return isStored(entry) && isCutOff(entry);
}

export function isStored(entry: Entry): boolean {
  return !entry.id.startsWith(localIdPrefix);
}
