// Chats of claude.ai's data export: `conversations.json`, a list of conversations, each with its `chat_messages`. Newer exports name the
// parent of each message, so that edits and retries are branches. Anthropic documents none of it.
import type { Attachment } from '../../../shared/protocol/chat.ts';
import type { TransferredChat } from '../../../shared/protocol/transfer.ts';
import { assemble, type ForeignTurn, fileNote, pathTo } from '../assemble.ts';
import { UnreadableChat } from '../error.ts';
import { field, listField, textField, timeOf } from '../untrusted.ts';
import { saidInBlocks } from './blocks.ts';

/** Throws UnreadableChat. */
export function chatOfClaude(value: unknown): TransferredChat {
  const messages = field(value, 'chat_messages');
  if (!Array.isArray(messages)) throw new UnreadableChat('it has no messages');
  const id = textField(value, 'uuid');
  if (id === undefined) throw new UnreadableChat('it has no ID');
  const model = textField(value, 'model');
  const parents = new Map<string, string | undefined>();
  let before: string | undefined;
  const turns = messages.map((message: unknown, index): ForeignTurn => {
    const own = textField(message, 'uuid') ?? String(index);
    const named = textField(message, 'parent_message_uuid');
    const isStart = named !== undefined && /^0{8}-/.test(named);
    const follows = named !== undefined && parents.has(named) ? named : before;
    const parentId = isStart ? undefined : follows;
    parents.set(own, parentId);
    before = own;
    return { ...turnOf(message), id: own, parentId, model: model && `anthropic/${model}` };
  });
  const read = pathTo(parents, textField(value, 'current_leaf_message_uuid') ?? before);
  return assemble({
    origin: { source: 'claude', id },
    program: 'Claude',
    title: textField(value, 'name'),
    createdAt: timeOf(field(value, 'created_at')),
    updatedAt: timeOf(field(value, 'updated_at')),
    turns: turns.map((turn) => ({ ...turn, isChosen: read.has(turn.id) })),
  });
}

function turnOf(message: unknown): Omit<ForeignTurn, 'id' | 'parentId'> {
  const isUser = textField(message, 'sender') === 'human';
  const said = saidInBlocks(listField(message, 'content'));
  const attached = listField(message, 'attachments').flatMap(toAttachment);
  const files = listField(message, 'files').flatMap((file) => textField(file, 'file_name') ?? []);
  const withoutText = listField(message, 'attachments').flatMap((one) =>
    textField(one, 'extracted_content') === undefined ? (textField(one, 'file_name') ?? []) : [],
  );
  const left = [...new Set([...files, ...withoutText])].filter(
    (name) => !attached.some(({ uri }) => uri === uriOf(name)),
  );
  const text = said.text || (textField(message, 'text') ?? '');
  return {
    role: isUser ? 'user' : 'assistant',
    text: text || (left.length > 0 && isUser ? '(a file)' : ''),
    reasoning: said.reasoning,
    attachments: attached,
    at: timeOf(field(message, 'created_at')),
    notes: [...said.notes, ...left.map(fileNote)],
  };
}

const maxAttached = 1_000_000;

function toAttachment(item: unknown): Attachment[] {
  const text = textField(item, 'extracted_content');
  return text === undefined
    ? []
    : [{ kind: 'file', uri: uriOf(textField(item, 'file_name') || 'pasted text'), text: text.slice(0, maxAttached) }];
}

function uriOf(name: string): string {
  return `claude:${encodeURIComponent(name.toWellFormed())}`;
}
