// What happens to runs of the agent: parts come in, the user decides, a run ends or is read from its job. Pure; a part of the update.
import { t } from '../../../words.ts';
import { failAnswer, finishAnswer } from '../answers.ts';
import { wantPage } from '../chats.ts';
import type { Effect, Of, Transition } from '../messages.ts';
import { type State, shownAnswer } from '../state.ts';
import { type Entry, entriesOf } from '../transcript.ts';
import { sendAfterRun, takeBack } from './queue.ts';
import { beginRun, endedRun, type Run, runOfJob, withRunPart, withWholeCall } from './run.ts';

export function receiveRunPart(state: State, { key, part }: Of<'run-part'>): Transition {
  const answer = state.answers.find((waiting) => waiting.key === key);
  if (!answer) return [state, []];
  const { jobId } = part.kind === 'started' ? part : answer.entry;
  const answers = state.answers.map((other) =>
    other === answer ? { ...other, entry: withTextPart(answer.entry, part) } : other,
  );
  const now = { ...state, answers };
  if (jobId === undefined) return [now, []];
  if (part.kind === 'started') return [withRun(now, beginRun(jobId, part.chatId)), []];
  const run = now.runs[jobId];
  if (!run) return [now, []];
  const received = withRun(now, withRunPart(run, part));
  return part.kind === 'approval' && answer === shownAnswer(state)
    ? [{ ...received, announcement: t('Waiting for you. {0}', part.approval.text) }, []]
    : [received, []];
}

function withTextPart(entry: Entry, part: Of<'run-part'>['part']): Entry {
  switch (part.kind) {
    case 'started':
      return { ...entry, jobId: part.jobId, chatId: part.chatId };
    case 'decision':
      return { ...entry, decision: part.decision };
    case 'text':
      return { ...entry, text: entry.text + part.text };
    case 'reasoning':
      return { ...entry, reasoning: (entry.reasoning ?? '') + part.text };
    case 'note':
      return { ...entry, notes: [...(entry.notes ?? []), part.text] };
    default:
      return entry;
  }
}

export function endRun(state: State, { key, done, at }: Of<'run-done'>): Transition {
  const { jobId, chatId, messageId, text, usage, cost } = done;
  const run = state.runs[jobId] ?? beginRun(jobId, chatId);
  const ended = finishAnswer(withRun(state, endedRun(run, done)), key, (entry) => ({
    ...entry,
    id: messageId,
    chatId,
    jobId,
    text: entry.text.endsWith(text) ? entry.text : text,
    status: 'complete',
    usage,
    ...(cost !== undefined && { cost }),
    durationMs: at - entry.createdAt,
  }));
  return sendAfterRun(ended, chatId);
}

/** What became of a run whose request failed is known to its job alone. What waits for its end comes back. */
export function failTurn(state: State, message: Of<'answer-failed'>): Transition {
  const { jobId, chatId } = state.answers.find(({ key }) => key === message.key)?.entry ?? {};
  if (jobId === undefined || chatId === undefined) return failAnswer(state, message);
  const [failed, effects] = failAnswer(state, message);
  return [takeBack(failed, chatId), [...effects, loadRun(jobId, chatId)]];
}

/** Each decision is sent once, and holds for what is shown. From a page in a browser none holds for longer than its call. */
export function decide(state: State, { jobId, callId, decision, reply }: Of<'run-decided'>): Transition {
  const run = state.runs[jobId];
  const waiting = run?.approvals.find(({ approval, isSent }) => approval.callId === callId && !isSent);
  if (!run || !waiting) return [state, []];
  if (decision === 'always' && !(waiting.approval.canAlways && state.host === 'vscode')) return [state, []];
  return [
    withRun({ ...state, problem: undefined }, withSent(run, callId, true)),
    [
      { kind: 'decide-run', jobId, chatId: run.chatId, callId, mark: waiting.approval.mark, decision, reply },
      { kind: 'focus-composer' },
    ],
  ];
}

export function runUndecided(state: State, { jobId, callId, failure }: Of<'run-undecided'>): Transition {
  const run = state.runs[jobId];
  const problem = failure.message;
  if (!run) return [{ ...state, problem }, []];
  return [withRun({ ...state, problem }, withSent(run, callId, false)), [loadRun(jobId, run.chatId)]];
}

function withSent(run: Run, callId: string, isSent: boolean): Run {
  return {
    ...run,
    approvals: run.approvals.map((each) => (each.approval.callId === callId ? { ...each, isSent } : each)),
  };
}

const maxRunsRead = 10;

/** Looks at the runs of a page that this view doesn't follow: the one that goes on, the last, which may wait, and the newest that it doesn't know. */
export function lookAtRuns(state: State): readonly Effect[] {
  const entries = entriesOf(state.transcript);
  const ours = shownAnswer(state)?.entry.jobId;
  const last = entries.findLast(({ role }) => role === 'assistant');
  const newest = entries.filter(({ jobId }) => jobId !== undefined).slice(-maxRunsRead);
  return entries.flatMap((entry) => {
    const { jobId, chatId, status } = entry;
    if (jobId === undefined || jobId === ours) return [];
    const run = state.runs[jobId];
    const isOpen = status === 'streaming' || (entry === last && run?.state !== 'ended');
    return isOpen || (!run && newest.includes(entry)) ? [loadRun(jobId, chatId)] : [];
  });
}

export function wantRun(state: State, { jobId, chatId }: Of<'run-wanted' | 'run-looked-for'>): Transition {
  return isFollowed(state, jobId) ? [state, []] : [state, [loadRun(jobId, chatId)]];
}

export function wantCall(state: State, { jobId, callId }: Of<'call-wanted'>): Transition {
  const { chatId = '' } = state.runs[jobId] ?? {};
  return [state, [{ kind: 'load-call', jobId, callId, chatId }]];
}

export function callLoaded(state: State, { jobId, callId, parts }: Of<'call-loaded'>): State {
  const run = state.runs[jobId];
  return run ? withRun(state, withWholeCall(run, callId, parts)) : state;
}

/** Whether it comes in as parts, or has been seen to its end: both tell more than what is stored. */
function isFollowed({ answers, runs }: State, jobId: string): boolean {
  return runs[jobId]?.state === 'ended' || answers.some(({ entry }) => entry.jobId === jobId);
}

function loadRun(jobId: string, chatId: string): Effect {
  return { kind: 'load-run', jobId, chatId };
}

/** Where another client has changed the run, its answer has changed as well. */
export function runLoaded(state: State, { chatId, job }: Of<'run-loaded'>): Transition {
  if (isFollowed(state, job.id)) return [state, []];
  const [before, run] = [state.runs[job.id], runOfJob(job, chatId)];
  const loaded = withRun(state, run);
  const isChanged = before?.state !== run.state || before.approvals.length !== run.approvals.length;
  return before && isChanged && run.chatId === state.chatId ? wantPage(loaded, 'refresh') : [loaded, []];
}

/** Of the runs that wait, those that aren't known are read, and those that were at work and that no part tells of. What others have decided meanwhile waits no more. */
export function waitingLoaded(state: State, { jobIds }: Of<'waiting-loaded'>): Transition {
  const isWaiting = (jobId: string): boolean => jobIds.includes(jobId);
  const isOurs = (jobId: string): boolean => state.answers.some(({ entry }) => entry.jobId === jobId);
  const runs = Object.values(state.runs).map((run) =>
    isWaiting(run.jobId) || isOurs(run.jobId) ? run : { ...run, approvals: [] },
  );
  const unknown = jobIds.filter((jobId) => !state.runs[jobId]?.approvals.length);
  const atWork = Object.values(state.runs).filter(
    ({ jobId, state: now }) => now === 'working' && !isWaiting(jobId) && !isOurs(jobId),
  );
  return [
    { ...state, runs: Object.fromEntries(runs.map((run) => [run.jobId, run])) },
    [...unknown.map((jobId) => loadRun(jobId, '')), ...atWork.map(({ jobId, chatId }) => loadRun(jobId, chatId))],
  ];
}

export function runNotLoaded(state: State, { jobId, chatId, failure }: Of<'run-not-loaded'>): State {
  const known = state.runs[jobId] ?? beginRun(jobId, chatId);
  if (failure.code !== 'job-not-found') return withRun(state, { ...known, problem: failure.message });
  return withRun(state, { ...known, state: 'stopped', problem: t('The steps of this task are no longer stored.') });
}

export function resumeRun(state: State, { jobId, chatId }: Of<'run-resumed'>): Transition {
  const run = state.runs[jobId];
  if (!run?.canResume) return [state, []];
  const resumed: Run = { ...run, state: 'working', canResume: false };
  return [withRun({ ...state, problem: undefined }, resumed), [{ kind: 'resume-run', jobId, chatId }]];
}

/** Ours ends with its request, another's with its job. */
export function stopRun(state: State, { jobId, chatId }: Of<'run-stopped'>): Transition {
  const ours = state.answers.find(({ entry }) => entry.jobId === jobId);
  const back = takeBack(state, chatId);
  return [back, [ours ? { kind: 'stop', key: ours.key } : { kind: 'cancel-run', jobId, chatId }]];
}

function withRun(state: State, run: Run): State {
  return { ...state, runs: { ...state.runs, [run.jobId]: run } };
}
