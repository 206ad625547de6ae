// Summaries of what chats said earlier, made by models so that a long chat goes on where its model no longer holds all of it. Each is
// known by the last message it covers: where that is edited, another branch begins, which does not have it.
import type { Migration } from './migration.ts';

export const summaries: Migration = {
  name: '0011-summaries',
  sql: `
    create table summary (
      message_id text primary key references message (id) on delete cascade, -- it covers this one and all before it in its branch
      text text not null,
      model text not null, -- provider/model
      created_at integer not null, -- milliseconds since the epoch
      checksum integer not null
    ) strict;

    -- What is pinned is in no summary, and what is no longer pinned has to be in one: those that saw it otherwise are made again.
    create trigger summary_pinned after update of pinned on message when old.pinned <> new.pinned begin
      delete from summary where message_id in (select id from message where chat_id = new.chat_id and seq >= new.seq);
    end;
  `,
};
