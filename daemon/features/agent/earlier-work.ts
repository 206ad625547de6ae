// What the runs before this one have done in a chat, where they ended before their task was done: who goes on need not read it all again.
// It is what their stages keep: a line for each call, and of the last ones what they brought.
import type { Chats } from '../../storage/chats.ts';
import type { Jobs, StoredStage, WholeJob } from '../../storage/jobs.ts';
import type { ChatShapes } from '../chat/chat.ts';
import { isStageOf, outerCall, partsOfName } from './loop/stage-names.ts';

export interface EarlierCall {
  /** One line. */
  summary: string;
  /** What it brought, as the model was told. */
  text?: string;
}

const maxRuns = 5;
const maxCalls = 60;
const maxTextChars = 24_000; // of all calls together

/** The oldest call first. `answerIds` are of the answers before the task. */
export async function earlierWork(
  answerIds: readonly string[],
  { chats, jobs }: { chats: Pick<Chats<ChatShapes>, 'message'>; jobs: Pick<Jobs, 'job'> },
): Promise<EarlierCall[]> {
  const runs: WholeJob[] = [];
  for (const id of answerIds.slice(-maxRuns).toReversed()) {
    const jobId = (await chats.message(id)).context?.jobId;
    const run = jobId === undefined ? undefined : await jobs.job(jobId).catch(() => undefined);
    if (!run || hasDoneItsTask(run)) break;
    runs.push(run);
  }
  const calls = runs.reverse().flatMap(({ finished }) => finished.filter(isOwnCall));
  let room = maxTextChars;
  const kept = calls.slice(-maxCalls).toReversed();
  const earlier = kept.map(({ detail, answer = '' }) => {
    room -= answer.length;
    return { summary: detail, ...(room >= 0 && !detail.includes(answer) && { text: answer }) };
  });
  return earlier.reverse();
}

/** Not a sub-agent's, whose report is its call's result. */
function isOwnCall(stage: StoredStage): boolean {
  return isStageOf(stage, 'call') && outerCall(partsOfName(stage.name).id) === undefined;
}

function hasDoneItsTask({ state, result }: WholeJob): boolean {
  return state === 'done' && (result as { outcome?: string } | undefined)?.outcome === 'done'; // as the run stored it
}

/** For the model, behind the task; so many of the last calls with what they brought. */
export function earlierWords(calls: readonly EarlierCall[], withText: number): string {
  const told = calls.map(({ summary, text }, i) =>
    text === undefined || i < calls.length - withText ? `- ${summary}` : `- ${summary}\n${text}`,
  );
  return `\n\nThe run before this one ended before the task was done. It did this, the oldest first:\n${told.join('\n')}`;
}
