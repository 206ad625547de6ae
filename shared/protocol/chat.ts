// Messages about chats: sending a turn, and the list, pages and life of stored chats.
import * as z from 'zod';
import { request } from './define.ts';
import { Memory } from './memories.ts';
import { ErrorData, PartialResultToken, Range, TextEdit } from './text.ts';

/** Token counts in disjoint buckets, exactly as the provider reports them; their sum is the whole. */
export const Usage = z.object({
  input: z.number().int().min(0),
  cacheRead: z.number().int().min(0),
  cacheWrite: z.number().int().min(0),
  output: z.number().int().min(0),
  reasoning: z.number().int().min(0),
});

export const PolicyName = z.enum(['local-first', 'cheapest', 'best', 'fastest', 'local-only']);

/** Which model answers, and why. The label in every view is read from this record. */
export const Decision = z.object({
  /** The id of its full record; absent where none is kept. */
  id: z.string().optional(),
  model: z.string(), // `provider/model`
  provider: z.string(),
  reason: z.string(),
  alternatives: z.array(z.string()),
  /** US dollars; absent when a price is unknown. */
  estimatedCost: z.number().optional(),
  /** 0..1: how sure the router is that no alternative is better. */
  confidence: z.number().min(0).max(1),
  /** Which level named the model; `policy` where none did. */
  source: z.enum(['message', 'chat', 'profile', 'workspace', 'policy']).optional(),
});

/** The model meant for a chat's next answer: absent where the policy will decide. */
export const EffectiveModel = z.object({ model: z.string().optional(), source: Decision.shape.source.unwrap() });

/** What is kept of a picture. Its bytes are in memory for some minutes, so that a question can be asked again, and stored nowhere. */
export const Picture = z.object({
  /** SHA-256 of its bytes as they were attached, in hex. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  mediaType: z.enum(['image/png', 'image/jpeg', 'image/gif', 'image/webp']),
  /** In pixels, as it is seen: turned as its camera says, and before it was scaled down for a model. */
  width: z.number().int().min(1),
  height: z.number().int().min(1),
  sizeBytes: z.number().int().min(1),
  /** A small picture of it, as a data URL. */
  thumbnail: z
    .string()
    .max(12_000)
    .regex(/^data:image\/(webp|png|jpeg);base64,[A-Za-z0-9+/=]*$/),
});

/**
 * What travels with a message: text that the client read, what the daemon found for the question's mentions, and pictures. A picture
 * (`image`) has no text; its URI is that of its file, or `dropped:NAME` where it is of no file.
 */
export const Attachment = z.object({
  kind: z.enum(['selection', 'file', 'code', 'folder', 'symbol', 'ocr', 'problems', 'diff', 'terminal', 'image']),
  uri: z.string(),
  range: Range.optional(),
  languageId: z.string().optional(),
  text: z.string().max(1_000_000),
  /** Of an `image` that was sent. */
  picture: Picture.optional(),
});

/**
 * An attachment as a client sends it. An `image` has its bytes in `data`. Without them it is a file of the workspace, which the daemon
 * reads, or one that was sent some minutes ago, which `picture` names.
 */
export const SentAttachment = Attachment.extend({
  /** Of an `image`: its bytes in base64, without a `data:` prefix. Limits are in `shared/pictures.ts`. */
  data: z.string().max(28_000_000).optional(),
});

export const FinishReason = z.enum([
  'stop',
  'length',
  'repetition',
  'tool-calls',
  'content-filter',
  'cancelled',
  'error',
]);

/**
 * What of a conversation a prompt held. Each message of the branch is among the newest, pinned, found again, summarised or left out; one
 * that is pinned and among the newest counts as both.
 */
export const PromptContext = z.object({
  pinned: z.array(z.string()),
  /** How many of the newest messages, the question included, and the first of them. */
  recent: z.number().int(),
  firstRecent: z.string().optional(),
  /** Ids of older messages that were found again. */
  found: z.array(z.string()).optional(),
  /** How many older messages a summary stood for, and what it said. */
  summarised: z.number().int().optional(),
  summary: z.object({ text: z.string(), model: z.string() }).optional(),
  leftOut: z.number().int(),
  /** Ids of the memories that went along. */
  memories: z.array(z.string()).optional(),
});

export const Message = z.object({
  id: z.string(),
  chatId: z.string(),
  role: z.enum(['user', 'assistant']),
  text: z.string(),
  reasoning: z.string().optional(),
  attachments: z.array(Attachment).optional(),
  /** `partial`: the daemon or provider stopped before the end; what had arrived is kept. */
  status: z.enum(['complete', 'streaming', 'partial', 'cancelled', 'failed']),
  error: ErrorData.extend({ message: z.string() }).optional(),
  notes: z.array(z.string()).optional(),
  decision: Decision.optional(),
  /** What the user thought of it. */
  thumbs: z.enum(['up', 'down']).optional(),
  usage: Usage.optional(),
  /** US dollars; absent when it is unknown. */
  cost: z.number().optional(),
  finishReason: FinishReason.optional(),
  /** Milliseconds since the epoch. */
  createdAt: z.number(),
  durationMs: z.number().optional(),
  /** Whether it goes into every prompt of its branch. */
  pinned: z.boolean().optional(),
  /** Of an answer: what of the conversation it was made from. */
  context: PromptContext.optional(),
  /** Of an answer of the agent: its run, as a job. */
  jobId: z.string().optional(),
  /** Of an answer: what its question says that may be remembered, until the user has decided. */
  proposal: Memory.optional(),
  /** How many versions of it there are, and which of them this is, from 1; in pages of a chat. */
  versions: z.number().int().optional(),
  version: z.number().int().optional(),
});

/** Where a chat was made: in which program, and its id there. */
export const Origin = z.object({ source: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/), id: z.string().min(1).max(500) });

export const Chat = z.object({
  id: z.string(),
  title: z.string(),
  /** The model chosen for this chat, if the user chose one. */
  model: z.string().optional(),
  effective: EffectiveModel,
  /** The project it was made in. */
  projectId: z.string().optional(),
  /** Of a chat that was imported. */
  origin: Origin.optional(),
  createdAt: z.number(),
  updatedAt: z.number(),
  messageCount: z.number().int(),
});

export const ChatPart = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('decision'), chatId: z.string(), messageId: z.string(), decision: Decision }),
  z.object({ kind: z.literal('text'), text: z.string() }),
  z.object({ kind: z.literal('reasoning'), text: z.string() }),
  /** All text so far was reasoning. */
  z.object({ kind: z.literal('thought') }),
  z.object({ kind: z.literal('tool'), id: z.string(), name: z.string(), arguments: z.string() }),
  z.object({
    kind: z.literal('note'),
    text: z.string(),
    /**
     * Of an answer that waits for a model on this machine: its id, and the ids of this profile's answers that run before it, for
     * `switchyard/models/prefer` and `switchyard/models/stop`. The next `text` says that it waits no more.
     */
    waiting: z.object({ id: z.string(), behind: z.array(z.string()) }).optional(),
  }),
  z.object({ kind: z.literal('usage'), usage: Usage }),
  /** A piece of the picture that is the answer in a mode that makes them, in base64: together they are its bytes. It is stored nowhere. */
  z.object({
    kind: z.literal('picture'),
    messageId: z.string(),
    mediaType: z.enum(['image/png', 'image/jpeg', 'image/webp']),
    data: z.string(),
    isLast: z.boolean(),
  }),
  /** What the question says that may be remembered: nothing is, until the user accepts it. */
  z.object({ kind: z.literal('memory'), memory: Memory }),
  /** Ids of the memories that the answer was made with. */
  z.object({ kind: z.literal('memories'), used: z.array(z.string()) }),
]);

const Page = { cursor: z.string().optional(), limit: z.number().int().min(1).max(200).optional() };
const ChatId = z.object({ chatId: z.string() });

export const ChatSend = request(
  'switchyard/chat/send',
  'Sends a turn and streams the answer; every part is stored as it comes.',
  {
    params: z.object({
      chatId: z.string().optional(),
      profileId: z.string().optional(),
      text: z.string().max(2_000_000),
      attachments: z.array(SentAttachment).max(50).optional(),
      model: z.string().optional(),
      /** Chooses the model of this answer, in place of what names or chooses one. It can't lift "local only". */
      policy: PolicyName.optional(),
      mode: z.string().optional(),
      /** Asks several models at once and takes the answer of the first that has one. Costs more than one model does. */
      fastest: z.boolean().optional(),
      /** Asks a model even where an answer to the same question is kept. */
      noCache: z.boolean().optional(),
      /** Sends this one request although a budget stops it: only the user says so, and it holds for no other request. */
      overBudget: z.boolean().optional(),
      /** Answers once more: the question before this answer, or this question if it has no answer. `text` is then ignored. */
      retryOf: z.string().optional(),
      /** Continues this answer, which was cut off: it grows, and stays one message. `text` is then ignored. */
      continueOf: z.string().optional(),
      /** Makes `text` another version of this message of the user's; the old one stays, with what followed it. */
      editOf: z.string().optional(),
      partialResultToken: PartialResultToken,
    }),
    part: ChatPart,
    result: z.object({
      chatId: z.string(),
      messageId: z.string(),
      text: z.string(),
      decision: Decision,
      usage: Usage,
      cost: z.number().optional(),
      cached: z.boolean(),
      finishReason: FinishReason,
      /** What of the conversation it was made from. */
      context: PromptContext.optional(),
    }),
  },
);

export const ChatStop = request(
  'switchyard/chat/stop',
  'Stops the answer that is coming in, whoever asked for it; returns when nothing of it runs any more.',
  {
    params: ChatId,
    result: z.object({ stopped: z.boolean() }),
  },
);
export const ChatCreate = request('switchyard/chat/create', 'Creates an empty chat.', {
  params: z.object({
    profileId: z.string().optional(),
    title: z.string().max(500).optional(),
    model: z.string().optional(),
  }),
  result: ChatId,
});
export const ChatRename = request('switchyard/chat/rename', 'Gives a chat another title, or another model.', {
  params: ChatId.extend({ title: z.string().min(1).max(500).optional(), model: z.string().nullish() }),
  result: z.object({}),
});
export const ChatDelete = request(
  'switchyard/chat/delete',
  'Deletes a chat and its messages. For a day it can be brought back.',
  { params: ChatId, result: z.object({}) },
);
export const ChatDeleted = request(
  'switchyard/chat/deleted',
  'Lists the chats that can be brought back, the last deleted first.',
  {
    params: z.object({}),
    result: z.object({
      chats: z.array(
        z.object({
          id: z.string(),
          title: z.string(),
          messageCount: z.number().int(),
          deletedAt: z.number(),
          /** When it will be purged. */ goneAt: z.number(),
        }),
      ),
    }),
  },
);
export const ChatRestore = request('switchyard/chat/restore', 'Brings a deleted chat back as it was.', {
  params: ChatId,
  result: z.object({}),
});
export const ChatPurge = request(
  'switchyard/chat/purge',
  'Deletes a deleted chat for good; all of them when none is named.',
  {
    /** A chat that is `null` is a mistake, not all of them. */
    params: z.object({ chatId: z.string().nullish() }),
    result: z.object({}),
  },
);
export const ChatFork = request('switchyard/chat/fork', 'Copies a chat up to and including a message.', {
  params: ChatId.extend({ messageId: z.string().optional() }),
  result: ChatId,
});
export const ChatList = request('switchyard/chat/list', 'Lists chats, the most recently used first.', {
  params: z.object({
    profileId: z.string().optional(),
    projectId: z.string().optional(),
    /** An editor's id: those with code in it, in a message or attached to one. A page may then hold fewer than its limit, even none. */
    language: z.string().optional(),
    ...Page,
  }),
  result: z.object({ chats: z.array(Chat), next: z.string().optional() }),
});
export const ChatMessages = request(
  'switchyard/chat/messages',
  'One page of a chat in reading order, the newest page first or the one around a message; `next` leads to older ones.',
  {
    params: ChatId.extend({ ...Page, /** The message to have in the middle. */ around: z.string().optional() }),
    result: z.object({ messages: z.array(Message), effective: EffectiveModel, next: z.string().optional() }),
  },
);
export const ChatBranch = request(
  'switchyard/chat/branch',
  'Chooses a version of a message: it and what followed it are read from now on.',
  {
    params: ChatId.extend({ messageId: z.string(), version: z.number().int().min(1) }),
    result: z.object({ messageId: z.string() }),
  },
);
export const ChatPin = request('switchyard/chat/pin', 'Keeps a message in every prompt of its branch, or no longer.', {
  params: z.object({ messageId: z.string(), pinned: z.boolean() }),
  result: z.object({}),
});
/** Lines of a file that change, to be kept or undone by themselves. */
export const ChangedHunk = TextEdit.extend({ oldText: z.string() });
export const ChangedFile = z.object({
  uri: z.string(),
  /** From its folder. */
  path: z.string(),
  /** The client's version; `null` where it does not have the file open. */
  version: z.number().int().nullable(),
  isNew: z.boolean(),
  /** In the order of the lines. */
  hunks: z.array(ChangedHunk),
});
export const RefusedEdit = z.object({
  path: z.string().optional(),
  /** A sentence. */
  why: z.string(),
  /** One of its lines, to know it by. */
  excerpt: z.string().optional(),
});
export const ChatChanges = request(
  'switchyard/chat/changes',
  "Reads an answer as changes of the files in the session's folders, to be reviewed and kept hunk by hunk. Nothing is written.",
  {
    params: ChatId.extend({ messageId: z.string() }),
    result: z.object({
      files: z.array(ChangedFile),
      refused: z.array(RefusedEdit),
      /** The decision that chose the answer's model. */
      decisionId: z.string().optional(),
    }),
  },
);
export const ChatExport = request('switchyard/chat/export', 'A whole chat as Markdown or JSON.', {
  params: ChatId.extend({ format: z.enum(['markdown', 'json']) }),
  result: z.object({ text: z.string() }),
});

export type PolicyName = z.infer<typeof PolicyName>;
export type PromptContext = z.infer<typeof PromptContext>;
export type Usage = z.infer<typeof Usage>;
export type Decision = z.infer<typeof Decision>;
export type Origin = z.infer<typeof Origin>;
export type Attachment = z.infer<typeof Attachment>;
export type SentAttachment = z.infer<typeof SentAttachment>;
export type Picture = z.infer<typeof Picture>;
export type FinishReason = z.infer<typeof FinishReason>;
export type EffectiveModel = z.infer<typeof EffectiveModel>;
export type Message = z.infer<typeof Message>;
export type Chat = z.infer<typeof Chat>;
export type ChatPart = z.infer<typeof ChatPart>;
export type ChangedHunk = z.infer<typeof ChangedHunk>;
export type ChangedFile = z.infer<typeof ChangedFile>;
export type RefusedEdit = z.infer<typeof RefusedEdit>;
