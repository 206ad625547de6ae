// Profiles, the projects in them, and chats as trees: messages with one parent are versions of each other, and the branch that
// is shown is the one whose every message is the chosen version. What was stored before belongs to the profile `default`.
import type { Migration } from './migration.ts';

const now = "cast(unixepoch('subsec') * 1000 as integer)";

export const profiles: Migration = {
  name: '0004-profiles',
  sql: `
    create table profile (
      id text primary key,
      name text not null unique collate nocase,
      model text, -- provider/model; null where chats of this profile leave the choice open
      created_at integer not null -- milliseconds since the epoch
    ) strict;
    insert into profile (id, name, created_at) values ('default', 'default', ${now});

    create table project (
      id text primary key,
      profile_id text not null references profile (id) on delete cascade,
      name text not null,
      path text not null, -- where it was seen last
      bound integer not null default 0, -- whether sessions in it begin in this profile
      created_at integer not null,
      used_at integer not null
    ) strict;
    create index project_in_profile on project (profile_id, used_at);
    create table project_key (
      project_id text not null references project (id) on delete cascade,
      kind text not null check (kind in ('file', 'commit', 'folder', 'remote', 'path')),
      value text not null,
      primary key (kind, value, project_id)
    ) strict, without rowid;
    create index project_key_by_project on project_key (project_id);

    update chat set profile_id = 'default';
    update review_run set profile_id = 'default';
    update or replace dismissal set profile_id = 'default';
    update request set profile_id = 'default';
    update decision set profile_id = 'default';
    drop index decision_by_time;
    create index decision_by_time on decision (profile_id, at);
    drop index review_run_by_uri;
    create index review_run_by_uri on review_run (profile_id, uri, created_at);

    alter table chat add column project_id text references project (id) on delete set null;
    create index chat_by_project on chat (project_id);

    alter table message add column parent_id text; -- the message before it; null at the start of a chat
    alter table message add column chosen integer not null default 1; -- the version that stands, among those with its parent
    alter table message add column active integer not null default 1; -- whether it and every message before it is chosen
    alter table message add column pinned integer not null default 0;
    alter table message add column context text; -- JSON: which messages an answer was made from
    update message set chosen = 0, active = 0 where superseded_by is not null;
    update message set parent_id = (
      select earlier.id from message as earlier
      where earlier.chat_id = message.chat_id and earlier.superseded_by is null and earlier.seq < message.seq
      order by earlier.seq desc limit 1
    );
    alter table message drop column superseded_by;
    drop index message_in_order;
    create index message_in_order on message (chat_id, active, seq); -- seq is the depth in the tree
    create index message_by_parent on message (chat_id, parent_id, id);
  `,
};
