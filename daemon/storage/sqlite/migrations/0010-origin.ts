// Chats that were made elsewhere: in which program, under which id, and what their answers cost there.
import type { Migration } from './migration.ts';

export const origin: Migration = {
  name: '0010-origin',
  sql: `
    alter table chat add column origin_source text; -- null for a chat that was made here
    alter table chat add column origin_id text;
    create unique index chat_by_origin on chat (profile_id, origin_source, origin_id) where origin_source is not null;
    alter table message add column cost real; -- US dollars, of an imported answer; what was spent here is in the table request
  `,
};
