// What the history view knows. Plain data, changed only by `update.ts`.
import type { Chat, Message } from '../../../shared/protocol/chat.ts';
import type { Result } from '../../../shared/protocol/define.ts';
import type { ChatDeleted, DaemonStatus, ProjectList } from '../../../shared/protocol/index.ts';
import type {
  AppliedRules,
  Finding,
  HeldFinding,
  PastReview,
  ReviewCoverage,
} from '../../../shared/protocol/review.ts';
import type { SearchHit } from '../../../shared/protocol/search.ts';
import type { HostActionKind } from '../../../shared/webview.ts';

export type Kind = 'all' | 'chats' | 'reviews' | 'deleted';

export interface Filters {
  readonly query: string;
  readonly kind: Kind;
  /** Empty: all of them. */
  readonly projectId: string;
  /** How many days back; 0 for all time. */
  readonly days: number;
  /** A language id; empty: all of them. */
  readonly language: string;
}

/** A list that is read page by page. */
export interface Source<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
  readonly isLoaded: boolean;
  readonly isLoading: boolean;
}

export type DeletedChat = Result<typeof ChatDeleted>['chats'][number];
export type Project = Result<typeof ProjectList>['projects'][number];
export type Disk = Result<typeof DaemonStatus>['disk'];

/** What is shown beside the list: the chat of the chosen row around its message, or what a review found. */
export interface Preview {
  /** Of the row. */
  readonly key: string;
  readonly chatId: string | undefined;
  /** The message that was found. */
  readonly target: string | undefined;
  readonly messages: readonly Message[];
  /** Cursor of the messages before those held. Absent where those were dropped again, though there are some. */
  readonly older: string | undefined;
  readonly hasOlder: boolean;
  readonly hasNewer: boolean;
  readonly findings: readonly Finding[];
  /** Of a review: what it found and did not show. */
  readonly held: readonly HeldFinding[];
  /** Of a review: files whose rules were applied. */
  readonly rules: readonly AppliedRules[];
  /** Of a review: who looked at what. Undefined where it was not noted. */
  readonly coverage: readonly ReviewCoverage[] | undefined;
  readonly loading: 'first' | 'older' | 'newer' | undefined;
  readonly error: string | undefined;
}

/** A deletion that can be undone with one press, with what it took out of the list. */
export interface Undoable {
  readonly chatId: string;
  readonly title: string;
  readonly chat: Chat | undefined;
}

export interface State {
  readonly connection: {
    readonly state: 'connecting' | 'connected' | 'reconnecting' | 'lost';
    readonly detail: string | undefined;
  };
  readonly actions: readonly HostActionKind[];
  readonly filters: Filters;
  /** Counts reloads of the lists. Answers that belong to an earlier one are dropped. */
  readonly generation: number;
  readonly chats: Source<Chat>;
  readonly runs: Source<PastReview>;
  readonly hits: Source<SearchHit>;
  readonly deleted: Source<DeletedChat>;
  /** Of the last search. */
  readonly notes: readonly string[];
  readonly projects: readonly Project[];
  readonly disk: Disk | undefined;
  /** Key of the chosen row. */
  readonly chosen: string | undefined;
  /** Its place in the list when it was chosen. */
  readonly place: number;
  /** After a reload: the lists are loaded up to this place, unless the chosen row is found before. */
  readonly sought: number | undefined;
  /** In a narrow view, the preview covers the list. */
  readonly isReading: boolean;
  readonly preview: Preview | undefined;
  /** Chat whose title is being edited. */
  readonly renaming: string | undefined;
  readonly undoable: readonly Undoable[];
  readonly problem: string | undefined;
  /** How far an export or an import of the page's own is, while one runs. */
  readonly transfer: string | undefined;
  /** What came of the last one. */
  readonly notice: string | undefined;
  readonly host: 'vscode' | 'browser';
  /** For screen readers. */
  readonly announcement: string;
  /** Milliseconds since the epoch, from the last message that had it. Ages and filters are computed from it. */
  readonly now: number;
}

export interface SavedState {
  readonly filters?: Filters;
  readonly chosen?: string;
  readonly place?: number;
}

const noFilters: Filters = { query: '', kind: 'all', projectId: '', days: 0, language: '' };

export function emptySource<T>(): Source<T> {
  return { items: [], next: undefined, isLoaded: false, isLoading: false };
}

export const initialState: State = {
  connection: { state: 'connecting', detail: undefined },
  actions: [],
  filters: noFilters,
  generation: 0,
  chats: emptySource(),
  runs: emptySource(),
  hits: emptySource(),
  deleted: emptySource(),
  notes: [],
  projects: [],
  disk: undefined,
  chosen: undefined,
  place: 0,
  sought: undefined,
  isReading: false,
  preview: undefined,
  renaming: undefined,
  undoable: [],
  problem: undefined,
  transfer: undefined,
  notice: undefined,
  host: 'browser',
  announcement: '',
  now: 0,
};

export function isSearching({ filters: { query, kind } }: State): boolean {
  return query.trim() !== '' && kind !== 'deleted';
}

/** The beginning of the time that is shown; undefined for all of it. */
export function sinceOf({ filters: { days }, now }: Pick<State, 'filters' | 'now'>): number | undefined {
  return days > 0 ? now - days * 86_400_000 : undefined;
}

/**
 * A query as it is sent while it is being typed: its last word may go on, so that what is found begins with it. A filter, a
 * phrase and an exclusion are taken as they stand.
 */
export function asTyped(query: string): string {
  const last = /(?:^|\s)(\S*[\p{L}\p{N}_])$/u.exec(query)?.[1];
  const isPlain = last !== undefined && !/^-|^(kind|lang|path|project|after|before):/i.test(last);
  return isPlain && query.split('"').length % 2 === 1 ? `${query}*` : query;
}

export function savedOf({ filters, chosen, place }: State): SavedState {
  return { filters, ...(chosen && { chosen, place }) };
}

/** Reads what `savedOf` returned, perhaps in an older version; undefined where nothing was saved. */
export function toSavedState(value: unknown): SavedState | undefined {
  return typeof value === 'object' && value !== null ? (value as SavedState) : undefined;
}
