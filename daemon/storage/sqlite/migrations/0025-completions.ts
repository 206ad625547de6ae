// What became of suggestions of code.
import type { Migration } from './migration.ts';

export const completions: Migration = {
  name: '0025-completions',
  sql: `
    create table completion (
      profile_id text not null,
      id text not null,
      model text not null, -- provider/model
      language text not null,
      latency_ms real not null,
      characters integer not null,
      lines integer not null,
      features text not null, -- JSON: numbers by name
      accepted integer, -- null until that is known, as the next
      kept_ms real,
      shown_at integer not null, -- milliseconds since the epoch
      primary key (profile_id, id)
    ) strict, without rowid;
    create index completion_by_time on completion (profile_id, shown_at);
  `,
};
