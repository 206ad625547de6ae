// `switchyard import`: stores chats of other programs, or of another Switchyard, in this folder's profile or a named
// one. Without a path it lists what is on this machine.

import { ChatImport, type TransferredChat } from '../../shared/protocol/transfer.ts';
import { counted } from '../../shared/words/counted.ts';
import { UserError } from '../base/errors.ts';
import { describeImport, type ImportOptions, type ImportReport, importChats } from '../transfer/importing.ts';
import { type ImportSource, sources } from '../transfer/places.ts';
import { keyOf } from '../transfer/survey.ts';
import { type ChosenImport, chooseImports, hintAtImport, listPlaces, placesAsJson, surveyHere } from './import-here.ts';
import { askAtTerminal } from './kit/ask-trust.ts';
import { type DaemonClient, withDaemon, workingFolder } from './kit/client.ts';
import { type ExitCode, json, readArguments, UsageError } from './kit/command.ts';
import { printJson, printLine, writeStatus } from './kit/terminal.ts';
import { asUserErrors } from './kit/transfer-errors.ts';

export const options = {
  all: { type: 'boolean', description: 'Without a path, import everything that is on this machine' },
  from: {
    type: 'string',
    value: 'SOURCE',
    description: 'The program that wrote the file; detected if left out',
  },
  profile: { type: 'string', value: 'NAME', description: "Import into this profile instead of the folder's" },
  'dry-run': { type: 'boolean', description: 'Show what would be imported, without importing it' },
  json,
} as const;

interface ImportSettings {
  from: ImportSource | 'auto';
  dryRun: boolean;
  wantsJson: boolean;
  all: boolean;
}

export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, options, 1);
  const { from = 'auto', profile, json: wantsJson = false, 'dry-run': dryRun = false, all = false } = values;
  const [path] = positionals;
  if (!isSource(from)) throw new UsageError(`--from must be one of auto, ${sources.join(', ')}, not "${from}".`);
  if (all && path !== undefined) throw new UsageError('Use a path or --all, not both.');
  const settings = { from, dryRun, wantsJson, all };
  await asUserErrors(() =>
    withDaemon(
      (client) => (path === undefined ? importFromHere(client, settings) : importPath(client, path, settings)),
      { root: workingFolder(), ...(profile !== undefined && { profile }) },
    ),
  );
  return 0;
}

async function importPath(client: DaemonClient, path: string, settings: ImportSettings): Promise<void> {
  const { from, dryRun, wantsJson } = settings;
  const report = await importChats({ path, from, ...optionsFor(client, dryRun) });
  endProgress();
  if (wantsJson) printJson({ dryRun, ...report });
  else for (const line of describeImport(report, dryRun)) printLine(line);
}

async function importFromHere(client: DaemonClient, settings: ImportSettings): Promise<void> {
  const { from, dryRun, wantsJson, all } = settings;
  const places = await surveyHere(client, from);
  if (!all && wantsJson) return printJson({ places: placesAsJson(places) });
  if (!all || places.length === 0) listPlaces(places);
  const ask = all ? undefined : askAtTerminal();
  if (!all && (!ask || places.length === 0)) return hintAtImport(places);
  const chosen: ChosenImport[] = ask ? await chooseImports(ask, places) : places.map((found) => ({ found }));
  const reports: (ImportReport & { path: string })[] = [];
  for (const { found, keys } of chosen) {
    const { path, place } = found;
    const wants = keys && { wants: (chat: TransferredChat) => keys.has(keyOf(chat)) };
    const report = await importChats({ path, from, place, ...wants, ...optionsFor(client, dryRun) });
    endProgress();
    reports.push({ path, ...report });
    if (!wantsJson) for (const line of describeImport(report, dryRun)) printLine(line);
  }
  if (wantsJson) printJson({ dryRun, imports: reports });
}

function optionsFor(client: DaemonClient, dryRun: boolean): Omit<ImportOptions, 'path' | 'from'> {
  return {
    dryRun,
    signal: client.interrupted,
    send: (params, onPart) => client.call(ChatImport, params, onPart),
    isAboutChat: (error) => error instanceof UserError && error.code === 'bad-chat',
    onProgress: showProgress,
  };
}

const minMessagesForProgress = 2000; // a smaller chat is stored in a moment

function isSource(word: string): word is ImportSource | 'auto' {
  return word === 'auto' || (sources as readonly string[]).includes(word);
}

function showProgress({ found }: ImportReport, within?: { taken: number; total: number }): void {
  if (!process.stderr.isTTY) return;
  if (within && within.total > minMessagesForProgress)
    writeStatus(process.stderr, `${counted(found, 'chat')}, ${within.taken} of ${within.total} messages of this one`);
  else if (!within && found % 10 === 0) writeStatus(process.stderr, counted(found, 'chat'));
}

function endProgress(): void {
  if (process.stderr.isTTY) writeStatus(process.stderr, '');
}
