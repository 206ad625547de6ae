// What a damaged database lost, from the newest backup that is whole and understood.
import { copyFileSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import type { Backup } from '../../backups.ts';
import { type ChecksumFields, checksumOf } from '../chats/checksum.ts';
import { migrate, migrations } from '../migrate.ts';
import { openDatabase } from '../native.ts';
import { listBackups, removeDatabase } from './copies.ts';
import { tablesOf } from './tables.ts';
import { verifyFile } from './verify.ts';

export interface MergeResult {
  rows: number;
  /** Ids of messages that were damaged, and are as the backup has them. */
  messages: Set<string>;
  /** When the backup was made; absent where none was used. */
  at?: number;
}

interface MergeRequest {
  damaged: string;
  /** Tables of which rows are missing. Rows that were deleted since the backup come back in them; in no others. */
  tables: readonly string[];
  /** Ids of messages whose content is wrong. */
  doubted: readonly string[];
}

/** Adds to a database of the newest schema; rows that are there already are newer and stay. */
export function mergeBackup(database: Database, { damaged, tables, doubted }: MergeRequest): MergeResult {
  const merged: MergeResult = { rows: 0, messages: new Set() };
  if (tables.length === 0 && doubted.length === 0) return merged;
  const backup = listBackups(damaged).find(isGood);
  if (!backup) return merged;
  const copy = `${damaged}.backup-copy`;
  removeDatabase(copy);
  try {
    copyFileSync(backup.file, copy);
    const source = openDatabase(copy);
    try {
      migrate(source, migrations, { isCopy: true });
      for (const table of tables) merged.rows += addMissing(source, database, table);
      for (const id of doubted) if (replaceMessage(source, database, id)) merged.messages.add(id);
    } finally {
      source.close();
    }
    return { ...merged, at: backup.at };
  } finally {
    removeDatabase(copy);
  }
}

function isGood({ file }: Backup): boolean {
  try {
    return verifyFile(file).ok;
  } catch {
    return false;
  }
}

function addMissing(source: Database, database: Database, name: string): number {
  const table = tablesOf(database).find((known) => known.name === name);
  if (!table) return 0;
  const names = table.columns.map((column) => `"${column.name}"`);
  const withRowid = table.hasRowid && table.rowidColumn === undefined;
  const insert = (columns: string[]): ((values: unknown[]) => number) => {
    const statement = database.prepare(
      `insert into "${name}" (${columns.join()}) values (${columns.map(() => '?').join()}) on conflict do nothing`,
    );
    return (values) => statement.run(...values).changes;
  };
  const inPlace = insert(withRowid ? ['rowid', ...names] : names);
  const anywhere = insert(names);
  let added = 0;
  for (const row of source
    .prepare(`select ${withRowid ? 'rowid, ' : ''}${names.join()} from "${name}"`)
    .raw()
    .iterate() as Iterable<unknown[]>) {
    added += inPlace(row) || (withRowid ? anywhere(row.slice(1)) : 0); // another row may have taken its rowid since
  }
  return added;
}

/** Only what is said is taken: which version of it is chosen and read, and whether it is pinned, is known better here. */
function replaceMessage(source: Database, database: Database, id: string): boolean {
  const row = source.prepare('select * from message where id = ?').get(id) as
    | (ChecksumFields & { checksum: number | null })
    | undefined;
  if (!row || row.checksum !== checksumOf(row)) return false;
  const names = Object.keys(row).filter((name) => !['id', 'chosen', 'active', 'pinned', 'finished_at'].includes(name));
  database.prepare(`update message set ${names.map((name) => `"${name}" = @${name}`).join()} where id = @id`).run(row);
  return true;
}
