// Messages about chats that leave or come in: each with all its versions, in the form that the exported document has.
// The document is `{"format": "switchyard-chats", "version": 1, "chats": [TransferredChat, …]}`, in UTF-8.
import * as z from 'zod';
import { Attachment, Message, Origin } from './chat.ts';
import { request } from './define.ts';
import { PartialResultToken } from './text.ts';

export const documentFormat = 'switchyard-chats';
export const documentVersion = 1;

/** Milliseconds since the epoch, as far as a date reaches. */
const Time = z.number().int().min(0).max(8_640_000_000_000_000);
const Text = z.string().max(10_000_000);
const Id = z.string().min(1).max(500);

/**
 * A message with its place in the tree of its chat: it stands after its parent in the list, and messages with one parent are
 * versions of each other, the oldest first. Ids mean something within their chat alone.
 */
export const TransferredMessage = Message.omit({ chatId: true, thumbs: true, version: true, versions: true }).extend({
  id: Id,
  /** The message before it; absent at the start of a chat. */
  parentId: Id.optional(),
  /** False for a version that is not the one that is read. */
  chosen: z.literal(false).optional(),
  text: Text,
  reasoning: Text.optional(),
  attachments: z.array(Attachment).max(500).optional(),
  status: z.enum(['complete', 'partial', 'cancelled', 'failed']),
  notes: z.array(z.string().max(10_000)).max(1000).optional(),
  cost: z.number().min(0).optional(),
  createdAt: Time,
  durationMs: z.number().min(0).optional(),
});

/** A chat without its messages. */
export const ChatHead = z.object({
  title: z.string().max(500),
  model: z.string().max(500).optional(),
  createdAt: Time,
  updatedAt: Time,
  /** Where it was made first. A second import of the same origin makes no second chat. */
  origin: Origin,
  /** The project it was made in: by its id where it was made in a Switchyard, and by its folder, an absolute path. */
  project: z.object({ id: z.string().max(200).optional(), folder: z.string().max(4096).optional() }).optional(),
});

export const TransferredChat = ChatHead.extend({ messages: z.array(TransferredMessage).min(1).max(500_000) });

export const ChatTree = request(
  'switchyard/chat/tree',
  'One page of a chat with all versions of its messages, parents first, for an export; `next` leads on.',
  {
    params: z.object({
      chatId: z.string(),
      cursor: z.string().optional(),
      limit: z.number().int().min(1).max(200).optional(),
    }),
    result: z.object({ chat: ChatHead, messages: z.array(TransferredMessage), next: z.string().optional() }),
  },
);

export const ChatImport = request(
  'switchyard/chat/import',
  'Stores a chat that was made elsewhere, seen once it is whole; of one that is here already, what is new in it.',
  {
    params: z.object({
      chat: TransferredChat,
      /** Only says what would be done. */
      dryRun: z.boolean().optional(),
      partialResultToken: PartialResultToken,
    }),
    part: z.object({ kind: z.literal('messages'), taken: z.number().int(), total: z.number().int() }),
    result: z.object({
      /** `grown` where it was here already, and something was added to it. */
      outcome: z.enum(['imported', 'grown', 'known']),
      /** The id of the chat that was made or was here already; absent where there is none. */
      chatId: z.string().optional(),
      /** How many messages are new, or have more text than before. */
      added: z.number().int(),
    }),
  },
);

export type ChatHead = z.infer<typeof ChatHead>;
export type TransferredChat = z.infer<typeof TransferredChat>;
export type TransferredMessage = z.infer<typeof TransferredMessage>;
