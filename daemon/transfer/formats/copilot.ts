// Chats of Copilot in VS Code: what "Chat: Export Chat…" writes, and the files in a workspace's folder `chatSessions`, which newer
// versions write as a line for each change. See chat/common/model of microsoft/vscode.
import type { TransferredChat } from '../../../shared/protocol/transfer.ts';
import { assemble, block, fileNote, imageNote, inARow, type TurnContent } from '../assemble.ts';
import { UnreadableChat } from '../error.ts';
import { field, isObject, listField, textField, timeOf } from '../untrusted.ts';

/** Throws UnreadableChat. */
export function chatOfCopilot(value: unknown): TransferredChat {
  const requests = listField(value, 'requests');
  const id = textField(value, 'sessionId') ?? textField(requests[0], 'requestId');
  if (id === undefined) throw new UnreadableChat('it has no ID');
  return assemble({
    origin: { source: 'copilot', id },
    program: 'Copilot',
    title: textField(value, 'customTitle'),
    createdAt: timeOf(field(value, 'creationDate')) ?? timeOf(field(requests[0], 'timestamp')),
    updatedAt: timeOf(field(value, 'lastMessageDate')) ?? timeOf(field(requests.at(-1), 'timestamp')),
    turns: inARow(requests.flatMap(turnsOf)),
  });
}

function turnsOf(request: unknown): TurnContent[] {
  const at = timeOf(field(request, 'timestamp'));
  const message = field(request, 'message');
  const text = typeof message === 'string' ? message : (textField(message, 'text') ?? '');
  const model = textField(request, 'modelId');
  const parts = listField(request, 'response');
  const error = textField(field(field(request, 'result'), 'errorDetails'), 'message');
  const answer = parts.map(partText).join('') + (error === undefined ? '' : `\n\n${block('Error', error)}`);
  const thoughts = parts.filter((part) => field(part, 'kind') === 'thinking').map(textIn);
  return [
    { role: 'user', text, at, notes: listField(field(request, 'variableData'), 'variables').flatMap(variableNote) },
    {
      role: 'assistant',
      text: answer.trim(),
      at,
      reasoning: thoughts.filter((one) => one !== '').join('\n\n'),
      model: model?.includes('/') ? model : model && `copilot/${model}`,
    },
  ];
}

function variableNote(variable: unknown): string[] {
  const name = textField(variable, 'name');
  if (field(variable, 'kind') === 'image') return [imageNote];
  return name === undefined ? [] : [fileNote(name)];
}

/** A text, or Markdown as an object with a value. */
function textIn(part: unknown): string {
  const value = field(part, 'value') ?? part;
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.filter((one) => typeof one === 'string').join('');
  return textField(value, 'value') ?? '';
}

function partText(part: unknown): string {
  const kind = field(part, 'kind');
  if (kind === undefined || kind === 'markdownContent') return textIn(field(part, 'content') ?? part);
  if (kind === 'inlineReference') return `\`${referenceName(part)}\``;
  if (kind === 'toolInvocationSerialized' || kind === 'toolInvocation') {
    const said = textIn(field(part, 'pastTenseMessage') ?? field(part, 'invocationMessage') ?? '');
    const result = field(part, 'resultDetails');
    const output = textField(result, 'output') ?? listField(result, 'output').map(textIn).join('\n');
    return `\n\n${block(`Call of ${textField(part, 'toolId') ?? 'a tool'}`, [said, output].filter(Boolean).join('\n\n'))}\n\n`;
  }
  if (kind !== 'textEditGroup')
    return kind === 'warning' || kind === 'progressTaskSerialized' ? textIn(field(part, 'content')) : '';
  const edits = listField(part, 'edits').flat();
  const text = edits.map((edit) => textField(edit, 'text') ?? '').join('\n');
  return `\n\n${block(`Edit of ${pathOf(field(part, 'uri'))}`, text)}\n\n`;
}

function referenceName(part: unknown): string {
  const reference = field(part, 'inlineReference');
  const name = textField(part, 'name') ?? textField(reference, 'name');
  return (
    name ??
    pathOf(field(field(reference, 'location'), 'uri') ?? field(reference, 'uri') ?? reference)
      .split('/')
      .at(-1) ??
    ''
  );
}

function pathOf(uri: unknown): string {
  return typeof uri === 'string' ? uri : (textField(uri, 'fsPath') ?? textField(uri, 'path') ?? 'a file');
}

type Key = string | number;

/** A chat whose file tells its changes: the whole first, then a value to set (1), items to add (2) or a value to delete (3) at a place. */
export class CopilotChanges {
  #value: unknown;

  add(line: unknown): void {
    const kind = field(line, 'kind');
    const value = field(line, 'v');
    const keys = listField(line, 'k').filter((key): key is Key => typeof key === 'string' || typeof key === 'number');
    if (kind === 0) this.#value = value;
    if (typeof kind === 'number' && kind > 0) this.#change(keys, kind, line);
  }

  /** Throws UnreadableChat. */
  chat(): TransferredChat {
    return chatOfCopilot(this.#value);
  }

  #change(keys: readonly Key[], kind: number, line: unknown): void {
    const last = keys.at(-1);
    let place: unknown = this.#value;
    for (const key of keys.slice(0, -1)) place = itemAt(place, key);
    if (last === undefined || !(isObject(place) || Array.isArray(place))) return;
    const target = place as Record<Key, unknown>;
    if (kind === 1) define(target, last, field(line, 'v'));
    if (kind === 3) delete target[last];
    const list = kind === 2 ? (itemAt(place, last) ?? []) : undefined;
    if (!Array.isArray(list)) return;
    const from = field(line, 'i');
    const kept = typeof from === 'number' ? list.slice(0, from) : list;
    define(target, last, [...kept, ...listField(line, 'v')]);
  }
}

function itemAt(place: unknown, key: Key): unknown {
  return Array.isArray(place) ? place[Number(key)] : field(place, String(key));
}

/** Sets a value as an own one, whatever the key is called. An index far beyond a list's end is none. */
function define(target: Record<Key, unknown>, key: Key, value: unknown): void {
  if (Array.isArray(target) && !(Number(key) >= 0 && Number(key) <= target.length)) return;
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}
