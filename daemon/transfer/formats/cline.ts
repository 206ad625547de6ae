// Tasks of Cline and its forks (Roo Code, Kilo Code). Each is a folder, with what was sent to the model in
// `api_conversation_history.json` (Anthropic's messages) and what was shown in `ui_messages.json`. See core/storage/disk.ts and
// shared/ExtensionMessage.ts of cline/cline.
import type { TransferredChat } from '../../../shared/protocol/transfer.ts';
import { assemble, block, inARow, shown, type TurnContent } from '../assemble.ts';
import { UnreadableChat } from '../error.ts';
import { field, listField, textField, timeOf } from '../untrusted.ts';

/** A task's files as they were parsed; undefined where there is none, or it is no JSON. */
export interface Task {
  /** The folder's name. */
  id: string;
  history?: unknown;
  shown?: unknown;
  metadata?: unknown;
  /** Its entry in the list of tasks, or its own `history_item.json`. */
  entry?: unknown;
}

/** Throws UnreadableChat. */
export function chatOfCline({ id, history, shown: messages, metadata, entry }: Task): TransferredChat {
  const model = modelOf(metadata, entry);
  const turns = turnsIn(history, messages, model);
  if (!turns) throw new UnreadableChat('neither of its two histories can be read');
  const times = (Array.isArray(messages) ? messages : []).flatMap((message) => timeOf(field(message, 'ts')) ?? []);
  const createdAt = timeOf(id) ?? times[0] ?? timeOf(field(entry, 'ts'));
  return assemble({
    origin: { source: 'cline', id },
    program: 'Cline',
    title: textField(entry, 'task')?.slice(0, 60),
    createdAt,
    updatedAt: times.at(-1) ?? timeOf(field(entry, 'ts')) ?? createdAt,
    turns: inARow(turns),
    folder: folderOf(entry, history),
  });
}

/** What was sent to the model, or else what was shown to the user. Undefined where neither can be read. */
function turnsIn(history: unknown, messages: unknown, model: string | undefined): TurnContent[] | undefined {
  if (Array.isArray(history)) return history.flatMap((message) => turnsOf(message, model));
  if (!Array.isArray(messages)) return undefined;
  return messages.flatMap((message, index) => turnShown(message, model, index));
}

/** Cline's list of tasks names the folder, Roo's and Kilo's under another name. Else it stands in the first request to the model. */
function folderOf(entry: unknown, history: unknown): string | undefined {
  const listed = textField(entry, 'cwdOnTaskInitialization') ?? textField(entry, 'workspace');
  const [first] = Array.isArray(history) ? history : [];
  const content = field(first, 'content');
  const texts = (Array.isArray(content) ? content : []).map((part) => textField(part, 'text') ?? '');
  return (
    listed ??
    texts
      .map((text) => /^# Current (?:Working|Workspace) Directory \(([^\n]{1,4096})\) Files$/m.exec(text)?.[1])
      .find((found) => found !== undefined)
  );
}

function modelOf(metadata: unknown, entry: unknown): string | undefined {
  const used = listField(metadata, 'model_usage').at(-1);
  const model = textField(used, 'model_id') ?? textField(entry, 'modelId');
  return model && `${textField(used, 'model_provider_id') ?? 'cline'}/${model}`;
}

/** Results of tools come as the user's messages: they belong to the answer that asked for them. */
function turnsOf(message: unknown, model: string | undefined): TurnContent[] {
  const role = field(message, 'role');
  if (role !== 'user' && role !== 'assistant') return [];
  const content = field(message, 'content');
  const blocks = Array.isArray(content) ? content : [{ type: 'text', text: content }];
  const at = timeOf(field(message, 'ts'));
  return blocks
    .flatMap((part) => (role === 'user' ? userTurns(part) : answerTurns(part, model)))
    .map((turn) => ({ ...turn, at }));
}

const imageNote = ['An image was left out.'];

function userTurns(part: unknown): TurnContent[] {
  const kind = field(part, 'type');
  if (kind === 'tool_result') return [{ role: 'assistant', ...resultOf(field(part, 'content')) }];
  if (kind === 'image') return [{ role: 'user', text: '(an image)', notes: imageNote }];
  const text = plain(textField(part, 'text') ?? '');
  const result = /^\[([^\]\n]+)\] Result:\s*/.exec(text);
  if (result) return [{ role: 'assistant', text: block(`Result of ${result[1]}`, text.slice(result[0].length)) }];
  return [{ role: 'user', text }];
}

function answerTurns(part: unknown, model: string | undefined): TurnContent[] {
  const kind = field(part, 'type');
  if (kind === 'thinking') return [{ role: 'assistant', text: '', reasoning: textField(part, 'thinking') }];
  if (kind === 'tool_use')
    return [
      {
        role: 'assistant',
        text: block(`Call of ${textField(part, 'name') ?? 'a tool'}`, shown(field(part, 'input') ?? '')),
        model,
      },
    ];
  return [{ role: 'assistant', text: textField(part, 'text') ?? '', model }];
}

function resultOf(content: unknown): Pick<TurnContent, 'text' | 'notes'> {
  if (!Array.isArray(content)) return { text: block('Result of a tool', typeof content === 'string' ? content : '') };
  const text = content
    .map((part) => textField(part, 'text') ?? '')
    .filter((one) => one !== '')
    .join('\n\n');
  return {
    text: block('Result of a tool', text),
    ...(content.some((part) => field(part, 'type') === 'image') && { notes: imageNote }),
  };
}

/** What the user said, without what the program put around it. */
function plain(text: string): string {
  const said = text.replace(/<environment_details>[\s\S]*?(<\/environment_details>|$)/g, '').trim();
  const tag = ['task', 'feedback', 'user_message', 'answer'].find(
    (name) => said.startsWith(`<${name}>`) && said.endsWith(`</${name}>`),
  );
  return tag ? said.slice(tag.length + 2, -tag.length - 3).trim() : said;
}

const asked: readonly unknown[] = ['followup', 'plan_mode_respond', 'act_mode_respond', 'completion_result'];
const answered: readonly unknown[] = ['text', 'completion_result', 'plan_completion_result'];
const done: readonly unknown[] = [
  'tool',
  'command',
  'command_output',
  'browser_action',
  'browser_action_result',
  'mcp_server_response',
  'use_mcp_server',
  'error',
];

/** A turn out of what was shown, where that is all there is. The first text is the task. */
function turnShown(message: unknown, model: string | undefined, index: number): TurnContent[] {
  const kind = field(message, 'say') ?? field(message, 'ask');
  const text = textField(message, 'text') ?? '';
  const at = timeOf(field(message, 'ts'));
  const notes = listField(message, 'images').length > 0 ? { notes: imageNote } : {};
  if (field(message, 'partial') === true) return [];
  if (kind === 'task' || kind === 'user_feedback' || (index === 0 && kind === 'text'))
    return [{ role: 'user', text, at, ...notes }];
  if (kind === 'reasoning') return [{ role: 'assistant', text: '', reasoning: text, at }];
  if (asked.includes(field(message, 'ask')) || answered.includes(kind))
    return [{ role: 'assistant', text: spoken(text), at, model, ...notes }];
  return done.includes(kind) && text !== ''
    ? [{ role: 'assistant', text: block(String(kind).replaceAll('_', ' '), text), at, model }]
    : [];
}

/** A question to the user is JSON, in newer versions. */
function spoken(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    return textField(value, 'question') ?? textField(value, 'response') ?? text;
  } catch {
    return text;
  }
}
