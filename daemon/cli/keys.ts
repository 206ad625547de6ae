// `switchyard keys`: provider keys. A key is read from stdin, so that it is in no shell history and no process list.
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { keyInWords } from '../../shared/key-words.ts';
import { KeysCheck, KeysDelete, KeysList, KeysRotate, KeysSet } from '../../shared/protocol/keys.ts';
import { CancelledError } from '../base/errors.ts';
import { toPath } from '../base/uri.ts';
import { type DaemonClient, withDaemon } from './kit/client.ts';
import { type ExitCode, json, readArguments, subcommandOf, UsageError } from './kit/command.ts';
import { readStdin } from './kit/stdin.ts';
import { clean, printJson, printLine } from './kit/terminal.ts';

interface KeyArguments {
  provider: string;
  scope: 'global' | 'workspace';
  json: boolean;
}

interface Subcommand {
  run(client: DaemonClient, keyArguments: KeyArguments): Promise<void>;
  /** Whether it takes a provider, and with it perhaps a workspace. */
  needsProvider: boolean;
}

const subcommands: Readonly<Record<string, Subcommand>> = {
  list: { run: list, needsProvider: false },
  set: { run: set, needsProvider: true },
  delete: { run: remove, needsProvider: true },
  rotate: { run: rotate, needsProvider: false },
};

export const options = {
  workspace: {
    type: 'string',
    value: 'DIR',
    goesWith: ['set', 'delete'],
    description: 'Use the key only in this folder, instead of the global one',
  },
  json,
} as const;

export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, options);
  const [name = 'list', provider = '', ...extra] = positionals;
  const subcommand = subcommandOf('keys', subcommands, name);
  if (extra.length > 0) throw new UsageError('Pass the key on stdin, not as an argument that other processes can see.');
  if (subcommand.needsProvider && provider === '') throw new UsageError('Specify a provider.');
  if (!subcommand.needsProvider && provider !== '') throw new UsageError(`keys ${name} doesn't take a provider.`);
  const root = values.workspace === undefined ? undefined : rootOf(values.workspace);
  const keyArguments: KeyArguments = {
    provider,
    scope: root === undefined ? 'global' : 'workspace',
    json: values.json ?? false,
  };
  await withDaemon((client) => subcommand.run(client, keyArguments), { ...(root !== undefined && { root }) });
  return 0;
}

function rootOf(folder: string): string {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(`Couldn't find the folder ${folder}.`);
  return pathToFileURL(resolve(folder)).href;
}

async function list(client: DaemonClient, { json }: KeyArguments): Promise<void> {
  const { keys, providers, masterKey, notices } = await client.call(KeysList, {});
  if (json) return printJson({ keys, providers, masterKey, notices });
  for (const key of keys)
    printLine(
      clean(
        `${key.provider}  …${key.last4}  ${inWords(key.scope)}  since ${new Date(key.createdAt).toISOString().slice(0, 10)}`,
      ),
    );
  for (const notice of notices) printLine(clean(notice));
  if (keys.length === 0) printLine('No API keys are saved. To save one, run `switchyard keys set PROVIDER`.');
  const names = providers.filter(({ key }) => key !== 'unused').map(({ provider }) => provider);
  const width = Math.max(...providers.map(({ provider }) => provider.length), 0);
  printLine('\nProviders:');
  for (const each of providers) printLine(clean(`  ${each.provider.padEnd(width)}  ${keyInWords(each, names)}`));
}

function inWords(scope: string): string {
  if (scope === 'global') return 'everywhere';
  return `in ${toPath(scope) ?? scope}`;
}

async function set(client: DaemonClient, { provider, scope, json }: KeyArguments): Promise<void> {
  const key = (await readKey(provider)).trim();
  if (key === '') throw new UsageError('No key on stdin. Pipe it in, or run this in a terminal to type it.');
  const { masterKey, notice } = await client.call(KeysSet, { provider, key, scope });
  const check = await client.call(KeysCheck, { provider });
  if (json) return printJson({ provider, masterKey, notice, check });
  printLine(
    `The API key for ${provider} is saved${scope === 'workspace' ? ' for that workspace' : ''} and encrypted.${notice ? ` ${notice}` : ''}`,
  );
  printLine(clean(check.detail));
}

const maxKeyCharacters = 100_000;

/** Reads from a terminal without echo, else all of stdin. Throws CancelledError where the user leaves. */
async function readKey(provider: string): Promise<string> {
  if (!process.stdin.isTTY) return readStdin(maxKeyCharacters);
  process.stderr.write(`API key for ${provider} (hidden): `);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const prompt = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  const left = new AbortController();
  for (const event of ['SIGINT', 'close']) prompt.once(event, () => left.abort());
  try {
    return await prompt.question('', { signal: left.signal });
  } catch {
    throw new CancelledError();
  } finally {
    prompt.close();
    process.stderr.write('\n');
  }
}

async function remove(client: DaemonClient, { provider, scope, json }: KeyArguments): Promise<void> {
  const { deleted } = await client.call(KeysDelete, { provider, scope });
  if (json) return printJson({ deleted });
  const where = scope === 'workspace' ? ' for that workspace' : '';
  printLine(
    deleted ? `The API key for ${provider}${where} was deleted.` : `No API key for ${provider}${where} is saved.`,
  );
}

async function rotate(client: DaemonClient, { json }: KeyArguments): Promise<void> {
  const rotated = await client.call(KeysRotate, {});
  if (json) return printJson(rotated);
  if (rotated.keys === 0 && !rotated.masterKey)
    return printLine("No API keys are saved, so there's nothing to rotate.");
  printLine(
    `Your API keys (${rotated.keys}) are now encrypted with a new master key.${rotated.notice ? ` ${rotated.notice}` : ''}`,
  );
}
