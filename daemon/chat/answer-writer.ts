// Stores an answer while it streams. Parts that come while a write is under way are gathered into the next one, so that
// storage never holds the stream up and at most one write is lost by a crash.
import type { Conversations } from '../memory/memory.ts';

type Added = { kind: 'text' | 'reasoning' | 'note'; text: string };

/** Lives as long as one answer. */
export class AnswerWriter {
  readonly #conversations: Conversations;
  readonly #messageId: string;
  #text = '';
  #waiting: Added[] = [];
  #writing: Promise<void> | undefined;
  #failure: unknown;

  constructor(conversations: Conversations, messageId: string) {
    this.#conversations = conversations;
    this.#messageId = messageId;
  }

  /** All text of the answer so far. */
  get text(): string {
    return this.#text;
  }

  add(part: Added): void {
    if (part.kind === 'text') this.#text += part.text;
    this.#waiting.push(part);
    this.#writing ??= this.#write();
  }

  /** Waits until everything is stored, and ends the answer. Throws what storage threw. */
  async finish(end: Parameters<Conversations['finishAnswer']>[1]): Promise<void> {
    await this.#writing;
    if (this.#failure) throw this.#failure;
    await this.#conversations.finishAnswer(this.#messageId, end);
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#failure) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        for (const part of merge(batch)) await this.#conversations.appendAnswer(this.#messageId, { [part.kind]: part.text });
      } catch (error) {
        this.#failure = error; // told at finish, so that the user still sees the answer
      }
    }
    this.#writing = undefined;
  }
}

/** Neighbours of the same kind become one, but for notes, of which each stands alone. */
function merge(parts: readonly Added[]): Added[] {
  const merged: Added[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (last && last.kind === part.kind && part.kind !== 'note') merged[merged.length - 1] = { kind: part.kind, text: last.text + part.text };
    else merged.push(part);
  }
  return merged;
}
