// Which documents a review of several was of. A review of before was of one, or of changes.
import type { Migration } from './migration.ts';

export const reviewFiles: Migration = {
  name: '0023-review-files',
  sql: `
    alter table review_run add column files text; -- JSON: URIs; null where it was not of several documents
  `,
};
