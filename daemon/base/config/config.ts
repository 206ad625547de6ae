// config.json: JSON with comments, checked field by field. A wrong field is named and the rest still applies.
import { watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';
import * as z from 'zod';
import { notPlain, readPlainFileSync } from '../disk.ts';
import { NetworkConfig } from '../egress.ts';
import { errnoCode } from '../errors.ts';
import { AgentConfig, strictAgent } from './agent.ts';
import { CompletionConfig } from './completion.ts';
import { AllLocalSettings } from './local-settings.ts';
import { McpServersConfig } from './mcp.ts';
import { ModesConfig } from './modes.ts';
import { PipelineConfig } from './pipeline.ts';
import { perMinute, ResilienceConfig, Timeouts } from './resilience.ts';
import { WebConfig } from './web.ts';

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
  name: z.string().min(1).describe("The model's name at the provider."),
  contextTokens: z.number().int().positive().optional().describe('The context window, in tokens.'),
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
    .describe("What the model can do, if the server doesn't say or is wrong."),
  price: z
    .object({ input: dollars, output: dollars, cacheRead: dollars.optional(), cacheWrite: dollars.optional() })
    .optional()
    .describe('US dollars per million tokens.'),
});

export const ProviderConfig = z.object({
  type: ProviderType.describe('The API that the server speaks.'),
  baseUrl: z.url().optional().describe("The server's address. Default: the provider's own."),
  local: z
    .boolean()
    .optional()
    .describe(
      "Whether its models run on this machine. Set to false for a local gateway that forwards requests to a cloud: secrets are then masked, and answers aren't counted as free.",
    ),
  models: z
    .array(z.union([z.string().min(1), ModelConfig]))
    .optional()
    .describe("Models to offer first, even if the server doesn't list them: names, or objects with more details."),
  api: z
    .enum(['chat-completions', 'responses'])
    .optional()
    .describe(
      "Which of OpenAI's two APIs to use, for servers that have both. Default: responses at OpenAI's own address, chat-completions elsewhere.",
    ),
  completionApi: z
    .enum(['infill', 'fim', 'completions'])
    .optional()
    .describe(
      "How a server of the type openai-compatible completes code: llama-server's infill, Mistral's fim/completions, or completions with a suffix. Default: what its list of models tells.",
    ),
  caFile: z.string().optional().describe('PEM file of certificates to trust for this provider only.'),
  timeouts: Timeouts.optional().describe('Time limits for this provider.'),
  requestsPerMinute: perMinute.optional().describe('Limit for each of its API keys.'),
  headers: z
    .record(z.string(), z.string())
    .optional()
    .describe("Extra headers. Don't put keys here; use `switchyard keys set`."),
  contextTokens: z
    .number()
    .int()
    .positive()
    .optional()
    .describe("Context window of its models, in tokens, if the server doesn't report it."),
});

export const Config = z.object({
  providers: z
    .record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/), ProviderConfig)
    .default({})
    .describe('Model providers by name.'),
  localModels: z
    .array(z.string())
    .default([])
    .describe('GGUF files to offer, in addition to those in the models folder.'),
  localSettings: AllLocalSettings.default({}).describe(
    'How models on this machine are loaded and asked, by name ("coder" for coder.gguf), or "*" for all of them.',
  ),
  localMemoryGb: z
    .number()
    .positive()
    .max(100_000)
    .optional()
    .describe(
      'The most memory that local models take together, in GB. Default: what the system has free, less a reserve for other programs.',
    ),
  llamaServer: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Path of llama.cpp's llama-server, which runs local models that see pictures. Default: the one on your PATH.",
    ),
  modelHub: z
    .url({ protocol: /^https?$/ })
    .default('https://huggingface.co')
    .describe('The hub that models are searched and downloaded from: Hugging Face, or a mirror of it.'),
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
            use: z.string().regex(/^[^/]+\/.+/, 'write models as provider/model'),
          }),
        )
        .default([])
        .describe('Models for specific tasks, workspaces, or languages. The first matching rule applies.'),
    })
    .default({ policy: 'local-first', rules: [] })
    .describe('How a model is chosen.'),
  embedding: z
    .object({ model: z.string().regex(/^[^/]+\/.+/, 'write models as provider/model') })
    .optional()
    .describe('The embedding model for search, as provider/model. Default: the built-in one.'),
  rerank: z
    .object({ model: z.string().regex(/^local\/.+/, 'write a model of this machine as local/model') })
    .optional()
    .describe(
      'The model that ranks what `@codebase` finds: a GGUF file made for reranking, as local/model. Default: none.',
    ),
  network: NetworkConfig.default({}).describe('How other machines are reached.'),
  resilience: ResilienceConfig.prefault({}).describe('What happens when a provider fails.'),
  budgets: z
    .object({
      dayUsd: z.number().min(0).optional(),
      monthUsd: z.number().min(0).optional(),
      profileUsd: z.number().min(0).optional().describe('Monthly budget of each profile.'),
      warnAt: z.number().min(0).max(1).default(0.8).describe("The share of a budget at which you're warned."),
    })
    .default({ warnAt: 0.8 })
    .describe("Budgets in US dollars. Requests that would exceed one aren't sent."),
  index: z
    .object({
      enabled: z
        .boolean()
        .default(true)
        .describe('Controls whether the code of open folders is indexed, for search and @codebase.'),
      onBattery: z.boolean().default(false).describe('Controls whether indexing continues on battery power.'),
    })
    .default({ enabled: true, onBattery: false })
    .describe('The code index, which stays on this machine.'),
  chat: z
    .object({
      summaries: z
        .enum(['local', 'chat model', 'off'])
        .default('local')
        .describe(
          'Which model summarizes older messages that no longer fit in a long chat: a model on this machine, the model that answered (at its usual price), or none.',
        ),
    })
    .default({ summaries: 'local' })
    .describe('What prompts of long chats contain.'),
  vision: z
    .object({
      enabled: z.boolean().default(true).describe('Controls whether pictures can be attached to questions.'),
      languages: z
        .array(z.string().min(1))
        .min(1)
        .default(['eng'])
        .describe(
          'Languages of text in pictures: "eng" comes with Switchyard. For others, full paths of Tesseract\'s data, such as /home/me/deu.traineddata.',
        ),
      pictureModel: z
        .string()
        .min(1)
        .optional()
        .describe(
          'Model that makes pictures, as provider/model. Default: the first known one of OpenAI, Gemini, or xAI that has a key.',
        ),
    })
    .default({ enabled: true, languages: ['eng'] })
    .describe('What reads pictures.'),
  completion: CompletionConfig.prefault({}).describe('Code suggestions as you type.'),
  pipeline: PipelineConfig.prefault({}).describe('Who writes, reviews, and judges code in `write`.'),
  modes: ModesConfig.default({}).describe(
    'Modes of your own for chats and the agent, by identifier. One with the identifier of a built-in mode replaces it.',
  ),
  mcpServers: McpServersConfig.default({}).describe('MCP servers whose tools the agent may use, by name.'),
  agent: AgentConfig.prefault({}).describe('How the agent works.'),
  web: WebConfig.default({}).describe('How the agent searches the web.'),
  localOnly: z.boolean().default(false).describe('Only connect to this machine.'),
  daemon: z
    .object({
      idleExitMinutes: z
        .number()
        .positive()
        .max(100_000)
        .default(30)
        .describe('Minutes after the last client disconnects until the daemon stops.'),
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
  const problems = syntaxProblems(text, errors);
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    return closed(Config.parse({}), [...problems, 'config.json: expected an object']);
  const given = raw as Record<string, unknown>;
  const loaded = dropWrongFields(structuredClone(given), problems);
  const isCutOff = errors.length > 0 && given['localOnly'] !== false && text.includes('"localOnly"');
  const held = holdLimits(given, loaded);
  return isCutOff && !held.config.localOnly ? closed(held.config, held.problems) : held;
}

/** The first of each line: the others follow from it. */
function syntaxProblems(text: string, errors: readonly ParseError[]): string[] {
  const lines = new Map<number, string>();
  for (const { error, offset } of errors) {
    const line = text.slice(0, offset).split('\n').length;
    if (!lines.has(line)) lines.set(line, syntaxWords[printParseErrorCode(error)] ?? "this isn't valid JSON");
  }
  return [...lines].slice(0, maxProblems).map(([line, words]) => `config.json, line ${line}: ${words}`);
}

/** What jsonc-parser found, in words. */
const syntaxWords: Readonly<Record<string, string>> = {
  PropertyNameExpected: "a field's name in quotes is missing",
  ValueExpected: 'a value is missing',
  ColonExpected: 'a colon is missing',
  CommaExpected: 'a comma is missing',
  CloseBraceExpected: 'a closing } is missing',
  CloseBracketExpected: 'a closing ] is missing',
  EndOfFileExpected: 'there is text after the end',
  UnexpectedEndOfComment: "a comment isn't closed",
  UnexpectedEndOfString: "a string isn't closed",
};

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
      if (problems.length < maxProblems)
        problems.push(`config.json: ${path.map(String).join('.')}: ${message.replace(/^Invalid input: /, '')}`);
    for (const path of wrongPlaces(issues).toReversed()) remove(raw, path); // from the back, so that indexes into a list still hold
  }
  return { config: Config.parse({}), problems };
}

/** An MCP server goes as a whole: a program is not started with a part of its arguments. */
function wrongPlaces(issues: readonly { path: PropertyKey[] }[]): PropertyKey[][] {
  const places = issues.map(({ path }) => (path[0] === 'mcpServers' ? path.slice(0, 2) : path));
  return [...new Map(places.map((path) => [JSON.stringify(path), path])).values()];
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
    return [`config.json: ${[...path, key].join('.')}: unknown field${meant ? `. Did you mean "${meant}"?` : ''}`];
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
      `config.json: can't read budgets.${name}, so it counts as 0: only free models are asked until you correct it`,
  );
  const held = {
    config: {
      ...config,
      budgets: { ...config.budgets, ...Object.fromEntries(wrong.map((name) => [name, 0])) },
      agent: strictAgent(given['agent'], config.agent),
    },
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
      'config.json: can\'t tell whether "localOnly" is on, so Switchyard connects only to this machine until you correct the file',
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
      return closed(Config.parse({}), [`Can't read config.json (${reasonOf(error)})`]);
    }
  }
}

function reasonOf(error: unknown): string {
  const code = errnoCode(error);
  return code === notPlain ? "it's a pipe or a device, not a file" : (code ?? String(error));
}
