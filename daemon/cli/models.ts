// `switchyard models`: what is here and what could be, and everything one does with a model.
import { resolve } from 'node:path';
import {
  type LocalAnswer,
  type Model,
  ModelsConfigure,
  ModelsDelete,
  ModelsDeleted,
  ModelsDiscard,
  ModelsDownloads,
  ModelsEdits,
  ModelsImport,
  ModelsList,
  ModelsLoad,
  ModelsPull,
  ModelsPurge,
  ModelsRestore,
  ModelsSearch,
  ModelsSettings,
  ModelsSetup,
  ModelsUnload,
  ModelsWaiting,
} from '../../shared/protocol/models.ts';
import { timeLeft } from '../../shared/time-left.ts';
import { UserError } from '../base/errors.ts';
import { type DaemonClient, withDaemon } from './kit/client.ts';
import { type ExitCode, json, readArguments, subcommandOf, UsageError } from './kit/command.ts';
import { byRole, describeHubModel, describeModel, editWords } from './kit/model-words.ts';
import { printJson, printLine, readableBytes, writeStatus } from './kit/terminal.ts';

interface ModelArguments {
  /** The first word after the subcommand. */
  argument: string;
  words: string[];
  copy: boolean;
  json: boolean;
}

type Subcommand = (client: DaemonClient, args: ModelArguments) => Promise<void>;
const subcommands: Record<string, Subcommand> = {
  list,
  show,
  setup,
  search,
  pull,
  downloads,
  discard,
  add,
  load,
  unload,
  set,
  unset,
  delete: remove,
  deleted,
  restore,
  purge,
  waiting,
};

export const options = {
  copy: { type: 'boolean', goesWith: ['add'], description: 'Copy the files into the models folder' },
  json,
} as const;

export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, options);
  const [name = 'list', ...words] = positionals;
  const subcommand = subcommandOf('models', subcommands, name);
  const maxWords = { set: 3, unset: 2, search: Number.POSITIVE_INFINITY }[name] ?? 1;
  if (words.length > maxWords) throw new UsageError(`Unexpected argument "${words[maxWords]}".`);
  const [argument = ''] = words;
  await withDaemon((client) =>
    subcommand(client, { argument, words, copy: values.copy ?? false, json: values.json ?? false }),
  );
  return 0;
}

async function list(client: DaemonClient, { json }: ModelArguments): Promise<void> {
  const { models, notes } = await client.call(ModelsList, { refresh: true });
  if (json) return printJson({ models, notes });
  const groups = byRole(models);
  for (const [heading, group] of groups) {
    if (groups.length > 1) printLine(`${heading}:`);
    for (const model of group) printLine(describeModel(model));
  }
  for (const note of notes) printLine(note);
  if (models.length === 0) await printWays(client);
}

async function show(client: DaemonClient, { argument, json }: ModelArguments): Promise<void> {
  const model = await modelNamed(client, argument);
  const edits = await client.call(ModelsEdits, { model: model.id });
  if (json) return printJson({ model, edits });
  printLine(describeModel(model));
  for (const line of editWords(edits)) printLine(line);
  if (!model.settings) return;
  const { settings } = await client.call(ModelsSettings, { model: model.id });
  const width = Math.max(...settings.map(({ name, value = '' }) => `${name} ${value}`.length));
  for (const { name, value = '', from, now } of settings) {
    const origin = value === '' ? 'not set' : from;
    printLine(`  ${`${name} ${value}`.padEnd(width)}  ${now === undefined ? origin : `${origin}, now ${now}`}`);
  }
  printLine('To change one, run `switchyard models set ID NAME VALUE`.');
}

async function search(client: DaemonClient, { words, json }: ModelArguments): Promise<void> {
  if (words.length === 0) throw new UsageError('Specify part of a model name to search for.');
  const { models } = await client.call(ModelsSearch, { query: words.join(' ') });
  if (json) return printJson({ models });
  if (models.length === 0) printLine('No matches.');
  for (const line of models.flatMap(describeHubModel)) printLine(line);
}

async function load(client: DaemonClient, { argument, json }: ModelArguments): Promise<void> {
  const { id: model } = await modelNamed(client, argument);
  await client.call(ModelsLoad, { model });
  if (json) printJson({ model });
  else printLine(`${model} is loaded.`);
}

async function unload(client: DaemonClient, { argument, json }: ModelArguments): Promise<void> {
  const { id: model } = await modelNamed(client, argument);
  await client.call(ModelsUnload, { model });
  if (json) printJson({ model });
  else printLine(`${model} no longer takes memory. The next question loads it again.`);
}

async function set(client: DaemonClient, { words, json }: ModelArguments): Promise<void> {
  const [id = '', name, value] = words;
  if (value === undefined || name === undefined)
    throw new UsageError('Specify a model (or "*" for all of them), a setting, and its value.');
  await configure(client, { id, name, value: valueIn(value), json });
}

async function unset(client: DaemonClient, { words, json }: ModelArguments): Promise<void> {
  const [id = '', name] = words;
  if (name === undefined) throw new UsageError('Specify a model (or "*" for all of them), and a setting.');
  await configure(client, { id, name, json });
}

interface Change {
  id: string;
  name: string;
  value?: unknown;
  json: boolean;
}

async function configure(client: DaemonClient, { id, name, value, json }: Change): Promise<void> {
  const model = id === '*' ? id : (await modelNamed(client, id)).id;
  const { settings } = await client.call(ModelsConfigure, { model, name, ...(value !== undefined && { value }) });
  const setting = settings.find((each) => each.name === name);
  if (json) printJson({ model, setting });
  else
    printLine(`${name} of ${model === '*' ? 'all models' : model}: ${setting?.value ?? 'not set'} (${setting?.from}).`);
}

/** JSON where it is some, else the words as they are. */
function valueIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function remove(client: DaemonClient, { argument, json }: ModelArguments): Promise<void> {
  const { id: model } = await modelNamed(client, argument);
  const { id } = await client.call(ModelsDelete, { model });
  if (json) printJson({ model, ...(id && { id }) });
  else if (id) printLine(`${model} is in the trash for a day. To undo, run \`switchyard models restore ${model}\`.`);
  else printLine(`${model} is off the list. Its file stays where it is.`);
}

async function deleted(client: DaemonClient, { json }: ModelArguments): Promise<void> {
  const { models } = await client.call(ModelsDeleted, {});
  if (json) return printJson({ models });
  if (models.length === 0) printLine('No deleted models.');
  for (const { model, bytes, goneAt } of models)
    printLine(`${model}  ${readableBytes(bytes)} · permanently deleted on ${new Date(goneAt).toLocaleString()}`);
}

async function restore(client: DaemonClient, { argument, json }: ModelArguments): Promise<void> {
  const result = await client.call(ModelsRestore, { id: await trashIdOf(client, argument) });
  if (json) printJson(result);
  else printLine(`${result.model} is back.`);
}

async function purge(client: DaemonClient, { argument, json }: ModelArguments): Promise<void> {
  const result = await client.call(ModelsPurge, argument ? { id: await trashIdOf(client, argument) } : {});
  if (json) printJson(result);
  else printLine(`Permanently deleted. This freed ${readableBytes(result.freedBytes)}.`);
}

/** By its ID in the trash, or by its name: the last one that was deleted. */
async function trashIdOf(client: DaemonClient, named: string): Promise<string> {
  if (!named) throw new UsageError('Specify a deleted model: one of `switchyard models deleted`.');
  const { models } = await client.call(ModelsDeleted, {});
  return models.find(({ id, model }) => id === named || model === named || model === `local/${named}`)?.id ?? named;
}

async function downloads(client: DaemonClient, { json }: ModelArguments): Promise<void> {
  const { downloads: all } = await client.call(ModelsDownloads, {});
  if (json) return printJson({ downloads: all });
  if (all.length === 0) printLine('No downloads are running or paused.');
  for (const { model, received, total, isRunning } of all)
    printLine(`${model}  ${isRunning ? 'running' : 'paused'} · ${bytesWords({ received, total })}`);
}

async function discard(client: DaemonClient, { argument: model, json }: ModelArguments): Promise<void> {
  if (!model) throw new UsageError('Specify a paused download: one of `switchyard models downloads`.');
  await client.call(ModelsDiscard, { model });
  if (json) printJson({ model });
  else printLine(`Deleted the partial download of ${model}.`);
}

function bytesWords({ received, total }: { received: number; total?: number | undefined }): string {
  return `${readableBytes(received)}${total ? ` of ${readableBytes(total)}` : ''}`;
}

async function waiting(client: DaemonClient, { json }: ModelArguments): Promise<void> {
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

async function setup(client: DaemonClient, { json }: ModelArguments): Promise<void> {
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
    `  3. A GGUF file: ${gguf.available ? '`switchyard models add FILE`, `switchyard models search NAME`, or `switchyard models pull ID` with one of these IDs' : gguf.detail}`,
  );
  for (const [heading, group] of byRole(gguf.available ? gguf.downloads : [])) {
    printLine(`     ${heading}:`);
    for (const { id, label, sizeBytes, license, why } of group)
      printLine(`       ${id}  ${label}, ${readableBytes(sizeBytes)}, ${license}: ${why}`);
  }
}

async function add(client: DaemonClient, { argument: path, copy, json }: ModelArguments): Promise<void> {
  if (!path) throw new UsageError('Specify which GGUF file, or which folder of them, to add.');
  const { model, models } = await client.call(ModelsImport, { path: resolve(path), copy });
  if (json) printJson({ model, models });
  else for (const each of models) printLine(`${each} is ready to use.`);
}

async function pull(client: DaemonClient, { argument: model, json }: ModelArguments): Promise<void> {
  if (!model)
    throw new UsageError(
      'Specify which model to pull: an ID from `switchyard models setup`, `owner/name` of the hub, `ollama/NAME`, or the https address of a GGUF file.',
    );
  let shown = '';
  const result = await client.call(ModelsPull, { model }, ({ received, total, secondsLeft, note }) => {
    if (note !== undefined) return void process.stderr.write(`note: ${note}\n`);
    const left = secondsLeft === undefined ? '' : `, ${timeLeft(secondsLeft)}`;
    const line = `${bytesWords({ received, total })}${left}`;
    if (line !== shown && process.stderr.isTTY) writeStatus(process.stderr, line);
    shown = line;
  });
  if (process.stderr.isTTY) process.stderr.write('\n');
  if (json) printJson(result);
  else printLine(`${result.model} is ready to use.`);
}
