// What a review remembers: by what a finding is known again, which of them still stand, what was held back, and what a model said of code.
import type { Migration } from './migration.ts';

export const reviewMemory: Migration = {
  name: '0020-review-memory',
  sql: `
    alter table review_run add column revision text; -- of a commit, a range or a base, as the user named it
    alter table review_run add column aside text; -- JSON: what was held back, and what was solved; null where it was not noted
    alter table finding add column surroundings text; -- JSON: the lines that it is about, and those around them; null for old findings
    alter table finding add column is_open integer not null default 1; -- 0: a later review found it solved or gone
    update finding set is_open = 0 where exists (
      select 1 from review_run as own join review_run as newer on newer.profile_id = own.profile_id and newer.uri = finding.uri
      where own.id = finding.run_id and newer.created_at > own.created_at and newer.state in ('done', 'incomplete', 'part')
    );
    create index finding_by_fingerprint on finding (fingerprint);
    create table review_hunk ( -- what a model said of a piece of code
      profile_id text not null,
      key text not null, -- a hash of the code, of what was shown with it, and of who was asked in which words
      uri text not null,
      claims text not null, -- JSON
      used_at integer not null,
      primary key (profile_id, key)
    ) strict, without rowid;
  `,
};
