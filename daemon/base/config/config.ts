// config.json: JSON with comments, checked field by field. A wrong field is named and the rest still applies.
import { watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';
import * as z from 'zod';
import { notPlain, readPlainFileSync } from '../disk.ts';
import { NetworkConfig } from '../egress.ts';
import { errnoCode } from '../errors.ts';
import { perMinute, ResilienceConfig, Timeouts } from './resilience.ts';

export const ProviderType = z.enum([
  'openai',
  'anthropic',
  'google',
  'xai',
  'openrouter',
  'groq',
  'huggingface',
  'ollama',
  'openai-compatible',
]);

const dollars = z.number().nonnegative();

/** What the user knows of a model; it goes before what the server or the catalogue says. */
export const ModelConfig = z.object({
  name: z.string().min(1).describe('The name by which the provider knows it.'),
  contextTokens: z.number().int().positive().optional().describe('How much it can read.'),
  capabilities: z
    .object({
      chat: z.boolean(),
      embeddings: z.boolean(),
      tools: z.boolean(),
      vision: z.boolean(),
      jsonSchema: z.boolean(),
    })
    .partial()
    .optional()
    .describe('What it can do, where the server does not say or says it wrongly.'),
  price: z
    .object({ input: dollars, output: dollars, cacheRead: dollars.optional(), cacheWrite: dollars.optional() })
    .optional()
    .describe('US dollars for a million tokens.'),
});

export const ProviderConfig = z.object({
  type: ProviderType.describe('Which API the server speaks.'),
  baseUrl: z.url().optional().describe("Where the server is; the provider's own address when left out."),
  local: z
    .boolean()
    .optional()
    .describe(
      'Whether its models run on this machine. Set false for a gateway on this machine that sends requests on to a cloud: secrets are then masked, and its answers are not taken for free.',
    ),
  models: z
    .array(z.union([z.string().min(1), ModelConfig]))
    .optional()
    .describe(
      'Models to offer first, also where the server does not list them: names, or objects that also say what is known of them.',
    ),
  api: z
    .enum(['chat-completions', 'responses'])
    .optional()
    .describe(
      "Which of OpenAI's two APIs to speak, for servers that have both. Left out: responses at OpenAI's own address, chat completions elsewhere.",
    ),
  caFile: z.string().optional().describe('PEM file of certificates to trust for this provider alone.'),
  timeouts: Timeouts.optional().describe('Time limits of its own.'),
  requestsPerMinute: perMinute.optional().describe('Limit for each of its keys.'),
  headers: z
    .record(z.string(), z.string())
    .optional()
    .describe('Extra headers; not for keys, which are set with `switchyard keys set`.'),
  contextTokens: z
    .number()
    .int()
    .positive()
    .optional()
    .describe('Context size of its models where the server does not say.'),
});

export const Config = z.object({
  providers: z
    .record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/), ProviderConfig)
    .default({})
    .describe('Model providers by name.'),
  localModels: z.array(z.string()).default([]).describe('GGUF files to offer, beside those in the models folder.'),
  routing: z
    .object({
      policy: z.enum(['local-first', 'cheapest', 'best', 'fastest', 'local-only']).default('local-first'),
      rules: z
        .array(
          z.object({
            when: z.object({
              task: z.string().optional(),
              workspace: z.string().optional(),
              language: z.string().optional(),
            }),
            use: z.string().regex(/^[^/]+\/.+/, 'a model is named as provider/model'),
          }),
        )
        .default([])
        .describe('Models for certain tasks, workspaces or languages; the first rule that fits holds.'),
    })
    .default({ policy: 'local-first', rules: [] })
    .describe('How a model is chosen.'),
  embedding: z
    .object({ model: z.string().regex(/^[^/]+\/.+/, 'a model is named as provider/model') })
    .optional()
    .describe(
      'The model that turns texts into vectors for search, as provider/model; the one that ships when left out.',
    ),
  network: NetworkConfig.default({}).describe('How other machines are reached.'),
  resilience: ResilienceConfig.prefault({}).describe('What is done when a provider fails.'),
  budgets: z
    .object({
      dayUsd: z.number().min(0).optional(),
      monthUsd: z.number().min(0).optional(),
      profileUsd: z.number().min(0).optional().describe('What each profile may spend in a month.'),
      warnAt: z.number().min(0).max(1).default(0.8).describe('The share of a budget from which on you are warned.'),
    })
    .default({ warnAt: 0.8 })
    .describe('US dollars that may be spent; a request that would exceed one is not sent.'),
  index: z
    .object({
      enabled: z
        .boolean()
        .default(true)
        .describe('Index the code of open folders, for search and @codebase. Off: no process and no timer.'),
      onBattery: z.boolean().default(false).describe('Go on while this machine runs on its battery.'),
    })
    .default({ enabled: true, onBattery: false })
    .describe('The index of code, which stays on this machine.'),
  chat: z
    .object({
      summaries: z
        .enum(['local', 'chat model', 'off'])
        .default('local')
        .describe(
          "Who summarises what a long chat's model no longer holds, after an answer: a model on this machine, the model that answered (which costs what it costs), or nobody.",
        ),
    })
    .default({ summaries: 'local' })
    .describe('What goes into prompts of long chats.'),
  localOnly: z.boolean().default(false).describe('Only connect to this machine.'),
  daemon: z
    .object({
      idleExitMinutes: z
        .number()
        .positive()
        .max(100_000)
        .default(30)
        .describe('Minutes after its last client until the daemon ends.'),
    })
    .default({ idleExitMinutes: 30 }),
});
export type Config = z.infer<typeof Config>;
export type ModelConfig = z.infer<typeof ModelConfig>;
export type ProviderConfig = z.infer<typeof ProviderConfig>;
export type ProviderType = z.infer<typeof ProviderType>;

export interface LoadedConfig {
  config: Config;
  /** One sentence for each field that was left out, with its path. */
  problems: string[];
}

/** Reads what can be read: unusable fields are dropped one by one, each with a sentence. */
export function parseConfig(written: string): LoadedConfig {
  const text = written.replace(/^\uFEFF/, '');
  const errors: ParseError[] = [];
  const raw: unknown = text.trim() === '' ? {} : parse(text, errors, { allowTrailingComma: true });
  const problems = errors
    .slice(0, maxProblems)
    .map(
      (error) =>
        `config.json, line ${text.slice(0, error.offset).split('\n').length}: ${printParseErrorCode(error.error)}`,
    );
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    return closed(Config.parse({}), [...problems, 'config.json: expected an object']);
  const given = raw as Record<string, unknown>;
  const loaded = dropWrongFields(structuredClone(given), problems);
  const isCutOff = errors.length > 0 && given['localOnly'] !== false && text.includes('"localOnly"');
  const held = holdLimits(given, loaded);
  return isCutOff && !held.config.localOnly ? closed(held.config, held.problems) : held;
}

const maxRounds = 100; // each round drops at least one field
const maxProblems = 50; // of each kind; a user reads no more

function dropWrongFields(raw: Record<string, unknown>, problems: string[]): LoadedConfig {
  for (let round = 0; round < maxRounds; round++) {
    const result = Config.safeParse(raw);
    if (result.success)
      return {
        config: result.data,
        problems: [...problems, ...unknownFields(raw, result.data).slice(0, maxProblems)],
      };
    const { issues } = result.error;
    for (const { path, message } of issues)
      if (problems.length < maxProblems) problems.push(`config.json: ${path.map(String).join('.')}: ${message}`);
    for (const { path } of issues.toReversed()) remove(raw, path); // from the back, so that indexes into a list still hold
  }
  return { config: Config.parse({}), problems };
}

/** A sentence for each field that no part reads: a misspelt one would be missed without a word. */
function unknownFields(raw: unknown, read: unknown, path: readonly string[] = []): string[] {
  if (typeof raw !== 'object' || raw === null || typeof read !== 'object' || read === null) return [];
  return Object.entries(raw).flatMap(([key, value]) => {
    if (Object.hasOwn(read, key)) return unknownFields(value, (read as Record<string, unknown>)[key], [...path, key]);
    if (path.length === 0 && key === '$schema') return [];
    const meant = Object.keys(path.length === 0 ? Config.shape : read).find(
      (known) => known.toLowerCase() === key.toLowerCase(),
    );
    return [
      `config.json: ${[...path, key].join('.')}: there is no such field${meant ? `; it is written "${meant}"` : ''}`,
    ];
  });
}

/** A limit that cannot be read is taken for the strictest one: what its user wanted less of must not become more. */
function holdLimits(given: Record<string, unknown>, { config, problems }: LoadedConfig): LoadedConfig {
  const budgets = given['budgets'];
  const asObject = typeof budgets === 'object' && budgets !== null && !Array.isArray(budgets);
  const wrong =
    budgets === undefined
      ? []
      : asObject
        ? limits.filter((name) => Object.hasOwn(budgets, name) && config.budgets[name] === undefined)
        : (['dayUsd'] as const);
  const told = wrong.map(
    (name) =>
      `config.json: budgets.${name} cannot be read, so it is taken for 0: only models that cost nothing are asked until it is mended`,
  );
  const held = {
    config: { ...config, budgets: { ...config.budgets, ...Object.fromEntries(wrong.map((name) => [name, 0])) } },
    problems: [...problems, ...told],
  };
  return given['localOnly'] === undefined || typeof given['localOnly'] === 'boolean'
    ? held
    : closed(held.config, held.problems);
}

const limits = ['dayUsd', 'monthUsd', 'profileUsd'] as const;

/** Whether only this machine may be contacted cannot be told: then nothing else is. */
function closed(config: Config, problems: string[]): LoadedConfig {
  return {
    config: { ...config, localOnly: true },
    problems: [
      ...problems,
      'config.json: it cannot be told whether "localOnly" holds, so nothing but this machine is contacted until the file is mended',
    ],
  };
}

/** Removes the named field; where a required field is missing, the object that lacks it. */
function remove(root: Record<string, unknown>, path: readonly PropertyKey[]): void {
  const parents: [Record<PropertyKey, unknown>, PropertyKey][] = [];
  let node: unknown = root;
  for (const key of path) {
    if (typeof node !== 'object' || node === null) break;
    parents.push([node as Record<PropertyKey, unknown>, key]);
    node = (node as Record<PropertyKey, unknown>)[key];
  }
  const found = parents.findLast(([parent, key]) => Object.hasOwn(parent, key));
  if (!found) return;
  const [parent, key] = found;
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete parent[key];
}

/** The configuration as it stands in a file, read again when the file changes. Lives as long as the daemon. */
export class ConfigFile {
  readonly file: string;
  #loaded: LoadedConfig;
  readonly #listeners = new Set<(loaded: LoadedConfig) => void>();
  #watcher: ReturnType<typeof watch> | undefined;

  constructor(file: string) {
    this.file = file;
    this.#loaded = this.#read();
  }

  get config(): Config {
    return this.#loaded.config;
  }
  get problems(): readonly string[] {
    return this.#loaded.problems;
  }

  onChange(listener: (loaded: LoadedConfig) => void): void {
    this.#listeners.add(listener);
  }

  /** Watches the folder, since editors replace files rather than write into them. */
  watch(): void {
    try {
      this.#watcher = watch(dirname(this.file), { persistent: false }, (_event, name) => {
        if (name === null || name === basename(this.file)) this.reload();
      });
      this.#watcher.on('error', () => this.#watcher?.close());
    } catch {
      // No folder yet: the file is read at the next start, or after a change through the daemon.
    }
  }

  reload(): void {
    this.#loaded = this.#read();
    for (const listener of this.#listeners) listener(this.#loaded);
  }

  [Symbol.dispose](): void {
    this.#watcher?.close();
  }

  #read(): LoadedConfig {
    try {
      return parseConfig(readPlainFileSync(this.file));
    } catch (error) {
      if (errnoCode(error) === 'ENOENT') return { config: Config.parse({}), problems: [] };
      return closed(Config.parse({}), [`config.json cannot be read (${reasonOf(error)})`]);
    }
  }
}

function reasonOf(error: unknown): string {
  const code = errnoCode(error);
  return code === notPlain ? 'it is a pipe or a device, not a file' : (code ?? String(error));
}
