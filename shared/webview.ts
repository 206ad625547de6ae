// What a view and its host say to each other. The host is VS Code (postMessage) or the daemon's browser page (WebSocket);
// the view knows it only by the actions that the host says it can do.
import {
  AgentApprove,
  AgentCall,
  AgentChanges,
  AgentKeep,
  AgentModes,
  AgentPrompts,
  AgentRun,
  AgentUndo,
} from './protocol/agent.ts';
import type { Attachment } from './protocol/chat.ts';
import {
  ChatBranch,
  ChatCreate,
  ChatDelete,
  ChatDeleted,
  ChatExport,
  ChatFork,
  ChatList,
  ChatMessages,
  ChatPin,
  ChatPurge,
  ChatRename,
  ChatRestore,
  ChatSend,
  ChatStop,
} from './protocol/chat.ts';
import type { IndexStatusResult } from './protocol/code-index.ts';
import { ContextSuggest } from './protocol/context.ts';
import { DaemonStatus } from './protocol/daemon.ts';
import { JobsAnswer, JobsCancel, JobsGet, JobsList, JobsResume } from './protocol/jobs.ts';
import {
  MemoriesAccept,
  MemoriesAdd,
  MemoriesDelete,
  MemoriesDismiss,
  MemoriesList,
  MemoriesUpdate,
} from './protocol/memories.ts';
import { ModelsList, ModelsPrefer, ModelsPull, ModelsSetup, ModelsStop, ModelsWaiting } from './protocol/models.ts';
import { ProfileList, ProjectList } from './protocol/profiles.ts';
import { ReviewFindings, ReviewList } from './protocol/review.ts';
import { RouterDecision, RouterOutcome } from './protocol/router.ts';
import { Search } from './protocol/search.ts';
import type { Range } from './protocol/text.ts';
import { ChatImport, ChatTree } from './protocol/transfer.ts';

/**
 * The only daemon methods that a view may call; a host refuses every other. Keys are not among them. What a view may decide about a run
 * of the agent is in `page-decisions.ts`.
 */
export const viewMethods: ReadonlySet<string> = new Set(
  [
    ChatSend,
    ChatStop,
    ChatCreate,
    ChatRename,
    ChatDelete,
    ChatFork,
    ChatList,
    ChatMessages,
    ChatBranch,
    ChatPin,
    ChatExport,
    ChatDeleted,
    ChatRestore,
    ChatPurge,
    ChatTree,
    ChatImport,
    ReviewList,
    ReviewFindings,
    ProfileList,
    ProjectList,
    Search,
    ContextSuggest,
    ModelsList,
    ModelsSetup,
    ModelsPull,
    ModelsWaiting,
    ModelsPrefer,
    ModelsStop,
    DaemonStatus,
    RouterDecision,
    RouterOutcome,
    MemoriesList,
    MemoriesAdd,
    MemoriesUpdate,
    MemoriesDelete,
    MemoriesAccept,
    MemoriesDismiss,
    AgentModes,
    AgentPrompts,
    AgentRun,
    AgentApprove,
    AgentCall,
    JobsList,
    JobsGet,
    JobsCancel,
    JobsResume,
  ].map((message) => message.method),
);

/**
 * What the pages of a browser may call: one of them is of jobs, whose answers can let tests run, and the chat's reviews and undoes what a
 * run changed. An editor does both itself.
 */
export const pageMethods: ReadonlySet<string> = new Set([
  ...viewMethods,
  ...[JobsAnswer, AgentChanges, AgentKeep, AgentUndo].map((message) => message.method),
]);

/** Gestures that only the host can carry out. */
export type HostAction =
  | { kind: 'copy'; text: string }
  | { kind: 'insert'; code: string }
  /** `decisionId`: of the answer that the code comes from, so that the router hears whether it was kept. */
  | { kind: 'apply'; code: string; decisionId?: string; language?: string }
  /** Shows what an answer would change in files, and applies it when the user says so. */
  | { kind: 'review-edits'; chatId: string; messageId: string }
  /** Shows in an editor what is to be decided about. */
  | { kind: 'open-diff'; diff: string }
  /** Shows what a run of the agent changed, to be kept or undone change by change. */
  | { kind: 'review-run'; jobId: string }
  /** Undoes what a run changed, from a step on or in one file, or all of it, once the user has agreed. */
  | { kind: 'undo-run'; jobId: string; step?: number; uri?: string }
  /** `code`: the selection, or the open file where nothing is selected. */
  | { kind: 'attach'; what: 'selection' | 'file' | 'code' | 'problems' | 'terminal' }
  /** Starts work on what is open in the editor. */
  | { kind: 'run'; what: 'review-file' | 'review-changes' | 'explain-selection' }
  /** Files that were dropped on the page from a list of the editor's own. */
  | { kind: 'attach-files'; uris: string[] }
  | { kind: 'open-attachment'; uri: string; range?: Range }
  /** Asks which of these paths are files of the workspace; `confirmed-paths` answers. */
  | { kind: 'confirm-paths'; paths: string[] }
  /** `profileId`: which one, where the page let the user choose; else the host asks. */
  | { kind: 'switch-profile'; profileId?: string }
  | { kind: 'refresh-index' }
  /** Shows where the window's folders can be trusted. */
  | { kind: 'manage-trust' }
  | { kind: 'open-external'; url: string }
  | { kind: 'set-key'; provider: string }
  | { kind: 'open-budgets' }
  | { kind: 'import-gguf' }
  | { kind: 'open-settings' }
  | { kind: 'show-log' }
  | { kind: 'restart-daemon' }
  | { kind: 'save-export'; text: string; name: string }
  /** Asks for a file, and writes a picture that was made into it. `data`: base64. */
  | { kind: 'save-picture'; mediaType: 'image/png' | 'image/jpeg' | 'image/webp'; data: string }
  /** Opens the file of a finding, and previews the edit that fixes it. */
  | { kind: 'fix-finding'; findingId: string; uri: string; range: Range }
  /** Shows a chat in the chat view. */
  | { kind: 'open-chat'; chatId: string }
  /** `query`: what to search for there. */
  | { kind: 'open-history'; query?: string }
  /** Asks for a file, and writes all chats into it; a page in a browser does so by itself. */
  | { kind: 'export-all' }
  /** Asks for a file or a folder, and imports its chats. */
  | { kind: 'import-chats' };

export interface IndexState {
  state: IndexStatusResult['state'];
  /** A sentence for the user. */
  detail: string;
}

export type HostActionKind = HostAction['kind'];

export type ToHost =
  | { type: 'ready' }
  | { type: 'request'; id: number; method: string; params: unknown }
  | { type: 'cancel'; id: number }
  | { type: 'action'; action: HostAction };

export type FromHost =
  /** First message after `ready`, and again after a reconnection. */
  | {
      type: 'hello';
      host: 'vscode' | 'browser';
      actions: HostActionKind[];
      /** The name of the folder that is worked in. */
      folder?: string;
    }
  /** The file that is open in the editor, which the view offers to attach. Absent where there is none. */
  | { type: 'open-file'; file?: { uri: string; name: string } }
  /** Searches the history for this. */
  | { type: 'search'; text: string }
  /** The model for chats that name none, if the user set one; again when it changes. */
  | { type: 'default-model'; model?: string }
  | { type: 'response'; id: number; result: unknown }
  | { type: 'error'; id: number; message: string; code: string; retryable: boolean }
  | { type: 'part'; id: number; part: unknown }
  /** Whether the daemon can be reached. Requests under way when it was lost have already failed. */
  | { type: 'connection'; state: 'connected' | 'reconnecting' | 'lost'; detail?: string }
  /** The host adds something to the composer. */
  | { type: 'attach'; attachment: Attachment }
  /** A picture of the workspace. `bytes` go as they are, not as a text: VS Code passes them on as such. */
  | { type: 'attach-picture'; uri: string; name: string; bytes: Uint8Array<ArrayBuffer> }
  /** The host asks the view to begin a chat, with a question and perhaps sending it at once. */
  | { type: 'compose'; text: string; attachments: Attachment[]; send: boolean }
  | { type: 'new-chat' }
  | { type: 'open-chat'; chatId: string }
  | { type: 'focus' }
  /** Models or keys changed: ask again. */
  | { type: 'models-changed' }
  /** Of the paths that were asked about, those that are files of the workspace. */
  | { type: 'confirmed-paths'; places: { path: string; uri: string }[] }
  /** Whether the user trusts the window's folders; again when they do. */
  | { type: 'trust'; isTrusted: boolean }
  /** How far the code of the window's folders is indexed; absent where there is nothing to say. */
  | { type: 'index'; status?: IndexState }
  /** Chats or reviews changed, whoever changed them: lists of them are brought up to date where they stand. */
  | { type: 'history-changed' }
  /** One of the profile's jobs changed. */
  | { type: 'jobs-changed' }
  /** Something that a run changed was kept or undone, whoever did it. */
  | { type: 'changes-decided' }
  /** The window works in another profile, or its profile has another name or model: ask again. */
  | { type: 'profile-changed' };

/** The largest message a host sends to a view, in characters: larger ones have frozen webviews. */
export const maxViewMessageChars = 2_000_000;

/** The largest message a view sends to its host, in characters: a question with all the pictures that it may have. */
export const maxHostMessageChars = 60_000_000;
