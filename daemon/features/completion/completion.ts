// Completion as you type: one engine for every editor.
import type { Range, Snippet } from '../../base/snippet.ts';
import type { SessionView } from '../../sessions/session-view.ts';

export interface CompletionQuery {
  profile: string;
  /** The whole document, as its client last sent it. */
  snippet: Snippet;
  position: Range['start'];
  /** Whether the user asked for it, rather than having typed. */
  isInvoked: boolean;
  /** What the editor's own list would put there. */
  selected?: { range: Range; text: string };
}

export interface Suggestion {
  id: string;
  text: string;
  range: Range;
  /** `provider/model`. */
  model: string;
  from: 'model' | 'typed' | 'ahead';
  latencyMs: number;
  tokensPerSecond?: number;
}

export interface SuggestionOutcome {
  accepted?: boolean;
  keptAfterMs?: number;
}

/** Lives as long as the daemon. */
export class Completions {
  /** `why` is a sentence where there is no suggestion for a reason that the user can change. Throws CancelledError. */
  async suggest(
    _query: CompletionQuery,
    _client: SessionView,
    _signal: AbortSignal,
  ): Promise<{ suggestion?: Suggestion; why?: string }> {
    return {};
  }

  /** Nothing where this profile was shown no such suggestion. */
  async settle(_profile: string, _id: string, _outcome: SuggestionOutcome): Promise<void> {}
}
