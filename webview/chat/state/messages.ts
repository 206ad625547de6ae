// Everything that can happen to the view, and everything it can ask for: the two unions around the pure update.
import type { AgentChangedFile, AgentMode, AgentPart, AgentUndo } from '../../../shared/protocol/agent.ts';
import type { Attachment, Chat, ChatPart, EffectiveModel, Message } from '../../../shared/protocol/chat.ts';
import type { Suggestion } from '../../../shared/protocol/context.ts';
import type { Result } from '../../../shared/protocol/define.ts';
import type { WholeJob } from '../../../shared/protocol/jobs.ts';
import type { Memory } from '../../../shared/protocol/memories.ts';
import type { Model, ModelsWaiting } from '../../../shared/protocol/models.ts';
import type { Profile } from '../../../shared/protocol/profiles.ts';
import type { RecordedDecision } from '../../../shared/protocol/router.ts';
import type { FromHost, HostAction } from '../../../shared/webview.ts';
import type { Failure } from '../../rpc.ts';
import type { TypedMention } from '../composer/mentions.ts';
import type { PageReply } from './pages.ts';
import type { RunDecision, RunResult, UndoScope } from './runs/run.ts';
import type { PromptFile } from './slash-commands.ts';
import type { ChatSendResult, FoundMessage, Panel, SavedState, Setup, Spot, State } from './state.ts';
import type { DraftPicture, PageKind } from './transcript.ts';

/** What the user did. Times are milliseconds since the epoch. */
export type Gesture =
  | { type: 'draft-typed'; text: string }
  | { type: 'mention-typed'; typed: TypedMention | undefined }
  | { type: 'files-given'; attachments: Attachment[]; pictures?: DraftPicture[]; refusals: string[] }
  | { type: 'attachment-removed'; index: number }
  | { type: 'picture-removed'; index: number }
  | { type: 'lost-pictures-dismissed' }
  | { type: 'submit'; at: number }
  | { type: 'stop' }
  /** None answers questions without tools. */
  | { type: 'mode-picked'; mode: string | undefined }
  | { type: 'queued-taken-back' }
  | { type: 'run-decided'; jobId: string; callId: string; decision: RunDecision; reply?: string | undefined }
  | { type: 'run-wanted'; jobId: string; chatId: string }
  /** All of a call that is shown cut. */
  | { type: 'call-wanted'; jobId: string; callId: string }
  /** Whether what was asked about is undone. */
  | { type: 'undo-answered'; jobId: string; isAgreed: boolean }
  | { type: 'undo-taken-back'; jobId: string }
  | { type: 'change-kept'; jobId: string; uri: string }
  /** One change in a file. */
  | { type: 'hunk-kept'; jobId: string; uri: string; id: string }
  /** What is kept is shown too. */
  | { type: 'kept-wanted'; jobId: string }
  | { type: 'hunk-undone'; jobId: string; uri: string; id: string }
  | { type: 'changes-closed'; jobId: string }
  | { type: 'run-resumed'; jobId: string; chatId: string }
  | { type: 'run-stopped'; jobId: string; chatId: string }
  /** `overBudget`: the user lets this one request exceed a budget. */
  | { type: 'retry'; key: string; at: number; overBudget?: true }
  /** The answer that waits goes before this profile's others. */
  | { type: 'went-first'; id: string }
  /** The answers that another waits for are stopped. */
  | { type: 'others-stopped'; ids: readonly string[] }
  | { type: 'continued'; key: string; at: number }
  | { type: 'edited'; key: string }
  | { type: 'edit-cancelled' }
  | { type: 'version-chosen'; key: string; version: number }
  | { type: 'forked'; key: string }
  | { type: 'pinned'; key: string; pinned: boolean }
  | { type: 'paths-cited'; paths: string[] }
  | { type: 'explained'; decisionId: string; open: boolean }
  | { type: 'rated'; key: string; thumbs: Thumbs | undefined }
  | { type: 'model-picked'; model: string | undefined }
  | { type: 'panel-toggled'; panel: Panel; open: boolean }
  | { type: 'chats-searched'; text: string }
  | { type: 'chats-wanted' }
  | { type: 'chat-chosen'; chatId: string }
  | { type: 'chat-renamed'; chatId: string; title: string }
  | { type: 'chat-deleted'; chatId: string }
  | { type: 'chat-exported'; chatId: string; title: string }
  | { type: 'new-chat' }
  | { type: 'page-wanted'; kind: PageKind }
  | { type: 'scrolled'; spot: Spot | undefined }
  | { type: 'pull'; model: string }
  | { type: 'pull-stopped'; model: string }
  | { type: 'models-wanted' }
  | { type: 'problem-dismissed' }
  | MemoryGesture
  | { type: 'action'; action: HostAction };

/** Answers of models on this machine: those that run, and those that wait. */
type Waits = Result<typeof ModelsWaiting>;

export type Thumbs = NonNullable<Message['thumbs']>;

/** What the user does with a memory. */
export type MemoryDeed =
  | { kind: 'add'; text: string; scope: Memory['scope'] }
  | { kind: 'update'; memoryId: string; text?: string; enabled?: boolean; scope?: Memory['scope'] }
  | { kind: 'accept'; memoryId: string; text?: string }
  | { kind: 'dismiss'; memoryId: string }
  | { kind: 'delete'; memoryId: string };

type MemoryGesture =
  /** `used`: ids of the memories of an answer. */
  { type: 'memories-shown'; used?: readonly string[] } | { type: 'memory-deed'; deed: MemoryDeed };

/** What the host said, except answers to requests. */
type HostMessage =
  | Exclude<FromHost, { type: 'response' | 'error' | 'part' | 'compose' | 'search' | 'attach-picture' }>
  | (Extract<FromHost, { type: 'compose' }> & { at: number });

/** What came of an effect. */
type Outcome =
  | { type: 'restored'; saved: SavedState }
  | { type: 'chats-loaded'; chats: Chat[]; cursor: string | undefined; next: string | undefined }
  | { type: 'page-loaded'; chatId: string; kind: PageKind; effective: EffectiveModel; reply: PageReply }
  | { type: 'page-failed'; chatId: string; failure: Failure }
  | { type: 'suggested'; of: TypedMention['kind']; query: string; items: Suggestion[]; note: string | undefined }
  | { type: 'profile-loaded'; profile: NonNullable<State['profile']> }
  | { type: 'profiles-listed'; profiles: Profile[] }
  | { type: 'models-loaded'; models: Model[]; notes: string[] }
  | { type: 'setup-loaded'; setup: Setup }
  | { type: 'decision-loaded'; decisionId: string; record: RecordedDecision }
  | { type: 'decision-failed'; decisionId: string; failure: Failure }
  | { type: 'found-loaded'; decisionId: string; found: FoundMessage[] }
  | { type: 'memories-loaded'; memories: Memory[]; project: string | undefined }
  | { type: 'chat-created'; key: string; chatId: string }
  | { type: 'answer-part'; key: string; part: ChatPart }
  | { type: 'answer-done'; key: string; sent: ChatSendResult; at: number }
  | { type: 'answer-failed'; key: string; failure: Failure; at: number }
  | { type: 'modes-loaded'; modes: AgentMode[] }
  | { type: 'run-part'; key: string; part: AgentPart }
  | { type: 'prompts-loaded'; prompts: PromptFile[] }
  | { type: 'call-loaded'; jobId: string; callId: string; parts: AgentPart[] }
  | { type: 'changes-loaded'; jobId: string; files: AgentChangedFile[]; notes: string[] }
  | { type: 'changes-undone'; jobId: string; undone: Result<typeof AgentUndo> }
  | { type: 'changes-failed'; jobId: string; failure: Failure }
  | { type: 'keep-failed'; jobId: string; why: string }
  | { type: 'run-done'; key: string; done: RunResult; at: number }
  | { type: 'run-loaded'; chatId: string; job: WholeJob }
  | { type: 'waiting-loaded'; jobIds: readonly string[] }
  | { type: 'run-not-loaded'; jobId: string; chatId: string; failure: Failure }
  | { type: 'run-undecided'; jobId: string; callId: string; failure: Failure }
  | { type: 'run-looked-for'; jobId: string; chatId: string }
  | { type: 'waits-loaded'; key: string; waits: Waits }
  | { type: 'pull-moved'; model: string; received: number; total: number | undefined }
  | { type: 'pull-ended'; model: string; failure: Failure | undefined }
  | { type: 'fork-made'; chatId: string }
  | { type: 'branch-changed'; chatId: string }
  | { type: 'poll'; chatId: string }
  | { type: 'failed'; failure: Failure };

export type ViewMessage = Gesture | HostMessage | Outcome;
export type Of<Type extends ViewMessage['type']> = Extract<ViewMessage, { type: Type }>;

/** What the update asks for; `effects.ts` carries it out. */
export type Effect =
  | { kind: 'load-chats'; cursor: string | undefined }
  | { kind: 'load-page'; chatId: string; page: PageKind; cursor: string | undefined }
  | { kind: 'load-models'; refresh: boolean }
  | { kind: 'load-profile' }
  | { kind: 'suggest'; of: TypedMention['kind']; query: string }
  | { kind: 'send'; key: string; turn: Turn }
  | { kind: 'stop'; key: string }
  | { kind: 'load-modes' }
  | { kind: 'load-run'; jobId: string; chatId: string }
  | { kind: 'load-waiting' }
  | { kind: 'load-prompts' }
  | { kind: 'load-call'; jobId: string; callId: string; chatId: string }
  | { kind: 'load-changes'; jobId: string }
  /** As they were shown; a file without hunks as a whole. */
  | { kind: 'keep-changes'; jobId: string; uri: string; hunks: readonly string[] }
  | { kind: 'undo-changes'; jobId: string; scope: UndoScope }
  | {
      kind: 'decide-run';
      jobId: string;
      chatId: string;
      callId: string;
      mark: string | undefined;
      decision: RunDecision;
      reply: string | undefined;
    }
  | { kind: 'resume-run' | 'cancel-run'; jobId: string; chatId: string }
  | { kind: 'stop-chat'; chatId: string }
  | { kind: 'load-waits'; key: string }
  | { kind: 'go-first'; id: string }
  | { kind: 'stop-others'; ids: readonly string[] }
  | { kind: 'load-decision'; decisionId: string }
  | { kind: 'load-found'; decisionId: string; chatId: string; ids: readonly string[] }
  | { kind: 'rate'; decisionId: string; chatId: string; thumbs: Thumbs | undefined }
  | { kind: 'choose-version'; chatId: string; messageId: string; version: number }
  | { kind: 'fork'; chatId: string; messageId: string }
  | { kind: 'pin'; messageId: string; chatId: string; pinned: boolean }
  | { kind: 'rename'; chatId: string; title: string }
  | { kind: 'set-model'; chatId: string; model: string | undefined }
  | { kind: 'delete'; chatId: string }
  | { kind: 'export'; chatId: string; title: string }
  | { kind: 'pull'; model: string }
  | { kind: 'stop-pull'; model: string }
  | { kind: 'poll-later'; chatId: string; delayMs: number }
  | { kind: 'action'; action: HostAction }
  | { kind: 'load-memories' }
  | { kind: 'memory'; deed: MemoryDeed }
  | { kind: 'focus-composer' };

/** The next state, and what is to be done. */
export type Transition = readonly [State, readonly Effect[]];

/** A turn to send. Without a chat, one is created first, so that its name is known even if the answer never comes. */
export interface Turn {
  chatId: string | undefined;
  text: string;
  attachments: readonly Attachment[];
  pictures?: readonly DraftPicture[];
  /** For a chat that is created. */
  model: string | undefined;
  /** The stored answer that this one replaces. */
  retryOf: string | undefined;
  /** The stored answer that is cut off and goes on. */
  continueOf?: string;
  /** The user lets this one request exceed a budget. */
  overBudget?: true;
  /** The stored question that this one is another version of. */
  editOf: string | undefined;
  /** The way of working, where the user chose one. */
  mode?: string | undefined;
  /** Whether the text is a task that the agent does with the mode's tools. */
  isTask?: boolean;
}
