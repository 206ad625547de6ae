// Every call to the worker, a row each: what it means for the answers that the client holds, and how the worker takes it. The client's
// facade, its read cache, its predictor and the worker's groups follow this table. A method without a row does not compile.
import type { StorageCalls } from './calls.ts';

export interface CallRow {
  /**
   * `none`: cached answers hold after it. `cached`: its own answer is cached. `predicted`: cached answers hold, and the predictor follows
   * what it changes. `clears`: no cached answer holds after it.
   */
  readonly cache: 'none' | 'cached' | 'predicted' | 'clears';
  /**
   * `grouped`: in one transaction with its neighbours. `alone`: it opens the database, takes its time, or keeps state beside the
   * database. `later`: alone, and answered by a promise.
   */
  readonly runs: 'grouped' | 'alone' | 'later';
  /** Whether the lists of chats and reviews may look different after it. */
  readonly isListed?: true;
}

const harmless = { cache: 'none', runs: 'grouped' } as const;
const cached = { cache: 'cached', runs: 'grouped' } as const;
const predicted = { cache: 'predicted', runs: 'grouped' } as const;
const write = { cache: 'clears', runs: 'grouped' } as const;
const harmlessAlone = { cache: 'none', runs: 'alone' } as const;
const writeAlone = { cache: 'clears', runs: 'alone' } as const;
const harmlessLater = { cache: 'none', runs: 'later' } as const;
const writeLater = { cache: 'clears', runs: 'later' } as const;

function listed<Row extends CallRow>(row: Row): Row & { readonly isListed: true } {
  return { ...row, isListed: true };
}

type Table = { readonly [Part in keyof StorageCalls]: { readonly [Name in keyof StorageCalls[Part]]: CallRow } };

export const callTable = {
  chats: {
    createChat: listed(predicted),
    chat: harmless,
    updateChat: listed(write),
    firstWords: harmless,
    retitle: listed(harmless),
    deleteChat: listed(write),
    forkChat: listed(write),
    listChats: harmless,
    messages: harmless,
    message: harmless,
    thread: harmless,
    addUserMessage: listed(write),
    beginTurn: listed(predicted),
    startAnswer: predicted,
    resumeAnswer: listed(write),
    appendAnswer: predicted,
    finishAnswer: listed(predicted),
    chooseVersion: listed(write),
    pin: write,
    tree: harmless,
  },
  imports: { begin: writeAlone, add: writeAlone, finish: listed(writeAlone), drop: writeAlone },
  older: { before: harmless, stretch: harmless, saveSummary: harmless },
  trash: { list: harmless, restore: listed(write), purge: listed(write) },
  findings: {
    pastRuns: harmless,
    ofRun: harmless,
    coverageOf: harmless,
    asideOf: harmless,
    known: harmless,
    close: harmless,
    reviewedUris: harmless,
    hunkClaims: harmless,
    keepHunkClaims: harmless,
    forgetHunks: harmless,
    beginRun: listed(harmless),
    endRun: listed(harmless),
    saveRun: listed(harmless),
    finding: harmless,
    latest: harmless,
    dismiss: harmless,
    undismiss: harmless,
    dismissals: harmless,
    dismissed: harmless,
    applied: harmless,
    lessons: harmless,
    forgetLessons: harmless,
  },
  ledger: { record: harmless, sums: harmless },
  decisions: { save: harmless, finish: harmless, decision: harmless, list: harmless },
  projects: { visit: write, list: harmless, attach: write, bind: write },
  search: { find: harmlessLater, put: harmless, remove: harmless },
  code: {
    files: harmless,
    put: harmless,
    touch: harmless,
    remove: harmless,
    forget: harmless,
    counts: harmless,
    pieces: harmless,
    symbols: harmless,
    namesLike: harmless,
  },
  memories: { list: cached, proposals: harmless, add: write, update: write, delete: write, markUsed: write },
  jobs: {
    add: harmless,
    list: harmless,
    job: harmless,
    unfinished: harmless,
    waste: harmless,
    begin: harmless,
    wait: harmless,
    finishStage: harmless,
    end: harmless,
    purge: harmless,
    remove: harmless,
  },
  approvals: { add: harmless, has: harmless, list: harmless, remove: harmless, clear: harmless },
  completions: { add: harmless, settle: harmless, list: harmless, clear: harmless },
  written: { add: harmless, settle: harmless, list: harmless },
  editAnswers: { add: harmless, tallies: harmless },
  mcpPins: { list: harmless, put: harmless, remove: harmless },
  profiles: { list: harmless, find: cached, create: write, update: write, delete: write, boundTo: harmless },
  spending: { since: harmless },
  keyFile: { latest: harmless, note: harmless },
  searchIndex: {
    useModel: harmlessAlone,
    pending: harmlessAlone,
    store: harmlessAlone,
    rebuild: harmlessAlone,
    status: harmlessAlone,
    cancel: harmlessAlone,
  },
  storage: { health: harmlessAlone },
  backups: { create: harmlessLater, list: harmlessLater, verify: harmlessLater, restore: writeLater },
} as const satisfies Table;

type CallTable = typeof callTable;

/** An interface of promises as the worker answers it: at once. */
export type Synchronous<Interface> = {
  [Name in keyof Interface]: Interface[Name] extends (...args: infer Args) => Promise<infer Result>
    ? (...args: Args) => Result
    : never;
};

/** A part as the worker answers it: at once, but for the calls that are answered later. */
export type EnginePart<Part extends keyof StorageCalls> = {
  [Name in keyof StorageCalls[Part]]: CallTable[Part][Name & keyof CallTable[Part]] extends { runs: 'later' }
    ? StorageCalls[Part][Name]
    : Synchronous<StorageCalls[Part]>[Name];
};

type ChatCalls = StorageCalls['chats'];
type PredictedName = {
  [Name in keyof ChatCalls]: CallTable['chats'][Name] extends { cache: 'predicted' } ? Name : never;
}[keyof ChatCalls];
/** A call that the predictor follows. */
export type PredictedCall = {
  [Name in PredictedName]: { profile: string; name: Name; args: Readonly<Parameters<ChatCalls[Name]>> };
}[PredictedName];

/** Undefined where there is no such call. */
export function rowOf({ part, name }: { part: keyof StorageCalls; name: string }): CallRow | undefined {
  const rows: Readonly<Record<string, CallRow>> = callTable[part];
  return rows[name];
}
