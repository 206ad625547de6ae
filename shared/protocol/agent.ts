// Messages about the agent: a task that a model does with tools, what it asks of the user meanwhile, what it changed, and undoing that.
import * as z from 'zod';
import { ChangedFile, ChangedHunk, Decision, SentAttachment, Usage } from './chat.ts';
import { request } from './define.ts';
import { PartialResultToken } from './text.ts';

/** A way to work: what the model is told, which tools it has, which model it prefers. */
const AgentMode = z.object({
  id: z.string(),
  /** For people. */
  title: z.string(),
  description: z.string(),
  /** Names of its tools; none where it only talks. */
  tools: z.array(z.string()),
  /** `provider/model`, where it prefers one. */
  model: z.string().optional(),
  /** What it makes in place of an answer. */
  makes: z.enum(['picture', 'video']).optional(),
  source: z.enum(['built-in', 'config']),
});

/** What a call does to the world; `read` stays inside trusted folders and asks nobody. */
const CallKind = z.enum(['read', 'edit', 'run', 'web', 'mcp', 'ask']);

/** What the user is asked before a call. Its decision holds for exactly what is shown here. */
const Approval = z.object({
  callId: z.string(),
  /** Of what is shown here. A decision that names it holds for nothing else that the same call may have become since. */
  mark: z.string().optional(),
  kind: CallKind,
  /** One sentence that ends with a question mark. */
  text: z.string(),
  /** Of the call, as it's shown in the run. */
  title: z.string().optional(),
  /** Of a program: what is run, without a shell. */
  run: z
    .object({
      argv: z.array(z.string()),
      /** As a path. */
      folder: z.string(),
      /** The scripts that it names, as they are now: a changed one is asked about again. */
      scripts: z.array(z.object({ path: z.string(), sha256: z.string() })),
      /** Whether the system keeps it from the network. */
      network: z.enum(['off', 'on']),
    })
    .optional(),
  /** Of an edit: a unified diff. */
  diff: z.string().optional(),
  /** Of a tool of an MCP server, or a page: what it is given. */
  input: z.string().optional(),
  /** Said where the step may come from what a tool brought rather than from the user. */
  taint: z.string().optional(),
  /** Whether "always" may be answered. */
  canAlways: z.boolean(),
  /** Answers to choose from, of a question of the model's own (`ask`). A text in `reply` answers as well. */
  choices: z.array(z.string()).optional(),
});

export const AgentPart = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('started'),
    jobId: z.string(),
    chatId: z.string(),
    mode: z.string(),
    /** The folder that it works in, as a URI. */
    root: z.string().optional(),
  }),
  z.object({ kind: z.literal('decision'), decision: Decision }),
  z.object({ kind: z.literal('text'), text: z.string() }),
  z.object({ kind: z.literal('reasoning'), text: z.string() }),
  /** The whole plan, each time that it changes. */
  z.object({
    kind: z.literal('plan'),
    items: z.array(z.object({ text: z.string(), state: z.enum(['open', 'doing', 'done']) })),
  }),
  /** A call begins. `title` says what it does, in words for people. */
  z.object({
    kind: z.literal('call'),
    callId: z.string(),
    /** The call that it is made for: what a sub-agent does stands inside the call that it works for. */
    within: z.string().optional(),
    /** Counts the calls of the run; those of a sub-agent are counted by themselves. */
    step: z.number().int(),
    tool: z.string(),
    call: CallKind,
    title: z.string(),
    /** What the model said just before it, as a part of the answer's text. */
    said: z.string().optional(),
    /** What it is given: JSON, as the model wrote it. */
    input: z.string().optional(),
    /** The file that it is about, as a path. */
    path: z.string().optional(),
    taint: z.string().optional(),
    /** Whether there is more of it than this: `switchyard/agent/call` has it whole. */
    isCut: z.boolean().optional(),
  }),
  z.object({ kind: z.literal('approval'), approval: Approval }),
  /** Somebody has decided, here or in another client. */
  z.object({ kind: z.literal('approved'), callId: z.string(), decision: z.enum(['once', 'always', 'deny']) }),
  z.object({
    kind: z.literal('result'),
    callId: z.string(),
    ok: z.boolean(),
    /** One line. */
    summary: z.string(),
    /** What the model is told, cut. */
    text: z.string(),
    diff: z.string().optional(),
    /** Addresses of pages that it has read. */
    sources: z.array(z.string()).optional(),
    /** As of a call. */
    isCut: z.boolean().optional(),
  }),
  z.object({ kind: z.literal('note'), text: z.string() }),
  /** All so far. `cost` is absent where it is unknown. */
  z.object({ kind: z.literal('spent'), usage: Usage, cost: z.number().optional(), rounds: z.number().int() }),
]);

const JobId = z.object({ jobId: z.string() });

const ChangedPath = z.object({
  uri: z.string(),
  /** From its folder, with slashes. */
  path: z.string(),
  change: z.enum(['created', 'changed', 'deleted']),
  /** Lines. */
  added: z.number().int(),
  removed: z.number().int(),
});

/** A file that a run changed: ranges are of the file as it was, and `newText` is what stands there now. Without hunks where it isn't text. */
const AgentChangedFile = ChangedFile.extend({
  isDeleted: z.boolean(),
  /** Whether the user has nothing left to decide about it. */
  isKept: z.boolean(),
  hunks: z.array(
    ChangedHunk.extend({
      /** What it is kept and undone by. It stays while the hunk is the same, whatever else changes in the file. */
      id: z.string(),
      /** Who made it: this run, somebody else since (a later run too), or both. Only the run's own can be undone by itself. */
      by: z.enum(['agent', 'others', 'both']),
      /** Whether the user has kept it, in any client. It can still be undone. */
      isKept: z.boolean(),
    }),
  ),
});

export const AgentRun = request(
  'switchyard/agent/run',
  'Does a task with tools, as a turn of a chat and a job; returns when it has ended. What it asks meanwhile comes as parts.',
  {
    params: z.object({
      task: z.string().min(1).max(100_000),
      /** Go along with the task. Pictures aren't stored: a run that goes on much later can't see them any more. */
      attachments: z.array(SentAttachment).max(50).optional(),
      /** `act` when left out. */
      mode: z.string().max(100).optional(),
      /** The folder that it works in, as a URI; the first of the session's when left out. */
      root: z.string().optional(),
      /** Goes on in this chat; a new one when left out. */
      chatId: z.string().optional(),
      model: z.string().optional(),
      /** Kinds of calls that this run need not ask for: the user has said so for this one run. Dangerous ones are asked about anyway. */
      allow: z.array(CallKind).max(10).optional(),
      /** US dollars at most. */
      maxUsd: z.number().positive().optional(),
      /** Turns of the model at most. */
      maxRounds: z.number().int().min(1).max(200).optional(),
      partialResultToken: PartialResultToken,
    }),
    part: AgentPart,
    result: z.object({
      jobId: z.string(),
      chatId: z.string(),
      messageId: z.string(),
      /** `limit`: a named limit or the guard against loops ended it. */
      outcome: z.enum(['done', 'limit', 'denied']),
      /** Of one that is not done: why, in a sentence. */
      why: z.string().optional(),
      text: z.string(),
      steps: z.number().int(),
      changes: z.array(ChangedPath),
      usage: Usage,
      cost: z.number().optional(),
    }),
  },
);

export const AgentApprove = request(
  'switchyard/agent/approve',
  'Decides about what a run waits for: once, always for exactly this, or not. Any client of the profile may.',
  {
    params: JobId.extend({
      callId: z.string(),
      /** Of the approval that its user saw. Without it, only questions in words are answered and calls denied. */
      mark: z.string().max(100).optional(),
      decision: z.enum(['once', 'always', 'deny']),
      /** What the model is told with it: why not, or the answer to its question. */
      reply: z.string().max(10_000).optional(),
    }),
    result: z.object({}),
  },
);

export const AgentCall = request(
  'switchyard/agent/call',
  'A call that a run has made, whole: what it was given, what was decided about it, and what came of it.',
  { params: JobId.extend({ callId: z.string() }), result: z.object({ parts: z.array(AgentPart) }) },
);

export const AgentChanges = request(
  'switchyard/agent/changes',
  'What a run has changed until now, as hunks between what was there and what is there. Nothing is written.',
  { params: JobId, result: z.object({ files: z.array(AgentChangedFile), notes: z.array(z.string()) }) },
);

export const AgentKeep = request(
  'switchyard/agent/keep',
  'Keeps what a run changed: all of it, one file, or single hunks of it. Nothing is written, and no client asks about it again, unless the run changes these lines again. It can still be undone.',
  {
    params: JobId.extend({
      uri: z.string().optional(),
      /** Those of `uri` that are kept, as `switchyard/agent/changes` names them. */
      hunks: z.array(z.string().max(100)).min(1).max(10_000).optional(),
    }),
    result: z.object({
      /** Paths of files of which something is kept that wasn't before. */
      kept: z.array(z.string()),
      conflicts: z.array(z.object({ path: z.string(), why: z.string() })),
    }),
  },
);

export const AgentUndo = request(
  'switchyard/agent/undo',
  'Puts back what a run changed, byte for byte: from a step on, or all of it, in one file or in all, or single hunks of a file. What was changed since by others, or has unsaved changes in an editor, stays, and is named.',
  {
    params: JobId.extend({
      /** The first step that is undone. */
      step: z.number().int().min(1).optional(),
      /** The one file that is put back. */
      uri: z.string().optional(),
      /** The hunks of `uri` that are put back, as `switchyard/agent/changes` names them; without a `step`. Nothing else in the file changes. */
      hunks: z.array(z.string().max(100)).min(1).max(10_000).optional(),
    }),
    result: z.object({
      /** Paths that are as they were. */
      restored: z.array(z.string()),
      conflicts: z.array(z.object({ path: z.string(), why: z.string() })),
      /** The step from which on the undo itself can be undone; absent where nothing was put back. */
      step: z.number().int().optional(),
    }),
  },
);

export const AgentPrune = request(
  'switchyard/agent/prune',
  "Deletes what is kept to undo this profile's runs, but for those under way. What these runs changed stays, and can't be undone any more.",
  {
    params: z.object({
      /** Milliseconds since the epoch: only of runs that did nothing since then. */
      before: z.number().int().min(0).optional(),
    }),
    result: z.object({ runs: z.number().int(), freedBytes: z.number() }),
  },
);

export const AgentPrompts = request(
  'switchyard/agent/prompts',
  "Lists the prompts that the session's trusted folders keep in files: a task that begins with `/` and a name calls one.",
  {
    params: z.object({}),
    result: z.object({
      prompts: z.array(
        z.object({
          /** Behind the slash. */
          name: z.string(),
          description: z.string(),
          /** What to write behind the name, if the file says so. */
          hint: z.string().optional(),
          /** From its folder, with slashes. */
          path: z.string(),
        }),
      ),
    }),
  },
);

export const AgentModes = request(
  'switchyard/agent/modes',
  'Lists the modes: those built in and those of config.json.',
  {
    params: z.object({}),
    result: z.object({ modes: z.array(AgentMode) }),
  },
);

export type AgentChangedFile = z.infer<typeof AgentChangedFile>;
export type AgentApproval = z.infer<typeof Approval>;
export type AgentMode = z.infer<typeof AgentMode>;
export type AgentPart = z.infer<typeof AgentPart>;
export type CallKind = z.infer<typeof CallKind>;
