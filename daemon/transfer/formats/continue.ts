// Chats of Continue: `~/.continue/sessions/sessions.json` lists sessions with their dates, and each is a file `<sessionId>.json`
// with its `history`. See core/index.d.ts and core/util/history.ts of continuedev/continue.
import type { Attachment } from '../../../shared/protocol/chat.ts';
import type { TransferredChat } from '../../../shared/protocol/transfer.ts';
import { assemble, block, inARow, type TurnContent } from '../assemble.ts';
import { UnreadableChat } from '../error.ts';
import { field, isObject, listField, textField, timeOf } from '../untrusted.ts';

/** A session's entry in the list, and when its file was changed. */
export interface SessionEntry {
  entry?: unknown;
  /** Milliseconds since the epoch. */
  changedAt?: number | undefined;
}

/** Throws UnreadableChat. */
export function chatOfContinue(value: unknown, { entry, changedAt }: SessionEntry): TransferredChat {
  const id = textField(value, 'sessionId') ?? textField(value, 'session_id');
  if (id === undefined) throw new UnreadableChat('it has no session ID');
  const history = field(value, 'history');
  if (!Array.isArray(history)) {
    throw new UnreadableChat(
      isObject(field(value, 'full_state'))
        ? 'it was written by a version of Continue from before 2024, which had no messages'
        : 'it has no history',
    );
  }
  const selected = textField(value, 'chatModelTitle');
  const createdAt = timeOf(field(entry, 'dateCreated')) ?? timeOf(field(value, 'dateCreated')) ?? changedAt;
  return assemble({
    origin: { source: 'continue', id },
    program: 'Continue',
    title: textField(value, 'title') ?? textField(entry, 'title'),
    createdAt,
    updatedAt: changedAt === undefined ? createdAt : Math.max(changedAt, createdAt ?? 0),
    turns: inARow(history.flatMap((item) => turnsOf(item, selected))),
    folder: textField(value, 'workspaceDirectory') ?? textField(entry, 'workspaceDirectory'),
  });
}

/** Older histories hold the messages themselves, newer ones hold each message with its context. */
function turnsOf(item: unknown, selected: string | undefined): TurnContent[] {
  const message = field(item, 'message') ?? item;
  const role = textField(message, 'role');
  const notes: string[] = [];
  const text = contentText(field(message, 'content'), notes);
  const left = notes.length > 0 ? { notes: [...new Set(notes)] } : {};
  if (role === 'user')
    return [{ role, text, attachments: listField(item, 'contextItems').flatMap(toAttachment), ...left }];
  if (role === 'thinking') return [{ role: 'assistant', text: '', reasoning: text }];
  if (role === 'tool') return [{ role: 'assistant', text: block('Result of a tool', text), ...left }];
  if (role !== 'assistant') return []; // a system message is the program's, and no part of what was said
  const calls = listField(message, 'toolCalls').map((call) => {
    const called = field(call, 'function');
    return block(`Call of ${textField(called, 'name') ?? 'a tool'}`, textField(called, 'arguments') ?? '');
  });
  const results = listField(item, 'toolCallStates')
    .flatMap((state) => listField(state, 'output'))
    .map((output) => block(textField(output, 'name') ?? 'Result of a tool', textField(output, 'content') ?? ''));
  return [
    {
      role,
      text: [text, ...calls, ...results].filter((part) => part !== '').join('\n\n'),
      reasoning: textField(field(item, 'reasoning'), 'text'),
      model: modelOf(item, selected),
      ...left,
    },
  ];
}

function contentText(content: unknown, notes: string[]): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part) => {
      if (field(part, 'type') === 'imageUrl') notes.push('An image was left out.');
      return textField(part, 'text') ?? '';
    })
    .filter((text) => text !== '')
    .join('\n\n');
}

function modelOf(item: unknown, selected: string | undefined): string | undefined {
  const [log] = listField(item, 'promptLogs');
  const title = textField(log, 'modelTitle') ?? selected;
  return title && `${textField(log, 'modelProvider') ?? 'continue'}/${title}`;
}

const maxAttached = 1_000_000;

function toAttachment(item: unknown): Attachment[] {
  const text = textField(item, 'content');
  if (text === undefined) return [];
  const place = field(item, 'uri');
  const uri =
    (field(place, 'type') === 'file' && textField(place, 'value')) ||
    `continue:${encodeURIComponent((textField(item, 'name') ?? 'context').toWellFormed())}`;
  return [{ kind: 'file', uri, text: text.slice(0, maxAttached) }];
}
