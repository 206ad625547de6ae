// `switchyard write "TEXT" FILE`: lets models write code, shows what would change, and writes the file when the user says so.

import { mkdir, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { languageOf } from '../../shared/language.ts';
import { CodeWrite } from '../../shared/protocol/code.ts';
import type { Result } from '../../shared/protocol/define.ts';
import { RouterOutcome } from '../../shared/protocol/router.ts';
import { counted } from '../../shared/words/counted.ts';
import { replaceFile } from '../base/disk.ts';
import { CancelledError, UserError } from '../base/errors.ts';
import { replaceIn } from '../base/snippet.ts';
import { askAtTerminal, hintAtTrust, isYes, settleTrust } from './kit/ask-trust.ts';
import { changedLines } from './kit/changed-lines.ts';
import { type DaemonClient, withDaemon, workingFolder } from './kit/client.ts';
import { type ExitCode, json, readArguments, UsageError, withHint } from './kit/command.ts';
import { type NamedFile, readNamedFile } from './kit/named-file.ts';
import { clean, printHint, printJson, printLine, styled } from './kit/terminal.ts';

export const options = {
  model: { type: 'string', value: 'ID', description: 'Let this model write, as listed by `switchyard models`' },
  test: {
    type: 'string',
    multiple: true,
    value: 'CMD',
    description: 'Run this command on a copy of the project to check each candidate, without a shell',
  },
  yes: { type: 'boolean', description: 'Write the file without asking, if the code is approved and passes the checks' },
  json,
} as const;

type WriteResult = Result<typeof CodeWrite>;

export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, options, 2);
  const [instruction = '', place] = positionals;
  if (instruction.trim() === '') throw new UsageError('Say what to write.');
  const tests = (values.test ?? []).map(commandWords);
  const root = workingFolder();
  return withDaemon(
    async (client) => {
      const named = place === undefined ? undefined : await placeOf(place);
      const undecided = named ? await settleTrust(client, [named.file.uri], askAtTerminal()) : [];
      const request = {
        instruction,
        ...(values.model && { model: values.model }),
        ...(tests.length > 0 && { tests, testsAllowed: true }),
      };
      const result = await written(client, request, { named, isQuiet: values.json ?? false });
      if (values.json) printJson(result);
      else show(result, named?.file);
      const how = { yes: values.yes ?? false, json: values.json ?? false };
      const isWritten = named && (await apply(result, named.file, how));
      if (isWritten !== undefined) await tellOutcome(client, result, isWritten);
      hintAtTrust(undecided);
      return named === undefined || result.edit !== undefined ? 0 : 3;
    },
    { root },
  );
}

interface NamedPlace {
  file: NamedFile;
  /** From 0, both ends included. */
  lines?: { first: number; last: number };
}

/** `FILE`, or `FILE:10-20`; a file that is not there yet is empty. */
async function placeOf(written: string): Promise<NamedPlace> {
  const [, name = written, from, to = from] = /^(.+):(\d+)(?:-(\d+))?$/.exec(written) ?? [];
  const isThere = await stat(resolve(name)).then(
    () => true,
    () => false,
  );
  if (!isThere && from !== undefined)
    throw new UserError('unreadable-file', `Can't read ${resolve(name)}: it doesn't exist.`);
  const path = resolve(name);
  const file = isThere
    ? await readNamedFile(name)
    : { uri: pathToFileURL(path).href, languageId: languageOf(path, ''), text: '' };
  if (from === undefined) return { file };
  const lines = { first: Number(from) - 1, last: Number(to) - 1 };
  const count = file.text.split('\n').length;
  if (lines.first < 0 || lines.last < lines.first || lines.last >= count)
    throw new UsageError(`${name} has ${counted(count, 'line')}. Specify them as FILE:10-20.`);
  return { file, lines };
}

/** The words of a command, as a shell would cut them that knows nothing but quotes. */
export function commandWords(command: string): string[] {
  const part = /"([^"]*)"|'([^']*)'|([^\s"']+)/g;
  const words = (command.match(/(?:"[^"]*"|'[^']*'|\S)+/g) ?? []).map((word) => {
    if (/["']/.test(word.replaceAll(part, ''))) throw new UsageError(`A quote isn't closed in --test ${command}.`);
    return word.replaceAll(part, (_, double = '', single = '', plain = '') => double || single || plain);
  });
  if (!words[0]) throw new UsageError('--test needs a command, such as --test "npm test".');
  return words;
}

function written(
  client: DaemonClient,
  request: { instruction: string },
  { named, isQuiet }: { named: NamedPlace | undefined; isQuiet: boolean },
): Promise<WriteResult> {
  if (named) client.notify('textDocument/didOpen', { textDocument: { ...named.file, version: 1 } });
  const lines = named?.lines;
  const range = lines && {
    start: { line: lines.first, character: 0 },
    end: { line: lines.last, character: (named.file.text.split('\n')[lines.last] ?? '').length },
  };
  const place = named && { textDocument: { uri: named.file.uri }, ...(range && { range }) };
  const result = client.call(CodeWrite, { ...request, ...place }, (part) => {
    if (!isQuiet && part.kind === 'stage')
      process.stderr.write(`${styled(process.stderr, 'dim', clean(part.detail))}\n`);
  });
  return result.catch((error: unknown) => {
    const isLeft = error instanceof CancelledError || (error instanceof UserError && error.code === 'daemon-lost');
    throw withHint(error, isLeft ? resumeHint : undefined);
  });
}

const resumeHint = 'To continue, run `switchyard jobs` for the ID of this job, then `switchyard jobs resume ID`.';

function show({ code, edit, label, notes }: WriteResult, file: NamedFile | undefined): void {
  const [change] = edit?.documentChanges[0]?.edits ?? [];
  if (!change || !file) printLine(code.trimEnd());
  else
    for (const line of changedLines(file.text, change)) {
      const style = line.startsWith('+') ? 'green' : line.startsWith('-') ? 'red' : 'dim';
      process.stdout.write(`${styled(process.stdout, style, clean(line))}\n`);
    }
  for (const note of [...notes, ...(label === undefined ? [] : [label])]) process.stderr.write(`${clean(note)}\n`);
}

/** Writes the file where the user, or `--yes`, says so. Undefined where nobody could be asked. */
async function apply(
  { edit, label }: WriteResult,
  file: NamedFile,
  { yes, json: isJson }: { yes: boolean; json: boolean },
): Promise<boolean | undefined> {
  const [change] = edit?.documentChanges[0]?.edits ?? [];
  if (!change) return undefined;
  const ask = yes || isJson ? undefined : askAtTerminal();
  if (yes && label !== undefined) {
    printHint("It wasn't written, since it isn't approved. To decide yourself, leave out `--yes`.");
    return undefined;
  }
  if (!yes && !ask) {
    if (!isJson) printHint('To write it to the file, add `--yes`.');
    return undefined;
  }
  if (ask && !isYes(await ask('Write this to the file? [y/n] '))) return false;
  await refuseChanged(file);
  const path = fileURLToPath(file.uri);
  await mkdir(dirname(path), { recursive: true });
  await replaceFile(await realpath(path).catch(() => path), replaceIn(file.text, change));
  return true;
}

/** What the user made of it is learned from; the command succeeds without that. */
async function tellOutcome(client: DaemonClient, { decision }: WriteResult, keptEdit: boolean): Promise<void> {
  const decisionId = decision?.id;
  if (decisionId !== undefined) await client.call(RouterOutcome, { decisionId, keptEdit }).catch(() => {});
}

/** Throws UserError `document-moved` where the file isn't as the models saw it. */
async function refuseChanged({ uri, text }: NamedFile): Promise<void> {
  const path = fileURLToPath(uri);
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  const now = isThere ? (await readNamedFile(path)).text : '';
  if (now !== text)
    throw new UserError('document-moved', 'The file changed in the meantime, so nothing was written. Try again.', {
      retryable: true,
    });
}
