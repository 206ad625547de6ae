// Past reviews and their findings.
import type { Page, PageRequest } from './pages.ts';
import type { StoredShapes } from './shapes.ts';

export interface StoredFinding<Shapes extends Pick<StoredShapes, 'finding' | 'surroundings'> = StoredShapes> {
  id: string;
  runId: string;
  uri: string;
  /** Identity across runs: a finding that is known again has the fingerprint that it had before. */
  fingerprint: string;
  finding: Shapes['finding'];
  /** By which it is known again; absent for old findings. */
  surroundings?: Shapes['surroundings'];
}

/** `incomplete`: something that should have looked did not. `stopped`: by the user, or by the end of the daemon. */
export type RunState = 'running' | 'done' | 'incomplete' | 'failed' | 'stopped';

/** What was reviewed: documents, lines of one, from 0, or changes of a repository. */
export interface ReviewSubject {
  kind: 'file' | 'selection' | 'files' | 'staged' | 'unstaged' | 'diff' | 'commit' | 'range' | 'base';
  lines?: { first: number; last: number };
  /** URIs, of several documents. */
  files?: string[];
  /** As the user named the commit, the range, or the base. */
  revision?: string;
}

/** A review that was begun. */
export interface StoredRun {
  id: string;
  /** The document, or the folder of several or of the repository. */
  uri: string;
  state: RunState;
  /** Absent where it was not noted. */
  subject?: ReviewSubject;
  /** Of one that failed: why. */
  summary: string;
  findings: number;
  createdAt: number;
}

/** A finding that the user has dismissed, as it was found last. */
export interface Dismissal<Shapes extends Pick<StoredShapes, 'finding' | 'surroundings'> = StoredShapes> {
  found: StoredFinding<Shapes>;
  reason?: string;
  /** Milliseconds since the epoch. */
  dismissedAt: number;
}

/** A finding on which the user has decided: dismissed, or its fix taken. */
export interface FindingLesson<Shapes extends Pick<StoredShapes, 'finding'> = StoredShapes> {
  finding: Shapes['finding'];
  isDismissed: boolean;
}

/** A finding of before, as it was found last. */
export interface KnownFinding<Shapes extends Pick<StoredShapes, 'finding' | 'surroundings'> = StoredShapes> {
  found: StoredFinding<Shapes>;
  /** No later review found it solved or gone. */
  isOpen: boolean;
  isDismissed: boolean;
}

/** What a model said of a piece of code, under a hash of all that it depends on. */
export interface HunkClaims<Shapes extends Pick<StoredShapes, 'claims'> = StoredShapes> {
  key: string;
  uri: string;
  claims: Shapes['claims'];
}

type ReviewStoredShapes = Pick<StoredShapes, 'finding' | 'coverage' | 'surroundings' | 'aside' | 'claims'>;

export interface Findings<Shapes extends ReviewStoredShapes = StoredShapes> {
  /** Past reviews, the newest first. */
  pastRuns(page: PageRequest): Promise<Page<StoredRun>>;
  /** What one of them found. */
  ofRun(runId: string): Promise<StoredFinding<Shapes>[]>;
  /** Who looked at what in one of them; undefined where that was not noted. */
  coverageOf(runId: string): Promise<Shapes['coverage'] | undefined>;
  /** What one of them held back and what it found solved; undefined where that was not noted. */
  asideOf(runId: string): Promise<Shapes['aside'] | undefined>;
  /** A review begins: it is listed as running until it ends. */
  beginRun(run: { id: string; uri: string; subject: ReviewSubject }): Promise<void>;
  /** A review has ended without findings of its own: those of a diff are stored under its parts. */
  endRun(
    id: string,
    end: { state: RunState; summary: string; coverage?: Shapes['coverage']; aside?: Shapes['aside'] },
  ): Promise<void>;
  /** Stores what a review found. `state`: `part` for one document of several; `done` when it is left out. */
  saveRun(run: {
    id: string;
    uri: string;
    summary: string;
    state?: RunState | 'part';
    coverage?: Shapes['coverage'];
    aside?: Shapes['aside'];
    findings: StoredFinding<Shapes>[];
  }): Promise<void>;
  /** Throws UserError `finding-not-found`. */
  finding(findingId: string): Promise<StoredFinding<Shapes>>;
  /** Findings of the newest run on a document, without dismissed ones. */
  latest(uri: string): Promise<StoredFinding<Shapes>[]>;
  /** What was ever found in a document, each finding once, the last found first. Dismissed ones too. */
  known(uri: string): Promise<KnownFinding<Shapes>[]>;
  /** These are solved, or their code is gone. */
  close(fingerprints: readonly string[]): Promise<void>;
  /** The documents of past reviews, the last reviewed first, at most so many. */
  reviewedUris(limit: number): Promise<string[]>;
  /** What is known under these keys, by key. */
  hunkClaims(keys: readonly string[]): Promise<Map<string, Shapes['claims']>>;
  /** Keeps what a model said. Of many, those used last are kept. */
  keepHunkClaims(hunks: readonly HunkClaims<Shapes>[]): Promise<void>;
  /** What was said of a document's code is not kept any more. */
  forgetHunks(uri: string): Promise<void>;
  dismiss(findingId: string, reason?: string): Promise<StoredFinding<Shapes>>;
  /** Takes a dismissal back. Throws UserError `finding-not-found`. */
  undismiss(findingId: string): Promise<StoredFinding<Shapes>>;
  /** What the user has dismissed, the last first, at most so many. Those whose findings are no longer stored are left out. */
  dismissals(limit: number): Promise<Dismissal<Shapes>[]>;
  /** The user has taken a finding's fix. Throws UserError `finding-not-found`. */
  applied(findingId: string): Promise<StoredFinding<Shapes>>;
  /** On which findings the user has decided, the last first, at most so many. */
  lessons(limit: number): Promise<FindingLesson<Shapes>[]>;
  /** Nothing is learned from decisions of before. What was dismissed stays so. Returns how many there were. */
  forgetLessons(): Promise<number>;
  /** Which of these fingerprints the user has dismissed. */
  dismissed(fingerprints: readonly string[]): Promise<Set<string>>;
}
