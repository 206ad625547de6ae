// The chat turns that are running. Every client that sees an answer grow can stop it, not only the one that asked. Background work
// waits until none is running.

/** Lives as long as one turn; disposing of it says that nothing of the turn runs any more. */
export interface RunningTurn extends Disposable {
  /** Aborted when somebody stops the turn. */
  readonly signal: AbortSignal;
  /** The chat is known now, and who answers. */
  chosen(chatId: string, model: string): void;
}

interface TrackedTurn {
  chatId: string | undefined;
  model?: string;
  stop: AbortController;
  ended: Promise<void>;
}

/** Lives as long as the daemon. */
export class RunningTurns {
  readonly #turns = new Set<TrackedTurn>();
  #endedAt = Number.NEGATIVE_INFINITY;

  begin(chatId: string | undefined): RunningTurn {
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const turn: TrackedTurn = { chatId, stop: new AbortController(), ended };
    this.#turns.add(turn);
    return {
      signal: turn.stop.signal,
      chosen: (chat, model) => void Object.assign(turn, { chatId: chat, model }),
      [Symbol.dispose]: () => {
        this.#turns.delete(turn);
        this.#endedAt = performance.now();
        resolve();
      },
    };
  }

  /** Stops the turns of a chat and waits until they have ended. Returns whether there were any. */
  async stop(chatId: string): Promise<boolean> {
    const running = [...this.#turns].filter((turn) => turn.chatId === chatId);
    for (const { stop } of running) stop.abort();
    await Promise.all(running.map(({ ended }) => ended));
    return running.length > 0;
  }

  /** Whether a turn runs, or has ended within the last `momentMs`. */
  isBusy(momentMs = 1000): boolean {
    return this.#turns.size > 0 || performance.now() - this.#endedAt < momentMs;
  }

  list(): { chatId?: string; model?: string }[] {
    return [...this.#turns].map(({ chatId, model }) => ({ ...(chatId && { chatId }), ...(model && { model }) }));
  }
}
