// Runs of reviews, what they found, and what the user never wants to see again.
import type { Migration } from './migration.ts';

export const reviews: Migration = {
  name: '0002-reviews',
  sql: `
    create table review_run (
      id text primary key,
      profile_id text not null default 'default',
      uri text not null,
      summary text not null,
      created_at integer not null
    ) strict;
    create index review_run_by_uri on review_run (uri, created_at);

    create table finding (
      id text primary key,
      run_id text not null references review_run (id) on delete cascade,
      place integer not null, -- order within the run
      uri text not null,
      fingerprint text not null,
      finding text not null -- JSON
    ) strict;
    create index finding_by_run on finding (run_id, place);
    create index finding_by_uri on finding (uri);

    create table dismissal (
      profile_id text not null default 'default',
      fingerprint text not null,
      reason text,
      created_at integer not null,
      primary key (profile_id, fingerprint)
    ) strict, without rowid;
  `,
};
