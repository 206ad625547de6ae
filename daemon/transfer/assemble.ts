// Makes a chat of ours out of another program's turns. Consecutive turns of one side become one message, up to a length: a long task
// becomes a message for each of its steps. Empty turns go, and their children follow the turn before.
import type { Attachment, Origin } from '../../shared/protocol/chat.ts';
import type { TransferredChat, TransferredMessage } from '../../shared/protocol/transfer.ts';
import { UnreadableChat } from './error.ts';
import { folderPath } from './untrusted.ts';

/** A turn of another program's chat. */
export interface ForeignTurn {
  id: string;
  parentId?: string | undefined;
  role: 'user' | 'assistant';
  text: string;
  reasoning?: string | undefined;
  attachments?: Attachment[] | undefined;
  /** Milliseconds since the epoch. */
  at?: number | undefined;
  /** `provider/model` */
  model?: string | undefined;
  isChosen?: boolean;
  /** What was left out of the text, in words. */
  notes?: readonly string[];
}

/** A turn whose place in the chat is not known yet. */
export type TurnContent = Omit<ForeignTurn, 'id' | 'parentId'>;

/** A chat of another program, before it is one of ours. */
export interface ForeignChat {
  origin: Origin;
  /** The program's name, as its users know it. */
  program: string;
  title?: string | undefined;
  createdAt?: number | undefined;
  updatedAt?: number | undefined;
  /** Parents before children. */
  turns: readonly ForeignTurn[];
  /** The folder it was made in, as the program wrote it down. */
  folder?: unknown;
}

const maxTitleLength = 200;
/** A message that is longer takes in no further turn. */
const maxJoinedLength = 50_000;
/** A turn that is longer becomes several messages. */
const maxTextLength = 1_000_000;
const maxAttachments = 500;
const maxNotes = 1000;

/** Throws UnreadableChat where nothing was said. */
export function assemble({
  origin,
  program,
  title,
  createdAt,
  updatedAt,
  turns,
  folder,
}: ForeignChat): TransferredChat {
  const kept = joined(turns.flatMap(pieces));
  const times = kept.flatMap(({ at }) => at ?? []);
  const created = createdAt ?? times.reduce((first, at) => Math.min(first, at), times[0] ?? Date.now());
  const messages = kept.map((turn) => toMessage(turn, { created, program }));
  if (messages.length === 0) throw new UnreadableChat('it has no messages');
  const updated = updatedAt ?? times.reduce((last, at) => Math.max(last, at), created);
  const words = (title ?? '').trim().replace(/\s+/g, ' ').slice(0, maxTitleLength);
  const path = folderPath(folder);
  return {
    title: words.toWellFormed(),
    createdAt: created,
    updatedAt: updated,
    origin: { ...origin, id: origin.id.slice(0, 500) },
    ...(path !== undefined && { project: { folder: path } }),
    messages,
  };
}

/** A turn joins the one before it when both are of one side and nothing else follows that one. */
function joined(turns: readonly ForeignTurn[]): ForeignTurn[] {
  const standing = new Map<string, string | undefined>(); // by a turn's id: the nearest turn with text, itself or before it
  const children = new Map<string | undefined, number>();
  const said: { turn: ForeignTurn; before: string | undefined }[] = [];
  for (const turn of turns) {
    const before = turn.parentId === undefined ? undefined : standing.get(turn.parentId);
    const isEmpty = turn.text.trim() === '' && !turn.reasoning && !turn.attachments?.length;
    standing.set(turn.id, isEmpty ? before : turn.id);
    if (isEmpty) continue;
    said.push({ turn, before });
    children.set(before, (children.get(before) ?? 0) + 1);
  }
  const kept = new Map<string, ForeignTurn>();
  const partOf = new Map<string, string>();
  for (const { turn, before } of said) {
    const parent = before === undefined ? undefined : kept.get(partOf.get(before) ?? '');
    const goesOn =
      parent !== undefined &&
      parent.role === turn.role &&
      children.get(before) === 1 &&
      parent.text.length + turn.text.length <= maxJoinedLength;
    partOf.set(turn.id, goesOn ? parent.id : turn.id);
    kept.set(goesOn ? parent.id : turn.id, goesOn ? together(parent, turn) : { ...turn, parentId: parent?.id });
  }
  return [...kept.values()];
}

/** A turn that is too long for one message as turns that follow each other. The last keeps the id, since others may follow it. */
function pieces(turn: ForeignTurn): ForeignTurn[] {
  const texts = split(turn.text);
  const reasonings = split(turn.reasoning ?? '');
  const count = Math.max(texts.length, reasonings.length);
  if (count === 1) return [turn];
  return Array.from({ length: count }, (_, index) => ({
    ...turn,
    id: index === count - 1 ? turn.id : `${turn.id}#${index}`,
    parentId: index === 0 ? turn.parentId : `${turn.id}#${index - 1}`,
    text: texts[index] ?? '',
    reasoning: reasonings[index],
    attachments: index === 0 ? turn.attachments : [],
    notes: index === 0 ? (turn.notes ?? []) : [],
  }));
}

/** A text in parts that end with a line where they can. */
function split(text: string): string[] {
  const parts: string[] = [];
  let from = 0;
  while (text.length - from > maxTextLength) {
    const line = text.lastIndexOf('\n', from + maxTextLength - 1);
    const end = line > from + maxTextLength / 2 ? line + 1 : from + maxTextLength;
    parts.push(text.slice(from, end));
    from = end;
  }
  return [...parts, text.slice(from)];
}

/** Turns that follow each other, without branches. */
export function inARow(turns: readonly Omit<ForeignTurn, 'id' | 'parentId'>[]): ForeignTurn[] {
  return turns.map((turn, index) => ({
    ...turn,
    id: String(index),
    ...(index > 0 && { parentId: String(index - 1) }),
  }));
}

function together(first: ForeignTurn, second: ForeignTurn): ForeignTurn {
  const both = (one: string | undefined, other: string | undefined): string =>
    [one, other].filter((text) => text?.trim()).join('\n\n');
  return {
    ...first,
    text: both(first.text, second.text),
    reasoning: both(first.reasoning, second.reasoning),
    attachments: [...(first.attachments ?? []), ...(second.attachments ?? [])],
    model: first.model ?? second.model,
    notes: [...new Set([...(first.notes ?? []), ...(second.notes ?? [])])],
  };
}

function toMessage(turn: ForeignTurn, { created, program }: { created: number; program: string }): TransferredMessage {
  const { id, parentId, role, attachments, model, isChosen = true } = turn;
  const left = (attachments?.length ?? 0) - maxAttachments;
  const notes = [...(turn.notes ?? []), ...(left > 0 ? [`${left} attached files were left out.`] : [])].slice(
    0,
    maxNotes,
  );
  return {
    id,
    role,
    text: turn.text.toWellFormed(),
    status: 'complete',
    createdAt: turn.at ?? created,
    ...(parentId !== undefined && { parentId }),
    ...(!isChosen && { chosen: false as const }),
    ...(turn.reasoning && { reasoning: turn.reasoning.toWellFormed() }),
    ...(attachments?.length && { attachments: attachments.slice(0, maxAttachments) }),
    ...(model && role === 'assistant' && { decision: decisionOf(model, program) }),
    ...(notes.length > 0 && { notes }),
  };
}

function decisionOf(model: string, program: string): NonNullable<TransferredMessage['decision']> {
  return {
    model,
    provider: model.split('/')[0] ?? model,
    reason: `It was asked in ${program}.`,
    alternatives: [],
    confidence: 1,
  };
}

/** What stands for an image, and the note that says so. */
export const imageText = '(an image)';
export const imageNote = 'An image was left out.';

/** A note about a file that was attached and is not in the export. */
export function fileNote(name: string): string {
  return `The attached file ${name.slice(0, 300)} was left out.`;
}

/** The ids of turns from one back to the start. */
export function pathTo(parents: ReadonlyMap<string, string | undefined>, last: string | undefined): Set<string> {
  const path = new Set<string>();
  for (let id = last; id !== undefined && !path.has(id) && parents.has(id); id = parents.get(id)) path.add(id);
  return path;
}

/** A tool's call or result as a block that a reader can tell from what was said. */
export function block(title: string, body: string): string {
  const runs = body.match(/`{3,}/g) ?? [];
  const fence = '`'.repeat(runs.reduce((longest, run) => Math.max(longest, run.length + 1), 3));
  return body.trim() === '' ? `**${title}**` : `**${title}**\n\n${fence}\n${body.trimEnd()}\n${fence}`;
}

/** A value as a person reads it: text as it is, all else as JSON. */
export function shown(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '');
}
