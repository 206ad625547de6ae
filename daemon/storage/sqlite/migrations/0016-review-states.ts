// How a review stands, and what was reviewed. Reviews of before ended, and each of their documents has a row of its own.
import type { Migration } from './migration.ts';

export const reviewStates: Migration = {
  name: '0016-review-states',
  sql: `
    alter table review_run add column state text not null default 'done'; -- running, done, incomplete, failed, stopped; part: a document of another run
    alter table review_run add column subject text; -- file, selection, staged, unstaged or diff; null where it was not noted
    alter table review_run add column first_line integer; -- of a selection, from 0
    alter table review_run add column last_line integer;
  `,
};
