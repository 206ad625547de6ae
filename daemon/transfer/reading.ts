// Chats out of files: finds out which program wrote what the user named, and reads one chat after another.
import { basename, dirname, join } from 'node:path';
import type { TransferredChat } from '../../shared/protocol/transfer.ts';
import { documentFormat, documentVersion } from '../../shared/protocol/transfer.ts';
import { elementsOf } from './elements.ts';
import { TransferError, UnreadableChat } from './error.ts';
import { entriesOf, look, maxChatLength, piecesOf, textOf } from './files.ts';
import { chatOfChatgpt } from './formats/chatgpt.ts';
import { chatOfCline } from './formats/cline.ts';
import { chatOfContinue } from './formats/continue.ts';
import { checked } from './formats/own.ts';
import { parse, textField } from './untrusted.ts';

export const sources = ['switchyard', 'chatgpt', 'continue', 'cline'] as const;
export type ImportSource = (typeof sources)[number];
export const programs: Readonly<Record<ImportSource, string>> = {
  switchyard: 'Switchyard',
  chatgpt: 'ChatGPT',
  continue: 'Continue',
  cline: 'Cline',
};

/** A chat, or why it cannot be read. */
export type ReadResult = { name: string; chat: TransferredChat } | { name: string; why: string };

/** Where a program's chats are: files with one chat or many, or folders of tasks. */
export interface ImportPlace {
  source: ImportSource;
  paths: string[];
  /** The file that lists them, if there is one. */
  list?: string;
}

/** Throws TransferError where no chats are known to be at a path, or none of the named program. */
export async function findPlace(path: string, from: ImportSource | 'auto'): Promise<ImportPlace> {
  const place = (await look(path)).isFolder ? await placeInFolder(path, from) : await placeOfFile(path, from);
  if (place) return place;
  throw new TransferError(
    `No chats${from === 'auto' ? '' : ` of ${programs[from]}`} were found in ${path}. Name an export of Switchyard, a data export of ChatGPT, Continue's folder "sessions", or a folder of Cline's with "tasks" in it.`,
  );
}

async function placeOfFile(path: string, from: ImportSource | 'auto'): Promise<ImportPlace | undefined> {
  const name = basename(path);
  if (/\.zip$/i.test(name))
    throw new TransferError(`${path} is an archive. Unpack it, and name the folder that comes out of it.`);
  if (['api_conversation_history.json', 'ui_messages.json'].includes(name))
    return wanted('cline', from) && { source: 'cline', paths: [dirname(path)] };
  if (name === 'sessions.json') return wanted('continue', from) && placeInFolder(dirname(path), from);
  const source = from === 'auto' ? await sourceOf(path) : from;
  if (source === 'cline' || source === undefined) return undefined;
  return { source, paths: [path], ...(source === 'continue' && { list: join(dirname(path), 'sessions.json') }) };
}

const start = 64 * 1024;
/** The names of files in a data export of ChatGPT. */
const exported = /^conversations(-\d+)?\.json$/;

/** Tells the program by how the file begins. */
async function sourceOf(path: string): Promise<ImportSource | undefined> {
  let text = '';
  for await (const piece of piecesOf(path, { bytes: start })) text += piece;
  const head = text.replace(/^\ufeff?\s*/, '');
  if (head.startsWith('{') && new RegExp(`"format"\\s*:\\s*"${documentFormat}"`).test(head)) return 'switchyard';
  if (head.startsWith('[') && (exported.test(basename(path)) || /"mapping"\s*:/.test(head))) return 'chatgpt';
  return head.startsWith('{') && /"(sessionId|session_id|full_state)"\s*:/.test(head) ? 'continue' : undefined;
}

async function placeInFolder(folder: string, from: ImportSource | 'auto'): Promise<ImportPlace | undefined> {
  const entries = await entriesOf(folder);
  const files = entries.filter(({ isFolder }) => !isFolder);
  const has = (name: string): boolean => entries.some((entry) => entry.name === name);
  const conversations = files.filter(({ name }) => exported.test(name));
  if (conversations.length > 0 && wanted('chatgpt', from))
    return { source: 'chatgpt', paths: conversations.map(({ path }) => path) };
  if (has('api_conversation_history.json') || has('ui_messages.json'))
    return (
      wanted('cline', from) && {
        source: 'cline',
        paths: [folder],
        list: join(folder, '..', '..', 'state', 'taskHistory.json'),
      }
    );
  if (has('sessions.json') && wanted('continue', from)) {
    const sessions = files.filter(({ name }) => name.endsWith('.json') && name !== 'sessions.json');
    return { source: 'continue', paths: sessions.map(({ path }) => path), list: join(folder, 'sessions.json') };
  }
  const inner = entries.find(
    ({ name, isFolder }) =>
      isFolder && ((name === 'sessions' && wanted('continue', from)) || (name === 'tasks' && wanted('cline', from))),
  );
  if (inner) return inner.name === 'tasks' ? tasksIn(inner.path) : placeInFolder(inner.path, from);
  if (basename(folder) === 'tasks' && wanted('cline', from)) return tasksIn(folder);
  const own = [];
  for (const { name, path } of files)
    if (name.endsWith('.json') && wanted('switchyard', from) && (await sourceOf(path)) === 'switchyard') own.push(path);
  return own.length > 0 ? { source: 'switchyard', paths: own } : undefined;
}

async function tasksIn(folder: string): Promise<ImportPlace | undefined> {
  const tasks = (await entriesOf(folder)).filter(({ isFolder }) => isFolder);
  return tasks.length > 0
    ? { source: 'cline', paths: tasks.map(({ path }) => path), list: join(folder, '..', 'state', 'taskHistory.json') }
    : undefined;
}

function wanted(source: ImportSource, from: ImportSource | 'auto'): true | undefined {
  return from === 'auto' || from === source || undefined;
}

/**
 * Reads the chats of a place one after another, each checked. A chat that cannot be read comes with the reason.
 * Throws TransferError, and what aborted the signal.
 */
export async function* chatsOf({ source, paths, list }: ImportPlace, signal: AbortSignal): AsyncGenerator<ReadResult> {
  const entries = list === undefined ? new Map<string, unknown>() : await listed(list);
  for (const path of paths) {
    signal.throwIfAborted();
    if (source === 'switchyard')
      yield* elementsIn(path, { read: (value) => value as TransferredChat, signal, refuse: refuseNewer });
    else if (source === 'chatgpt') yield* elementsIn(path, { read: chatOfChatgpt, signal });
    else if (source === 'continue') yield await attempt(basename(path), async () => continueAt(path, entries));
    else yield await attempt(`task ${basename(path)}`, async () => taskAt(path, entries));
  }
}

/** The list's entries by the id of their chat. Empty where the list cannot be read: chats can be read without it. */
async function listed(path: string): Promise<Map<string, unknown>> {
  const value = await optional(path);
  const entries: readonly unknown[] = Array.isArray(value) ? value : [];
  return new Map(entries.map((entry) => [textField(entry, 'sessionId') ?? textField(entry, 'id') ?? '', entry]));
}

async function continueAt(path: string, entries: ReadonlyMap<string, unknown>): Promise<TransferredChat> {
  const value = parse(await textOf(path));
  const { changedAt } = await look(path);
  return chatOfContinue(value, { entry: entries.get(basename(path, '.json')), changedAt });
}

async function taskAt(folder: string, entries: ReadonlyMap<string, unknown>): Promise<TransferredChat> {
  const id = basename(folder);
  const [history, shown, metadata, own] = await Promise.all(
    ['api_conversation_history.json', 'ui_messages.json', 'task_metadata.json', 'history_item.json'].map((name) =>
      optional(join(folder, name)),
    ),
  );
  return chatOfCline({ id, history, shown, metadata, entry: entries.get(id) ?? own });
}

/** A file's value; undefined where there is none that can be read. */
async function optional(path: string): Promise<unknown> {
  try {
    return parse(await textOf(path));
  } catch (error) {
    if (error instanceof UnreadableChat) return undefined;
    throw error;
  }
}

interface ElementReader {
  read: (value: unknown) => TransferredChat;
  signal: AbortSignal;
  /** Throws TransferError where the file is not to be read at all. */
  refuse?: (path: string) => Promise<void>;
}

async function* elementsIn(path: string, { read, signal, refuse }: ElementReader): AsyncGenerator<ReadResult> {
  await refuse?.(path);
  let number = 0;
  for await (const element of elementsOf(piecesOf(path, { signal }), { key: 'chats', maxLength: maxChatLength })) {
    const name = `chat ${++number} of ${basename(path)}`;
    if ('text' in element) yield await attempt(name, async () => read(parse(element.text)));
    else
      yield {
        name,
        why:
          element.problem === 'cut-off'
            ? 'the file ends in the middle of it'
            : `it is larger than ${maxChatLength / 1_000_000} MB`,
      };
  }
}

async function refuseNewer(path: string): Promise<void> {
  let text = '';
  for await (const piece of piecesOf(path, { bytes: start })) text += piece;
  const version = Number(/"version"\s*:\s*(\d+)/.exec(text)?.[1] ?? documentVersion);
  if (version > documentVersion)
    throw new TransferError(
      `${path} was written by a newer Switchyard (version ${version} of the document, this one knows ${documentVersion}). Update Switchyard, and import it again.`,
    );
}

async function attempt(name: string, read: () => Promise<TransferredChat>): Promise<ReadResult> {
  try {
    const chat = checked(await read());
    if (Buffer.byteLength(JSON.stringify(chat)) > maxChatLength)
      throw new UnreadableChat(`it is larger than ${maxChatLength / 1_000_000} MB`);
    return { name: chat.title ? `"${chat.title}"` : name, chat };
  } catch (error) {
    if (error instanceof UnreadableChat) return { name, why: error.message };
    if (error instanceof RangeError) return { name, why: 'it is nested too deeply, or too large' };
    throw error;
  }
}
