// `switchyard import`: stores chats of other programs, or of another Switchyard, in this folder's profile or a named
// one.
import { ChatImport } from '../../shared/protocol/transfer.ts';
import { UserError } from '../base/errors.ts';
import { describeImport, type ImportReport, importChats } from '../transfer/importing.ts';
import { type ImportSource, sources } from '../transfer/places.ts';
import { withDaemon, workingFolder } from './kit/client.ts';
import { type ExitCode, json, readArguments, UsageError } from './kit/command.ts';
import { printJson, printLine } from './kit/terminal.ts';
import { asUserErrors } from './kit/transfer-errors.ts';

export const options = {
  from: {
    type: 'string',
    value: 'SOURCE',
    description: 'The program that wrote the file; detected if left out',
  },
  profile: { type: 'string', value: 'NAME', description: "Import into this profile instead of the folder's" },
  'dry-run': { type: 'boolean', description: 'Show what would be imported, without importing it' },
  json,
} as const;

export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, options);
  const { from = 'auto', profile, json: wantsJson = false, 'dry-run': dryRun = false } = values;
  const [path] = positionals;
  if (path === undefined || positionals.length > 1) throw new UsageError('Specify which file or folder to import.');
  if (!isSource(from)) throw new UsageError(`--from must be one of auto, ${sources.join(', ')}, not "${from}".`);
  const report = await asUserErrors(() =>
    withDaemon(
      (client) =>
        importChats({
          path,
          from,
          dryRun,
          signal: client.interrupted,
          send: (params, onPart) => client.call(ChatImport, params, onPart),
          isAboutChat: (error) => error instanceof UserError && error.code === 'bad-chat',
          onProgress: showProgress,
        }),
      { root: workingFolder(), ...(profile !== undefined && { profile }) },
    ),
  );
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  if (wantsJson) printJson({ dryRun, ...report });
  else for (const line of describeImport(report, dryRun)) printLine(line);
  return 0;
}

const minMessagesForProgress = 2000; // a smaller chat is stored in a moment

function isSource(word: string): word is ImportSource | 'auto' {
  return word === 'auto' || (sources as readonly string[]).includes(word);
}

function showProgress({ found }: ImportReport, within?: { taken: number; total: number }): void {
  if (!process.stderr.isTTY) return;
  if (within && within.total > minMessagesForProgress)
    process.stderr.write(`\r\u001b[K${found} chats, ${within.taken} of ${within.total} messages of this one`);
  else if (!within && found % 10 === 0) process.stderr.write(`\r\u001b[K${found} chats`);
}
