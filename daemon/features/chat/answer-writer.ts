// Stores an answer while it streams. Parts that come during a write, or shortly after it began, go into the next write, so that
// storage never holds the stream up and a crash loses the parts of a moment at most. The first write begins the answer; an answer that
// ends within that moment takes two writes.

import type { Chats } from '../../storage/chats.ts';
import type { AnswerPiece } from '../../storage/messages.ts';

type AnswerAddition = { kind: 'text' | 'reasoning' | 'note'; text: string };

export interface AnswerWriterOptions {
  /** Resolves when the answer itself is stored; nothing is added to it before. */
  begun?: Promise<unknown>;
  /** Text that the answer has already: what is added comes after it. */
  before?: string;
  /** The least time between the beginnings of two writes. */
  gatherMs?: number;
}

const defaultGatherMs = 10; // readers see no difference between this and at once, and a fast model sends many parts in that time

/** Lives as long as one answer. */
export class AnswerWriter {
  readonly #chats: Chats;
  readonly #messageId: string;
  readonly #gatherMs: number;
  readonly #before: string;
  #text = '';
  #thoughtCharacters = 0;
  #waiting: AnswerAddition[] = [];
  #writing: Promise<void> | undefined;
  #failure: unknown;
  readonly #begun: Promise<unknown> | undefined;
  #isBegun: boolean;
  #isFinishing = false;
  #endPause: (() => void) | undefined;

  constructor(
    chats: Chats,
    messageId: string,
    { begun, before = '', gatherMs = defaultGatherMs }: AnswerWriterOptions = {},
  ) {
    this.#chats = chats;
    this.#messageId = messageId;
    this.#before = before;
    this.#gatherMs = gatherMs;
    this.#begun = begun;
    this.#isBegun = begun === undefined;
    if (begun) this.#writing = this.#write();
  }

  /** All text of the answer so far. */
  get text(): string {
    return this.#before + this.#text;
  }

  /** All text that was added so far was reasoning. It is moved when the answer ends: a model is not known to do so before. */
  takeForReasoning(): void {
    this.#thoughtCharacters += this.#text.length;
    this.#text = '';
  }

  add(part: AnswerAddition): void {
    if (part.kind === 'text') this.#text += part.text;
    this.#waiting.push(part);
    this.#writing ??= this.#write();
  }

  /** Whether the answer itself is stored, so that its end can be. */
  get isBegun(): boolean {
    return this.#isBegun;
  }

  /**
   * Waits until everything is stored, and ends the answer. Throws what storage threw. After a failed write an answer is not complete:
   * it can only be ended as far as it was stored. May be called again where it threw.
   */
  async finish(end: Parameters<Chats['finishAnswer']>[1]): Promise<void> {
    this.#isFinishing = true;
    this.#endPause?.();
    if (this.#isBegun) await this.#writing;
    const isCut = this.#failure !== undefined;
    if (isCut && (end.status === 'complete' || !this.#isBegun)) throw this.#failure;
    const last = isCut ? [] : merge(this.#waiting); // nothing is stored after a gap
    const finished = this.#chats.finishAnswer(this.#messageId, {
      ...end,
      ...(last.length > 0 && { last }),
      ...(this.#thoughtCharacters > 0 && {
        thoughtCharacters: this.#thoughtCharacters,
        thoughtFrom: this.#before.length,
      }),
    });
    await Promise.all([this.#begun, finished]); // storage keeps the order of calls; a failed beginning is the reason to tell
  }

  /** Writes until nothing is waiting. `finish` writes what comes after it was called. */
  async #write(): Promise<void> {
    const beganAt = performance.now();
    try {
      if (!this.#isBegun) {
        await this.#begun;
        this.#isBegun = true;
        await this.#pause(beganAt + this.#gatherMs);
      }
      while (this.#waiting.length > 0 && !this.#isFinishing) {
        const startedAt = performance.now();
        for (const piece of merge(this.#take())) await this.#chats.appendAnswer(this.#messageId, piece);
        await this.#pause(startedAt + this.#gatherMs);
      }
    } catch (error) {
      this.#failure = error ?? new Error('storage failed'); // told at finish, so that the user still sees the answer
      return;
    }
    this.#writing = undefined;
  }

  #take(): AnswerAddition[] {
    const taken = this.#waiting;
    this.#waiting = [];
    return taken;
  }

  async #pause(until: number): Promise<void> {
    const ms = until - performance.now();
    if (ms <= 0 || this.#isFinishing) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.#endPause = resolve;
    await promise;
    clearTimeout(timer);
    this.#endPause = undefined;
  }
}

/** Joins neighbouring parts of one kind. Each note stays a part of its own. */
function merge(parts: readonly AnswerAddition[]): AnswerPiece[] {
  const merged: AnswerAddition[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (last && last.kind === part.kind && part.kind !== 'note')
      merged[merged.length - 1] = { kind: part.kind, text: last.text + part.text };
    else merged.push(part);
  }
  return merged.map(({ kind, text }) => ({ [kind]: text }));
}
