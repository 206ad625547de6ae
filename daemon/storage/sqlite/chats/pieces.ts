// The pieces of an answer that is being written: they wait beside its message, and move into it at the end.
import { type ExpressionBuilder, type Kysely, sql as raw, type Selectable } from 'kysely';
import { type ChunkKind, fromJson, type MessageChunkTable, type MessageTable, type Schema } from '../schema.ts';
import type { Sql } from '../sql.ts';
import { DamageError } from '../storage-errors.ts';
import { checksumOf } from './checksum.ts';

export type MessageRow = Selectable<MessageTable>;
export type Piece = readonly [kind: ChunkKind, text: string];

/** Lives as long as an open database. */
export class Pieces {
  readonly #sql: Sql;
  readonly #insert: (kind: ChunkKind, text: string | Buffer, messageId: string, profile: string) => number;
  readonly #chunksOf: (messageId: string) => Pick<Selectable<MessageChunkTable>, 'kind' | 'text'>[];
  readonly #delete: (messageId: string) => number;

  constructor(sql: Sql) {
    this.#sql = sql;
    this.#insert = sql.prepared(pieceInsertion(sql.build));
    this.#chunksOf = sql.preparedAll(
      sql.build.selectFrom('message_chunk').select(['kind', 'text']).where('message_id', '=', '').orderBy('seq'),
    );
    this.#delete = sql.prepared(sql.build.deleteFrom('message_chunk').where('message_id', '=', ''));
  }

  /** Returns whether it was added: not where the answer is gone, closed or another profile's. */
  add(messageId: string, [kind, text]: Piece, profile: string): boolean {
    // UTF-8 cannot hold half a character, and providers do cut there; the halves meet again when the answer is read.
    const stored = text.isWellFormed() ? text : Buffer.from(text, 'utf16le');
    return this.#insert(kind, stored, messageId, profile) === 1;
  }

  /** The texts of a message, with the pieces that are not yet part of its row. Throws DamageError for one that is not as it was stored. */
  textsOf(row: MessageRow): Pick<MessageRow, 'text' | 'reasoning' | 'notes'> {
    if (row.checksum !== null && row.checksum !== checksumOf(row))
      throw new DamageError(`message ${row.id} is not as it was stored`);
    if (row.finished_at !== null) return row;
    const chunks = this.#chunksOf(row.id);
    const pieces = (kind: ChunkKind) =>
      chunks
        .filter((chunk) => chunk.kind === kind)
        .map(({ text }) => (typeof text === 'string' ? text : text.toString('utf16le')));
    const notes = [...(row.notes === null ? [] : fromJson<string[]>(row.notes)), ...pieces('note')];
    return {
      text: row.text + pieces('text').join(''),
      reasoning: row.reasoning + pieces('reasoning').join(''),
      notes: notes.length > 0 ? JSON.stringify(notes) : null,
    };
  }

  /** Moves the pieces of an answer into its row, with another change to it. So many characters of its text are reasoning. */
  settle(
    row: MessageRow,
    change: Partial<MessageRow>,
    { characters = 0, from = 0 }: { characters?: number | undefined; from?: number | undefined } = {},
  ): void {
    const { text: said, reasoning: thought, notes } = this.textsOf(row);
    const text = said.slice(0, from) + said.slice(from + characters);
    const reasoning = thought + said.slice(from, from + characters);
    const changed = { text, reasoning, notes, ...change };
    const checksum = checksumOf({ ...row, ...changed });
    this.#sql.run(
      this.#sql.build
        .updateTable('message')
        .set({ ...changed, checksum })
        .where('id', '=', row.id),
    );
    this.#delete(row.id);
  }
}

/**
 * Marks answers that a crash left streaming as partial, in all profiles, and keeps their text. They stay open: when only the worker
 * crashed, the daemon may still be adding to them.
 */
export function recoverAnswers(sql: Sql): void {
  const pieces = new Pieces(sql);
  sql.transaction(() => {
    const left = sql.all(sql.build.selectFrom('message').selectAll().where('status', '=', 'streaming'));
    for (const row of left) pieces.settle(row, { status: 'partial' });
  });
}

/** The profile of a message. A subquery, because SQLite takes several times as long with a join. */
export function profileOfMessage({ selectFrom }: ExpressionBuilder<Schema, 'message'>) {
  return selectFrom('chat').select('chat.profile_id').whereRef('chat.id', '=', 'message.chat_id');
}

/** One statement for each piece of an answer. Parameters: kind, text, message id, profile. */
function pieceInsertion(build: Kysely<Schema>) {
  return build
    .insertInto('message_chunk')
    .columns(['message_id', 'seq', 'kind', 'text'])
    .expression(
      build
        .selectFrom('message')
        .select(({ selectFrom, val }) => [
          'message.id',
          selectFrom('message_chunk')
            .select(raw<number>`coalesce(max(seq), 0) + 1`.as('next'))
            .whereRef('message_id', '=', 'message.id')
            .as('seq'),
          val<ChunkKind>('text').as('kind'),
          val('').as('text'),
        ])
        .where('message.id', '=', '')
        .where(profileOfMessage, '=', '')
        .where('message.finished_at', 'is', null),
    );
}
