// Messages about models and the ways to get one.
import * as z from 'zod';
import { request } from './define.ts';
import { PartialResultToken, WorkDoneToken } from './text.ts';

/** `unknown` means not yet asked; `absent` is a provider without a key. */
export const Health = z.object({ state: z.enum(['ok', 'unknown', 'down', 'absent']), detail: z.string().optional() });

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

export const ModelsPull = request(
  'switchyard/models/pull',
  'Downloads a model (a listed id or an https URL of a GGUF), resuming what is there.',
  {
    params: z.object({ model: z.string(), workDoneToken: WorkDoneToken, partialResultToken: PartialResultToken }),
    part: z.object({ kind: z.literal('bytes'), received: z.number(), total: z.number().optional() }),
    result: z.object({ model: z.string() }),
  },
);

export const ModelsImport = request('switchyard/models/import', 'Adds a GGUF file that is already on this machine.', {
  params: z.object({ path: z.string() }),
  result: z.object({ model: z.string() }),
});

export const ModelsUnload = request('switchyard/models/unload', 'Frees the memory of a local model.', {
  params: z.object({ model: z.string() }),
  result: z.object({}),
});

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
