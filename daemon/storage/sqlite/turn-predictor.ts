// Predicts the answer of `beginTurn` from the chats that were used last, so that a model can be asked while its question is being
// stored. A prediction may be wrong: its user compares it with what storage answers.
import { LRUCache } from 'lru-cache';
import type { Chats, StoredChat, StoredTurn, TurnBegin } from '../chats.ts';
import type { RecalledMessage } from '../messages.ts';
import type { PredictedCall } from './call-table.ts';

type Args<Name extends keyof Chats> = Readonly<Parameters<Chats[Name]>>;

interface PredictedThread {
  stored: StoredTurn;
  /** Whether its last message is a question without an answer yet: then nothing is predicted. */
  isOpen: boolean;
}

interface OpenAnswer {
  key: string;
  after: string | undefined;
  text: string;
}

const maxThreads = 20;
const maxCharacters = 1_000_000; // of one chat: a longer one is read anew each time
const maxAnswers = 1000; // those that were never ended, since storage failed

/** Lives as long as the worker's client. */
export class TurnPredictor {
  /** By profile and chat, the last used one last. */
  readonly #threads = new LRUCache<string, PredictedThread>({ max: maxThreads });
  /** Those under way, by their ids. */
  readonly #answers = new Map<string, OpenAnswer>();

  /** What `beginTurn` will say, where that is known: for a new chat, and for a new question in a chat that was used lately. */
  predictTurn(profile: string, turn: TurnBegin): StoredTurn | undefined {
    if (!('question' in turn) || turn.question.editOf !== undefined || !turn.ids) return undefined;
    const { text, attachments } = turn.question;
    const question: RecalledMessage = {
      id: turn.ids.question,
      role: 'user',
      text,
      ...(attachments && { attachments }),
    };
    if (turn.chatId === undefined)
      return {
        chatId: turn.ids.chat,
        messages: [question],
        earlier: 0,
        ...(turn.projectId !== undefined && { projectId: turn.projectId }),
      };
    const { stored, isOpen = true } = this.#threads.peek(keyOf(profile, turn.chatId)) ?? {};
    if (!stored || isOpen || stored.earlier > 0 || stored.messages.length >= turn.recall) return undefined;
    return { ...stored, messages: [...stored.messages, question] };
  }

  clear(): void {
    this.#threads.clear();
    this.#answers.clear();
  }

  /** Follows a call to `chats` as it is made, and its answer. */
  follow(call: PredictedCall, answer: Promise<unknown>): Promise<unknown> {
    const { profile } = call;
    switch (call.name) {
      case 'createChat':
        return this.#followCreate(profile, answer as Promise<StoredChat>);
      case 'beginTurn':
        return this.#followBegin(profile, call.args, answer as Promise<StoredTurn>);
      case 'startAnswer':
        this.#followStart(profile, call.args);
        return answer;
      case 'appendAnswer':
        this.#followAppend(...call.args);
        return answer;
      case 'finishAnswer':
        return this.#followFinish(call.args, answer);
      default:
        return call satisfies never;
    }
  }

  async #followCreate(profile: string, answer: Promise<StoredChat>): Promise<StoredChat> {
    const chat = await answer;
    const { id: chatId, model, projectId } = chat;
    this.#keep(keyOf(profile, chatId), {
      stored: {
        chatId,
        messages: [],
        earlier: 0,
        ...(model !== undefined && { model }),
        ...(projectId !== undefined && { projectId }),
      },
      isOpen: false,
    });
    return chat;
  }

  async #followBegin(profile: string, [turn]: Args<'beginTurn'>, answer: Promise<StoredTurn>): Promise<StoredTurn> {
    if (turn.chatId !== undefined) this.#threads.delete(keyOf(profile, turn.chatId));
    const stored = await answer;
    this.#keep(keyOf(profile, stored.chatId), { stored, isOpen: true });
    return stored;
  }

  #followStart(profile: string, [chatId, { id, after }]: Args<'startAnswer'>): void {
    const key = keyOf(profile, chatId);
    if (!this.#threads.peek(key)?.isOpen) this.#threads.delete(key); // another version of the last answer
    if (id !== undefined && this.#answers.size < maxAnswers) this.#answers.set(id, { key, after, text: '' });
  }

  #followAppend(messageId: string, { text = '' }: Args<'appendAnswer'>[1]): void {
    const answer = this.#answers.get(messageId);
    if (answer) answer.text += text;
  }

  async #followFinish(
    [messageId, { last = [], thoughtCharacters = 0 }]: Args<'finishAnswer'>,
    end: Promise<unknown>,
  ): Promise<unknown> {
    for (const piece of last) this.#followAppend(messageId, piece);
    const answer = this.#answers.get(messageId);
    if (answer) answer.text = answer.text.slice(thoughtCharacters);
    this.#answers.delete(messageId);
    const result = await end;
    if (answer) this.#close(messageId, answer);
    return result;
  }

  #close(id: string, { key, after, text }: OpenAnswer): void {
    const { stored, isOpen } = this.#threads.peek(key) ?? {};
    this.#threads.delete(key);
    if (stored && isOpen && stored.messages.at(-1)?.id === after)
      this.#keep(key, {
        stored: { ...stored, messages: [...stored.messages, { id, role: 'assistant', text }] },
        isOpen: false,
      });
  }

  #keep(key: string, thread: PredictedThread): void {
    this.#threads.delete(key);
    if (thread.stored.messages.reduce((sum, message) => sum + charactersOf(message), 0) > maxCharacters) return;
    this.#threads.set(key, thread);
  }
}

function keyOf(profile: string, chatId: string): string {
  return `${profile} ${chatId}`;
}

function charactersOf({ text, attachments }: RecalledMessage): number {
  return text.length + (attachments ? JSON.stringify(attachments).length : 0);
}
