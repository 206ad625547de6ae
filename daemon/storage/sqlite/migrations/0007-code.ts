// The files of indexed folders, as they were when they were indexed. Their pieces are rows of search_source with the file as parent.
import type { Migration } from './migration.ts';

export const code: Migration = {
  name: '0007-code',
  sql: `
    create table code_file (
      profile_id text not null,
      root text not null, -- the folder, as a URI
      path text not null, -- from the root
      stamp text not null, -- tells a file that may have changed without reading it
      hash text not null,
      chunks integer not null,
      primary key (profile_id, root, path)
    ) strict, without rowid;
    create index search_source_by_title on search_source (profile_id, kind, title);
  `,
};
