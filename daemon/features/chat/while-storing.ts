// An answer that is begun while its question is being stored. The model need not wait for the disk, the user does: nothing of the
// answer is shown before the question is stored, and where storing fails the answer is given up.
import type { BegunTurn, RecalledMessage } from '../../storage/storage.ts';
import type { ReplyPart, TurnOptions } from './turn.ts';

export interface Storing {
  /** The question on its way to storage. */
  stored: Promise<BegunTurn>;
  /** What storage will probably say. */
  foreseen: BegunTurn;
}

/**
 * Answers what is foreseen, and holds its parts back until that is stored. Throws what storage throws. Where storage knows better,
 * the answer is given up and begun again from what it says.
 */
export async function whileStoring<Reply>(
  { stored, foreseen }: Storing,
  options: TurnOptions,
  answer: (begun: BegunTurn, options: TurnOptions) => Promise<Reply>,
): Promise<Reply> {
  const ahead = new Ahead(options);
  const compared = stored.then((begun) => {
    if (!isSame(begun, foreseen)) return begun;
    ahead.show();
    return undefined;
  });
  compared.then(
    (other) => other && ahead.giveUp(),
    () => ahead.giveUp(),
  );
  const [answered, asked] = await Promise.allSettled([
    answer(foreseen, { signal: ahead.signal, onPart: ahead.onPart }),
    compared,
  ]);
  ahead[Symbol.dispose]();
  if (asked.status === 'rejected') throw asked.reason;
  if (asked.value) return await answer(asked.value, options);
  if (answered.status === 'rejected') throw answered.reason;
  return answered.value;
}

/** How an answer is followed that may not be shown yet. Lives until the answer has ended. */
class Ahead implements Disposable {
  readonly #options: TurnOptions;
  readonly #abort = new AbortController();
  #held: ReplyPart[] | undefined = [];

  constructor(options: TurnOptions) {
    this.#options = options;
    if (options.signal.aborted) this.giveUp();
    options.signal.addEventListener('abort', this.giveUp, { once: true });
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  readonly onPart = (part: ReplyPart): void => {
    if (this.#held) this.#held.push(part);
    else this.#options.onPart(part);
  };

  show(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const part of held) this.#options.onPart(part);
  }

  readonly giveUp = (): void => this.#abort.abort();

  [Symbol.dispose](): void {
    this.#options.signal.removeEventListener('abort', this.giveUp);
  }
}

/** Whether a prompt made from one is that of the other. What is attached to a message is never changed. */
function isSame(stored: BegunTurn, foreseen: BegunTurn): boolean {
  const { messages } = foreseen;
  return (
    stored.chatId === foreseen.chatId &&
    stored.model === foreseen.model &&
    stored.projectId === foreseen.projectId &&
    stored.earlier === foreseen.earlier &&
    stored.messages.length === messages.length &&
    stored.messages.every((message, index) => isSameMessage(message, messages[index]))
  );
}

function isSameMessage(stored: RecalledMessage, foreseen: RecalledMessage | undefined): boolean {
  return (
    stored.id === foreseen?.id &&
    stored.role === foreseen.role &&
    stored.text === foreseen.text &&
    stored.pinned === foreseen.pinned
  );
}
