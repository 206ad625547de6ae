// What is deleted for good is owed a clean-up: its words leave the postings, the free space of the file and the log. The triggers note
// that in the very transaction that deletes, whoever deletes, so that a crash forgets nothing.
import type { Migration } from './migration.ts';

const owed = "insert into search_state (name, value) values ('purge', 1) on conflict do update set value = value + 1";

export const purge: Migration = {
  name: '0014-purge',
  sql: `
    create trigger purge_deleted_chat after delete on deleted_chat begin ${owed}; end;
    create trigger purge_memory after delete on memory begin ${owed}; end;
    create trigger purge_memory_text after update of text on memory when old.text <> new.text begin ${owed}; end;
    create trigger purge_profile after delete on profile begin ${owed}; end;
    create trigger purge_staged after delete on chat when old.profile_id >= 'arriving:' and old.profile_id < 'arriving;' begin ${owed}; end;
    insert into search_state (name, value) select 'purge', 1 where exists (select 1 from chat) or exists (select 1 from memory) or exists (select 1 from deleted_chat); -- what was deleted so far
  `,
};
