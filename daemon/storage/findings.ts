// Past reviews and their findings.
import type { Page, PageRequest } from './pages.ts';
import type { StoredShapes } from './shapes.ts';

export interface StoredFinding<Shapes extends Pick<StoredShapes, 'finding'> = StoredShapes> {
  id: string;
  runId: string;
  uri: string;
  /** Identity across runs: same file name, same rule or message, same code, wherever it moved. */
  fingerprint: string;
  finding: Shapes['finding'];
}

/** `incomplete`: something that should have looked did not. `stopped`: by the user, or by the end of the daemon. */
export type RunState = 'running' | 'done' | 'incomplete' | 'failed' | 'stopped';

/** What was reviewed: a document, lines of it, from 0, or changes of a repository. */
export interface ReviewSubject {
  kind: 'file' | 'selection' | 'staged' | 'unstaged' | 'diff';
  lines?: { first: number; last: number };
}

/** A review that was begun. */
export interface StoredRun {
  id: string;
  /** The document, or the folder of the repository. */
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
export interface Dismissal<Shapes extends Pick<StoredShapes, 'finding'> = StoredShapes> {
  found: StoredFinding<Shapes>;
  reason?: string;
  /** Milliseconds since the epoch. */
  dismissedAt: number;
}

export interface Findings<Shapes extends Pick<StoredShapes, 'finding' | 'coverage'> = StoredShapes> {
  /** Past reviews, the newest first. */
  pastRuns(page: PageRequest): Promise<Page<StoredRun>>;
  /** What one of them found. */
  ofRun(runId: string): Promise<StoredFinding<Shapes>[]>;
  /** Who looked at what in one of them; undefined where that was not noted. */
  coverageOf(runId: string): Promise<Shapes['coverage'] | undefined>;
  /** A review begins: it is listed as running until it ends. */
  beginRun(run: { id: string; uri: string; subject: ReviewSubject }): Promise<void>;
  /** A review has ended without findings of its own: those of a diff are stored under its parts. */
  endRun(id: string, end: { state: RunState; summary: string; coverage?: Shapes['coverage'] }): Promise<void>;
  /** Stores what a review found. `state`: `part` for one document of several; `done` when it is left out. */
  saveRun(run: {
    id: string;
    uri: string;
    summary: string;
    state?: RunState | 'part';
    coverage?: Shapes['coverage'];
    findings: StoredFinding<Shapes>[];
  }): Promise<void>;
  /** Throws UserError `finding-not-found`. */
  finding(findingId: string): Promise<StoredFinding<Shapes>>;
  /** Findings of the newest run on a document, without dismissed ones. */
  latest(uri: string): Promise<StoredFinding<Shapes>[]>;
  dismiss(findingId: string, reason?: string): Promise<StoredFinding<Shapes>>;
  /** Takes a dismissal back. Throws UserError `finding-not-found`. */
  undismiss(findingId: string): Promise<StoredFinding<Shapes>>;
  /** What the user has dismissed, the last first, at most so many. Those whose findings are no longer stored are left out. */
  dismissals(limit: number): Promise<Dismissal<Shapes>[]>;
  /** Which of these fingerprints the user has dismissed. */
  dismissed(fingerprints: readonly string[]): Promise<Set<string>>;
}
