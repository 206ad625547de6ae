// A chat as the rest of the daemon sees it: what is sent, what comes back.
import type { Models } from '../../models/ask.ts';
import type { AnswerCache } from '../../models/cache/cache.ts';
import type { OrderedPicture } from '../../models/make-pictures.ts';
import type { FinishReason, StreamPart, Usage } from '../../models/providers/provider.ts';
import type { Decision, SelectRequest } from '../../models/router/router.ts';
import type { StoredMemory } from '../../storage/memories.ts';
import type { StoredContext } from '../../storage/messages.ts';
import type { StoredShapes } from '../../storage/shapes.ts';
import type { Storage } from '../../storage/storage.ts';
import type { TurnMemories } from '../memories/memories.ts';
import type { AttachedPictures, TakenPicture } from '../vision/attached.ts';
import type { OlderTurns } from './history-window/older-turns.ts';
import type { PromptAttachment } from './prompt.ts';
import type { Titles } from './titles.ts';

/** An `image` has its bytes in `data`, is a file, or names with `picture` one that was sent some minutes ago. */
export interface GivenAttachment extends PromptAttachment {
  data?: string | undefined;
}

/** What a user sends to a chat. */
export interface ChatMessage {
  chatId?: string | undefined;
  text: string;
  attachments?: readonly GivenAttachment[];
  model?: string | undefined;
  /** Chooses the model of this answer, in place of what names or chooses one. */
  policy?: SelectRequest['policy'];
  mode?: string | undefined;
  retryOf?: string | undefined;
  /** The answer that was cut off and is to be continued: it grows. */
  continueOf?: string | undefined;
  /** The user's message that this one is another version of. */
  editOf?: string | undefined;
  /** Ask several models at once, and take the answer of the first that has one. */
  fastest?: boolean | undefined;
  /** Ask a model even where an answer to the same question is kept. */
  noCache?: boolean | undefined;
  /** Ask although a budget stops it, this once. */
  overBudget?: boolean | undefined;
}

/** A message with everything that its answer depends on besides storage. */
export interface TurnRequest extends ChatMessage {
  /** The id of the profile it belongs to: nothing of another is read or written. */
  profile: string;
  attachments: readonly PromptAttachment[];
  /** Those of its attachments that are pictures, by their hashes: they are stored nowhere. */
  pictures?: ReadonlyMap<string, Pick<TakenPicture, 'image'>>;
  /** What the user is told with the answer, such as what could not be attached. */
  notes?: readonly string[];
  /** What the mode says to the model. */
  modeWords?: string | undefined;
  /** The model that the client's own settings name: the last level that is asked. */
  workspaceModel?: string | undefined;
  /** The project that a new chat is made in. */
  projectId?: string | undefined;
  /** The workspace it is asked in: its requests are counted together. */
  workspace?: string | undefined;
  /** The policy of the window that asks, instead of the configuration's. */
  windowPolicy?: SelectRequest['policy'];
}

type PictureType = OrderedPicture['mediaType'];

export type ReplyPart =
  | { kind: 'decision'; chatId: string; messageId: string; decision: Decision }
  | Extract<StreamPart, { kind: 'text' | 'reasoning' | 'thought' | 'tool-call' }>
  | { kind: 'usage'; usage: Usage }
  /** `waiting`: the answer that waits for a model on this machine, and those of the same owner that run before it. */
  | { kind: 'note'; text: string; waiting?: { id: string; behind: string[] } }
  /** A piece of a picture, in base64: together they are its bytes. It is stored nowhere. */
  | { kind: 'picture'; messageId: string; mediaType: PictureType; data: string; isLast: boolean }
  | { kind: 'memory'; memory: StoredMemory }
  | { kind: 'memories'; used: string[] };

export interface Reply {
  chatId: string;
  messageId: string;
  text: string;
  decision: Decision;
  usage: Usage;
  /** US dollars; undefined when it is unknown. */
  cost: number | undefined;
  /** Whether it was kept from the same question before. */
  cached: boolean;
  finishReason: Extract<StreamPart, { kind: 'finish' }>['reason'];
  /** What of the conversation it was made from. */
  context: StoredContext;
}

export interface TurnOptions {
  signal: AbortSignal;
  onPart(part: ReplyPart): void;
}

/** What storage keeps of chats as JSON, as a turn gave it. */
export interface ChatShapes extends StoredShapes {
  attachment: PromptAttachment;
  decision: Decision;
  usage: Usage;
  finishReason: FinishReason;
}

/** What turns are made with. */
export interface TurnDeps {
  storage: Pick<Storage<ChatShapes>, 'in' | 'profiles' | 'predictTurn'>;
  models: Models;
  cache: AnswerCache;
  /** What the user wants remembered; left out, nothing is. */
  memories?: TurnMemories;
  /** What is done with messages that a model no longer holds; left out, nothing is. */
  older?: Pick<OlderTurns, 'recollect' | 'answered'>;
  /** Pictures of the last minutes, for questions that are asked again; left out, there are none. */
  pictures?: Pick<AttachedPictures, 'find'>;
  /** Who names new chats; left out, their questions do. */
  titles?: Pick<Titles, 'answered'>;
  now(): number;
}
