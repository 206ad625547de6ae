// Models as things one owns: the ways to get one, what is on this machine, what it is set to, and how it goes away again.

import { basename, isAbsolute, resolve } from 'node:path';
import type { ConfigFile } from '../../base/config/config.ts';
import { changeConfig } from '../../base/config/edit.ts';
import type { Fetch } from '../../base/egress.ts';
import { UserError } from '../../base/errors.ts';
import { expandHome } from '../../base/paths.ts';
import { listedFile, type ModelRole, type SizedDownload, sizeDownloads } from '../inference/catalogue.ts';
import type { Inference } from '../inference/inference.ts';
import { settingsFor } from '../inference/settings.ts';
import { Downloads, type ListedDownload, type PullWatch } from './downloads.ts';
import { Hub, type HubModel } from './hub.ts';
import { type DeletedModel, ModelLibrary, modelsAt } from './library.ts';
import { localModelFiles, localModelId } from './local-files.ts';
import { type ModelSetting, setSetting, settingsOf } from './model-settings.ts';
import { pullThroughOllama } from './ollama-pull.ts';
import { pullFile } from './pull.ts';
import type { ModelSpeed, Speeds } from './speeds.ts';

interface SetupWays {
  configured: boolean;
  keys: { provider: string; label: string; hasKey: boolean }[];
  ollama: { running: boolean; baseUrl: string; models: string[]; detail: string };
  gguf: { folder: string; available: boolean; detail: string; downloads: SizedDownload[] };
}

/** What is known of a model on this machine beside what its provider says. */
interface LocalModelFacts {
  file: string;
  /** Whether the file is Switchyard's own. */
  isOwned: boolean;
  keepLoaded: boolean;
  memoryBytes?: number;
  speed?: ModelSpeed;
  license?: string;
  roles?: ModelRole[];
}

/** Lives as long as the daemon. Every method throws UserError, InferenceError, or CancelledError. */
export interface ModelSetup extends Disposable {
  setup(signal: AbortSignal): Promise<SetupWays>;
  search(query: string, options: { limit?: number | undefined; signal: AbortSignal }): Promise<HubModel[]>;
  /** Downloads a listed model, a model of the hub or of Ollama, or a GGUF from an https address; the model's id. */
  pull(model: string, watch: PullWatch): Promise<string>;
  downloads(): Promise<ListedDownload[]>;
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
  /** Every setting of a model, or of all (`*`). */
  settings(model: string): Promise<ModelSetting[]>;
  /** Sets a value in config.json, or removes it there. */
  configure(model: string, name: string, value: unknown): Promise<ModelSetting[]>;
  /** By the models' ids. */
  facts(): Promise<Map<string, LocalModelFacts>>;
  idOf(path: string): string;
}

export interface ModelSetupDeps {
  config: ConfigFile;
  folder: string;
  inference: Inference;
  fetch: Fetch;
  speeds: Speeds;
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

export function createModelSetup(deps: ModelSetupDeps): ModelSetup {
  return new OwnedModels(deps);
}

class OwnedModels implements ModelSetup {
  readonly #deps: ModelSetupDeps;
  readonly #hub: Hub;
  readonly #downloads: Downloads;
  readonly #library: ModelLibrary;

  constructor(deps: ModelSetupDeps) {
    this.#deps = deps;
    const { config, fetch, folder } = deps;
    this.#hub = new Hub({ address: () => config.config.modelHub, fetch });
    this.#downloads = new Downloads({ folder, fetch });
    this.#library = new ModelLibrary({ folder });
    void this.#library.purgeExpired();
  }

  [Symbol.dispose](): void {
    this.#library[Symbol.dispose]();
  }

  idOf(path: string): string {
    return localModelId(path);
  }

  async setup(signal: AbortSignal): Promise<SetupWays> {
    const { folder, inference, hasKey, hasModels } = this.#deps;
    const [configured, keys, ollama, probe] = await Promise.all([
      hasModels(signal),
      Promise.all(keyProviders.map(async (way) => ({ ...way, hasKey: await hasKey(way.provider) }))),
      findOllama(this.#deps, signal),
      inference.probe(),
    ]);
    const downloads = sizeDownloads(this.#hub.address);
    return { configured, keys, ollama, gguf: { folder, available: probe.ok, detail: probe.detail, downloads } };
  }

  search(query: string, options: { limit?: number | undefined; signal: AbortSignal }): Promise<HubModel[]> {
    return this.#hub.search(query, options);
  }

  async pull(model: string, watch: PullWatch): Promise<string> {
    const id = await this.#downloads.once(model, () => this.#pull(model, watch));
    this.#deps.onChange();
    return id;
  }

  async #pull(model: string, watch: PullWatch): Promise<string> {
    const { config, fetch, folder } = this.#deps;
    if (model.startsWith('ollama/')) {
      const { name, baseUrl } = ollamaIn(config);
      const tag = model.slice('ollama/'.length);
      await pullThroughOllama(tag, { baseUrl, fetch, ...watch });
      return `${name}/${tag.includes(':') ? tag : `${tag}:latest`}`;
    }
    const parts = { config: () => config.config, folder, hub: this.#hub, downloads: this.#downloads, fetch };
    const { path, license } = await pullFile(model, parts, watch);
    await this.#library.noteLicense(basename(path), license);
    return localModelId(path);
  }

  downloads(): Promise<ListedDownload[]> {
    return this.#downloads.list();
  }

  discard(model: string): Promise<void> {
    return this.#downloads.discard(model);
  }

  async import(
    given: string,
    { copy, signal }: { copy: boolean; signal: AbortSignal },
  ): Promise<[string, ...string[]]> {
    const { config, inference, onChange } = this.#deps;
    const path = expandHome(given);
    if (!isAbsolute(path))
      throw new UserError('wrong-path', `Enter the full path of the GGUF file. ${given} is relative.`);
    const found = await modelsAt(path);
    for (const file of found) await inference.describe(file); // refuses what is not a GGUF, with a sentence
    const files: string[] = [];
    for (const file of found)
      files.push(copy && !this.#library.owns(file) ? await this.#library.copy(file, signal) : file);
    const known = await this.#files();
    const added = files.filter((file) => !known.includes(file));
    if (added.length > 0) changeConfig(config, ['localModels'], [...config.config.localModels, ...added]);
    onChange();
    return files.map(localModelId) as [string, ...string[]];
  }

  async load(model: string, signal: AbortSignal): Promise<void> {
    await this.#deps.inference.load(await this.#pathOf(model), signal);
    this.#deps.onChange();
  }

  async unload(model: string): Promise<void> {
    await this.#deps.inference.unload(await this.#pathOf(model));
    this.#deps.onChange();
  }

  async delete(model: string): Promise<string | undefined> {
    const { inference, speeds, onChange } = this.#deps;
    const path = await this.#pathOf(model);
    await inference.unload(path);
    speeds.forget(model);
    const id = this.#library.owns(path) ? await this.#library.delete(path) : undefined;
    this.#takeOffList(path);
    onChange();
    return id;
  }

  deleted(): Promise<DeletedModel[]> {
    return this.#library.deleted();
  }

  async restore(id: string): Promise<string> {
    const path = await this.#library.restore(id);
    this.#deps.onChange();
    return localModelId(path);
  }

  purge(id?: string): Promise<number> {
    return this.#library.purge(id);
  }

  async settings(model: string): Promise<ModelSetting[]> {
    return await settingsOf(await this.#settablePath(model), this.#deps);
  }

  async configure(model: string, name: string, value: unknown): Promise<ModelSetting[]> {
    const path = await this.#settablePath(model);
    setSetting(this.#deps.config, path, { name, value });
    this.#deps.onChange();
    return await settingsOf(path, this.#deps);
  }

  async facts(): Promise<Map<string, LocalModelFacts>> {
    const { config, inference, speeds } = this.#deps;
    const [files, licenses] = await Promise.all([this.#files(), this.#library.licenses()]);
    const facts = files.map((file): [string, LocalModelFacts] => {
      const id = localModelId(file);
      const listed = listedFile(basename(file));
      const memoryBytes = inference.loaded().find(({ path }) => path === file)?.bytes;
      const license = listed?.license ?? licenses[basename(file)];
      const speed = speeds.of(id);
      return [
        id,
        {
          file,
          isOwned: this.#library.owns(file),
          keepLoaded: settingsFor(file, config.config.localSettings).keepLoaded ?? false,
          ...(memoryBytes !== undefined && { memoryBytes }),
          ...(speed && { speed }),
          ...(license && { license }),
          ...(listed && { roles: listed.roles }),
        },
      ];
    });
    return new Map(facts.toReversed()); // of two files of one name the first is offered
  }

  #files(): Promise<string[]> {
    return localModelFiles(this.#deps.config.config.localModels, this.#deps.folder);
  }

  async #pathOf(model: string): Promise<string> {
    const path = (await this.#files()).find((file) => localModelId(file) === model);
    if (path) return path;
    throw new UserError('model-not-found', `${model} isn't a local model. To list models, run \`switchyard models\`.`);
  }

  async #settablePath(model: string): Promise<string | undefined> {
    return model === '*' ? undefined : await this.#pathOf(model);
  }

  #takeOffList(path: string): void {
    const { config } = this.#deps;
    const { localModels } = config.config;
    const kept = localModels.filter((named) => resolve(expandHome(named)) !== path);
    if (kept.length < localModels.length) changeConfig(config, ['localModels'], kept);
  }
}

/** The Ollama that is configured, or else the one that would be on this machine. */
function ollamaIn({ config }: ConfigFile): { name: string; baseUrl: string } {
  const configured = Object.entries(config.providers).find(([, { type }]) => type === 'ollama');
  const [name, provider] = configured ?? ['ollama', undefined];
  return { name, baseUrl: (provider?.baseUrl ?? defaultOllama).replace(/\/+$/, '') };
}

async function findOllama({ config, fetch }: ModelSetupDeps, signal: AbortSignal): Promise<SetupWays['ollama']> {
  const { baseUrl } = ollamaIn(config);
  try {
    const response = await fetch(`${baseUrl}/api/tags`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(ollamaTimeoutMs)]),
    });
    const { models } = (await response.json()) as { models?: { name?: unknown }[] };
    const names = (models ?? []).map(({ name }) => String(name)).slice(0, 200);
    const detail =
      names.length > 0
        ? `Ollama is running with ${names.length} ${names.length === 1 ? 'model' : 'models'}.`
        : 'Ollama is running but has no models yet. To get one, run `switchyard models pull ollama/qwen2.5-coder`.';
    return { running: true, baseUrl, models: names, detail };
  } catch (error) {
    const refused =
      error instanceof UserError
        ? error.message
        : `Nothing responds at ${baseUrl}. Install Ollama, or start it with \`ollama serve\`.`;
    return { running: false, baseUrl, models: [], detail: refused };
  }
}
