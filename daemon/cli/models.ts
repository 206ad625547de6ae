// `switchyard models`: lists the models, and gets more.
import { resolve } from 'node:path';
import {
  type LocalAnswer,
  type Model,
  ModelsImport,
  ModelsList,
  ModelsPull,
  ModelsSetup,
  ModelsUnload,
  ModelsWaiting,
} from '../../shared/protocol/models.ts';
import { UserError } from '../base/errors.ts';
import { type DaemonClient, withDaemon } from './kit/client.ts';
import { type ExitCode, json, readArguments, subcommandOf, UsageError } from './kit/command.ts';
import { printJson, printLine, readableBytes } from './kit/terminal.ts';

type Subcommand = (client: DaemonClient, argument: string, json: boolean) => Promise<void>;
const subcommands: Record<string, Subcommand> = { list, show, setup, add, pull, unload, waiting };

export const options = { json };

export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, options, 2);
  const [name = 'list', argument = ''] = positionals;
  const subcommand = subcommandOf('models', subcommands, name);
  await withDaemon((client) => subcommand(client, argument, values.json ?? false));
  return 0;
}

async function list(client: DaemonClient, _argument: string, json: boolean): Promise<void> {
  const { models, notes } = await client.call(ModelsList, { refresh: true });
  if (json) return printJson({ models, notes });
  for (const model of models) printLine(describe(model));
  for (const note of notes) printLine(note);
  if (models.length === 0) await printWays(client);
}

function describe({ id, health, contextTokens, bytes, loaded, source }: Model): string {
  const facts = [
    health.state,
    contextTokens ? `${contextTokens} tokens` : undefined,
    bytes ? readableBytes(bytes) : undefined,
    loaded ? 'loaded' : undefined,
    `from ${source}`,
    health.detail,
  ];
  return `${id}  ${facts.filter((fact) => fact !== undefined).join(' · ')}`;
}

async function show(client: DaemonClient, id: string, json: boolean): Promise<void> {
  const model = await modelNamed(client, id);
  if (json) return printJson({ model });
  printLine(describe(model));
  const width = Math.max(0, ...(model.settings ?? []).map(({ name, value }) => `${name} ${value}`.length));
  for (const { name, value, from } of model.settings ?? []) printLine(`  ${`${name} ${value}`.padEnd(width)}  ${from}`);
  if (model.settings) printLine('Change them in "localSettings" of config.json.');
}

async function unload(client: DaemonClient, id: string, json: boolean): Promise<void> {
  const { id: model } = await modelNamed(client, id);
  await client.call(ModelsUnload, { model });
  if (json) printJson({ model });
  else printLine(`${model} no longer takes memory. The next question loads it again.`);
}

async function waiting(client: DaemonClient, _argument: string, json: boolean): Promise<void> {
  const answers = await client.call(ModelsWaiting, {});
  if (json) return printJson(answers);
  const now = Date.now();
  const line = ({ what, model, since }: LocalAnswer, state: string): string =>
    `${state}  ${what} · ${model} · asked ${Math.max(0, Math.round((now - since) / 1000))} s ago`;
  for (const answer of answers.running) printLine(line(answer, 'running'));
  for (const answer of answers.waiting) printLine(line(answer, 'waiting'));
  if (answers.running.length + answers.waiting.length === 0) printLine('No local model is answering.');
}

/** By its ID, or by its name alone where only one has it. */
async function modelNamed(client: DaemonClient, id: string): Promise<Model> {
  if (!id) throw new UsageError('Specify a model: an ID from `switchyard models`.');
  const { models } = await client.call(ModelsList, {});
  const meant = models.filter((model) => model.id === id || model.id.endsWith(`/${id}`));
  const [model] = meant;
  if (model && meant.length === 1) return model;
  throw new UserError(
    'unknown-model',
    model
      ? `${meant.map((each) => each.id).join(' and ')} have that name. Specify one of them.`
      : `There's no model "${id}". List them with \`switchyard models\`.`,
  );
}

async function setup(client: DaemonClient, _argument: string, json: boolean): Promise<void> {
  if (json) return printJson(await client.call(ModelsSetup, {}));
  await printWays(client);
}

/** Prints the three ways to get a model, with their state on this machine. */
export async function printWays(client: DaemonClient): Promise<void> {
  const { keys, ollama, gguf } = await client.call(ModelsSetup, {});
  printLine('Three ways to get a model:');
  printLine(
    `  1. An API key: \`switchyard keys set PROVIDER\`, for one of ${keys.map(({ provider, hasKey }) => `${provider}${hasKey ? ' (set)' : ''}`).join(', ')}`,
  );
  printLine(`  2. Ollama: ${ollama.detail}`);
  printLine(
    `  3. A GGUF file: ${gguf.available ? '`switchyard models add FILE`, or `switchyard models pull ID` with one of these IDs' : gguf.detail}`,
  );
  for (const { id, label, sizeBytes, license, why } of gguf.available ? gguf.downloads : [])
    printLine(`       ${id}  ${label}, ${readableBytes(sizeBytes)}, ${license}: ${why}`);
}

async function add(client: DaemonClient, path: string, json: boolean): Promise<void> {
  if (!path) throw new UsageError('Specify which GGUF file to add.');
  const { model } = await client.call(ModelsImport, { path: resolve(path) });
  if (json) printJson({ model });
  else printLine(`${model} is ready to use.`);
}

async function pull(client: DaemonClient, model: string, json: boolean): Promise<void> {
  if (!model)
    throw new UsageError(
      'Specify which model to pull: an ID from `switchyard models setup`, or the https address of a GGUF file.',
    );
  let shown = '';
  const result = await client.call(ModelsPull, { model }, ({ received, total }) => {
    const line = `${readableBytes(received)}${total ? ` of ${readableBytes(total)}` : ''}`;
    if (line !== shown && process.stderr.isTTY) process.stderr.write(`\r${line.padEnd(shown.length)}`);
    shown = line;
  });
  if (process.stderr.isTTY) process.stderr.write('\n');
  if (json) printJson(result);
  else printLine(`${result.model} is ready to use.`);
}
