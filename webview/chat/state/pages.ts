// Takes pages of a chat as they come in: older, newer, the newest, or the newest again. Pure; a part of the update.
import type { Message } from '../../../shared/protocol/chat.ts';
import { type Entry, emptyTranscript, isStored, type Page, type PageKind, type Transcript } from './transcript.ts';

/** More pages than this cost the renderer more than a reader gains. */
const maxPages = 4;

export interface PageReply {
  readonly cursor: string | undefined;
  readonly messages: readonly Message[];
  readonly next: string | undefined;
}

export function receivePage(transcript: Transcript, kind: PageKind, reply: PageReply): Transcript {
  const settled = { ...transcript, loading: undefined, error: undefined };
  switch (kind) {
    case 'older':
      return withOlder(settled, reply);
    case 'newer':
      return withNewer(settled, reply);
    case 'refresh':
      return settled.pages.length === 0 ? latest(reply) : refresh(settled, reply);
    case 'latest':
      return latest(reply);
  }
}

/**
 * Brings the held pages up to date with the newest page. Known messages take their stored form, unknown ones are appended, and
 * those that left the branch go. A local message becomes the stored one that it turned out to be. A message's id stands for all
 * messages before it, so held messages before the reply stay valid where the reply's first message is held. Where it is not, only
 * the reply is kept.
 */
function refresh(transcript: Transcript, reply: PageReply): Transcript {
  const { pages, newer } = transcript;
  const known = pages.flatMap((page) => page.entries);
  const keys = keysOf(known, reply.messages);
  const stored = new Map([...keys].map(([message, key]) => [key, message]));
  const fresh = (messages: readonly Message[]): Entry[] =>
    messages.map((message) => ({ ...message, key: keys.get(message) ?? message.id }));
  // The held pages are older ones: of the newest page only messages that are held as well matter.
  if (newer.length > 0)
    return {
      ...transcript,
      pages: pages.map((page) => ({
        ...page,
        entries: page.entries.map((entry) => ({ ...entry, ...stored.get(entry.key) })),
      })),
    };

  const first = reply.messages[0];
  const from = first && known.findIndex(({ key }) => key === keys.get(first));
  const locals = known.filter((entry) => !isStored(entry) && !stored.has(entry.key));
  if (from === undefined || from < 0)
    return {
      ...transcript,
      pages: [{ cursor: undefined, entries: [...fresh(reply.messages), ...locals] }],
      older: reply.next,
    };

  const left = new Set(
    known
      .slice(from)
      .filter((entry) => isStored(entry) && !stored.has(entry.key))
      .map(({ key }) => key),
  );
  const appended = fresh(reply.messages.filter((message) => !keys.has(message)));
  return {
    ...transcript,
    pages: pages.map((page, index) => ({
      ...page,
      entries: entriesNow(page, { left, stored, appended: index === pages.length - 1 ? appended : [] }),
    })),
  };
}

function entriesNow(
  page: Page,
  {
    left,
    stored,
    appended,
  }: { left: ReadonlySet<string>; stored: ReadonlyMap<string, Message>; appended: readonly Entry[] },
): Entry[] {
  // Messages that the daemon does not know yet are the newest.
  const held = page.entries
    .filter(({ key }) => !left.has(key))
    .map((entry) => (stored.has(entry.key) ? bare(entry, stored.get(entry.key)) : entry));
  const isWaiting = (entry: Entry): boolean => !isStored(entry) && !stored.has(entry.key);
  return [...held.filter((entry) => !isWaiting(entry)), ...appended, ...held.filter(isWaiting)];
}

/** Fields that the daemon leaves out no longer hold: a pin that was removed, an error that was repaired. */
function bare(
  { pinned: _pinned, thumbs: _thumbs, error: _error, notes, ...entry }: Entry,
  message: Message | undefined,
): Entry {
  const kept = entry.jobId === undefined && notes ? { notes } : {}; // a run that waited goes on
  return { ...entry, ...kept, ...message };
}

/** Which held entry each message is. */
function keysOf(known: readonly Entry[], messages: readonly Message[]): Map<Message, string> {
  const keys = new Map<Message, string>();
  const taken = new Set<string>();
  for (const message of messages) {
    const entry =
      known.find(({ id }) => id === message.id) ??
      known.find((local) => !taken.has(local.key) && becomes(local, message));
    if (!entry) continue;
    keys.set(message, entry.key);
    taken.add(entry.key);
  }
  return keys;
}

function becomes(local: Entry, message: Message): boolean {
  return !isStored(local) && local.role === message.role && (local.role === 'assistant' || local.text === message.text);
}

function latest(reply: PageReply): Transcript {
  return { ...emptyTranscript, pages: [toPage(reply)], older: reply.next };
}

function withOlder(transcript: Transcript, reply: PageReply): Transcript {
  const pages = [toPage(reply), ...transcript.pages];
  const last = pages.at(-1);
  if (pages.length <= maxPages || last === undefined) return { ...transcript, pages, older: reply.next };
  return { ...transcript, pages: pages.slice(0, -1), older: reply.next, newer: [...transcript.newer, last.cursor] };
}

function withNewer(transcript: Transcript, reply: PageReply): Transcript {
  const newer = transcript.newer.slice(0, -1);
  // The chat has grown since the newest page was dropped: between it and the held pages something would be missing.
  if (reply.next !== transcript.pages.at(-1)?.cursor) return { ...latest(reply), newer };
  const pages = [...transcript.pages, toPage(reply)];
  const first = pages[0];
  if (pages.length <= maxPages || first === undefined) return { ...transcript, pages, newer };
  return { ...transcript, pages: pages.slice(1), newer, older: first.cursor };
}

function toPage({ cursor, messages }: PageReply): Page {
  return { cursor, entries: messages.map((message) => ({ ...message, key: message.id })) };
}
