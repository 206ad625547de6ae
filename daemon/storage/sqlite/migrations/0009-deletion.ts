// Deleted chats, until they are gone for good. Their rows are taken out of where everything looks, and kept here as JSON: whatever
// searches, counts or quotes chats sees a deletion as what it is, and bringing a chat back is storing it again.
import type { Migration } from './migration.ts';

export const deletion: Migration = {
  name: '0009-deletion',
  sql: `
    create table deleted_chat (
      id text primary key,
      profile_id text not null references profile (id) on delete cascade,
      title text not null,
      message_count integer not null,
      deleted_at integer not null, -- milliseconds since the epoch
      content text not null -- JSON: the row of chat
    ) strict;
    create index deleted_chat_by_time on deleted_chat (profile_id, deleted_at);
    create table deleted_message (
      chat_id text not null references deleted_chat (id) on delete cascade,
      place integer not null,
      content text not null, -- JSON: the row of message
      primary key (chat_id, place)
    ) strict, without rowid;
  `,
};
