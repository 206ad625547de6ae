// `switchyard import` without a path: lists the chats of other programs that are on this machine, and imports those that are chosen.
import { homedir } from 'node:os';
import { sep } from 'node:path';
import { ChatList } from '../../shared/protocol/chat.ts';
import { TransferError } from '../transfer/error.ts';
import { type FoundPlace, placesHere } from '../transfer/found-here.ts';
import { type ImportSource, programs } from '../transfer/places.ts';
import {
  describeSurvey,
  importedKeys,
  type ListedChat,
  messageCount,
  type Survey,
  survey,
} from '../transfer/survey.ts';
import type { Ask } from './kit/ask-trust.ts';
import { chooseRows } from './kit/choose.ts';
import type { DaemonClient } from './kit/client.ts';
import { clean, printHint, printLine, writeStatus } from './kit/terminal.ts';

/** A place with what is in it. */
export interface SurveyedPlace extends FoundPlace, Survey {}

/** What to import of a place. */
export interface ChosenImport {
  found: FoundPlace;
  /** The keys of chats; all of them where left out. */
  keys?: ReadonlySet<string>;
}

/** Everything that is here, of one program where it is named. Places without a chat are left out. */
export async function surveyHere(client: DaemonClient, from: ImportSource | 'auto'): Promise<SurveyedPlace[]> {
  const here = (await placesHere()).filter(({ place }) => from === 'auto' || place.source === from);
  if (here.length === 0) return [];
  const known = await importedKeys((params) => client.call(ChatList, params));
  const surveyed: SurveyedPlace[] = [];
  for (const found of here) {
    if (process.stderr.isTTY) writeStatus(process.stderr, `Reading ${shortPath(found.path)}`);
    try {
      surveyed.push({ ...found, ...(await survey(found.place, known, client.interrupted)) });
    } catch (error) {
      if (!(error instanceof TransferError)) throw error;
      process.stderr.write(`${clean(error.message)}\n`); // the other places are listed all the same
    }
  }
  if (process.stderr.isTTY) writeStatus(process.stderr, '');
  return surveyed.filter(({ chats, unreadable }) => chats.length + unreadable > 0);
}

/** The places as `--json` prints them. */
export function placesAsJson(places: readonly SurveyedPlace[]): object[] {
  return places.map(({ path, place, chats, unreadable }) => ({
    source: place.source,
    program: programs[place.source],
    path,
    chats: chats.length,
    known: chats.filter(({ isKnown }) => isKnown).length,
    unreadable,
  }));
}

/** Lists the places, a line each. */
export function listPlaces(places: readonly SurveyedPlace[]): void {
  if (places.length === 0) printLine('No chats of other programs were found on this machine.');
  for (const line of placeLines(places)) printLine(line);
}

export function placeLines(places: readonly SurveyedPlace[]): string[] {
  const names = places.map(({ place }) => programs[place.source]);
  const width = Math.max(...names.map(({ length }) => length));
  return places.map((found, index) => {
    const number = String(index + 1).padStart(String(places.length).length);
    return `${number}  ${names[index]?.padEnd(width)}  ${shortPath(found.path)}  (${describeSurvey(found)})`;
  });
}

/** Says how to go on where nobody can be asked. */
export function hintAtImport(places: readonly SurveyedPlace[]): void {
  printHint(
    places.length === 0
      ? 'To import a file or a folder, run `switchyard import PATH`.'
      : 'To import one of them, run `switchyard import PATH`. To import all of them, run `switchyard import --all`.',
  );
}

/** Asks from which places, then for which chats of each. */
export async function chooseImports(
  ask: Ask,
  places: readonly SurveyedPlace[],
  say: (line: string) => void = printLine,
): Promise<ChosenImport[]> {
  if (places.length === 0) return [];
  const chosen: ChosenImport[] = [];
  for (const row of await chooseRows(ask, 'Import from which?', places.length)) {
    const found = places[row];
    if (!found) continue;
    if (found.chats.length > 1) say(`\n${programs[found.place.source]}: ${shortPath(found.path)}`);
    for (const line of found.chats.length > 1 ? chatLines(found.chats) : []) say(line);
    const rows = found.chats.length > 1 ? await chooseRows(ask, 'Which chats?', found.chats.length) : undefined;
    if (rows?.length === 0) continue;
    const isAll = rows === undefined || rows.length === found.chats.length;
    chosen.push({ found, ...(!isAll && { keys: new Set(rows.map((each) => found.chats[each]?.key ?? '')) }) });
  }
  return chosen;
}

function chatLines(chats: readonly ListedChat[]): string[] {
  const digits = String(chats.length).length;
  return chats.map(({ title, updatedAt, messages, isKnown }, index) => {
    const day = new Date(updatedAt).toISOString().slice(0, 10);
    const about = [messageCount(messages), ...(isKnown ? ['already imported'] : [])].join(', ');
    return `${String(index + 1).padStart(digits)}  ${day}  ${title.replace(/\s+/g, ' ') || 'untitled'}  (${about})`;
  });
}

function shortPath(path: string): string {
  const home = homedir();
  return path.startsWith(home + sep) ? `~${path.slice(home.length)}` : path;
}
