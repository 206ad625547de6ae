// Whether a database is whole: its header, the structure of its pages, its indexes and search indexes, the references between its
// rows, its schema, and the checksums of its messages. A sentence for each problem; nothing is changed.

import { closeSync, existsSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { UserError } from '../../../base/errors.ts';
import type { Verification } from '../../backups.ts';
import { type ChecksumFields, checksumOf } from '../chats/checksum.ts';
import { appliedMigrations, isNewer, migrations, schemaProblems } from '../migrate.ts';
import { openDatabase } from '../native.ts';
import { isDamage } from '../storage-errors.ts';
import { unreadableJson } from './json.ts';
import { treeProblems } from './references.ts';
import { tablesOf } from './tables.ts';

const maxProblems = 20;

/** Throws UserError `no-such-file`, and what SQLite or the disk says when the file cannot be read for another reason than damage. */
export function verifyFile(file: string): Verification {
  const sizeBytes = sizeOf(file);
  if (sizeBytes === undefined) throw noSuchFile(file);
  const verified: Verification = {
    file,
    ok: false,
    problems: headerProblems(file),
    isNewer: false,
    counts: {},
    sizeBytes,
  };
  if (verified.problems.length > 0) return verified;
  const hadLog = existsSync(`${file}-wal`);
  let database: Database | undefined;
  try {
    database = openDatabase(file, { readonly: true });
    inspect(database, verified);
  } catch (error) {
    if (!isDamage(error)) throw error;
    verified.problems.push(`SQLite can't read it: ${error instanceof Error ? error.message : String(error)}.`);
  } finally {
    database?.close();
    if (!hadLog) for (const ending of ['-wal', '-shm']) rmSync(`${file}${ending}`, { force: true }); // made by our looking
  }
  return { ...verified, ok: verified.problems.length === 0 };
}

export function noSuchFile(file: string): UserError {
  return new UserError(
    'no-such-file',
    `Couldn't find the file ${file.slice(0, 500)}. To list backups, run \`switchyard backup list\`.`,
  );
}

/** Undefined where there is no file of that name: nothing, a folder, a pipe, or a name that none can have. */
export function sizeOf(file: string): number | undefined {
  try {
    const found = statSync(file);
    return found.isFile() ? found.size : undefined;
  } catch (error) {
    if (
      ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'ERR_INVALID_ARG_VALUE'].includes(
        (error as NodeJS.ErrnoException).code ?? '',
      )
    )
      return undefined;
    throw error;
  }
}

function inspect(database: Database, verified: Verification): void {
  const applied = appliedMigrations(database);
  verified.isNewer = isNewer(applied, migrations);
  const isKnown = applied.length > 0 && isOurs(applied);
  if (isKnown) verified.problems.push(...schemaProblems(database, migrations.slice(0, applied.length)));
  if (verified.problems.length > 0) return; // whatever looks at rows would run what stands in the schema
  if (isKnown) verified.problems.push(...pageProblems(database));
  if (applied.length === 0) verified.problems.push("It isn't a Switchyard database: it has none of its migrations.");
  else verified.schema = applied.at(-1) as string;
  if (verified.isNewer)
    verified.problems.push(
      `It was written by a newer Switchyard. Its format is ${applied.at(-1)}, this one knows ${migrations.at(-1)?.name}.`,
    );
  else if (!isKnown && applied.length > 0) verified.problems.push('Its list of migrations is invalid.');
  else if (verified.problems.length === 0)
    verified.problems.push(...referenceProblems(database), ...contentProblems(database));
  if (verified.problems.length > 0) return;
  for (const { name } of tablesOf(database))
    verified.counts[name] = database.prepare(`select count(*) from "${name}"`).pluck().get() as number;
}

/** What can be looked at before every use, in about two milliseconds a megabyte. The schema was compared before (`migrate`). */
export function quickProblems(database: Database): string[] {
  const problems = pageProblems(database);
  return problems.length > 0 ? problems : treeProblems(database);
}

function isOurs(applied: readonly string[]): boolean {
  return applied.every((name, index) => name === migrations[index]?.name);
}

/**
 * Bytes of the header that SQLite does not check, or takes for an order: another encoding would garble every text, another write
 * version would make the file read-only. Offsets: sqlite.org/fileformat2.html, section 1.3.
 */
export function headerProblems(file: string): string[] {
  const header = Buffer.alloc(100);
  const descriptor = openSync(file, 'r');
  try {
    if (readSync(descriptor, header, 0, 100, 0) < 100) return []; // blank, or all in the log
  } finally {
    closeSync(descriptor);
  }
  const isSound =
    header.toString('latin1', 0, 16) === 'SQLite format 3\0' &&
    [18, 19].every((at) => header[at] === 1 || header[at] === 2) &&
    [0, 1, 4].includes(header.readUInt32BE(44)) &&
    [0, 1].includes(header.readUInt32BE(56)) && // 0 before the first table
    [52, 64].every((at) => header.readUInt32BE(at) === 0);
  return isSound ? [] : ["Its header is damaged, or it isn't an SQLite database."];
}

/** Pages, indexes and search indexes. */
function pageProblems(database: Database): string[] {
  const found = database.pragma(`integrity_check(${maxProblems})`) as { integrity_check: string }[];
  return found
    .map((row) => row.integrity_check)
    .filter((text) => text !== 'ok')
    .map((text) => `SQLite reports damage: ${text.replaceAll('\n', ' ')}.`);
}

function referenceProblems(database: Database): string[] {
  const broken = database.pragma('foreign_key_check') as { table: string; parent: string }[];
  const pairs = new Map<string, number>();
  for (const { table, parent } of broken)
    pairs.set(`${table} to ${parent}`, (pairs.get(`${table} to ${parent}`) ?? 0) + 1);
  return [
    ...[...pairs].map(
      ([pair, count]) =>
        `${count} ${count === 1 ? 'reference' : 'references'} from ${pair} ${count === 1 ? 'points' : 'point'} to nothing.`,
    ),
    ...treeProblems(database),
  ];
}

function contentProblems(database: Database): string[] {
  const ids = damagedMessages(database);
  const unreadable = [...unreadableJson(database)].map(
    ([table, count]) => `${count} ${count === 1 ? 'value' : 'values'} in ${table} can't be read.`,
  );
  return [
    ...(ids.length > 0
      ? [
          `${ids.length} ${ids.length === 1 ? 'message differs' : 'messages differ'} from what was stored (the first is ${ids[0]}).`,
        ]
      : []),
    ...unreadable,
  ];
}

/** Ids of the messages whose checksum is wrong; none in a schema without checksums. */
export function damagedMessages(database: Database): string[] {
  const hasChecksums =
    database.prepare("select 1 from pragma_table_info('message') where name = 'checksum'").get() !== undefined;
  if (!hasChecksums) return [];
  const ids: string[] = [];
  for (const row of database.prepare('select * from message where checksum is not null').iterate() as Iterable<
    ChecksumFields & { checksum: number }
  >) {
    if (checksumOf(row) !== row.checksum) ids.push(row.id);
  }
  return ids;
}
