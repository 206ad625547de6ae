// The rows of the Models view: what this machine has, loads, and downloads, and what providers offer. Pure.
import { formatBytes } from '../../shared/bytes.ts';
import { canChoose, groupModels, modelFacts } from '../../shared/model-words.ts';
import type { Result } from '../../shared/protocol/define.ts';
import type { Model, ModelsDownloads } from '../../shared/protocol/models.ts';
import { formatTokens } from '../../shared/tokens.ts';
import { escapeMarkdown } from '../logic/markdown.ts';
import { type GpuState, gpuOffer } from './gpu-words.ts';
import { downloadWords, type Progress, shortName } from './quantities.ts';

type Download = Result<typeof ModelsDownloads>['downloads'][number];

export interface ModelTreeState {
  models: readonly Model[];
  downloads: readonly Download[];
  gpu: GpuState | undefined;
  /** What providers say of themselves, such as why one has no list. */
  notes: readonly string[];
}

/** A row. Its `id` stays the same as long as it is about the same thing. */
export interface ModelRow {
  id: string;
  label: string;
  description?: string;
  /** Markdown. */
  tooltip?: string;
  /** Of a codicon. */
  icon?: string;
  /** Words by which package.json offers commands: `model local loaded`. */
  context: string;
  command?: { command: string; title: string };
  isExpanded?: boolean;
  children: ModelRow[];
  model?: Model;
  download?: Download;
}

/** `progress`: of the downloads that this window runs. */
export function modelTree(
  { models, downloads, gpu, notes }: ModelTreeState,
  progress: ReadonlyMap<string, Progress> = new Map(),
): ModelRow[] {
  const groups = groupModels(models).map(({ provider, local, models: members }) => ({
    provider,
    local,
    rows: members.map(modelRow),
  }));
  const own = groups.find(({ provider }) => provider === 'local');
  const others = groups.filter((group) => group !== own);
  const known = new Set(downloads.map(({ model }) => model));
  const begun = [...progress.keys()]
    .filter((model) => !known.has(model))
    .map((model): Download => ({ model, received: 0, isRunning: true }));
  const here = [...begun, ...downloads].map((each) => downloadRow(each, progress.get(each.model)));
  return [
    ...gpuRows(gpu),
    groupRow('local', 'On this machine', [...here, ...(own?.rows ?? [])]),
    ...others.map(({ provider, local, rows }) =>
      groupRow(provider, provider === 'ollama' ? 'Ollama' : provider, rows, local ? 'on this machine' : 'cloud'),
    ),
    ...notes.map((note, index) => ({ id: `note:${index}`, label: note, icon: 'info', context: 'note', children: [] })),
  ];
}

function groupRow(name: string, label: string, rows: ModelRow[], description = ''): ModelRow {
  const isOwn = name === 'local';
  const count = rows.filter(({ model }) => model).length;
  return {
    id: `group:${name}`,
    label,
    description: [description, count > 1 ? `${count} models` : ''].filter(Boolean).join(' · '),
    context: 'group',
    isExpanded: isOwn || description === 'on this machine',
    children: isOwn && rows.length === 0 ? [getOne] : rows,
  };
}

const getOne: ModelRow = {
  id: 'get-one',
  label: 'Get a model…',
  icon: 'cloud-download',
  context: 'action',
  command: { command: 'switchyard.downloadModel', title: 'Get a model' },
  children: [],
};

function gpuRows(gpu: GpuState | undefined): ModelRow[] {
  if (!gpu) return [];
  const offer = gpuOffer(gpu);
  const row = { id: 'gpu', icon: 'circuit-board', children: [] };
  if (offer !== undefined)
    return [
      {
        ...row,
        label: offer,
        context: 'gpu-offer',
        command: { command: 'switchyard.installGpu', title: 'Get GPU support' },
      },
    ];
  if (gpu.installed.length > 0)
    return [{ ...row, label: gpu.devices.join(', ') || 'GPU', description: gpu.detail, context: 'gpu-installed' }];
  return [];
}

function modelRow(model: Model): ModelRow {
  const { id, provider, unavailable } = model;
  return {
    id: `model:${id}`,
    label: id.slice(provider.length + 1),
    description: unavailable ?? facts(model),
    tooltip: tooltip(model),
    icon: iconOf(model),
    context: contextOf(model),
    children: [],
    model,
  };
}

/** Only the models that run in Switchyard itself are loaded, set, and deleted here. */
function contextOf({ provider, loaded, keepLoaded, isOwned }: Model): string {
  if (provider !== 'local') return 'model';
  const words = ['model own', loaded ? 'loaded' : 'unloaded', keepLoaded ? 'kept' : 'free'];
  if (isOwned !== undefined) words.push(isOwned ? 'owned' : 'listed');
  return words.join(' ');
}

function iconOf(model: Model): string {
  if (!canChoose(model)) return 'circle-slash';
  if (model.keepLoaded) return 'pinned';
  return model.loaded ? 'circle-filled' : 'circle-outline';
}

/** What a row says at once; the tooltip has the rest. */
function facts(model: Model): string {
  if (!model.local) return modelFacts(model);
  const { loaded, keepLoaded, memoryBytes, bytes, speed, contextTokens } = model;
  const size = memoryBytes ?? bytes;
  return [
    keepLoaded && 'kept loaded',
    loaded && !keepLoaded && 'loaded',
    size !== undefined && `${formatBytes(size)}${memoryBytes === undefined ? '' : ' of memory'}`,
    speed?.write !== undefined && `${rounded(speed.write)} tokens/s`,
    contextTokens !== undefined && `${formatTokens(contextTokens)} context`,
  ]
    .filter(Boolean)
    .join(' · ');
}

function tooltip({
  id,
  unavailable,
  health,
  license,
  roles,
  bytes,
  memoryBytes,
  speed,
  file,
  ...model
}: Model): string {
  const read = speed?.read === undefined ? [] : [`reads ${rounded(speed.read)}`];
  const write = speed?.write === undefined ? [] : [`writes ${rounded(speed.write)}`];
  const lines = [
    unavailable ?? health.detail,
    roles?.length && `For: ${roles.join(', ')}`,
    license && `License: ${license}`,
    model.contextTokens && `Context: ${model.contextTokens.toLocaleString('en-US')} tokens`,
    bytes && `Size: ${formatBytes(bytes)}`,
    memoryBytes && `Memory now: ${formatBytes(memoryBytes)}`,
    speed && `Speed measured here: ${[...read, ...write].join(', ')} tokens/s`,
    file && `File: ${file}`,
  ];
  const texts = lines.filter((line) => typeof line === 'string' && line !== '') as string[];
  return [`**${escapeMarkdown(id)}**`, ...texts.map(escapeMarkdown)].join('\n\n');
}

function downloadRow(download: Download, progress: Progress | undefined): ModelRow {
  const { model, isRunning } = download;
  const state = stateOf(isRunning, progress !== undefined);
  const prefix = state === 'paused' ? 'paused · ' : '';
  return {
    id: `download:${model}`,
    label: shortName(model),
    tooltip: escapeMarkdown(model),
    description: `${prefix}${downloadWords(progress ?? download)}`,
    icon: state === 'paused' ? 'debug-pause' : 'cloud-download',
    context: `download ${state}`,
    children: [],
    download,
  };
}

function stateOf(isRunning: boolean, isOurs: boolean): 'running' | 'elsewhere' | 'paused' {
  if (isOurs) return 'running';
  return isRunning ? 'elsewhere' : 'paused';
}

function rounded(perSecond: number): string {
  return perSecond < 10 ? perSecond.toFixed(1) : String(Math.round(perSecond));
}
