// The guard against loops: whether the last turns of a run have brought anything new. It warns once, in the prompt, and then ends the run.
// Reading other parts, running tests again after an edit, and looking a few times whether something is ready are no loops. Pure.
import { createHash } from 'node:crypto';
import type { CallResult, MadeCall } from './turn.ts';

interface GuardedCall {
  call: Pick<MadeCall, 'name' | 'arguments'>;
  result: Pick<CallResult, 'kind' | 'ok' | 'text' | 'title' | 'spent'>;
}

export type GuardVerdict = { kind: 'go' } | { kind: 'warn'; notice: string } | { kind: 'stop'; why: string };

/**
 * How much of nothing new a call is. What is outside can change without us, so it may be looked at more often. `sameFailure` is a call
 * with other arguments of a tool that has failed before; `sameAnswer` is one that brings what another has brought.
 */
const weights = { repeated: 6, repeatedOutside: 4, sameFailure: 4, sameAnswer: 2 };
const warnAt = 12; // the third time of the same, or the fourth of what is outside
const stopAt = 24;

/** Why a run ends that was warned and then answered: it was told to, whether its task was done or not. */
export const answeredEarly =
  'The model kept repeating itself and was told to answer, so its task may not be done. Say more of what you want, or choose another model.';

/** Why a run ends whose model could do nothing more. */
export const failedAlike =
  'The same failure came after each change, so the task may not be done. Say more of what you want, or choose another model.';

/** Lives as long as a run is at work. */
export class LoopGuard {
  #staleness = 0;
  #hasWarned = false;
  /** Calls with what they brought, since the last change of a file. */
  readonly #known = new Set<string>();
  readonly #answers = new Set<string>();
  /** Tools that have failed since. */
  readonly #failed = new Set<string>();
  /** Changes that were made, over the whole run: to make one again is nothing new. */
  readonly #changes = new Set<string>();
  /** Turns since the last one that brought something new. */
  staleTurns = 0;
  /** Whether the last turn was answered with a warning. */
  hasJustWarned = false;

  /** At least one call. */
  takeTurn(calls: readonly GuardedCall[]): GuardVerdict {
    this.hasJustWarned = false;
    const added = Math.min(...calls.map((each) => this.#staleOf(each)));
    if (added === 0) {
      this.#staleness = 0;
      this.staleTurns = 0;
      return { kind: 'go' };
    }
    this.#staleness += added;
    this.staleTurns++;
    const last = calls.at(-1)?.result.title ?? '';
    if (this.#staleness >= stopAt)
      return {
        kind: 'stop',
        why: `Stopped, since the model kept repeating itself without learning anything new (last: ${last}). Say more of what you want, or choose another model.`,
      };
    if (this.#staleness < warnAt || this.#hasWarned) return { kind: 'go' };
    this.#hasWarned = true;
    this.hasJustWarned = true;
    return {
      kind: 'warn',
      notice:
        'You repeat yourself: these calls bring nothing new. Do something else, ask the user, or answer with what you know. Otherwise the run ends.',
    };
  }

  /** What stands in the prompt as a digest alone may be looked at again. */
  forget(): void {
    this.#known.clear();
    this.#answers.clear();
  }

  /** 0 where it brought something new. */
  #staleOf({ call, result }: GuardedCall): number {
    const asked = `${call.name} ${canonical(call.arguments)}`;
    const isChange = result.kind === 'edit';
    const isOutside = result.kind === 'run' || result.kind === 'web' || result.kind === 'mcp';
    // Models word it anew each time: who asks them the same again learns nothing new.
    const brought = result.spent ? asked : `${asked} ${hash(result.text)}`;
    const answer = `${call.name} ${hash(result.text)}`;
    if (isChange && result.ok) return this.#changed(asked);
    const isRepeated = this.#known.has(brought);
    const isAnswered = result.ok ? this.#answers.has(answer) : this.#failed.has(call.name);
    this.#known.add(brought);
    if (result.ok) this.#answers.add(answer);
    else this.#failed.add(call.name);
    if (isRepeated) return isOutside ? weights.repeatedOutside : weights.repeated;
    if (!isAnswered || isOutside) return 0;
    return result.ok ? weights.sameAnswer : weights.sameFailure;
  }

  #changed(asked: string): number {
    if (this.#changes.has(asked)) return weights.repeated;
    this.#changes.add(asked);
    this.forget();
    this.#failed.clear();
    return 0;
  }
}

/** Arguments in whatever order and with whatever spaces are the same. */
function canonical(json: string): string {
  try {
    return JSON.stringify(sorted(JSON.parse(json)));
  } catch {
    return json.trim();
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}
