// Work of several steps, and the steps of each that are finished; and what became of code that models wrote.
import type { Migration } from './migration.ts';

export const jobs: Migration = {
  name: '0019-jobs',
  sql: `
    create table job (
      id text primary key,
      profile_id text not null,
      kind text not null,
      title text not null,
      state text not null,
      request text not null, -- JSON, as its kind wrote it
      result text, -- JSON
      failure text,
      bytes integer not null, -- of what is stored of it
      created_at integer not null, -- milliseconds since the epoch, as the next
      ended_at integer
    ) strict;
    create index job_by_time on job (profile_id, created_at);
    create table job_stage (
      job_id text not null references job (id) on delete cascade,
      place integer not null,
      name text not null,
      cost_usd real, -- null when it is unknown
      content text not null, -- JSON
      primary key (job_id, place)
    ) strict;
    create table written (
      job_id text primary key,
      profile_id text not null,
      decision_id text,
      coder text not null, -- provider/model
      language text not null,
      draft_passes integer, -- null where nothing could tell, as the next
      revision_passes integer,
      judge text,
      confidence real,
      kept integer, -- null until that is known
      created_at integer not null
    ) strict;
    create index written_by_time on written (profile_id, created_at);
    create index written_by_decision on written (decision_id) where decision_id is not null;
  `,
};
