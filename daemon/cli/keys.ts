// `switchyard keys`: provider keys. A key is read from stdin, so that it is in no history and no process list.
import { createInterface } from 'node:readline/promises';
import { text as readAll } from 'node:stream/consumers';
import { Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import { KeysDelete, KeysList, KeysSet } from '../../shared/protocol/keys.ts';
import { UsageError, type ExitCode } from './kit/command.ts';
import { withDaemon, type Client } from './kit/client.ts';
import { printJson, printLine } from './kit/terminal.ts';

type Subcommand = (client: Client, provider: string, json: boolean) => Promise<void>;
const subcommands: Record<string, Subcommand> = { list, set, delete: remove };

export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { json: { type: 'boolean' } } });
  const [name = 'list', provider = '', ...extra] = positionals;
  const subcommand = Object.hasOwn(subcommands, name) ? subcommands[name] : undefined;
  if (!subcommand) throw new UsageError(`keys has no "${name}".`);
  if (extra.length > 0) throw new UsageError('A key is never an argument, where every process could see it: it is read from stdin.');
  if (name !== 'list' && provider === '') throw new UsageError('Say which provider.');
  await withDaemon((client) => subcommand(client, provider, values.json ?? false));
  return 0;
}

async function list(client: Client, _provider: string, json: boolean): Promise<void> {
  const { keys, masterKey } = await client.call(KeysList, {});
  if (json) return printJson({ keys, masterKey });
  for (const key of keys) printLine(`${key.provider}  …${key.last4}  ${key.scope}  since ${new Date(key.createdAt).toISOString().slice(0, 10)}`);
  if (keys.length === 0) printLine('No keys are stored. `switchyard keys set PROVIDER` stores one.');
}

async function set(client: Client, provider: string, json: boolean): Promise<void> {
  const key = (await readKey(provider)).trim();
  if (key === '') throw new UsageError('No key came on stdin.');
  const { masterKey, notice } = await client.call(KeysSet, { provider, key });
  if (json) return printJson({ provider, masterKey, notice });
  printLine(`The key for ${provider} is stored, encrypted.${notice ? ` ${notice}` : ''}`);
}

/** From a terminal without echo, else all of stdin. */
async function readKey(provider: string): Promise<string> {
  if (!process.stdin.isTTY) return readAll(process.stdin);
  process.stderr.write(`Key for ${provider} (not shown): `);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const prompt = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  const key = await prompt.question('');
  prompt.close();
  process.stderr.write('\n');
  return key;
}

async function remove(client: Client, provider: string, json: boolean): Promise<void> {
  const { deleted } = await client.call(KeysDelete, { provider });
  if (json) return printJson({ deleted });
  printLine(deleted ? `The key for ${provider} is deleted.` : `There is no key for ${provider}.`);
}
