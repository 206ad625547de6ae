// Tasks of Cline and its forks (Roo Code, Kilo Code). Each is a folder, with what was sent to the model in
// `api_conversation_history.json` (Anthropic's messages) and what was shown in `ui_messages.json`. See core/storage/disk.ts and
// shared/ExtensionMessage.ts of cline/cline.
import type { TransferredChat } from '../../../shared/protocol/transfer.ts';
import { assemble, block, imageNote, imageText, inARow, shown, type TurnContent } from '../assemble.ts';
import { UnreadableChat } from '../error.ts';
import type { ReadList } from '../lists.ts';
import { field, listField, textField, timeOf } from '../untrusted.ts';

/** A task's files as they were read; undefined where there is none, or it is no JSON. */
export interface Task {
  /** The folder's name. */
  id: string;
  /** What was sent to the model, each message as `requestTurns` reads it. */
  history?: ReadList<TaskTurns> | undefined;
  /** What was shown, each message as `shownTurns` reads it. */
  shown?: ReadList<TaskTurns> | undefined;
  metadata?: unknown;
  /** Its entry in the list of tasks, or its own `history_item.json`. */
  entry?: unknown;
}

/** What a message says, without the images and the program's own words around it. */
interface TaskTurns {
  turns: TurnContent[];
  at?: number | undefined;
  /** The folder that the program named to the model. */
  folder?: string | undefined;
}

/** Throws UnreadableChat. */
export function chatOfCline({ id, history, shown: messages, metadata, entry }: Task): {
  chat: TransferredChat;
  isCut: boolean;
} {
  if (!history && !messages) throw new UnreadableChat('neither of its two histories can be read');
  const read = better(history, messages);
  const model = modelOf(metadata, entry);
  const turns = read.items
    .flatMap((item) => item.turns)
    .map((turn) => ({ ...turn, model: turn.role === 'assistant' ? (turn.model ?? model) : undefined }));
  const times = (messages?.items ?? []).flatMap(({ at }) => at ?? []);
  const createdAt = timeOf(id) ?? times[0] ?? timeOf(field(entry, 'ts'));
  const chat = assemble({
    origin: { source: 'cline', id },
    program: 'Cline',
    title: textField(entry, 'task')?.slice(0, 60),
    createdAt,
    updatedAt: times.at(-1) ?? timeOf(field(entry, 'ts')) ?? createdAt,
    turns: inARow(turns),
    folder: folderOf(entry, history),
  });
  return { chat, isCut: read.isCut };
}

/** What was sent to the model says more than what was shown, unless it is empty or cut and the other is whole. */
function better(history: Task['history'], messages: Task['shown']): ReadList<TaskTurns> {
  const nothing = { items: [], isCut: false };
  const says = (list: Task['history']): boolean => list?.items.some(({ turns }) => turns.length > 0) ?? false;
  const isBetter = history !== undefined && says(history) && !(history.isCut && says(messages) && !messages?.isCut);
  return (isBetter || !says(messages) ? history : messages) ?? nothing;
}

/** Cline's list of tasks names the folder, Roo's and Kilo's under another name. Else it stands in the first request to the model. */
function folderOf(entry: unknown, history: Task['history']): string | undefined {
  const listed = textField(entry, 'cwdOnTaskInitialization') ?? textField(entry, 'workspace');
  return listed ?? history?.items[0]?.folder;
}

function modelOf(metadata: unknown, entry: unknown): string | undefined {
  const used = listField(metadata, 'model_usage').at(-1);
  const model = textField(used, 'model_id') ?? textField(entry, 'modelId');
  return model && `${textField(used, 'model_provider_id') ?? 'cline'}/${model}`;
}

/** A message that was sent to the model, or came from it. */
export function requestTurns(message: unknown): TaskTurns {
  const content = field(message, 'content');
  const texts = (Array.isArray(content) ? content : []).map((part) => textField(part, 'text') ?? '');
  const folder = texts
    .map((text) => /^# Current (?:Working|Workspace) Directory \(([^\n]{1,4096})\) Files$/m.exec(text)?.[1])
    .find((found) => found !== undefined);
  return { turns: messageTurns(message).filter(({ text, reasoning }) => text.trim() !== '' || reasoning), folder };
}

/** Results of tools come as the user's messages: they belong to the answer that asked for them. */
function messageTurns(message: unknown): TurnContent[] {
  const role = field(message, 'role');
  if (role !== 'user' && role !== 'assistant') return [];
  const content = field(message, 'content');
  const blocks = Array.isArray(content) ? content : [{ type: 'text', text: content }];
  const at = timeOf(field(message, 'ts'));
  const used = field(message, 'modelInfo');
  const model = textField(used, 'id') && `${textField(used, 'provider') ?? 'cline'}/${textField(used, 'id')}`;
  const turns = role === 'user' ? userTurns(blocks) : blocks.flatMap(answerTurns);
  return turns.map((turn) => ({ ...turn, at, ...(model && turn.role === 'assistant' && { model }) }));
}

const resultHeader = /^\[([^\]\n]+)\] Result:\s*/;

function userTurns(blocks: readonly unknown[]): TurnContent[] {
  const turns: TurnContent[] = [];
  let tool: string | undefined; // whose result the next text is, where it has a part of its own
  for (const part of blocks) {
    const kind = field(part, 'type');
    if (kind === 'tool_result') turns.push({ role: 'assistant', ...resultOf(field(part, 'content')) });
    if (kind === 'image') turns.push({ role: tool ? 'assistant' : 'user', text: imageText, notes: [imageNote] });
    const said = kind === 'tool_result' || kind === 'image' ? '' : withoutEnvironment(textField(part, 'text') ?? '');
    if (said === '') continue;
    const header = resultHeader.exec(said);
    const name = header?.[1] ?? tool;
    const rest = header ? said.slice(header[0].length) : said;
    const own = userWords(rest) ?? (name === undefined ? rest : '');
    const hasBody = own === '' && rest !== '';
    if (hasBody) turns.push({ role: 'assistant', text: block(`Result of ${name}`, rest) });
    if (own !== '') turns.push({ role: 'user', text: own });
    if (header) tool = rest === '' ? name : undefined;
  }
  return turns;
}

function answerTurns(part: unknown): TurnContent[] {
  const kind = field(part, 'type');
  if (kind === 'thinking') return [{ role: 'assistant', text: '', reasoning: textField(part, 'thinking') }];
  if (kind === 'image') return [{ role: 'assistant', text: imageText, notes: [imageNote] }];
  if (kind === 'tool_use') {
    const text = block(`Call of ${textField(part, 'name') ?? 'a tool'}`, shown(field(part, 'input') ?? ''));
    return [{ role: 'assistant', text }];
  }
  return [{ role: 'assistant', text: textField(part, 'text') ?? '' }];
}

function resultOf(content: unknown): Pick<TurnContent, 'text' | 'notes'> {
  if (!Array.isArray(content)) return { text: block('Result of a tool', typeof content === 'string' ? content : '') };
  const hasImage = content.some((part) => field(part, 'type') === 'image');
  const text = content
    .map((part) => (field(part, 'type') === 'image' ? imageText : (textField(part, 'text') ?? '')))
    .filter((one) => one !== '')
    .join('\n\n');
  return { text: block('Result of a tool', text), ...(hasImage && { notes: [imageNote] }) };
}

function withoutEnvironment(text: string): string {
  return text.replace(/<environment_details>[\s\S]*?(<\/environment_details>|$)/g, '').trim();
}

/** Words in a tag of the user's, alone or after a sentence of the program's. */
function userWords(text: string): string | undefined {
  const tagged = /^(?:The user [^<]{0,500})?<(task|feedback|user_message|answer)>([\s\S]*)<\/\1>$/.exec(text.trim());
  return tagged?.[2]?.trim();
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

/** A message that was shown. The first text is the task. */
export function shownTurns(message: unknown, index: number): TaskTurns {
  const at = timeOf(field(message, 'ts'));
  return { turns: turnShown(message, index).map((turn) => ({ ...turn, at })), at };
}

function turnShown(message: unknown, index: number): TurnContent[] {
  const kind = field(message, 'say') ?? field(message, 'ask');
  const hasImage = listField(message, 'images').length > 0;
  const text = textField(message, 'text') ?? (hasImage ? imageText : '');
  const notes = hasImage ? { notes: [imageNote] } : {};
  if (field(message, 'partial') === true || text === '') return [];
  if (kind === 'task' || kind === 'user_feedback' || (index === 0 && kind === 'text'))
    return [{ role: 'user', text, ...notes }];
  if (kind === 'reasoning') return [{ role: 'assistant', text: '', reasoning: text }];
  if (asked.includes(field(message, 'ask')) || answered.includes(kind))
    return [{ role: 'assistant', text: spoken(text), ...notes }];
  return done.includes(kind) ? [{ role: 'assistant', text: block(String(kind).replaceAll('_', ' '), text) }] : [];
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
