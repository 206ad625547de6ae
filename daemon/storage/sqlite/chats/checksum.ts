// A message's checksum. SQLite notices damage to the structure of its file, but not a changed letter inside a text: this does.
// It covers what is said, by whom, and after which message; what changes after the end of a message (which version of it is chosen
// and read, whether it is pinned) is outside.
import { crc32 } from 'node:zlib';
import type { MessageTable } from '../schema.ts';

export type ChecksumFields = Pick<
  MessageTable,
  | 'id'
  | 'chat_id'
  | 'seq'
  | 'role'
  | 'text'
  | 'reasoning'
  | 'attachments'
  | 'status'
  | 'error'
  | 'notes'
  | 'decision'
  | 'usage'
  | 'finish_reason'
  | 'created_at'
  | 'duration_ms'
  | 'parent_id'
  | 'context'
>;

/** CRC-32 over the stored columns. Equal for a row before it is stored and after it was read. */
export function checksumOf(row: { [Name in keyof ChecksumFields]?: unknown }): number {
  const texts = [
    row.id,
    row.chat_id,
    row.role,
    row.text,
    row.reasoning ?? '',
    row.attachments,
    row.status,
    row.error,
    row.notes,
    row.decision,
    row.usage,
    row.finish_reason,
    row.parent_id,
    row.context,
  ];
  const numbers = [row.seq, row.created_at, row.duration_ms ?? ''].join();
  // A mark between the texts, and another for none at all: moving a letter from one to the next changes the sum.
  return texts.reduce<number>(
    (sum, text) => crc32(text === null || text === undefined ? '\u0001' : `${String(text)}\u0000`, sum),
    crc32(numbers),
  );
}
