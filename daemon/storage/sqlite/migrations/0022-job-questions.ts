// What a job that waits asks the user, which file it is about, and when something was last done for it, since nothing that only going
// on needs is kept for longer than a day after that.
import type { Migration } from './migration.ts';

export const jobQuestions: Migration = {
  name: '0022-job-questions',
  sql: `
    alter table job add column question text; -- JSON
    alter table job add column document text; -- URI; null where it is about no file, or of before there was this column
    alter table job add column touched_at integer not null default 0; -- milliseconds since the epoch
    update job set touched_at = coalesce(ended_at, created_at), document = json_extract(request, '$.snippet.uri');
    create index job_by_touch on job (touched_at) where request <> 'null';
    create trigger purge_job after update of request on job
      when new.request = 'null' and old.request <> 'null' and new.state <> 'done' begin
      insert into search_state (name, value) values ('purge', 1) on conflict do update set value = value + 1;
    end;
    create trigger purge_job_result after update of result on job when new.result is null and old.result is not null begin
      insert into search_state (name, value) values ('purge', 1) on conflict do update set value = value + 1;
    end;
  `,
};
