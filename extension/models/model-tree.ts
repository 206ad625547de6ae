// The rows of the Models view: what this machine has, loads, and downloads, and what providers offer. Pure.
import { formatBytes } from '../../shared/bytes.ts';
import { canChoose, groupModels, modelFacts } from '../../shared/model-words.ts';
import type { Result } from '../../shared/protocol/define.ts';
import type { Model, ModelsDownloads } from '../../shared/protocol/models.ts';
import { formatTokens } from '../../shared/tokens.ts';
import { inEnglish, type Translate } from '../../shared/words/translate.ts';
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
  t: Translate = inEnglish,
): ModelRow[] {
  const groups = groupModels(models).map(({ provider, local, models: members }) => ({
    provider,
    local,
    rows: members.map((model) => modelRow(model, t)),
  }));
  const own = groups.find(({ provider }) => provider === 'local');
  const others = groups.filter((group) => group !== own);
  const known = new Set(downloads.map(({ model }) => model));
  const begun = [...progress.keys()]
    .filter((model) => !known.has(model))
    .map((model): Download => ({ model, received: 0, isRunning: true }));
  const here = [...begun, ...downloads].map((each) => downloadRow(each, progress.get(each.model), t));
  return [
    ...gpuRows(gpu, t),
    ownRow([...here, ...(own?.rows ?? [])], t),
    ...others.map((group) => providerRow(group, t)),
    ...notes.map((note, index) => ({ id: `note:${index}`, label: note, icon: 'info', context: 'note', children: [] })),
  ];
}

/** With the way to get a model where there is none. */
function ownRow(rows: ModelRow[], t: Translate): ModelRow {
  const children = rows.length === 0 ? [{ ...getOne, label: t(getOne.label) }] : rows;
  return {
    id: 'group:local',
    label: t('On this machine'),
    description: countWords(rows, t),
    context: 'group',
    isExpanded: true,
    children,
  };
}

interface ProviderGroup {
  provider: string;
  local: boolean;
  rows: ModelRow[];
}

function providerRow({ provider, local, rows }: ProviderGroup, t: Translate): ModelRow {
  const where = local ? t('on this machine') : t('cloud');
  return {
    id: `group:${provider}`,
    label: provider === 'ollama' ? 'Ollama' : provider,
    description: [where, countWords(rows, t)].filter(Boolean).join(' · '),
    context: 'group',
    isExpanded: local,
    children: rows,
  };
}

function countWords(rows: readonly ModelRow[], t: Translate): string {
  const count = rows.filter(({ model }) => model).length;
  return count > 1 ? t('{0} models', count) : '';
}

const getOne: ModelRow = {
  id: 'get-one',
  label: 'Get a model…',
  icon: 'cloud-download',
  context: 'action',
  command: { command: 'switchyard.downloadModel', title: 'Get a model' },
  children: [],
};

function gpuRows(gpu: GpuState | undefined, t: Translate): ModelRow[] {
  if (!gpu) return [];
  const offer = gpuOffer(gpu, t);
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

function modelRow(model: Model, t: Translate): ModelRow {
  const { id, provider, unavailable } = model;
  return {
    id: `model:${id}`,
    label: id.slice(provider.length + 1),
    description: unavailable ?? facts(model, t),
    tooltip: tooltip(model, t),
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
function facts(model: Model, t: Translate): string {
  if (!model.local) return modelFacts(model, t);
  const { loaded, keepLoaded, memoryBytes, bytes, speed, contextTokens } = model;
  const size = memoryBytes ?? bytes;
  return [
    keepLoaded && t('kept loaded'),
    loaded && !keepLoaded && t('loaded'),
    size !== undefined && (memoryBytes === undefined ? formatBytes(size) : t('{0} of memory', formatBytes(size))),
    speed?.write !== undefined && t('{0} tokens/s', rounded(speed.write)),
    contextTokens !== undefined && t('{0} context', formatTokens(contextTokens)),
  ]
    .filter(Boolean)
    .join(' · ');
}

function tooltip(model: Model, t: Translate): string {
  const { id, unavailable, health, license, roles, contextTokens, bytes, memoryBytes, speed, file } = model;
  const lines = [
    unavailable ?? health.detail,
    roles?.length && t('For: {0}', roles.join(', ')),
    license && t('License: {0}', license),
    contextTokens && t('Context: {0} tokens', contextTokens.toLocaleString('en-US')),
    bytes && t('Size: {0}', formatBytes(bytes)),
    memoryBytes && t('Memory now: {0}', formatBytes(memoryBytes)),
    speed && t('Speed measured here: {0} tokens/s', speedWords(speed, t)),
    file && t('File: {0}', file),
  ];
  const texts = lines.filter((line) => typeof line === 'string' && line !== '') as string[];
  return [`**${escapeMarkdown(id)}**`, ...texts.map(escapeMarkdown)].join('\n\n');
}

function speedWords({ read, write }: NonNullable<Model['speed']>, t: Translate): string {
  const both = [
    ...(read === undefined ? [] : [t('reads {0}', rounded(read))]),
    ...(write === undefined ? [] : [t('writes {0}', rounded(write))]),
  ];
  return both.join(', ');
}

function downloadRow(download: Download, progress: Progress | undefined, t: Translate): ModelRow {
  const { model, isRunning } = download;
  const state = stateOf(isRunning, progress !== undefined);
  const words = downloadWords(progress ?? download, t);
  return {
    id: `download:${model}`,
    label: shortName(model),
    tooltip: escapeMarkdown(model),
    description: state === 'paused' ? t('paused · {0}', words) : words,
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
