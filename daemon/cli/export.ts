// `switchyard export`: writes chats as Markdown files, one each, or as one JSON document that `switchyard import`
// reads.
import { join } from 'node:path';
import { ChatTree } from '../../shared/protocol/transfer.ts';
import { CancelledError } from '../base/errors.ts';
import { allChats, documentOf, type NamedChat, pagesReader } from '../transfer/exporting.ts';
import { writePieces } from '../transfer/files.ts';
import { fileNameOf, toMarkdown } from '../transfer/markdown.ts';
import { type DaemonClient, withDaemon, workingFolder } from './kit/client.ts';
import { type ExitCode, readArguments, UsageError } from './kit/command.ts';
import { idKinds, wholeId } from './kit/ids.ts';
import { clean } from './kit/terminal.ts';
import { asUserErrors } from './kit/transfer-errors.ts';

interface ExportOptions {
  chats: readonly string[];
  format: 'markdown' | 'json';
  out: string | undefined;
}

export const options = {
  chat: {
    type: 'string',
    multiple: true,
    value: 'ID',
    description: 'Export this chat; the beginning of its ID is enough',
  },
  all: { type: 'boolean', description: 'Export every chat in the profile' },
  format: { type: 'string', value: 'FORMAT', description: 'Write markdown (default, one file per chat) or json' },
  out: { type: 'string', value: 'PATH', description: 'Write Markdown files to this folder, or JSON to this file' },
  profile: { type: 'string', value: 'NAME', description: "Use this profile instead of the folder's" },
} as const;

export async function run(args: string[]): Promise<ExitCode> {
  const options = read(args);
  await asUserErrors(() =>
    withDaemon(
      (client) => (options.format === 'json' ? exportJson(client, options) : exportMarkdown(client, options)),
      {
        root: workingFolder(),
        ...(options.profile !== undefined && { profile: options.profile }),
      },
    ),
  );
  return 0;
}

/** Throws UsageError. */
function read(args: string[]): ExportOptions & { profile: string | undefined } {
  const { values } = readArguments(args, options, 0);
  const { chat = [], all = false, format = 'markdown', out, profile } = values;
  if (all === chat.length > 0) throw new UsageError('Specify what to export: --chat ID (repeatable), or --all.');
  if (format !== 'markdown' && format !== 'json')
    throw new UsageError(`--format must be markdown or json, not "${format}".`);
  if (format === 'markdown' && out === undefined && chat.length !== 1)
    throw new UsageError('Specify a folder for the files with --out DIR.');
  return { chats: chat, format, out, profile };
}

async function exportJson(client: DaemonClient, { chats, out }: ExportOptions): Promise<void> {
  let count = 0;
  const pieces = documentOf(client.call, await chatsToExport(client, chats), () => void count++);
  if (out === undefined) return printPieces(pieces, client.interrupted);
  await writePieces(out, pieces, client.interrupted);
  printNotice(`Exported ${count} ${count === 1 ? 'chat' : 'chats'} to ${out}.`);
}

async function exportMarkdown(client: DaemonClient, { chats, out }: ExportOptions): Promise<void> {
  let count = 0;
  for await (const { id, title } of await chatsToExport(client, chats)) {
    const pieces = toMarkdown(id, pagesReader(client.call, id));
    if (out === undefined) await printPieces(pieces, client.interrupted);
    else await writePieces(join(out, fileNameOf(id, title)), pieces, client.interrupted);
    count++;
  }
  if (out !== undefined) printNotice(`Exported ${count} ${count === 1 ? 'chat' : 'chats'} to the folder ${out}.`);
}

/** The named chats, or all. Each named chat must exist before anything is written. */
async function chatsToExport(
  client: DaemonClient,
  ids: readonly string[],
): Promise<AsyncIterable<NamedChat> | NamedChat[]> {
  if (ids.length === 0) return allChats(client.call);
  return Promise.all(
    ids.map(async (written) => {
      const id = await wholeId(client, idKinds.chats, written);
      return { id, title: (await client.call(ChatTree, { chatId: id, limit: 1 })).chat.title };
    }),
  );
}

async function printPieces(pieces: AsyncIterable<string>, signal: AbortSignal): Promise<void> {
  for await (const piece of pieces) {
    if (signal.aborted) throw new CancelledError();
    const text = process.stdout.isTTY ? clean(piece) : piece;
    if (!process.stdout.write(text)) await new Promise<void>((resolve) => process.stdout.once('drain', resolve));
  }
}

/** On stderr, since stdout may be the document. */
function printNotice(sentence: string): void {
  process.stderr.write(`${clean(sentence)}\n`);
}
