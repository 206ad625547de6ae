// `switchyard backup`: makes copies of everything that is stored, checks them, and restores one.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Backup, BackupCreate, BackupList, BackupRestore, BackupVerify } from '../../shared/protocol/backup.ts';
import { counted } from '../../shared/words/counted.ts';
import { type DaemonClient, withDaemon } from './kit/client.ts';
import { type ExitCode, json, readArguments, subcommandOf, UsageError } from './kit/command.ts';
import { printJson, printLine, readableBytes } from './kit/terminal.ts';

type Subcommand = (client: DaemonClient, file: string | undefined, json: boolean) => Promise<ExitCode>;
const subcommands: Record<string, Subcommand> = { list, create, verify, restore };

export const options = { json };

export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, options, 2);
  const [name = 'list', file] = positionals;
  const subcommand = subcommandOf('backup', subcommands, name);
  if (name === 'restore' && !file)
    throw new UsageError('Specify which backup to restore: a file, or a name from `switchyard backup list`.');
  return await withDaemon((client) => subcommand(client, file && toPath(file), values.json ?? false));
}

/** An existing file takes precedence over a backup of the same name. */
function toPath(file: string): string {
  return existsSync(file) ? resolve(file) : file;
}

async function list(client: DaemonClient, _file: string | undefined, json: boolean): Promise<ExitCode> {
  const { backups } = await client.call(BackupList, {});
  if (json) printJson({ backups });
  else for (const backup of backups) printLine(describe(backup));
  if (!json && backups.length === 0)
    printLine(
      'No backups yet. Switchyard makes one on each day that something was stored. To make one now, run `switchyard backup create`.',
    );
  return 0;
}

function describe({ file, kind, at, sizeBytes }: Backup): string {
  return `${new Date(at).toISOString().replace('T', ' ').slice(0, 16)}  ${kind.padEnd(14)}  ${readableBytes(sizeBytes).padStart(7)}  ${file}`;
}

async function create(client: DaemonClient, _file: string | undefined, json: boolean): Promise<ExitCode> {
  const { backup } = await client.call(BackupCreate, {});
  if (json) printJson({ backup });
  else printLine(`Backed up to ${backup.file} (${readableBytes(backup.sizeBytes)}).`);
  return 0;
}

/** Exits with 1 when something is wrong, as a review does with findings. */
async function verify(client: DaemonClient, file: string | undefined, json: boolean): Promise<ExitCode> {
  const verified = await client.call(BackupVerify, { ...(file !== undefined && { file }) });
  if (json) printJson(verified);
  else if (!verified.ok) for (const problem of verified.problems) printLine(problem);
  else {
    printLine(
      `${verified.file} is intact: ${contentWords(verified.counts) || 'nothing stored yet'} (format ${verified.schema}).`,
    );
  }
  return verified.ok ? 0 : 1;
}

/** Tables that people know, in the order in which they are told. */
const known: readonly { table: string; noun: string; plural?: string }[] = [
  { table: 'chat', noun: 'chat' },
  { table: 'message', noun: 'message' },
  { table: 'memory', noun: 'memory', plural: 'memories' },
  { table: 'review_run', noun: 'review' },
  { table: 'finding', noun: 'finding' },
  { table: 'job', noun: 'job' },
  { table: 'project', noun: 'project' },
  { table: 'profile', noun: 'profile' },
];

function contentWords({ migration: _, ...counts }: Readonly<Record<string, number>>): string {
  const told = known.flatMap(({ table, noun, plural }) => {
    const count = counts[table] ?? 0;
    return count > 0 ? [counted(count, noun, plural)] : [];
  });
  const tables = new Set(known.map(({ table }) => table));
  const others = Object.entries(counts).reduce((sum, [table, count]) => (tables.has(table) ? sum : sum + count), 0);
  return [...told, ...(others > 0 ? [counted(others, 'other entry', 'other entries')] : [])].join(', ');
}

async function restore(client: DaemonClient, file: string | undefined, json: boolean): Promise<ExitCode> {
  const restored = await client.call(BackupRestore, { file: file ?? '' });
  if (json) printJson(restored);
  else
    printLine(
      `Restored. ${restored.backup ? `The previous data is saved in ${restored.backup.file}.` : 'There was no previous data.'}`,
    );
  return 0;
}
