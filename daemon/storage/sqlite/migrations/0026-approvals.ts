// What the user has allowed the agent once and for all.
import type { Migration } from './migration.ts';

export const approvals: Migration = {
  name: '0026-approvals',
  sql: `
    create table approval (
      profile_id text not null,
      root text not null, -- a path
      identity text not null, -- a hash of exactly what would happen
      kind text not null,
      asked text not null,
      created_at integer not null, -- milliseconds since the epoch
      primary key (profile_id, root, identity)
    ) strict, without rowid;
  `,
};
