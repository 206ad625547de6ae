// What became of code that models wrote: what the checks said of it, how sure the judge was, and whether the user kept it.

export interface WrittenCode {
  jobId: string;
  /** By which the client tells what became of it. */
  decisionId?: string;
  /** `provider/model` of who wrote it. */
  coder: string;
  /** LSP's language identifier. */
  language: string;
  /** Whether the draft passed the checks, and a revision of it; absent where nothing could tell, or none was made. */
  draftPasses?: boolean;
  revisionPasses?: boolean;
  /** Who judged it last, and the number that it gave. */
  judge?: string;
  confidence?: number;
  /** Whether the user kept it; absent until that is known. */
  kept?: boolean;
}

/** Of a profile the newest this many are kept. */
export const maxWritten = 2000;

export interface WrittenLog {
  add(code: Omit<WrittenCode, 'kept'>): Promise<void>;
  /** Nothing where no code belongs to the decision. */
  settle(decisionId: string, kept: boolean): Promise<void>;
  /** The newest first. */
  list(): Promise<WrittenCode[]>;
}
