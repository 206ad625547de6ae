// Begins an answer while its question is being stored. The model does not wait for the disk. Nothing of the answer is shown before
// the question is stored, and the answer is given up where storing fails.

import type { StoredTurn } from '../../storage/chats.ts';
import type { RecalledMessage } from '../../storage/messages.ts';
import type { ChatShapes, ReplyPart, TurnOptions } from './chat.ts';

export interface StoringQuestion {
  /** The question on its way to storage. */
  stored: Promise<StoredTurn<ChatShapes>>;
  /** What storage will probably say. */
  predicted: StoredTurn<ChatShapes>;
}

/**
 * Answers the predicted turn and holds the parts back until the turn is stored. Throws what storage throws. Where the stored turn
 * differs from the prediction, the answer is given up and begun again from the stored turn.
 */
export async function whileStoring<Reply>(
  { stored, predicted }: StoringQuestion,
  options: TurnOptions,
  answer: (begun: StoredTurn<ChatShapes>, options: TurnOptions) => Promise<Reply>,
): Promise<Reply> {
  const ahead = new HeldParts(options);
  const compared = stored.then((begun) => {
    if (!isSame(begun, predicted)) return begun;
    ahead.show();
    return undefined;
  });
  compared.then(
    (other) => other && ahead.giveUp(),
    () => ahead.giveUp(),
  );
  const [answered, asked] = await Promise.allSettled([
    answer(predicted, { signal: ahead.signal, onPart: ahead.onPart }),
    compared,
  ]);
  ahead[Symbol.dispose]();
  if (asked.status === 'rejected') throw asked.reason;
  if (asked.value) return await answer(asked.value, options);
  if (answered.status === 'rejected') throw answered.reason;
  return answered.value;
}

/** Holds the parts of an answer that may not be shown yet. Lives until the answer has ended. */
class HeldParts implements Disposable {
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

/** Whether both give the same prompt. Attachments are not compared, since those of a stored message never change. */
function isSame(stored: StoredTurn<ChatShapes>, predicted: StoredTurn<ChatShapes>): boolean {
  const { messages } = predicted;
  return (
    stored.chatId === predicted.chatId &&
    stored.model === predicted.model &&
    stored.projectId === predicted.projectId &&
    stored.earlier === predicted.earlier &&
    stored.messages.length === messages.length &&
    stored.messages.every((message, index) => isSameMessage(message, messages[index]))
  );
}

function isSameMessage(
  stored: RecalledMessage<ChatShapes>,
  predicted: RecalledMessage<ChatShapes> | undefined,
): boolean {
  return (
    stored.id === predicted?.id &&
    stored.role === predicted.role &&
    stored.text === predicted.text &&
    stored.pinned === predicted.pinned
  );
}
