// The three ways to get a model on this machine (a key, a running Ollama, a GGUF file), and what carries them out.
import { mkdir, rm, stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import type { ConfigFile } from '../../base/config/config.ts';
import { changeConfig } from '../../base/config/edit.ts';
import type { Fetch } from '../../base/egress.ts';
import { CancelledError, UserError } from '../../base/errors.ts';
import { expandHome } from '../../base/paths.ts';
import { catalogue, type SizedDownload, sizeDownloads } from '../inference/catalogue.ts';
import { downloadModel } from '../inference/download.ts';
import type { Inference } from '../inference/inference.ts';
import { localModelFiles, localModelId } from './local-files.ts';
import { modelFromPackage } from './wheel.ts';

interface SetupWays {
  configured: boolean;
  keys: { provider: string; label: string; hasKey: boolean }[];
  ollama: { running: boolean; baseUrl: string; models: string[]; detail: string };
  gguf: { folder: string; available: boolean; detail: string; downloads: SizedDownload[] };
}

interface PullWatch {
  signal: AbortSignal;
  onBytes(received: number, total?: number): void;
}

interface HubModel {
  id: string;
  downloads?: number;
  license?: string;
  isGated: boolean;
  files: {
    model: string;
    file: string;
    quantization?: string;
    bytes: number;
    parts: number;
    fits: boolean;
    why: string;
  }[];
}

interface PausedDownload {
  model: string;
  received: number;
  total?: number;
  isRunning: boolean;
}

interface DeletedModel {
  id: string;
  model: string;
  bytes: number;
  deletedAt: number;
  goneAt: number;
}

interface ModelSetting {
  name: string;
  value?: string;
  from: string;
  description: string;
  choices?: string[];
}

function notYet(): never {
  throw new UserError('not-yet', "This isn't available yet.");
}

/** Lives as long as the daemon. */
export interface ModelSetup {
  setup(signal: AbortSignal): Promise<SetupWays>;
  /** Downloads a listed model, or a GGUF from an https address; the model's id. */
  pull(model: string, watch: PullWatch): Promise<string>;
  search(query: string, options: { limit?: number | undefined; signal: AbortSignal }): Promise<HubModel[]>;
  downloads(): Promise<PausedDownload[]>;
  discard(model: string): Promise<void>;
  /** Offers a GGUF that is already on this machine, or those of a folder; their ids. */
  import(path: string, options: { copy: boolean; signal: AbortSignal }): Promise<[string, ...string[]]>;
  load(model: string, signal: AbortSignal): Promise<void>;
  unload(model: string): Promise<void>;
  /** Moves one's own file to the trash, and takes another's off the list; the id in the trash. */
  delete(model: string): Promise<string | undefined>;
  deleted(): Promise<DeletedModel[]>;
  restore(id: string): Promise<string>;
  /** Deletes for good; how many bytes that freed. */
  purge(id?: string): Promise<number>;
  settings(model: string): Promise<ModelSetting[]>;
  /** Sets a value in config.json, or removes it there. */
  configure(model: string, name: string, value: unknown): Promise<ModelSetting[]>;
  idOf(path: string): string;
}

export interface ModelSetupDeps {
  config: ConfigFile;
  folder: string;
  inference: Inference;
  fetch: Fetch;
  hasKey(provider: string): Promise<boolean>;
  /** Whether any model can answer now. */
  hasModels(signal: AbortSignal): Promise<boolean>;
  onChange(): void;
}

const keyProviders = [
  { provider: 'openai', label: 'OpenAI' },
  { provider: 'anthropic', label: 'Anthropic' },
  { provider: 'google', label: 'Google Gemini' },
  { provider: 'xai', label: 'xAI' },
  { provider: 'openrouter', label: 'OpenRouter' },
  { provider: 'groq', label: 'Groq' },
  { provider: 'huggingface', label: 'Hugging Face' },
];
const defaultOllama = 'http://127.0.0.1:11434';
const ollamaTimeoutMs = 1500; // on this machine it answers at once or not at all

export function createModelSetup(parts: ModelSetupDeps): ModelSetup {
  const { config, folder, inference, onChange } = parts;
  const pulling = new Set<string>();
  const files = (): Promise<string[]> => localModelFiles(config.config.localModels, folder);
  return {
    idOf: localModelId,
    async setup(signal) {
      const [configured, keys, ollama, probe] = await Promise.all([
        parts.hasModels(signal),
        Promise.all(keyProviders.map(async (way) => ({ ...way, hasKey: await parts.hasKey(way.provider) }))),
        findOllama(parts, signal),
        inference.probe(),
      ]);
      return {
        configured,
        keys,
        ollama,
        gguf: { folder, available: probe.ok, detail: probe.detail, downloads: await sizeDownloads() },
      };
    },
    async pull(model, { signal, onBytes }) {
      if (pulling.has(model))
        throw new UserError(
          'download-running',
          `${model} is already being downloaded. Wait for it, or cancel that download.`,
        );
      pulling.add(model);
      const path = await getModel(model, parts, { signal, onBytes }).finally(() => pulling.delete(model));
      onChange();
      return localModelId(path);
    },
    search: notYet,
    downloads: notYet,
    discard: notYet,
    load: notYet,
    delete: notYet,
    deleted: notYet,
    restore: notYet,
    purge: notYet,
    settings: notYet,
    configure: notYet,
    async import(given) {
      const path = expandHome(given);
      if (!isAbsolute(path))
        throw new UserError('wrong-path', `Enter the full path of the GGUF file. ${given} is relative.`);
      const found = await stat(path).catch(() => undefined);
      if (!found?.isFile()) throw new UserError('no-such-file', `Couldn't find the file ${path}.`);
      await inference.describe(path); // refuses what is not a GGUF, with a sentence
      if (!(await files()).includes(path)) changeConfig(config, ['localModels'], [...config.config.localModels, path]);
      onChange();
      return [localModelId(path)];
    },
    async unload(model) {
      const path = (await files()).find((file) => localModelId(file) === model);
      if (!path)
        throw new UserError(
          'model-not-found',
          `${model} isn't a local model. To list models, run \`switchyard models\`.`,
        );
      await inference.unload(path);
    },
  };
}

/** Refusals that hold for whatever way a model would take, or that another way would run into as well. */
const finalCodes = ['local-only', 'host-not-allowed', 'disk-full', 'folder-not-writable'];

/** From the hub, and where that is out of reach, out of the package that holds the same file. */
async function getModel(model: string, { config, folder, fetch }: ModelSetupDeps, watch: PullWatch): Promise<string> {
  const listed = catalogue.find(({ id }) => id === model);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { url = model, sha256, sizeBytes = 0, package: from } = listed ?? {};
  try {
    return await downloadModel({ url, folder, fetch, ...watch, ...(sha256 && { sha256 }) });
  } catch (error) {
    const code = error instanceof UserError ? error.code : undefined;
    if (watch.signal.aborted || !from || !sha256 || finalCodes.includes(code ?? '')) throw error;
    const { proxy, allowHosts } = config.config.network;
    if (allowHosts) throw error; // pip goes where its own configuration says
    try {
      const path = await modelFromPackage({ package: from, folder, sizeBytes, sha256, proxy, ...watch });
      await rm(`${path}.part`, { force: true }); // of the hub
      return path;
    } catch (second) {
      if (watch.signal.aborted) throw new CancelledError();
      throw neitherWay(model, error, second);
    }
  }
}

function neitherWay(model: string, hub: unknown, pip: unknown): UserError {
  const [first, then] = [hub, pip].map((error) => (error instanceof Error ? error.message : String(error)));
  return new UserError('model-out-of-reach', `Couldn't get ${model} in either way. ${first} ${then}`, {
    retryable: true,
    cause: pip,
  });
}

async function findOllama({ config, fetch }: ModelSetupDeps, signal: AbortSignal): Promise<SetupWays['ollama']> {
  const configured = Object.values(config.config.providers).find((provider) => provider.type === 'ollama');
  const baseUrl = (configured?.baseUrl ?? defaultOllama).replace(/\/+$/, '');
  try {
    const response = await fetch(`${baseUrl}/api/tags`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(ollamaTimeoutMs)]),
    });
    const { models } = (await response.json()) as { models?: { name?: unknown }[] };
    const names = (models ?? []).map(({ name }) => String(name)).slice(0, 200);
    const detail =
      names.length > 0
        ? `Ollama is running with ${names.length} models.`
        : 'Ollama is running but has no models yet. To get one, run `ollama pull qwen2.5-coder`.';
    return { running: true, baseUrl, models: names, detail };
  } catch (error) {
    const refused =
      error instanceof UserError
        ? error.message
        : `Nothing responds at ${baseUrl}. Install Ollama, or start it with \`ollama serve\`.`;
    return { running: false, baseUrl, models: [], detail: refused };
  }
}
