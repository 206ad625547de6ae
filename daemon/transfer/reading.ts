// Chats out of files: reads one chat after another, each with the reader of its program.
import { basename, dirname, join } from 'node:path';
import type { TransferredChat } from '../../shared/protocol/transfer.ts';
import { documentVersion } from '../../shared/protocol/transfer.ts';
import { parseCut } from './cut-json.ts';
import { elementsOf } from './elements.ts';
import { TransferError, UnreadableChat } from './error.ts';
import { look, maxChatLength, nameOf, piecesOf, type SourceFile, textOf } from './files.ts';
import { chatOfChatgpt } from './formats/chatgpt.ts';
import { chatOfClaude } from './formats/claude.ts';
import { ClaudeCodeSession } from './formats/claude-code.ts';
import { chatOfCline, requestTurns, shownTurns } from './formats/cline.ts';
import { CodexSession } from './formats/codex.ts';
import { chatOfContinue } from './formats/continue.ts';
import { CopilotChanges, chatOfCopilot } from './formats/copilot.ts';
import { checked } from './formats/own.ts';
import { linesIn, listIn } from './lists.ts';
import { headOf, type ImportPlace, type ImportSource } from './places.ts';
import { field, parse, textField } from './untrusted.ts';

/** A chat, or why it cannot be read. */
export type ReadResult = { name: string; chat: TransferredChat } | { name: string; why: string };

/** A chat as it was read, and what of its file could not be. */
interface ReadChat {
  chat: TransferredChat;
  isCut?: boolean;
  /** Lines that are no JSON. */
  unreadable?: number;
}

/**
 * Reads the chats of a place one after another, each checked. A chat that cannot be read comes with the reason.
 * Throws TransferError, and what aborted the signal.
 */
export async function* chatsOf({ source, files, list }: ImportPlace, signal: AbortSignal): AsyncGenerator<ReadResult> {
  const entries = list === undefined ? new Map<string, unknown>() : await listed(list);
  for (const file of files) {
    signal.throwIfAborted();
    const name = nameOf(file);
    if (source === 'switchyard')
      yield* elementsIn(file, { read: (value) => value as TransferredChat, signal, refuse: refuseNewer });
    else if (source === 'chatgpt') yield* elementsIn(file, { read: chatOfChatgpt, signal });
    else if (source === 'claude') yield* elementsIn(file, { read: chatOfClaude, signal });
    else if (typeof file !== 'string')
      continue; // an archive has exports alone
    else if (source === 'continue') yield await attempt(name, async () => continueAt(file, entries));
    else if (source === 'cline' && !name.endsWith(sessionEnd))
      yield await attempt(`task ${name}`, async () => taskAt(file, entries, signal));
    else yield await attempt(name, async () => sessionAt(source, file, signal));
  }
}

/** The list's entries by the id of their chat. Empty where the list cannot be read: chats can be read without it. */
async function listed(path: string): Promise<Map<string, unknown>> {
  const value = await optional(path);
  const entries: readonly unknown[] = Array.isArray(value) ? value : [];
  return new Map(entries.map((entry) => [textField(entry, 'sessionId') ?? textField(entry, 'id') ?? '', entry]));
}

async function continueAt(path: string, entries: ReadonlyMap<string, unknown>): Promise<ReadChat> {
  const { value, isCut } = parseCut(await textOf(path));
  const { changedAt } = await look(path);
  return { chat: chatOfContinue(value, { entry: entries.get(basename(path, '.json')), changedAt }), isCut };
}

async function taskAt(folder: string, entries: ReadonlyMap<string, unknown>, signal: AbortSignal): Promise<ReadChat> {
  const id = basename(folder);
  const history = await listIn(join(folder, 'api_conversation_history.json'), requestTurns, signal);
  const shown =
    (await listIn(join(folder, 'ui_messages.json'), shownTurns, signal)) ??
    (await listIn(join(folder, 'claude_messages.json'), shownTurns, signal)); // its name in older versions
  const metadata = await optional(join(folder, 'task_metadata.json'));
  const own = await optional(join(folder, 'history_item.json'));
  return chatOfCline({ id, history, shown, metadata, entry: entries.get(id) ?? own });
}

const sessionEnd = '.messages.json';

/** A session of Cline's newer versions: its messages, and what is known of it in a file beside them. */
async function clineSessionAt(path: string, signal: AbortSignal): Promise<ReadChat> {
  const id = basename(path, sessionEnd);
  const history = await listIn(path, requestTurns, signal);
  const about = await optional(join(dirname(path), `${id}.json`));
  const entry = {
    task: textField(field(about, 'metadata'), 'title') ?? textField(about, 'prompt'),
    cwdOnTaskInitialization: textField(about, 'workspace_root') ?? textField(about, 'cwd'),
    ts: textField(about, 'started_at') ?? (await look(path)).changedAt,
    modelId: textField(about, 'model'),
  };
  return chatOfCline({ id, history, entry });
}

type SessionSource = Exclude<ImportSource, 'switchyard' | 'chatgpt' | 'claude' | 'continue'>;

async function sessionAt(source: SessionSource, path: string, signal: AbortSignal): Promise<ReadChat> {
  if (source === 'cline') return clineSessionAt(path, signal);
  if (!path.endsWith('.jsonl')) {
    const { value, isCut } = parseCut(await textOf(path));
    return { chat: chatOfCopilot(value), isCut };
  }
  const id = basename(path, '.jsonl');
  const sessions = { codex: CodexSession, copilot: CopilotChanges, 'claude-code': ClaudeCodeSession };
  const session = new sessions[source](id);
  const left = await linesIn(path, (line) => session.add(line), signal);
  return { chat: session.chat(), ...left };
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
  refuse?: (file: SourceFile) => Promise<void>;
}

async function* elementsIn(path: SourceFile, { read, signal, refuse }: ElementReader): AsyncGenerator<ReadResult> {
  await refuse?.(path);
  let number = 0;
  for await (const element of elementsOf(piecesOf(path, { signal }), { key: 'chats', maxLength: maxChatLength })) {
    const name = `chat ${++number} of ${nameOf(path)}`;
    if ('text' in element) yield await attempt(name, async () => ({ chat: read(parse(element.text)) }));
    else if (element.problem === 'cut-off')
      yield await attempt(name, async () => ({ chat: beginningOf(element, read), isCut: true }));
    else yield { name, why: `it is larger than ${maxChatLength / 1_000_000} MB` };
  }
}

/** What there is of a chat whose file ends in the middle of it. Throws UnreadableChat where that is not enough. */
function beginningOf({ beginning }: { beginning: string }, read: ElementReader['read']): TransferredChat {
  try {
    return checked(read(parseCut(beginning).value));
  } catch (error) {
    throw error instanceof UnreadableChat ? new UnreadableChat('the file ends in the middle of it') : error;
  }
}

async function refuseNewer(file: SourceFile): Promise<void> {
  const version = Number(/"version"\s*:\s*(\d+)/.exec(await headOf(file))?.[1] ?? documentVersion);
  if (version > documentVersion)
    throw new TransferError(
      `${nameOf(file)} was written by a newer Switchyard (document version ${version}, this one knows ${documentVersion}). Update Switchyard, then import it again.`,
    );
}

const maxNotes = 1000;

async function attempt(name: string, read: () => Promise<ReadChat>): Promise<ReadResult> {
  try {
    const { chat: found, isCut = false, unreadable = 0 } = await read();
    const chat = checked(found);
    const notes = [
      ...(unreadable > 0 ? [`${unreadable} lines of the file can't be read and were left out.`] : []),
      ...(isCut ? ['The file ends in the middle of this chat. The rest is missing.'] : []),
    ];
    const last = chat.messages.at(-1);
    if (last && notes.length > 0) last.notes = [...(last.notes ?? []), ...notes].slice(-maxNotes);
    if (Buffer.byteLength(JSON.stringify(chat)) > maxChatLength)
      throw new UnreadableChat(`it is larger than ${maxChatLength / 1_000_000} MB`);
    return { name: chat.title ? `"${chat.title}"` : name, chat };
  } catch (error) {
    if (error instanceof UnreadableChat) return { name, why: error.message };
    if (error instanceof RangeError) return { name, why: 'it is too large or too deeply nested' };
    throw error;
  }
}
