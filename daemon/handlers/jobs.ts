// Wire <-> domain for jobs.
import type { Job, JobStage, JobsCancel, JobsGet, JobsList, JobsResume, WholeJob } from '../../shared/protocol/jobs.ts';
import type { StoredJob, StoredStage, WholeJob as StoredWholeJob } from '../storage/jobs.ts';
import type { Handler } from './handler.ts';
import { jobCaller } from './job-caller.ts';

export const handleJobsList: Handler<typeof JobsList, 'jobs'> = async ({ cursor, limit }, { services, profile }) => {
  const page = { ...(cursor !== undefined && { cursor }), ...(limit !== undefined && { limit }) };
  const { items, next } = await services.jobs.list(profile, page);
  return { jobs: items.map(toJob), ...(next !== undefined && { next }) };
};

export const handleJobsGet: Handler<typeof JobsGet, 'jobs'> = async ({ jobId }, { services, profile }) => ({
  job: toWholeJob(await services.jobs.job(profile, jobId)),
});

export const handleJobsCancel: Handler<typeof JobsCancel, 'jobs'> = async ({ jobId }, { services, profile }) => {
  await services.jobs.cancel(profile, jobId);
  return { job: toJob(await services.jobs.job(profile, jobId)) };
};

export const handleJobsResume: Handler<typeof JobsResume, 'jobs' | 'trust'> = async ({ jobId }, call) => {
  const { services, profile } = call;
  await services.jobs.resume(profile, jobId, jobCaller(call));
  return { job: toWholeJob(await services.jobs.job(profile, jobId)) };
};

type Reported<J> = J & { detail?: string };

function toJob({ stages, costUsd, detail, ...job }: Reported<StoredJob>): Job {
  const { id, kind, title, state, failure, createdAt, endedAt } = job;
  return {
    id,
    kind,
    title,
    state,
    progress: { finished: stages, ...(detail !== undefined && { detail }) },
    createdAt,
    ...(costUsd !== undefined && { cost: costUsd }),
    ...(failure !== undefined && { failure }),
    ...(endedAt !== undefined && { endedAt }),
  };
}

function toWholeJob(job: Reported<StoredWholeJob>): WholeJob {
  const { result } = job;
  const isObject = typeof result === 'object' && result !== null;
  return {
    ...toJob(job),
    stages: job.finished.map(toStage),
    ...(isObject && { result: result as Record<string, unknown> }),
  };
}

export function toStage({ outcome, costUsd, ...stage }: StoredStage): JobStage {
  return { ...stage, ...(costUsd !== undefined && { cost: costUsd }) };
}
