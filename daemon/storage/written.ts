// What became of code that models wrote: what the checks said of it, how sure the judge was, and whether the user kept it. How answers
// ended that were to be edits, by the form in which a model was asked for them. And of suggestions as the user types: when and where
// they were shown, and whether they were accepted and stayed; numbers, and no text.

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

/**
 * `worked`: it was of that form and passed the gate; `unread`: it was of another form or of none; `unplaced`: what it says it replaces
 * isn't there, or is there more than once; `refused`: by the gate.
 */
export type EditAnswerEnd = 'worked' | 'unread' | 'unplaced' | 'refused' | 'cut-off';

export interface EditAnswer {
  /** `provider/model` */
  model: string;
  format: string;
  end: EditAnswerEnd;
}

export interface FormatTally {
  format: string;
  /** How many answers ended so. */
  ends: { [end in EditAnswerEnd]?: number };
}

/** Of a profile's models the newest this many answers each are kept, and of no more models than this. */
export const maxEditAnswers = { each: 100, models: 100 };

export interface EditAnswerLog {
  add(answer: EditAnswer): Promise<void>;
  /** Of the forms that a model was asked for. */
  tallies(model: string): Promise<FormatTally[]>;
}

export interface ShownSuggestion {
  id: string;
  /** `provider/model`. */
  model: string;
  /** LSP's language identifier. */
  language: string;
  latencyMs: number;
  characters: number;
  lines: number;
  /** What was known before it was asked for, by name. */
  features: Readonly<Record<string, number>>;
  /** Milliseconds since the epoch. */
  shownAt: number;
}

export interface StoredSuggestion extends ShownSuggestion {
  /** Absent until that is known. */
  accepted?: boolean;
  /** Milliseconds after which it was still there; 0 where it was not. */
  keptAfterMs?: number;
}

export type SuggestionOutcome = Pick<StoredSuggestion, 'accepted' | 'keptAfterMs'>;

/** Of a profile the newest this many are kept. */
export const maxSuggestions = 5000;

export interface CompletionLog {
  add(shown: ShownSuggestion): Promise<void>;
  /** The last word of each field holds. Nothing where there is no such suggestion. */
  settle(id: string, outcome: SuggestionOutcome): Promise<void>;
  /** The newest first. */
  list(limit: number): Promise<StoredSuggestion[]>;
  clear(): Promise<void>;
}
