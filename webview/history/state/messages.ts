// Everything that can happen in the history view, and everything its update can ask for.
import type { Chat, Message } from '../../../shared/protocol/chat.ts';
import type {
  AppliedRules,
  Finding,
  HeldFinding,
  PastReview,
  ReviewCoverage,
} from '../../../shared/protocol/review.ts';
import type { SearchHit } from '../../../shared/protocol/search.ts';
import type { FromHost, HostAction } from '../../../shared/webview.ts';
import type { DeletedChat, Disk, Filters, Project, SavedState, State } from './state.ts';

/** What the user does. */
export type Gesture =
  | { type: 'filtered'; filters: Partial<Filters>; now: number }
  | { type: 'more-wanted' }
  | { type: 'moved'; by: number }
  | { type: 'chosen'; key: string; reads: boolean }
  | { type: 'reading-ended' }
  | { type: 'opened'; key: string }
  | { type: 'messages-wanted'; where: 'older' | 'newer' }
  | { type: 'rename-begun'; chatId: string }
  | { type: 'rename-ended'; chatId: string; title: string | undefined }
  | { type: 'forked'; chatId: string; messageId: string | undefined }
  | { type: 'exported'; chatId: string; title: string; format: 'markdown' | 'json' }
  | { type: 'deleted'; key: string }
  | { type: 'undone' }
  | { type: 'undo-dismissed' }
  | { type: 'restored'; chatId: string }
  /** Without an id: all of them. */
  | { type: 'purged'; chatId: string | undefined }
  | { type: 'action'; action: HostAction }
  | { type: 'problem-dismissed' }
  /** All chats into one file, and chats out of one: by the page itself, where no editor is behind it. */
  | { type: 'export-all-wanted' }
  | { type: 'import-wanted'; file: File }
  | { type: 'transfer-stopped' }
  | { type: 'notice-dismissed' }
  /** The view was shown again: what it shows may be old. */
  | { type: 'reload-wanted'; now: number };

export type HistoryMessage =
  | Gesture
  | Extract<FromHost, { type: 'hello' | 'connection' }>
  | { type: 'saved-found'; saved: SavedState; now: number }
  /** The daemon can be asked. */
  | { type: 'ready'; now: number }
  /** Chats or reviews were added, changed or deleted, by whomever. */
  | { type: 'history-changed'; now: number }
  /** The newest of both lists, for what is held of them. */
  | { type: 'refreshed'; generation: number; chats: ListPage<Chat>; runs: ListPage<PastReview> }
  | { type: 'chats-loaded'; generation: number; cursor: string | undefined; chats: Chat[]; next: string | undefined }
  | {
      type: 'runs-loaded';
      generation: number;
      cursor: string | undefined;
      runs: PastReview[];
      next: string | undefined;
    }
  | {
      type: 'hits-loaded';
      generation: number;
      cursor: string | undefined;
      by: SearchBy;
      hits: SearchHit[];
      next: string | undefined;
      notes: string[];
    }
  | { type: 'deleted-loaded'; generation: number; chats: DeletedChat[] }
  | { type: 'list-failed'; generation: number; list: 'chats' | 'runs' | 'hits' | 'deleted'; message: string }
  | { type: 'aside-loaded'; projects: Project[]; disk: Disk }
  | {
      type: 'messages-loaded';
      key: string;
      where: 'first' | 'older' | 'newer';
      messages: Message[];
      next: string | undefined;
      isAtEnd: boolean;
    }
  | {
      type: 'findings-loaded';
      key: string;
      findings: Finding[];
      held: HeldFinding[];
      rules: AppliedRules[];
      coverage: ReviewCoverage[] | undefined;
    }
  | { type: 'preview-failed'; key: string; message: string }
  | { type: 'fork-made'; chatId: string }
  | { type: 'brought-back'; chatId: string }
  | { type: 'transfer-told'; text: string }
  /** `text` is what came of it, absent where it was stopped. */
  | { type: 'transfer-ended'; text: string | undefined; hasChanged: boolean }
  /** `isChange`: the list already shows a change that did not happen. */
  | { type: 'failed'; message: string; isChange: boolean };

/** The beginning of a list as it is now. */
export interface ListPage<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}

/** `words` answers at once, so it follows each key. `meaning` adds the search by meaning, which may have to wait for a model. */
export type SearchBy = 'words' | 'meaning';

export type Of<Type extends HistoryMessage['type']> = Extract<HistoryMessage, { type: Type }>;

/** How the messages of a preview are asked for: around one, from a cursor on, or the newest. */
export interface PageAnchor {
  readonly around?: string;
  readonly cursor?: string;
}

export type Effect =
  | { kind: 'load-chats'; generation: number; cursor: string | undefined; projectId: string; language: string }
  | { kind: 'load-runs'; generation: number; cursor: string | undefined }
  | { kind: 'load-deleted'; generation: number }
  /** How many of each list are held: as many are asked for. */
  | { kind: 'refresh'; generation: number; held: { chats: number; runs: number }; projectId: string; language: string }
  | {
      kind: 'search';
      generation: number;
      cursor: string | undefined;
      by: SearchBy;
      filters: Filters;
      since: number | undefined;
      delayMs: number;
    }
  | { kind: 'stop-search' }
  | { kind: 'load-aside' }
  | {
      kind: 'load-messages';
      key: string;
      chatId: string;
      where: 'first' | 'older' | 'newer';
      place: PageAnchor;
      known: readonly string[];
      delayMs: number;
    }
  | { kind: 'load-findings'; key: string; runId: string; delayMs: number }
  | { kind: 'rename'; chatId: string; title: string }
  | { kind: 'fork'; chatId: string; messageId: string | undefined }
  | { kind: 'export'; chatId: string; title: string; format: 'markdown' | 'json' }
  | { kind: 'delete'; chatId: string }
  | { kind: 'restore'; chatId: string }
  | { kind: 'purge'; chatId: string | undefined }
  | { kind: 'export-all' }
  | { kind: 'import'; file: File }
  | { kind: 'stop-transfer' }
  | { kind: 'action'; action: HostAction };

/** The next state, and what is to be done. */
export type Transition = readonly [State, readonly Effect[]];
