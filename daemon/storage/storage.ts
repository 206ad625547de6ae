// What the daemon stores, as async interfaces: another database can stand behind them. SQLite does, in a worker thread.
import type { Backups } from './backups.ts';
import type { Chats, StoredTurn, TurnBegin } from './chats.ts';
import type { Code } from './code.ts';
import type { DecisionLog } from './decisions.ts';
import type { Findings } from './findings.ts';
import type { ApprovalLog, Jobs } from './jobs.ts';
import type { KeyFileLog } from './key-file.ts';
import type { Ledger, SpendingLog } from './ledger.ts';
import type { Memories } from './memories.ts';
import type { OlderMessages } from './older-messages.ts';
import type { McpPins, Profiles } from './profiles.ts';
import type { Projects } from './projects.ts';
import type { Search, SearchIndex } from './search.ts';
import type { StoredShapes } from './shapes.ts';
import type { Trash } from './trash.ts';
import type { CompletionLog, EditAnswerLog, WrittenLog } from './written.ts';

/** What is stored for one profile. An id of another profile is not found here, as if it had never been. */
export interface ProfileStorage<Shapes extends StoredShapes = StoredShapes> {
  readonly chats: Chats<Shapes>;
  readonly older: OlderMessages<Shapes>;
  readonly trash: Trash;
  readonly findings: Findings<Shapes>;
  readonly ledger: Ledger;
  readonly decisions: DecisionLog<Shapes>;
  readonly projects: Projects;
  readonly search: Search;
  readonly code: Code;
  readonly memories: Memories;
  readonly jobs: Jobs;
  readonly written: WrittenLog;
  readonly editAnswers: EditAnswerLog;
  readonly completions: CompletionLog;
  readonly approvals: ApprovalLog;
  readonly mcpPins: McpPins;
}

/** Whether storage works, in a sentence; which natives loaded; what became of a database that was damaged. */
export interface StorageHealth {
  ok: boolean;
  detail: string;
  natives: { name: string; ok: boolean; why?: string }[];
  recovery?: string;
}

/** Lives as long as the daemon. A storage that cannot be opened throws a UserError at each use, and tries again at the next. */
export interface Storage<Shapes extends StoredShapes = StoredShapes> {
  /** What is stored for this profile; each call throws UserError `profile-not-found` where there is none by this id. */
  in(profileId: string): ProfileStorage<Shapes>;
  /** What `beginTurn` will say, where that is known before it is stored: to be compared with what it says. Storage need not know. */
  predictTurn?(profileId: string, turn: TurnBegin<Shapes>): StoredTurn<Shapes> | undefined;
  readonly profiles: Profiles;
  readonly spending: SpendingLog;
  readonly keyFile: KeyFileLog;
  readonly backups: Backups;
  readonly searchIndex: SearchIndex;
  /** For `doctor`. */
  health(): Promise<StorageHealth>;
  [Symbol.asyncDispose](): Promise<void>;
}
