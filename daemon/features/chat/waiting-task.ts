// A chat whose last answer is a task that isn't over. Nothing may be said after one that waits for its user: it could never go on then.
import { UserError } from '../../base/errors.ts';
import type { StoredJob } from '../../storage/jobs.ts';
import type { ProfileStorage } from '../../storage/storage.ts';
import type { ChatShapes } from './chat.ts';

type TaskStorage = Pick<ProfileStorage<ChatShapes>, 'chats' | 'jobs'>;

/** Throws UserError `task-waits`, and `chat-not-found`. Another version of an earlier message is on a branch of its own, and disturbs no task. */
export async function refuseWhileTaskWaits({ chats, jobs }: TaskStorage, chatId: string | undefined): Promise<void> {
  if (chatId === undefined) return;
  const last = (await chats.messages(chatId, { limit: 1 })).items.at(-1);
  const job = await jobOf(jobs, last?.context?.jobId);
  if (job?.state !== 'waiting') return;
  throw new UserError(
    'task-waits',
    `Your message wasn't sent, since the last task in this chat waits for your answer. ${howToAnswer(job)} To drop it, run \`switchyard jobs cancel ${job.id}\`.`,
  );
}

/** Throws UserErrors `task-waits` and `task-stopped`, where the answer of a task can only be continued by the task. */
export async function refuseToContinueTask(jobs: TaskStorage['jobs'], jobId: string | undefined): Promise<void> {
  const job = await jobOf(jobs, jobId);
  if (job?.state === 'waiting')
    throw new UserError('task-waits', `This task waits for your answer. ${howToAnswer(job)}`);
  if (job?.isResumable && isCutShort(job))
    throw new UserError(
      'task-stopped',
      `This task was stopped before its end. To continue it, run \`switchyard jobs resume ${job.id}\`.`,
    );
}

/** One that its daemon left behind is still stored as under way. */
function isCutShort({ state }: Pick<StoredJob, 'state'>): boolean {
  return state === 'stopped' || state === 'running' || state === 'queued';
}

function howToAnswer({ id }: Pick<StoredJob, 'id'>): string {
  return `To see its question and how to answer it, run \`switchyard jobs show ${id}\`.`;
}

/** Undefined where it was deleted. */
async function jobOf(jobs: TaskStorage['jobs'], jobId: string | undefined): Promise<StoredJob | undefined> {
  return jobId === undefined ? undefined : await jobs.job(jobId).catch(() => undefined);
}
