// Chats and their messages. A streamed answer grows in message_chunk, one row an append, and moves into its message at the end:
// adding to one row would rewrite the whole text each time.
import type { Migration } from './migration.ts';

export const chats: Migration = {
  name: '0001-chats',
  sql: `
    create table chat (
      id text primary key,
      profile_id text not null default 'default',
      title text not null,
      model text,
      created_at integer not null,
      updated_at integer not null
    ) strict;
    create index chat_by_use on chat (profile_id, updated_at, id);

    create table message (
      id text primary key,
      chat_id text not null references chat (id) on delete cascade,
      seq integer not null, -- place in the reading order; a retried answer shares it with the one it replaces
      role text not null check (role in ('user', 'assistant')),
      text text not null,
      reasoning text not null default '',
      attachments text, -- JSON, as are error, notes, decision and usage
      status text not null check (status in ('complete', 'streaming', 'partial', 'cancelled', 'failed')),
      error text,
      notes text,
      decision text,
      usage text,
      finish_reason text,
      created_at integer not null,
      duration_ms real,
      finished_at integer, -- null while more text may come
      superseded_by text
    ) strict;
    create index message_in_order on message (chat_id, seq);
    create index message_streaming on message (status) where status = 'streaming';

    create table message_chunk (
      message_id text not null references message (id) on delete cascade,
      seq integer not null,
      kind text not null check (kind in ('text', 'reasoning', 'note')),
      text any not null, -- a blob of UTF-16 where an append ends inside a character
      primary key (message_id, seq)
    ) strict, without rowid;
  `,
};
