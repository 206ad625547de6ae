// Who looked at what in a review. Of reviews of before that is not known.
import type { Migration } from './migration.ts';

export const reviewCoverage: Migration = {
  name: '0017-review-coverage',
  sql: `
    alter table review_run add column coverage text; -- JSON; null where it was not noted, and for a part of another run
  `,
};
