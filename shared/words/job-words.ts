// What the user reads of a job in a list, and what can be done with it, in VS Code and in a browser alike. Pure.
import type { Job } from '../protocol/jobs.ts';
import { formatUsd } from '../usd.ts';

/** What can be done with a job, by its state. */
const jobActions = {
  queued: ['cancel'],
  running: ['cancel'],
  waiting: ['answer', 'cancel', 'stages'],
  done: ['open', 'stages'],
  failed: ['resume', 'stages'],
  cancelled: ['resume', 'stages'],
  stopped: ['resume', 'cancel', 'stages'],
} as const satisfies Record<Job['state'], readonly string[]>;

export type JobAction = (typeof jobActions)[Job['state']][number];

/** Without those that need what is no longer stored of it. */
export function actionsOf({ state, canResume }: Pick<Job, 'state' | 'canResume'>): JobAction[] {
  return jobActions[state].filter((action) => action !== 'resume' || canResume);
}

const stateWords: Readonly<Record<Job['state'], string>> = {
  queued: 'Queued',
  running: 'Running',
  waiting: 'Waiting for you',
  done: 'Done',
  failed: 'Failed',
  cancelled: 'Canceled',
  stopped: 'Stopped',
};

/** A row of the list of jobs. */
export function jobItem(job: Job): { label: string; description: string; detail: string; job: Job } {
  const { title, state, question, canResume, progress, cost, failure } = job;
  const stages = progress.finished === 1 ? '1 stage finished' : `${progress.finished} stages finished`;
  const facts = [progress.detail, stages, cost === undefined ? 'Not priced' : formatUsd(cost)];
  return {
    label: title,
    description: state === 'stopped' && canResume ? 'Stopped, can be resumed' : stateWords[state],
    detail: [failure, question?.text, ...facts].filter((fact) => fact !== undefined).join(' · '),
    job,
  };
}
