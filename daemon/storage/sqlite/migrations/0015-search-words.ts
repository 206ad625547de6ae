// Search knows more of what people type, and chats by their titles: postings are made again from what is stored, in the background.
import type { Migration } from './migration.ts';

export const searchWords: Migration = {
  name: '0015-search-words',
  sql: `
    create index chat_by_title on chat (profile_id, title collate nocase);
    create index search_document_by_digest on search_document (digest); -- a text that is here already has its vector

    create trigger search_chat_renamed after update of title on chat when old.title <> new.title begin
      insert into search_queue (kind, reference)
        select 'message', id from message where chat_id = new.id and parent_id is null and active = 1 and status <> 'streaming';
    end;

    drop trigger search_source_changed; -- a piece of code that stands in other lines is the same text, and keeps its vector
    create trigger search_source_changed after update of title, text, parent, project, language, uri on search_source begin
      insert into search_queue (kind, reference) values (new.kind, new.rowid);
    end;

    drop table search_posting;
    delete from search_segment;
    create table search_posting (
      segment integer not null,
      term text not null,
      first integer not null, -- a long list lies in parts, each named by its first document
      count integer not null, -- how many documents
      data blob not null,
      places blob not null, -- after all else, so that it is read only for phrases
      primary key (segment, term, first)
    ) strict, without rowid;
    insert into search_state (name, value) select 'rebuild', '{"phase":"documents","at":0}' where exists (select 1 from search_document)
      on conflict do update set value = excluded.value;
  `,
};
