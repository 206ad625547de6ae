// What the user wants remembered. An accepted memory is also a row of search_source, kept there by triggers, so that it leaves the
// full text and the vectors in the very transaction that edits or deletes it.
import type { Migration } from './migration.ts';

export const memories: Migration = {
  name: '0008-memories',
  sql: `
    create table memory (
      id text primary key,
      profile_id text not null,
      project_id text, -- where it holds; null for everywhere
      text text not null,
      state text not null check (state in ('proposed', 'accepted', 'dismissed')),
      enabled integer not null default 1,
      message_id text, -- the user's message it comes from
      created_at integer not null,
      used_at integer,
      uses integer not null default 0
    ) strict;
    create index memory_by_profile on memory (profile_id, created_at);
    create index memory_by_message on memory (message_id) where message_id is not null;

    create trigger memory_added after insert on memory when new.state = 'accepted' begin
      insert into search_source (profile_id, kind, reference, project, title, text, created_at)
        values (new.profile_id, 'memory', new.id, new.project_id, '', new.text, new.created_at)
        on conflict do update set project = excluded.project, text = excluded.text;
    end;
    create trigger memory_changed after update of text, state, project_id, profile_id on memory begin
      delete from search_source where profile_id = old.profile_id and kind = 'memory' and reference = old.id; -- the old words leave at once
      insert into search_source (profile_id, kind, reference, project, title, text, created_at)
        select new.profile_id, 'memory', new.id, new.project_id, '', new.text, new.created_at where new.state = 'accepted';
    end;
    create trigger memory_deleted after delete on memory begin
      delete from search_source where profile_id = old.profile_id and kind = 'memory' and reference = old.id;
    end;
    create trigger memory_message_deleted after delete on message begin
      delete from memory where message_id = old.id and state <> 'accepted'; -- its words go with the message
      update memory set message_id = null where message_id = old.id;
    end;
  `,
};
