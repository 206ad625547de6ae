// The models as reviews and inline actions ask them, by the rules that hold for chats: one that cannot answer is replaced by the
// next while nothing of its answer was shown, with a sentence that says why; and how each did is told to whoever learns from it.
import { UserError } from '../../base/errors.ts';
import { withFallback } from '../../models/resilience/fallback.ts';
import type { Router, Selection, SelectRequest } from '../../models/router/router.ts';

/** Lives as long as the daemon. */
export interface Models {
  /** Throws what `Router.select` throws. */
  select(wanted: SelectRequest, signal: AbortSignal): Promise<Selection>;
  /**
   * Works with the chosen model, and with those after it where it fails. Each attempt is given why others before it did not
   * answer. Throws what the last attempt threw.
   */
  ask<Answer>(
    first: Selection,
    asking: Asking,
    attempt: (selection: Selection, notes: readonly string[]) => Promise<Answer>,
  ): Promise<Answer>;
}

export interface Asking {
  wanted: SelectRequest;
  /** Whether something of an answer was shown: then no other model takes over. */
  isShown(): boolean;
  signal: AbortSignal;
}

export interface ModelsDeps {
  router: Router & {
    ended(
      selection: Selection,
      how: { status: 'complete' | 'partial' | 'cancelled' | 'failed'; error?: unknown },
    ): void;
  };
  /** The user's setting: fail rather than let another model answer. */
  neverSwitch(): boolean;
  now(): number;
}

export function createModels({ router, neverSwitch, now }: ModelsDeps): Models {
  return {
    select: (wanted, signal) => router.select(wanted, signal),
    ask(first, { wanted, isShown, signal }, attempt) {
      const rules = { router, wanted, neverSwitch: neverSwitch(), isShown, now, signal };
      return withFallback(first, rules, async ({ selection, notes }) => {
        try {
          const answer = await attempt(selection, notes);
          router.ended(selection, { status: 'complete' });
          return answer;
        } catch (error) {
          router.ended(selection, { status: statusOf(error, isShown(), signal), error });
          throw error;
        }
      });
    },
  };
}

function statusOf(
  error: unknown,
  isShown: boolean,
  signal: AbortSignal,
): 'complete' | 'partial' | 'cancelled' | 'failed' {
  if (signal.aborted) return 'cancelled';
  if (error instanceof UserError && error.code === 'nothing-to-change') return 'complete'; // the model has answered, and had nothing to say
  return isShown ? 'partial' : 'failed';
}
