// A checksum of each message, so that a letter that changed on the disk is noticed. Messages from before have none.
import type { Migration } from './migration.ts';

export const checksums: Migration = {
  name: '0005-checksums',
  sql: 'alter table message add column checksum integer',
};
