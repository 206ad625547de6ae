// Older messages of chats in SQLite: found again by their place in a branch, and the summaries of branches' beginnings.
import { crc32 } from 'node:zlib';
import type { Selectable } from 'kysely';
import type { Exchange, OlderMessages, StoredSummary, Stretch } from '../../older-messages.ts';
import type { Synchronous } from '../call-table.ts';
import type { PartDeps } from '../profiles/part-deps.ts';
import type { SummaryTable } from '../schema.ts';
import type { Sql } from '../sql.ts';
import { Messages } from './messages.ts';
import type { Step } from './tree.ts';

const maxKept = 20; // of one chat: after an edit, one from before it may still hold

/** Lives as long as an open database. Sees the chats of one profile. */
export class SqliteOlderMessages implements Synchronous<OlderMessages> {
  readonly #sql: Sql;
  readonly #messages: Messages;

  constructor(own: PartDeps) {
    this.#sql = own.sql;
    this.#messages = new Messages(own);
  }

  before(
    chatId: string,
    messageId: string,
    found: readonly string[],
  ): { exchanges: Exchange[]; summary?: StoredSummary } {
    const path = this.#messages.path(chatId, messageId).slice(0, -1);
    const summary = this.#summaryOf(chatId, path);
    return { exchanges: this.#exchanges(path, found), ...(summary && { summary }) };
  }

  stretch(chatId: string, { after, upTo, limit }: { after?: string; upTo: string; limit: number }): Stretch {
    const path = this.#messages.path(chatId, upTo);
    const from = after === undefined ? 0 : path.findIndex(({ id }) => id === after) + 1;
    const part = path
      .slice(from)
      .filter(({ pinned }) => pinned === 0)
      .slice(0, limit);
    return { messages: this.#messages.recalled(part), pinned: pinnedIn(path) };
  }

  saveSummary(
    chatId: string,
    { messageId, text, model, pinned }: Parameters<OlderMessages['saveSummary']>[1],
  ): boolean {
    return this.#sql.transaction(() => {
      const path = this.#messages.path(chatId, messageId);
      const then = new Set(pinned);
      if (path.some((step) => (step.pinned === 1) !== then.has(step.id))) return false;
      const row = { message_id: messageId, text, model, created_at: Date.now() };
      const { build } = this.#sql;
      this.#sql.run(build.deleteFrom('summary').where('message_id', '=', messageId));
      this.#sql.run(build.insertInto('summary').values({ ...row, checksum: checksumOfSummary(row) }));
      const ofChat = build
        .selectFrom('summary')
        .innerJoin('message', 'message.id', 'summary.message_id')
        .where('message.chat_id', '=', chatId);
      const kept = ofChat
        .select('summary.message_id')
        .orderBy('summary.created_at', 'desc')
        .orderBy('message.seq', 'desc')
        .limit(maxKept);
      this.#sql.run(
        build
          .deleteFrom('summary')
          .where('message_id', 'in', ofChat.select('summary.message_id'))
          .where('message_id', 'not in', kept),
      );
      return true;
    });
  }

  #exchanges(path: readonly Step[], found: readonly string[]): Exchange[] {
    const places = new Map(path.map(({ id }, place) => [id, place]));
    const roles = new Map(
      this.#messages.recalled(path.filter(({ id }) => found.includes(id))).map(({ id, role }) => [id, role]),
    );
    const starts = found.flatMap((id) => {
      const place = places.get(id);
      return place === undefined ? [] : [roles.get(id) === 'assistant' ? Math.max(0, place - 1) : place];
    });
    return [...new Set(starts)].map((place) => {
      const [first, second] = this.#messages.recalled(path.slice(place, place + 2));
      // Two questions in a row are two exchanges: the first was never answered.
      return {
        place,
        messages: [...(first ? [first] : []), ...(second && second.role !== first?.role ? [second] : [])],
      };
    });
  }

  #summaryOf(chatId: string, path: readonly Step[]): StoredSummary | undefined {
    const { build } = this.#sql;
    const rows = this.#sql.all(
      build
        .selectFrom('summary')
        .innerJoin('message', 'message.id', 'summary.message_id')
        .selectAll('summary')
        .where('message.chat_id', '=', chatId)
        .orderBy('message.seq', 'desc'),
    );
    for (const row of rows) {
      const end = path.findIndex(({ id }) => id === row.message_id);
      if (end < 0) continue;
      if (row.checksum === checksumOfSummary(row))
        return toSummary(row, {
          place: end,
          covers: path.slice(0, end + 1).filter(({ pinned }) => pinned === 0).length,
        });
      this.#sql.run(build.deleteFrom('summary').where('message_id', '=', row.message_id)); // it can be made again
    }
    return undefined;
  }
}

/** CRC-32 over what a summary says, of what, and by whom. */
function checksumOfSummary({
  message_id,
  text,
  model,
  created_at,
}: Omit<Selectable<SummaryTable>, 'checksum'>): number {
  return [message_id, text, model, String(created_at)].reduce((sum, part) => crc32(`${part}\u0000`, sum), 0);
}

function pinnedIn(path: readonly Step[]): string[] {
  return path.filter(({ pinned }) => pinned === 1).map(({ id }) => id);
}

function toSummary(
  { message_id, text, model, created_at }: Selectable<SummaryTable>,
  where: Pick<StoredSummary, 'place' | 'covers'>,
): StoredSummary {
  return { messageId: message_id, ...where, text, model, createdAt: created_at };
}
