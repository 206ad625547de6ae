// Lists jobs, and does with one what its state allows: answer, cancel, resume, open what came of it, read its stages.
import * as vscode from 'vscode';
import {
  type Job,
  JobsAnswer,
  JobsCancel,
  JobsGet,
  JobsList,
  JobsResume,
  type WholeJob,
} from '../../shared/protocol/jobs.ts';
import { formatUsd } from '../../shared/usd.ts';
import { actionsOf, type JobAction, jobItemIn } from '../../shared/words/job-words.ts';
import { reviewRun } from '../change-sets/review-run.ts';
import type { Context } from '../context.ts';
import { stagesText } from '../logic/written-code.ts';
import { window, withCancellableProgress } from '../window.ts';
import { openCode } from './open-code.ts';

const actions: Readonly<Record<JobAction, { label: string; run(ctx: Context, job: Job): Promise<void> }>> = {
  open: {
    label: 'Open Result',
    run: async (ctx, { id, kind }) => (kind === 'agent' ? reviewRun(ctx, id) : openResult(await wholeJob(ctx, id))),
  },
  answer: { label: 'Answer…', run: answer },
  resume: { label: 'Resume', run: resume },
  cancel: {
    label: 'Cancel',
    async run(ctx, { id }) {
      await ctx.daemon.call(JobsCancel, { jobId: id });
    },
  },
  stages: {
    label: 'Show Stages',
    run: async (ctx, { id }) => ctx.documents.showReport('Job.txt', stagesText(await wholeJob(ctx, id))),
  },
};

export async function showJobs(ctx: Context): Promise<void> {
  const { jobs } = await ctx.daemon.call(JobsList, {});
  if (jobs.length === 0) return offerFirst();
  const chosen = await window.showQuickPick(jobs.map(jobItemIn(vscode.l10n.t, formatUsd)), {
    title: 'Switchyard: jobs',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (chosen) await act(ctx, chosen.job);
}

async function offerFirst(): Promise<void> {
  const button = await window.showInformationMessage('No jobs yet.', 'Write with Review…');
  if (button) await vscode.commands.executeCommand('switchyard.write');
}

async function act(ctx: Context, job: Job): Promise<void> {
  const items = actionsOf(job).map((name) => actions[name]);
  await (await window.showQuickPick(items, { title: job.title }))?.run(ctx, job);
}

/**
 * Opens the result where the job goes on for this window; a window that waits for it shows it itself. What a run of the agent waits for is
 * decided in its chat, which shows what it would do.
 */
async function answer(ctx: Context, { id: jobId, kind, question }: Job): Promise<void> {
  if (kind === 'agent') return openRun(ctx, jobId);
  const chosen = await window.showQuickPick(question?.answers ?? [], { title: question?.text ?? '' });
  if (!chosen) return;
  const { job } = await withCancellableProgress('Continuing the job', (_progress, signal) =>
    ctx.daemon.call(JobsAnswer, { jobId, answer: chosen.id }, { signal }),
  );
  await openResult(job);
}

async function openRun(ctx: Context, jobId: string): Promise<void> {
  const { parts = [] } = await wholeJob(ctx, jobId);
  const started = parts.find((part) => part.kind === 'started');
  if (started) await ctx.chat.openChat(started.chatId);
}

async function wholeJob(ctx: Context, jobId: string): Promise<WholeJob> {
  return (await ctx.daemon.call(JobsGet, { jobId })).job;
}

/** A run of the agent is shown in its chat, which asks what it asks. */
async function resume(ctx: Context, { id: jobId, kind }: Job): Promise<void> {
  const isRun = kind === 'agent';
  if (isRun) await openRun(ctx, jobId);
  const { job } = await withCancellableProgress('Resuming the job', (_progress, signal) =>
    ctx.daemon.call(JobsResume, { jobId }, { signal, ...(isRun && { onPart() {} }) }),
  );
  if (!isRun) await openResult(job);
}

async function openResult({ result = {}, title }: WholeJob): Promise<void> {
  const { code, label } = result;
  if (typeof code !== 'string')
    return void window.showInformationMessage(vscode.l10n.t('"{0}" has no result to open.', title));
  await openCode(code);
  if (typeof label === 'string') void window.showWarningMessage(label);
}
