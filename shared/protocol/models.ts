// Messages about models and the ways to get one.
import * as z from 'zod';
import { EditFormat } from './code.ts';
import { request } from './define.ts';
import { PartialResultToken, WorkDoneToken } from './text.ts';

/** `unknown` means not yet asked; `absent` is a provider without a key. */
export const Health = z.object({ state: z.enum(['ok', 'unknown', 'down', 'absent']), detail: z.string().optional() });

/** What a model is for; `completion` continues code from its surroundings, `trial` only shows that everything works. */
const ModelRole = z.enum(['chat', 'code', 'completion', 'rerank', 'vision', 'trial']);

export const Model = z.object({
  id: z.string(), // `provider/model`
  provider: z.string(),
  /** Whether it runs on this machine. */
  local: z.boolean(),
  /** A capability that is not known is left out; that is not a "no". */
  capabilities: z.object({
    chat: z.boolean().optional(),
    embeddings: z.boolean().optional(),
    tools: z.boolean().optional(),
    vision: z.boolean().optional(),
    jsonSchema: z.boolean().optional(),
  }),
  contextTokens: z.number().int().optional(),
  /** US dollars per million tokens. */
  price: z.object({ input: z.number(), output: z.number() }).optional(),
  health: Health,
  /** A sentence that says why it cannot be chosen now; absent where it can. */
  unavailable: z.string().optional(),
  loaded: z.boolean().optional(),
  /** Of its file or its weights, where that is known. */
  bytes: z.number().optional(),
  /** Where the entry comes from: `config`, `server` (the provider's own list), `file`. */
  source: z.enum(['config', 'server', 'file']),
  /** How a model on this machine is loaded and asked: each value as JSON, and whose it is. */
  settings: z.array(z.object({ name: z.string(), value: z.string(), from: z.string() })).optional(),
  /** What it takes of memory now, where it is loaded here. */
  memoryBytes: z.number().optional(),
  /** Tokens per second, as measured on this machine: the median of its last answers. */
  speed: z.object({ read: z.number().optional(), write: z.number().optional() }).optional(),
  /** By its SPDX name, where it is known. */
  license: z.string().optional(),
  roles: z.array(ModelRole).optional(),
  /** Its file on this machine. */
  file: z.string().optional(),
  /** Whether the file is Switchyard's own: deleting moves it to the trash. A file of the user's own is only taken off the list. */
  isOwned: z.boolean().optional(),
  /** Whether it stays in memory while nobody uses it. */
  keepLoaded: z.boolean().optional(),
});

/** A file the product can fetch by itself. */
export const Download = z.object({
  id: z.string(),
  label: z.string(),
  url: z.string(),
  sizeBytes: z.number(),
  /** By its SPDX name. */
  license: z.string(),
  contextTokens: z.number().int(),
  roles: z.array(ModelRole),
  /** Whether it fits this machine's memory, and why not when it does not. */
  fits: z.boolean(),
  why: z.string(),
});

export const ModelsList = request(
  'switchyard/models/list',
  'Every model of every configured provider, with its health.',
  {
    params: z.object({ refresh: z.boolean().optional() }),
    result: z.object({ models: z.array(Model), notes: z.array(z.string()) }),
  },
);

export const ModelsSetup = request(
  'switchyard/models/setup',
  'The three ways to get a model on this machine: a key, a running Ollama, a GGUF file.',
  {
    params: z.object({}),
    result: z.object({
      configured: z.boolean(),
      keys: z.array(z.object({ provider: z.string(), label: z.string(), hasKey: z.boolean() })),
      ollama: z.object({ running: z.boolean(), baseUrl: z.string(), models: z.array(z.string()), detail: z.string() }),
      gguf: z.object({ folder: z.string(), available: z.boolean(), detail: z.string(), downloads: z.array(Download) }),
    }),
  },
);

const HubFile = z.object({
  /** What `pull` takes. */
  model: z.string(),
  /** The file's name; of several parts, the first one's. */
  file: z.string(),
  quantization: z.string().optional(),
  /** Of all parts. */
  bytes: z.number(),
  parts: z.number().int(),
  /** Whether it fits this machine's memory, and why or why not as a sentence. */
  fits: z.boolean(),
  why: z.string(),
});

export const HubModel = z.object({
  /** `owner/name` */
  id: z.string(),
  downloads: z.number().optional(),
  license: z.string().optional(),
  /** Whether the hub gives it only to accounts that accepted its terms. */
  isGated: z.boolean(),
  /** Smallest first. */
  files: z.array(HubFile),
});

export const ModelsSearch = request('switchyard/models/search', 'Searches the hub for models as GGUF files.', {
  params: z.object({ query: z.string(), limit: z.number().int().min(1).max(50).optional() }),
  result: z.object({ models: z.array(HubModel) }),
});

export const ModelsPull = request(
  'switchyard/models/pull',
  'Downloads a model, resuming what is there: a listed id, `owner/name[:file or quantization]` of the hub, an https URL of a GGUF, or `ollama/NAME`. Cancelling pauses it.',
  {
    params: z.object({ model: z.string(), workDoneToken: WorkDoneToken, partialResultToken: PartialResultToken }),
    part: z.object({
      kind: z.literal('bytes'),
      received: z.number(),
      total: z.number().optional(),
      /** As measured over the last seconds. */
      secondsLeft: z.number().optional(),
      /** What the user should know, as a sentence; told once. */
      note: z.string().optional(),
    }),
    result: z.object({ model: z.string() }),
  },
);

const PausedDownload = z.object({
  /** What `pull` takes to go on, and `discard` to remove what was received. */
  model: z.string(),
  received: z.number(),
  total: z.number().optional(),
  isRunning: z.boolean(),
});

export const ModelsDownloads = request('switchyard/models/downloads', 'Downloads that are running or paused.', {
  params: z.object({}),
  result: z.object({ downloads: z.array(PausedDownload) }),
});

export const ModelsDiscard = request('switchyard/models/discard', 'Removes what a paused download has received.', {
  params: z.object({ model: z.string() }),
  result: z.object({}),
});

export const ModelsImport = request(
  'switchyard/models/import',
  'Adds a GGUF file that is already on this machine, or all of a folder; with `copy`, copies them into the models folder.',
  {
    params: z.object({ path: z.string(), copy: z.boolean().optional() }),
    result: z.object({ model: z.string(), models: z.array(z.string()) }),
  },
);

export const ModelsLoad = request('switchyard/models/load', 'Loads a local model into memory.', {
  params: z.object({ model: z.string() }),
  result: z.object({}),
});

export const ModelsUnload = request('switchyard/models/unload', 'Frees the memory of a local model.', {
  params: z.object({ model: z.string() }),
  result: z.object({}),
});

export const ModelsDelete = request(
  'switchyard/models/delete',
  "Moves a model of the models folder to the trash; takes a file of the user's own off the list.",
  {
    params: z.object({ model: z.string() }),
    /** `id` is what `restore` takes, where the file went to the trash. */
    result: z.object({ id: z.string().optional() }),
  },
);

const DeletedModel = z.object({
  id: z.string(),
  model: z.string(),
  bytes: z.number(),
  /** Milliseconds since 1970; it is deleted for good at `goneAt`. */
  deletedAt: z.number(),
  goneAt: z.number(),
});

export const ModelsDeleted = request('switchyard/models/deleted', 'Lists deleted models, the last first.', {
  params: z.object({}),
  result: z.object({ models: z.array(DeletedModel) }),
});

export const ModelsRestore = request('switchyard/models/restore', 'Brings a deleted model back.', {
  params: z.object({ id: z.string() }),
  result: z.object({ model: z.string() }),
});

export const ModelsPurge = request(
  'switchyard/models/purge',
  'Deletes a deleted model for good; without an id, all of them.',
  { params: z.object({ id: z.string().optional() }), result: z.object({ freedBytes: z.number() }) },
);

const ModelSetting = z.object({
  name: z.string(),
  /** As JSON; left out where nobody sets it and it depends on the machine. */
  value: z.string().optional(),
  /** Whose value it is: config.json, the model's file, the catalogue, or the default. */
  from: z.string(),
  /** What became of a default in the loaded model, where the machine decides: `on`, `2`. */
  now: z.string().optional(),
  /** One sentence for people. */
  description: z.string(),
  /** The values it takes, as JSON, where they are few. */
  choices: z.array(z.string()).optional(),
});

export const ModelsSettings = request(
  'switchyard/models/settings',
  'Every setting of a local model, with its value and whose it is.',
  { params: z.object({ model: z.string() }), result: z.object({ settings: z.array(ModelSetting) }) },
);

export const ModelsEdits = request(
  'switchyard/models/edits',
  'In which form a model is asked for edits in this profile, why, and how its answers ended in each form.',
  {
    params: z.object({ model: z.string() }),
    result: z.object({
      /** The one it is asked for where the code allows every form. */
      format: EditFormat,
      why: z.string(),
      formats: z.array(
        z.object({
          format: EditFormat,
          /** For people. */
          name: z.string(),
          answers: z.number().int(),
          worked: z.number().int(),
          /** Of no form that was asked for. */
          unread: z.number().int(),
          /** About code that isn't there, or is there more than once. */
          unplaced: z.number().int(),
          /** No code for its place, or code that doesn't parse. */
          refused: z.number().int(),
          cutOff: z.number().int(),
        }),
      ),
    }),
  },
);

export const ModelsConfigure = request(
  'switchyard/models/configure',
  'Sets one setting of a local model in config.json (`*`: of all); without a value, removes it there.',
  {
    params: z.object({ model: z.string(), name: z.string(), value: z.unknown().optional() }),
    result: z.object({ settings: z.array(ModelSetting) }),
  },
);

/** An answer that a model on this machine gives, or that waits for one: of the session's profile only. */
export const LocalAnswer = z.object({
  id: z.string(),
  model: z.string(), // `provider/model`
  /** For people: `Chat "Parsers"`, `Code review`. */
  what: z.string(),
  /** Of an answer in a chat. */
  chatId: z.string().optional(),
  /** Milliseconds since the epoch: when it was asked for. */
  since: z.number(),
  /** Of one that waits: how many answers, of all profiles, end or begin before it. */
  ahead: z.number().int().optional(),
});

export const ModelsWaiting = request(
  'switchyard/models/waiting',
  "This profile's answers of models on this machine: those that wait, and those that run.",
  {
    params: z.object({}),
    result: z.object({
      /** The next to begin first. */
      waiting: z.array(LocalAnswer),
      running: z.array(LocalAnswer),
    }),
  },
);

export const ModelsPrefer = request(
  'switchyard/models/prefer',
  "Has a waiting answer begin before this profile's others that wait, as soon as a place is free.",
  { params: z.object({ id: z.string() }), result: z.object({}) },
);

export const ModelsStop = request(
  'switchyard/models/stop',
  'Stops an answer of a model on this machine, and the request it belongs to, as its own client could.',
  { params: z.object({ id: z.string() }), result: z.object({}) },
);

export type LocalAnswer = z.infer<typeof LocalAnswer>;
export type Health = z.infer<typeof Health>;
export type Model = z.infer<typeof Model>;
export type Download = z.infer<typeof Download>;
export type HubModel = z.infer<typeof HubModel>;
