// What became of suggestions: when and where they were shown, and whether they were accepted and stayed. Numbers, and no text.

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
}
