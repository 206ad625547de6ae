// The chat turns that are running, so that anybody who sees an answer grow can stop it, not only who asked for it.

/** Lives as long as one turn; disposing of it says that nothing of the turn runs any more. */
export interface RunningTurn extends Disposable {
  /** Aborted when somebody stops the turn. */
  readonly signal: AbortSignal;
  /** The chat is known now, and who answers. */
  chosen(chatId: string, model: string): void;
}

interface Turn {
  chatId: string | undefined;
  model?: string;
  stop: AbortController;
  ended: Promise<void>;
}

/** Lives as long as the daemon. */
export class RunningTurns {
  readonly #turns = new Set<Turn>();

  begin(chatId: string | undefined): RunningTurn {
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const turn: Turn = { chatId, stop: new AbortController(), ended };
    this.#turns.add(turn);
    return {
      signal: turn.stop.signal,
      chosen: (chat, model) => void Object.assign(turn, { chatId: chat, model }),
      [Symbol.dispose]: () => {
        this.#turns.delete(turn);
        resolve();
      },
    };
  }

  /** Stops what runs in a chat and waits until it has ended; whether there was anything. */
  async stop(chatId: string): Promise<boolean> {
    const running = [...this.#turns].filter((turn) => turn.chatId === chatId);
    for (const { stop } of running) stop.abort();
    await Promise.all(running.map(({ ended }) => ended));
    return running.length > 0;
  }

  list(): { chatId?: string; model?: string }[] {
    return [...this.#turns].map(({ chatId, model }) => ({ ...(chatId && { chatId }), ...(model && { model }) }));
  }
}
