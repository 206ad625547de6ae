// On which findings the user has decided, so that what is like a dismissed one can be held back.
import type { Migration } from './migration.ts';

export const reviewLessons: Migration = {
  name: '0021-review-lessons',
  sql: `
    create table review_lesson (
      profile_id text not null,
      finding_id text not null references finding (id) on delete cascade,
      is_dismissed integer not null, -- 0: its fix was taken
      created_at integer not null,
      primary key (profile_id, finding_id)
    ) strict, without rowid;
    insert into review_lesson (profile_id, finding_id, is_dismissed, created_at)
      select dismissal.profile_id, max(finding.id), 1, dismissal.created_at
      from dismissal
        join finding on finding.fingerprint = dismissal.fingerprint
        join review_run on review_run.id = finding.run_id and review_run.profile_id = dismissal.profile_id
      group by dismissal.profile_id, dismissal.fingerprint;
  `,
};
