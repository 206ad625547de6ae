// The index of words knows the places of words itself, so that FTS5's, which knew them, goes. Postings are made again from what is
// stored, in the background, as in a rebuild.
import type { Migration } from './migration.ts';

export const places: Migration = {
  name: '0013-places',
  sql: `
    alter table search_bits add column sizes blob; -- which numbers of the vector are large, one bit each, and how well all of this tells it; null until it is read
    drop trigger search_document_gone;
    drop table search_text;
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
    create trigger search_document_gone after delete on search_document begin
      insert into search_gone values (old.id);
    end;
    insert into search_state (name, value) select 'rebuild', '{"phase":"documents","at":0}' where exists (select 1 from search_document)
      on conflict do update set value = excluded.value;
  `,
};
