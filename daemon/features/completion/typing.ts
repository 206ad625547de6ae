// What is known of a session's user who types: where they were, what was suggested last, what is being asked for now.
import { CancelledError } from '../../base/errors.ts';
import { KeptSuggestions } from './kept.ts';
import { type OtherPiece, RecentPlaces } from './others.ts';
import type { Anchor } from './prompt.ts';

/** A document with its cursor. */
export interface Spot {
  uri: string;
  languageId: string;
  text: string;
  offset: number;
}

/** A change as the client sends it; without a range it is of the whole text. */
interface TypedChange {
  range?: { start: { line: number } } | null | undefined;
  text: string;
}

interface PromptHead {
  uri: string;
  anchor: Anchor;
  others: readonly OtherPiece[];
  othersAtMs: number;
}

const othersHoldMs = 30_000; // what a prompt begins with is read again where it changes

/** Lives as long as a session works in one profile. */
export class Typing implements Disposable {
  /** Undefined until something is suggested. */
  profile: string | undefined;
  readonly kept = new KeptSuggestions();
  readonly places = new RecentPlaces();
  /** What was asked for before it was wanted, while it is under way. */
  ahead: { spot: Spot; done: Promise<void> } | undefined;
  /** Milliseconds of the daemon's clock. */
  changedAtMs = Number.NEGATIVE_INFINITY;
  /** 1 where the last suggestion was accepted, -1 where another one came instead. */
  lastOutcome = 0;
  #lastChange: { uri: string; isDeletion: boolean } | undefined;
  #head: PromptHead | undefined;
  #current: AbortController | undefined;
  #requests = 0;

  noteChange(uri: string, changes: readonly TypedChange[], { isShorter }: { isShorter: boolean }): void {
    const isDeletion = isShorter && changes.every(({ range, text }) => text === '' || !range);
    this.#lastChange = { uri, isDeletion };
    this.changedAtMs = performance.now();
    const line = changes.at(-1)?.range?.start.line;
    if (line !== undefined) this.places.note(uri, line);
  }

  /** Whether the user has just taken something away there. */
  hasJustDeleted(uri: string): boolean {
    return this.#lastChange?.uri === uri && this.#lastChange.isDeletion;
  }

  /** Something is asked for. Tells later on whether that is still the newest. */
  ask(): () => boolean {
    const own = ++this.#requests;
    return () => own === this.#requests;
  }

  /** Ends what was asked for before; what is asked for now ends with `signal`, or when something newer comes. */
  begin(signal?: AbortSignal): AbortSignal {
    this.#current?.abort(new CancelledError());
    this.#current = new AbortController();
    return signal ? AbortSignal.any([signal, this.#current.signal]) : this.#current.signal;
  }

  anchorIn(uri: string): Anchor | undefined {
    return this.#head?.uri === uri ? this.#head.anchor : undefined;
  }

  /** The pieces of other files: those of the last prompt as long as it goes on in the same place. */
  async othersAt(uri: string, anchor: Anchor, gather: () => Promise<OtherPiece[]>): Promise<readonly OtherPiece[]> {
    const head = this.#head;
    const now = performance.now();
    const isSame = head?.uri === uri && (head.anchor === anchor || now - head.othersAtMs < othersHoldMs);
    const others = head && isSame ? head.others : await gather();
    this.#head = { uri, anchor, others, othersAtMs: head && isSame ? head.othersAtMs : now };
    return others;
  }

  [Symbol.dispose](): void {
    this.#current?.abort(new CancelledError());
  }
}
