// The answer of a run as a message of its chat: it grows with each turn, and ends when the run does, or when it waits for the user.
import { waitNote } from '../../../../shared/words/wait-note.ts';
import { UserError } from '../../../base/errors.ts';
import { type FinishReason, noUsage, type Usage } from '../../../models/providers/provider.ts';
import type { Decision } from '../../../models/router/router.ts';
import type { Chats } from '../../../storage/chats.ts';
import type { StoredContext } from '../../../storage/messages.ts';
import type { ChatShapes } from '../../chat/chat.ts';

export interface AnswerPlace {
  chatId: string;
  questionId: string;
  answerId: string;
  jobId: string;
}

export interface AnswerEnd {
  status: 'complete' | 'partial' | 'cancelled' | 'failed';
  usage: Usage;
  finishReason: FinishReason;
  durationMs: number;
  error?: { code: string; message: string; retryable: boolean };
  note?: string | undefined;
}

/** Lives as long as a run is at work. */
export class AnswerMessage {
  readonly #chats: Chats<ChatShapes>;
  readonly #place: AnswerPlace;
  /** What of its text is stored. */
  #stored = '';
  #isOpen = false;

  constructor(chats: Chats<ChatShapes>, place: AnswerPlace) {
    this.#chats = chats;
    this.#place = place;
  }

  get id(): string {
    return this.#place.answerId;
  }

  /** Begins it, or goes on with what there is of it; without a decision, only that. */
  async open(decision?: Decision): Promise<void> {
    if (this.#isOpen) return;
    const { chatId, questionId, answerId } = this.#place;
    const known = await this.#chats.message(answerId).catch(() => undefined);
    if (known) {
      await this.#chats.resumeAnswer(chatId, answerId, { withoutNote: waitNote }).catch(refuseToGoOn);
    } else if (decision) {
      const context = this.#context; // who is killed leaves a message that is known as its task's
      await this.#chats.startAnswer(chatId, { id: answerId, decision, context, after: questionId });
    } else return;
    this.#stored = known?.text ?? '';
    this.#isOpen = true;
  }

  /** Stores what its text has more than before. Where a crash cut a turn short, nothing of that turn is stored. */
  async write(text: string): Promise<void> {
    if (!this.#isOpen || text === this.#stored || !text.startsWith(this.#stored)) return;
    await this.#chats.appendAnswer(this.id, { text: text.slice(this.#stored.length) });
    this.#stored = text;
  }

  async note(note: string): Promise<void> {
    if (this.#isOpen) await this.#chats.appendAnswer(this.id, { note });
  }

  wait(end: Pick<AnswerEnd, 'usage' | 'durationMs'>): Promise<void> {
    return this.end({ ...end, status: 'partial', finishReason: 'cancelled', note: waitNote });
  }

  /** Nothing where it never began. */
  async end({ note, ...end }: AnswerEnd): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#chats.finishAnswer(this.id, {
      ...end,
      ...(note !== undefined && { last: [{ note }] }),
      context: this.#context,
    });
  }

  get #context(): StoredContext {
    return { pinned: [], recent: 1, leftOut: 0, jobId: this.#place.jobId };
  }
}

function refuseToGoOn(error: unknown): never {
  if (!(error instanceof UserError && error.code === 'not-last-answer')) throw error;
  throw new UserError(
    'chat-went-on',
    "You've sent other messages in this chat since then, so this task can't continue here. Send it again as a new message.",
  );
}

/** The answer of a run that was cancelled while it waited for the user waits no more. */
export async function closeWaiting(chats: Chats<ChatShapes>, place: AnswerPlace): Promise<void> {
  const known = await chats.message(place.answerId).catch(() => undefined);
  if (!known) return;
  const message = new AnswerMessage(chats, place);
  try {
    await message.open();
  } catch (error) {
    if (error instanceof UserError) return; // the chat has gone on elsewhere
    throw error;
  }
  const { usage = noUsage, durationMs = 0 } = known;
  await message.end({ status: 'cancelled', usage, durationMs, finishReason: 'cancelled' });
}
