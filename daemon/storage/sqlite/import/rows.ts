// Imported messages as rows: under new ids, at their places in a chat here.
import type { Insertable } from 'kysely';
import type { StoredContext, TreeMessage } from '../../messages.ts';
import { checksumOf } from '../chats/checksum.ts';
import type { PartDeps } from '../profiles/part-deps.ts';
import { type MessageTable, toJson } from '../schema.ts';

/** Where a message stands in our chat. */
export interface MessagePosition {
  id: string;
  seq: number;
  active: number;
}
/** By the ids that messages have in the program they come from. */
type PositionById = ReadonlyMap<string, MessagePosition>;

export interface InsertPosition {
  chatId: string;
  /** What it follows; undefined at the start of the chat. */
  parent: MessagePosition | undefined;
  isChosen: boolean;
  places: PositionById;
}

type MessageValues = Required<Insertable<MessageTable>>;

/** Lives as long as an open database. */
export class ImportedRows {
  readonly #newId: () => string;
  readonly #insert: (...values: unknown[]) => number;

  constructor({ sql, newId }: PartDeps) {
    this.#newId = newId;
    this.#insert = sql.prepared(sql.build.insertInto('message').values(noRow));
  }

  insert(message: TreeMessage, { chatId, parent, isChosen, places }: InsertPosition): MessagePosition {
    const place = {
      id: this.#newId(),
      seq: (parent?.seq ?? 0) + 1,
      active: Number(isChosen && (parent?.active ?? 1) === 1),
    };
    const row: MessageValues = {
      id: place.id,
      chat_id: chatId,
      seq: place.seq,
      parent_id: parent?.id ?? null,
      chosen: Number(isChosen),
      active: place.active,
      pinned: Number(message.pinned ?? false),
      role: message.role,
      text: message.text,
      reasoning: message.reasoning ?? '',
      status: message.status,
      attachments: toJson(message.attachments),
      error: toJson(message.error),
      notes: toJson(message.notes),
      decision: toJson(message.decision),
      usage: toJson(message.usage),
      context: toJson(message.context && renamed(message.context, places)),
      finish_reason: message.finishReason ?? null,
      cost: message.cost ?? null,
      duration_ms: message.durationMs ?? null,
      created_at: message.createdAt,
      finished_at: Math.round(message.createdAt + (message.durationMs ?? 0)),
      checksum: null,
    };
    this.#insert(...columns.map((column) => (column === 'checksum' ? checksumOf(row) : row[column])));
    return place;
  }
}

/** Holds the places of a row's values. */
const noRow: MessageValues = {
  id: '',
  chat_id: '',
  seq: 0,
  parent_id: null,
  chosen: 1,
  active: 1,
  pinned: 0,
  role: 'user',
  text: '',
  reasoning: '',
  status: 'complete',
  attachments: null,
  error: null,
  notes: null,
  decision: null,
  usage: null,
  context: null,
  finish_reason: null,
  cost: null,
  duration_ms: null,
  created_at: 0,
  finished_at: null,
  checksum: null,
};
const columns = Object.keys(noRow) as (keyof MessageValues)[];

/** What an answer was made from, by the ids that its messages have here. */
function renamed({ pinned, firstRecent, found, ...counts }: StoredContext, places: PositionById): StoredContext {
  const named = (ids: readonly string[]): string[] => ids.flatMap((id) => places.get(id)?.id ?? []);
  const first = firstRecent === undefined ? undefined : places.get(firstRecent)?.id;
  return {
    ...counts,
    pinned: named(pinned),
    ...(found && { found: named(found) }),
    ...(first !== undefined && { firstRecent: first }),
  };
}
