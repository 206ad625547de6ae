// Wire <-> domain for jobs.
import type { AnyRequest, Params } from '../../shared/protocol/define.ts';
import type {
  Job,
  JobStage,
  JobsAnswer,
  JobsCancel,
  JobsGet,
  JobsList,
  JobsResume,
  WholeJob,
} from '../../shared/protocol/jobs.ts';
import { agentKind } from '../features/agent/agent.ts';
import { ShownParts } from '../features/agent/loop/shown-parts.ts';
import { briefParts, storedParts, withShownName } from '../features/agent/loop/stored-parts.ts';
import type { JobCaller } from '../features/jobs/jobs.ts';
import type { JobContext } from '../services.ts';
import type { StoredJob, StoredQuestion, StoredStage, WholeJob as StoredWholeJob } from '../storage/jobs.ts';
import type { Call, Handler } from './handler.ts';
import { jobCaller } from './job-caller.ts';

type JobServices = 'jobs' | 'trust';

export const handleJobsList: Handler<typeof JobsList, JobServices> = async ({ cursor, limit }, call) => {
  const page = { ...(cursor !== undefined && { cursor }), ...(limit !== undefined && { limit }) };
  const { items, next } = await call.services.jobs.list(call.profile, page, jobCaller(call).context);
  return { jobs: items.map(toJob), ...(next !== undefined && { next }) };
};

export const handleJobsGet: Handler<typeof JobsGet, JobServices> = async ({ jobId, isBrief = false }, call) => {
  const job = await wholeJob(jobId, call);
  return { job: isBrief && job.parts ? { ...job, stages: [], parts: briefParts(job.parts) } : job };
};

export const handleJobsCancel: Handler<typeof JobsCancel, JobServices> = async ({ jobId }, call) => {
  const isNew = await call.services.jobs.cancel(call.profile, jobId);
  const { stages: _stages, result: _result, ...job } = await wholeJob(jobId, call);
  return { job, ...(!isNew && { hadEnded: true }) };
};

export const handleJobsResume: Handler<typeof JobsResume, JobServices> = async (params, call) => {
  await call.services.jobs.resume(call.profile, params.jobId, followingCaller(params, call));
  return { job: await wholeJob(params.jobId, call) };
};

export const handleJobsAnswer: Handler<typeof JobsAnswer, JobServices> = async (params, call) => {
  const { jobId, answer, reply, mark } = params;
  const caller = followingCaller(params, call);
  await call.services.jobs.answer(call.profile, { jobId, answer, reply, mark }, caller);
  return { job: await wholeJob(jobId, call) };
};

/** A client that is told what a job does while it goes on for it, if it wants to hear of that. */
function followingCaller(
  { partialResultToken }: Pick<Params<typeof JobsResume>, 'partialResultToken'>,
  call: Call<typeof JobsResume | typeof JobsAnswer, JobServices>,
): JobCaller<JobContext> {
  if (partialResultToken === undefined) return jobCaller(call);
  const onStage = (detail: string): void => call.emit({ kind: 'stage', detail });
  return jobCaller(call, { onStage, shown: new ShownParts(call.emit) });
}

async function wholeJob(jobId: string, call: Call<AnyRequest, JobServices>): Promise<WholeJob> {
  return toWholeJob(await call.services.jobs.job(call.profile, jobId, jobCaller(call).context));
}

type Reported<J> = J & { detail?: string };

function toJob({ stages, costUsd, detail, ...job }: Reported<StoredJob>): Job {
  const { id, kind, title, state, question, isResumable, failure, createdAt, endedAt } = job;
  const hasStopped = state === 'failed' || state === 'cancelled' || state === 'stopped';
  return {
    id,
    kind,
    title,
    state,
    ...(question && { question: toQuestion(question) }),
    canResume: hasStopped && isResumable,
    progress: { finished: stages, ...(detail !== undefined && { detail }) },
    createdAt,
    ...(costUsd !== undefined && { cost: costUsd }),
    ...(failure !== undefined && { failure }),
    ...(endedAt !== undefined && { endedAt }),
  };
}

function toQuestion({ text, answers, mark }: StoredQuestion): NonNullable<Job['question']> {
  return { text, answers: answers.map(({ id, label }) => ({ id, label })), ...(mark !== undefined && { mark }) };
}

function toWholeJob(job: Reported<StoredWholeJob>): WholeJob {
  const { result } = job;
  const isObject = typeof result === 'object' && result !== null;
  return {
    ...toJob(job),
    stages: job.finished.map((stage) => toStage(job.kind === agentKind ? withShownName(stage) : stage)),
    ...(job.kind === agentKind && { parts: storedParts(job) }),
    ...(isObject && { result: result as Record<string, unknown> }),
  };
}

export function toStage({ outcome, shown, costUsd, ...stage }: StoredStage): JobStage {
  return { ...stage, ...(costUsd !== undefined && { cost: costUsd }) };
}
