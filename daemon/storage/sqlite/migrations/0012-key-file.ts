// How often the key store was written, as this database has seen it: an old copy of it that is put back is known by that.
import type { Migration } from './migration.ts';

export const keyFile: Migration = {
  name: '0012-key-file',
  sql: `
    create table key_file (
      id integer primary key check (id = 1), -- there is one
      generation integer not null
    ) strict;
  `,
};
