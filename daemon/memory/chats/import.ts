// Chats as they leave and come in: the whole tree of one, page by page, and one that was made elsewhere, stored at once.
import { UserError } from '../../base/errors.ts';
import type { Page, PageRequest, StoredMessage } from '../memory.ts';
import type { StoredContext } from './earlier.ts';
import type { MadeElsewhere, TreeMessage } from './elsewhere.ts';
import { cursorOf, limitOf, toPage } from '../paging.ts';
import type { Own } from '../profiles/own.ts';
import { toJson } from '../schema.ts';
import { checksumOf } from './checksum.ts';
import type { Sql } from '../sql.ts';
import type { Messages } from './messages.ts';
import { titleFrom } from './title.ts';

/** The source of chats that were made in a Switchyard. */
const ownSource = 'switchyard';

interface Place {
  id: string;
  seq: number;
  active: number;
}

/** Lives as long as an open database. Sees the chats of one profile. */
export class ChatTransfer {
  readonly #sql: Sql;
  readonly #newId: () => string;
  readonly #profile: string;
  readonly #messages: Messages;

  constructor({ sql, newId, profile }: Own, messages: Messages) {
    this.#sql = sql;
    this.#newId = newId;
    this.#profile = profile;
    this.#messages = messages;
  }

  /** The chat must be one of this profile. By depth and then by id: a parent comes before its children, a version before later ones. */
  tree(chatId: string, page: PageRequest): Page<TreeMessage> {
    const limit = limitOf(page);
    const [seq, id] = cursorOf(page) ?? [0, ''];
    // Each half is read in the order of its index; one query for both would sort the chat for every page.
    const rows = [1, 0].flatMap((active) =>
      this.#sql.all(
        this.#sql.build.selectFrom('message').select(['id', 'seq', 'parent_id', 'chosen'])
          .where('chat_id', '=', chatId).where('active', '=', active).where('seq', '>=', seq)
          .where(({ eb, or }) => or([eb('seq', '>', seq), eb('id', '>', id)]))
          .orderBy('seq').orderBy('id').limit(limit + 1),
      ),
    ).sort((a, b) => a.seq - b.seq || (a.id < b.id ? -1 : 1));
    const messages = new Map(this.#messages.all(rows.slice(0, limit)).map((message) => [message.id, message]));
    return toPage(rows, limit, { item: (row) => treeMessage(messages.get(row.id), row), key: (row) => [row.seq, row.id] });
  }

  importChat(chat: MadeElsewhere, { dryRun = false }: { dryRun?: boolean } = {}): { isNew: boolean; chatId?: string } {
    return this.#sql.transaction(() => {
      const known = this.#known(chat.origin);
      if (known !== undefined) return { isNew: false, chatId: known };
      const chosen = chosenAmong(chat.messages);
      if (dryRun) return { isNew: true };
      const chatId = this.#newId();
      const { title, model, createdAt, updatedAt, origin } = chat;
      this.#sql.run(this.#sql.build.insertInto('chat').values({
        id: chatId, profile_id: this.#profile, title: title || titleFrom(chat.messages.find(({ role }) => role === 'user')?.text ?? ''), model: model ?? null,
        created_at: createdAt, updated_at: updatedAt, origin_source: origin.source, origin_id: origin.id,
      }));
      const places = new Map<string, Place>();
      for (const message of chat.messages) places.set(message.id, this.#insert(chatId, message, { places, chosen }));
      return { isNew: true, chatId };
    });
  }

  #known({ source, id }: MadeElsewhere['origin']): string | undefined {
    const own = this.#sql.build.selectFrom('chat').select('id').where('profile_id', '=', this.#profile);
    const imported = this.#sql.first(own.where('origin_source', '=', source).where('origin_id', '=', id));
    return (imported ?? (source === ownSource ? this.#sql.first(own.where('id', '=', id)) : undefined))?.id;
  }

  #insert(chatId: string, message: TreeMessage, { places, chosen }: { places: ReadonlyMap<string, Place>; chosen: ReadonlySet<string> }): Place {
    const parent = message.parentId === undefined ? undefined : places.get(message.parentId);
    const isChosen = Number(chosen.has(message.id));
    const place = { id: this.#newId(), seq: (parent?.seq ?? 0) + 1, active: isChosen && (parent?.active ?? 1) };
    const row = {
      id: place.id, chat_id: chatId, seq: place.seq, parent_id: parent?.id ?? null, chosen: isChosen, active: place.active, pinned: Number(message.pinned ?? false),
      role: message.role, text: message.text, reasoning: message.reasoning ?? '', status: message.status,
      attachments: toJson(message.attachments), error: toJson(message.error), notes: toJson(message.notes), decision: toJson(message.decision),
      usage: toJson(message.usage), context: toJson(message.context && renamed(message.context, places)),
      finish_reason: message.finishReason ?? null, cost: message.cost ?? null, duration_ms: message.durationMs ?? null,
      created_at: message.createdAt, finished_at: Math.round(message.createdAt + (message.durationMs ?? 0)),
    };
    this.#sql.run(this.#sql.build.insertInto('message').values({ ...row, checksum: checksumOf(row) }));
    return place;
  }
}

function treeMessage(stored: StoredMessage | undefined, { id, parent_id, chosen }: { id: string; parent_id: string | null; chosen: number }): TreeMessage {
  if (!stored) throw new Error(`message ${id} was not read`);
  const { chatId: _, ...message } = stored;
  return { ...message, ...(parent_id !== null && { parentId: parent_id }), ...(chosen === 0 && { chosen: false as const }) };
}

/** The ids of the chosen versions: one for each parent. Throws UserError `bad-chat` where an id repeats or a parent does not come before its children. */
function chosenAmong(messages: readonly TreeMessage[]): Set<string> {
  const seen = new Set<string>();
  const chosen = new Map<string | undefined, TreeMessage>();
  for (const [index, message] of messages.entries()) {
    const { id, parentId } = message;
    if (seen.has(id)) throw badChat(`its message ${index + 1} has the id of another one`);
    if (parentId !== undefined && !seen.has(parentId)) throw badChat(`its message ${index + 1} follows one that does not come before it`);
    seen.add(id);
    const rival = chosen.get(parentId);
    if (!rival || message.chosen !== false || rival.chosen === false) chosen.set(parentId, message);
  }
  return new Set([...chosen.values()].map(({ id }) => id));
}

/** What an answer was made from, by the ids that its messages have here. */
function renamed({ pinned, firstRecent, found, ...counts }: StoredContext, places: ReadonlyMap<string, Place>): StoredContext {
  const named = (ids: readonly string[]): string[] => ids.flatMap((id) => places.get(id)?.id ?? []);
  const first = firstRecent === undefined ? undefined : places.get(firstRecent)?.id;
  return { ...counts, pinned: named(pinned), ...(found && { found: named(found) }), ...(first !== undefined && { firstRecent: first }) };
}

function badChat(why: string): UserError {
  return new UserError('bad-chat', `This chat cannot be imported: ${why}. Export it again, or leave it out.`);
}
