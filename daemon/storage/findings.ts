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

/** A review that was made. */
export interface StoredRun {
  id: string;
  uri: string;
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

export interface Findings<Shapes extends Pick<StoredShapes, 'finding'> = StoredShapes> {
  /** Past reviews, the newest first. */
  pastRuns(page: PageRequest): Promise<Page<StoredRun>>;
  /** What one of them found. */
  ofRun(runId: string): Promise<StoredFinding<Shapes>[]>;
  saveRun(run: { id: string; uri: string; summary: string; findings: StoredFinding<Shapes>[] }): Promise<void>;
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
