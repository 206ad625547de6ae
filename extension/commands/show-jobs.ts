// Lists jobs, and does with one what its state allows: cancel, resume, open what came of it, read its stages.
import { type Job, JobsCancel, JobsGet, JobsList, JobsResume, type WholeJob } from '../../shared/protocol/jobs.ts';
import type { Context } from '../context.ts';
import { type JobAction, jobActions, jobItem, stagesText } from '../logic/written-code.ts';
import { window, withCancellableProgress } from '../window.ts';
import { openCode } from './open-code.ts';

const actions: Readonly<Record<JobAction, { label: string; run(ctx: Context, jobId: string): Promise<void> }>> = {
  open: { label: 'Open Result', run: async (ctx, jobId) => openResult(await wholeJob(ctx, jobId)) },
  resume: { label: 'Resume', run: resume },
  cancel: {
    label: 'Cancel',
    async run(ctx, jobId) {
      await ctx.daemon.call(JobsCancel, { jobId });
    },
  },
  stages: {
    label: 'Show Stages',
    run: async (ctx, jobId) => ctx.documents.showReport('Job.txt', stagesText(await wholeJob(ctx, jobId))),
  },
};

export async function showJobs(ctx: Context): Promise<void> {
  const { jobs } = await ctx.daemon.call(JobsList, {});
  if (jobs.length === 0)
    return void window.showInformationMessage('No jobs yet. To start one, run "Switchyard: Write with Review…".');
  const chosen = await window.showQuickPick(jobs.map(jobItem), {
    title: 'Switchyard: jobs',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (chosen) await act(ctx, chosen.job);
}

async function act(ctx: Context, { id, state, title }: Job): Promise<void> {
  const items = jobActions[state].map((name) => actions[name]);
  await (await window.showQuickPick(items, { title }))?.run(ctx, id);
}

async function wholeJob(ctx: Context, jobId: string): Promise<WholeJob> {
  return (await ctx.daemon.call(JobsGet, { jobId })).job;
}

async function resume(ctx: Context, jobId: string): Promise<void> {
  const { job } = await withCancellableProgress('Resuming the job', (_progress, signal) =>
    ctx.daemon.call(JobsResume, { jobId }, { signal }),
  );
  await openResult(job);
}

async function openResult({ result = {}, title }: WholeJob): Promise<void> {
  const { code, label } = result;
  if (typeof code !== 'string') return void window.showInformationMessage(`"${title}" has no result to open.`);
  await openCode(code);
  if (typeof label === 'string') void window.showWarningMessage(label);
}
