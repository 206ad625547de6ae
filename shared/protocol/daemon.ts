// Messages about the daemon itself, and what both ends say when a connection begins.
import * as z from 'zod';
import { PolicyName } from './chat.ts';
import { CompletionState } from './completion.ts';
import { request } from './define.ts';
import { TextDocument } from './text.ts';

export const DaemonStatus = request('switchyard/daemon/status', 'What the daemon is doing now.', {
  params: z.object({
    /** An open document, to which `completion` then refers. */
    textDocument: TextDocument.optional(),
  }),
  result: z.object({
    version: z.string(),
    pid: z.number().int(),
    uptimeMs: z.number(),
    clients: z.array(z.object({ id: z.number().int(), name: z.string(), connectedAt: z.number() })),
    /** `embedding`: it turns texts into vectors for search, and answers no questions. */
    models: z.array(
      z.object({
        id: z.string(),
        loaded: z.boolean(),
        bytes: z.number().optional(),
        embedding: z.boolean().optional(),
        /** The highest that it is used for. */
        role: z.enum(['chat', 'vision', 'completion', 'rerank', 'embedding']).optional(),
        /** How many answers it gives at a time, and the context window of each. */
        slots: z.number().int().optional(),
        contextTokens: z.number().int().optional(),
      }),
    ),
    /** Requests being answered now, by method. */
    running: z.array(z.string()),
    /** Chats that are being answered now; `model` is absent until one is chosen. */
    answering: z.array(z.object({ chatId: z.string().optional(), model: z.string().optional() })),
    natives: z.array(z.object({ name: z.string(), ok: z.boolean(), why: z.string().optional() })),
    /** What the user should know of the stored data, such as what became of a damaged database. */
    notices: z.array(z.string()).optional(),
    dataDir: z.string(),
    configFile: z.string(),
    logFile: z.string(),
    memoryBytes: z.number(),
    /** Bytes on the disk. */
    disk: z.object({ database: z.number(), backups: z.number(), models: z.number(), logs: z.number() }),
    /** What is kept to undo runs of the agent, of all profiles together. */
    checkpoints: z
      .object({
        bytes: z.number(),
        runs: z.number().int(),
        /** Milliseconds since the epoch, of the oldest run; absent where there is none. */
        oldestAt: z.number().optional(),
      })
      .optional(),
    /** Every host asked for since the start, and how often it was refused. */
    hosts: z.array(z.object({ host: z.string(), requests: z.number().int(), refused: z.number().int() })),
    /** What can be found by words, how much of it also by meaning, and how much waits to be found at all; of all profiles together. */
    search: z.object({ documents: z.number().int(), embedded: z.number().int(), queued: z.number().int() }).optional(),
    /** How config.json lets a model be chosen, by what it says or its default. A client's own setting goes first. */
    policy: PolicyName.optional(),
    /** Completion as you type, for this session or the document that was named. */
    completion: CompletionState.optional(),
    /** MCP servers that run or failed, with the processes of each and what these take. */
    mcpServers: z
      .array(
        z.object({
          name: z.string(),
          state: z.enum(['stopped', 'starting', 'running', 'failed']),
          why: z.string().optional(),
          protocol: z.string().optional(),
          tools: z.number().int().optional(),
          pid: z.number().int().optional(),
          processes: z.number().int().optional(),
          memoryBytes: z.number().optional(),
        }),
      )
      .optional(),
    /** The log of requests: lines that wait to be written, and lines that were never written. */
    history: z.object({ waiting: z.number().int(), dropped: z.number().int() }),
  }),
});

export const Check = z.object({ name: z.string(), ok: z.boolean(), detail: z.string(), fix: z.string().optional() });

export const DaemonDoctor = request(
  'switchyard/daemon/doctor',
  'Checks everything that can be wrong, each with what to do about it.',
  {
    params: z.object({}),
    result: z.object({ checks: z.array(Check) }),
  },
);
export const DaemonShutdown = request(
  'switchyard/daemon/shutdown',
  'Ends the daemon; without force only when no other client is at work.',
  {
    params: z.object({ force: z.boolean().optional() }),
    result: z.object({}),
  },
);
export const GatewayOpen = request(
  'switchyard/gateway/open',
  'Serves the views to a browser on loopback and returns a URL that works once.',
  {
    params: z.object({
      /** Which one it shows first; the chat when left out. */ view: z.enum(['chat', 'history', 'jobs']).optional(),
    }),
    result: z.object({
      url: z.string(),
      /** Path of a file of the user's alone that leads there: for programs, whose arguments every user of the machine can read. */ file: z.string(),
    }),
  },
);

const dollars = z.number().min(0).optional().catch(undefined);

/** `initializationOptions.switchyard` of a client. */
export const ClientOptions = z.object({
  /** The id or name of the profile that the session begins in. */
  profile: z.string().optional(),
  /** The model for chats that name none, `provider/model`. */
  model: z.string().optional(),
  localOnly: z.boolean().optional(),
  workspaceTrusted: z.boolean().optional(),
  /** The editor's own proxy, for what this client asks for; config.json goes before it. */
  proxy: z.string().optional(),
  /** Hosts that the editor reaches without a proxy. */
  noProxy: z.array(z.string()).optional(),
  /** False where the editor is set not to trust the system's certificates. */
  systemCertificates: z.boolean().optional(),
  /** False where the editor is set not to check certificates. That is ignored, and `doctor` says so. */
  strictCertificates: z.boolean().optional(),
  /** How a model is chosen for this client's requests; one that is not known is ignored. */
  policy: PolicyName.optional().catch(undefined),
  /** US dollars; they can lower what config.json allows, never raise it. */
  budgets: z.object({ dayUsd: dollars, monthUsd: dollars }).optional().catch(undefined),
  /** Completion as you type, for this client. What is left out holds as config.json has it. */
  completion: z
    .object({
      enabled: z.boolean().optional(),
      /** `provider/model`. */
      model: z.string().optional(),
      multiline: z.enum(['auto', 'never']).optional(),
      /** Whether something is suggested unasked while the daemon's machine runs on its battery. */
      onBattery: z.boolean().optional(),
      /** Whether it is on, by LSP's language identifier. */
      languages: z.record(z.string(), z.boolean()).optional(),
      /** Whether it is on, by a document's URI, of a notebook's cells without its fragment; that goes before the language's. */
      files: z.record(z.string(), z.boolean()).optional(),
      /** Suggestions are offered as an ordinary completion too (`textDocument/completion`), for editors that have no ghost text. */
      inList: z.boolean().optional(),
    })
    .optional()
    .catch(undefined),
  /** False where the folders of this client are not to be indexed. */
  index: z.boolean().optional(),
  /**
   * The client may come back soon after it left, as a window or a page that is reloaded does: its chat answers go on meanwhile. They
   * stop where it does not.
   */
  resumes: z.boolean().optional(),
  /** The client can be asked for the text of a document (`documentRead`): it has none open here. */
  readsDocuments: z.boolean().optional(),
  /** Sends the daemon's log to this client as `window/logMessage`: lines of its own profile, and of the daemon itself. */
  log: z.boolean().optional(),
  /** The client implements `switchyard.fix` and its kin itself, so the daemon does not offer to execute them. */
  ownCommands: z.boolean().optional(),
});

export type Check = z.infer<typeof Check>;
export type ClientOptions = z.infer<typeof ClientOptions>;

/** Asked by the daemon, with a `uri`: the `text` that the user sees, left out where it's as on the disk. */
export const documentRead = 'switchyard/document/read';
