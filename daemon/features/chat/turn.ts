// A chat turn as the rest of the daemon sees it: what is asked, what comes back, and what it is made with.
import type { AnswerCache } from '../../models/cache/cache.ts';
import type { Costs } from '../../models/costs/costs.ts';
import type { StreamPart, Usage } from '../../models/providers/provider.ts';
import type { Routing } from '../../models/router/create.ts';
import type { Decision, SelectRequest } from '../../models/router/router.ts';
import type { StoredMemory } from '../../storage/memories.ts';
import type { StoredContext } from '../../storage/messages.ts';
import type { Storage } from '../../storage/storage.ts';
import type { TurnMemories } from '../memories/memories.ts';
import type { OlderTurns } from './history-window/older-turns.ts';
import type { PromptAttachment } from './prompt.ts';

export interface TurnRequest {
  /** The id of the profile it belongs to: nothing of another is read or written. */
  profile: string;
  chatId?: string | undefined;
  mode?: string | undefined;
  text: string;
  attachments: readonly PromptAttachment[];
  /** What the user is told with the answer, such as what could not be attached. */
  notes?: readonly string[];
  model?: string | undefined;
  /** The model that the client's own settings name: the last level that is asked. */
  workspaceModel?: string | undefined;
  /** The project that a new chat is made in. */
  projectId?: string | undefined;
  retryOf?: string | undefined;
  /** The user's message that this one is another version of. */
  editOf?: string | undefined;
  /** The workspace it is asked in: its requests are counted together. */
  workspace?: string | undefined;
  /** The policy of the window that asks, instead of the configuration's. */
  policy?: SelectRequest['policy'];
  /** Ask several models at once, and take the answer of the first that has one. */
  fastest?: boolean | undefined;
}

export type ReplyPart =
  | { kind: 'decision'; chatId: string; messageId: string; decision: Decision }
  | Extract<StreamPart, { kind: 'text' | 'reasoning' | 'tool-call' | 'usage' }>
  | { kind: 'note'; text: string }
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

/** Lives as long as the daemon. */
export interface Chat {
  /**
   * One turn: recalls, chooses a model, streams, remembers. What arrived is kept, however it ends. When another model has to
   * answer, a new `decision` part names it and its message, and a note says why.
   */
  reply(turn: TurnRequest, options: TurnOptions): Promise<Reply>;
}

export interface ChatDeps {
  storage: Pick<Storage, 'in' | 'profiles' | 'predictTurn'>;
  /** What the user wants remembered; left out, nothing is. */
  memories?: TurnMemories;
  /** What is done with messages that a model no longer holds; left out, nothing is. */
  older?: Pick<OlderTurns, 'recollect' | 'answered'>;
  router: Pick<Routing, 'select' | 'finish'>;
  costs: Costs;
  cache: AnswerCache;
  /** Told how each request to a model ended, so that the router knows its health. */
  onOutcome(modelId: string, error?: unknown): void;
  now(): number;
  /** The user's setting: fail rather than let another model answer. Left out, others may. */
  neverSwitch?(): boolean;
}
