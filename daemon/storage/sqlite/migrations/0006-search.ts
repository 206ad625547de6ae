// Search. Whatever is to be found is first queued, by triggers in the very transaction that stores it, and indexed a moment later;
// what is deleted leaves at once. So a crash at any moment loses nothing, and all of it can be built again from what is stored.
import type { Migration } from './migration.ts';

export const search: Migration = {
  name: '0006-search',
  sql: `
    create table search_source ( -- what is stored nowhere else: pieces of code, memories
      profile_id text not null,
      kind text not null check (kind in ('code', 'memory')),
      reference text not null,
      parent text, -- the file it stands in
      project text,
      language text,
      uri text,
      range text, -- JSON
      title text not null,
      text text not null,
      created_at integer not null,
      primary key (profile_id, kind, reference)
    ) strict;
    create index search_source_by_parent on search_source (profile_id, kind, parent);

    create table search_queue ( -- what has to be indexed, or indexed anew; a row of search_source is named by its rowid
      id integer primary key,
      kind text not null,
      reference any not null
    ) strict;

    create table search_document ( -- what is in the index
      id integer primary key autoincrement, -- never used again: postings and vectors name it
      profile_id text not null,
      kind text not null check (kind in ('message', 'finding', 'code', 'memory')),
      reference text not null,
      parent text, -- the chat, or the file
      project text,
      language text,
      uri text,
      range text,
      title text not null,
      created_at integer not null,
      words integer not null, -- its length
      digest integer not null, -- of its text, so that copies are shown once
      model integer not null default 0, -- whose vector it has; 0 for none
      unique (kind, reference, profile_id)
    ) strict;
    create index search_document_by_model on search_document (model, id);

    create virtual table search_text using fts5 (text, content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 0");

    create table search_segment ( -- postings of a range of documents; written in pieces, and used once it is whole
      id integer primary key,
      level integer not null,
      first integer not null, -- its documents, from–to
      last integer not null,
      state text not null check (state in ('growing', 'whole', 'garbage'))
    ) strict;
    create table search_posting (
      segment integer not null,
      term text not null,
      first integer not null, -- a long list lies in parts, each named by its first document
      count integer not null, -- how many documents
      data blob not null,
      primary key (segment, term, first)
    ) strict, without rowid;

    create table search_gone (document integer primary key) strict; -- deleted, and perhaps still in postings

    create table search_model (id integer primary key, name text not null unique, dimensions integer not null) strict;
    create table search_vector ( -- float32, of length 1
      document integer primary key references search_document (id) on delete cascade,
      model integer not null references search_model (id),
      vector blob not null
    ) strict;
    create table search_bits ( -- the vectors' signs, apart from them because all of these are read
      document integer primary key references search_document (id) on delete cascade,
      model integer not null,
      bits blob not null
    ) strict;
    create table search_state (name text primary key, value any not null) strict, without rowid;

    create trigger search_document_gone after delete on search_document begin
      delete from search_text where rowid = old.id;
      insert into search_gone values (old.id);
    end;

    -- A message is in the index while it is in the branch of its chat that is read.
    create trigger search_message_added after insert on message when new.status <> 'streaming' begin
      insert into search_queue (kind, reference) values ('message', new.id);
    end;
    create trigger search_message_changed after update of text, status, active on message when new.status <> 'streaming' begin
      insert into search_queue (kind, reference) values ('message', new.id);
    end;
    create trigger search_message_deleted after delete on message begin
      delete from search_document where kind = 'message' and reference = old.id;
    end;
    create trigger search_finding_added after insert on finding begin
      insert into search_queue (kind, reference) values ('finding', new.id);
    end;
    create trigger search_finding_changed after update on finding begin
      insert into search_queue (kind, reference) values ('finding', new.id);
    end;
    create trigger search_finding_deleted after delete on finding begin
      delete from search_document where kind = 'finding' and reference = old.id;
    end;
    create trigger search_source_added after insert on search_source begin
      insert into search_queue (kind, reference) values (new.kind, new.rowid);
    end;
    create trigger search_source_changed after update on search_source begin
      insert into search_queue (kind, reference) values (new.kind, new.rowid);
    end;
    create trigger search_source_deleted after delete on search_source begin
      delete from search_document where kind = old.kind and reference = old.reference and profile_id = old.profile_id;
    end;

    insert into search_queue (kind, reference) select 'message', id from message where status <> 'streaming' and active = 1;
    insert into search_queue (kind, reference) select 'finding', id from finding;
  `,
};
