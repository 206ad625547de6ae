// `switchyard commit-message`: prints a message for what is staged, and nothing else on stdout. Nothing is committed.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CommitMessage } from '../../shared/protocol/commit.ts';
import { withDaemon } from './kit/client.ts';
import { type ExitCode, json, readArguments } from './kit/command.ts';
import { clean, printJson, printLine } from './kit/terminal.ts';

export const options = {
  model: { type: 'string', value: 'ID', description: 'Ask this model, as listed by `switchyard models`' },
  json,
} as const;

export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, options, 1);
  const root = pathToFileURL(resolve(positionals[0] ?? '.')).href;
  const request = { root, ...(values.model && { model: values.model }) };
  const result = await withDaemon((client) => client.call(CommitMessage, request), { root });
  if (values.json) printJson(result);
  else {
    printLine(result.message);
    if (result.note !== undefined) process.stderr.write(`${clean(result.note)}\n`);
  }
  return 0;
}
