// How a run begins: its task is stored in its chat, and what the chat said before is recalled.
import type { ProfileStorage } from '../../storage/storage.ts';
import type { ChatShapes } from '../chat/chat.ts';
import { type PromptAttachment, withAttachments } from '../chat/prompt.ts';
import { refuseWhileTaskWaits } from '../chat/waiting-task.ts';
import { contextFor } from '../chat/window.ts';
import { type EarlierCall, earlierWork } from './earlier-work.ts';
import type { PromptFrame } from './loop/transcript.ts';

/** A task, and where it's stored. */
export interface TaskRequest {
  task: string;
  /** Of pictures the facts: they themselves are stored nowhere. */
  attachments?: PromptAttachment[];
  /** Goes on in this chat. */
  chatId?: string;
  projectId?: string;
  ids: { chat: string; question: string; answer: string };
}

/** The chat up to the task, as it was when the run began. */
export interface BegunRun {
  chatId: string;
  system: string;
  before: PromptFrame['before'];
  /** What the user has said in it before the task. */
  asked?: string[];
  /** Of runs of the chat that ended before their task was done. */
  earlier?: EarlierCall[];
}

const maxTurnsRecalled = 40;
const historyTokens = 6000; // what the chat before the task may take, with room for an answer

/** Stores the task, unless a run that was cut short has. Throws UserError `task-waits`: one before it may wait since this one was asked for. */
export async function beginRun(
  { task, attachments, chatId, projectId, ids }: TaskRequest,
  system: string,
  storage: Pick<ProfileStorage<ChatShapes>, 'chats' | 'jobs'>,
): Promise<BegunRun> {
  const { chats } = storage;
  const known = await chats.message(ids.question).catch(() => undefined);
  if (!known) await refuseWhileTaskWaits(storage, chatId);
  const stored = known
    ? { chatId: known.chatId, ...(await chats.thread(known.chatId, known.id, maxTurnsRecalled)) }
    : await chats.beginTurn({
        question: { text: task, ...(attachments && { attachments }) },
        recall: maxTurnsRecalled,
        ids,
        ...(chatId !== undefined && { chatId }),
        ...(projectId !== undefined && { projectId }),
      });
  const turns = stored.messages
    .map(({ id, role, text, attachments = [] }) => ({
      id,
      role,
      said: text,
      content: role === 'user' ? withAttachments(text, attachments, { areSeen: id === ids.question }) : text,
    }))
    .filter(({ content }) => content !== '');
  const { turns: before } = contextFor(turns, { contextTokens: historyTokens, systemTokens: 0, scale: 1 });
  const answers = stored.messages.filter(({ role }) => role === 'assistant').map(({ id }) => id);
  const earlier = await earlierWork(answers, storage);
  const recalled = turns.slice(turns.length - before.length, -1);
  const asked = recalled.flatMap(({ role, said }) => (role === 'user' ? [said] : []));
  return { chatId: stored.chatId, system, before, asked, ...(earlier.length > 0 && { earlier }) };
}
