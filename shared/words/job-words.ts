// What the user reads of a job in a list, and what can be done with it, in VS Code and in a browser alike. Pure.
import type { Job } from '../protocol/jobs.ts';
import type { Translate } from './translate.ts';

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

interface JobItem {
  label: string;
  description: string;
  detail: string;
  job: Job;
}

/** A row of the list of jobs, in a language. */
export function jobItemIn(say: Translate, shownUsd: (usd: number) => string): (job: Job) => JobItem {
  return (job) => {
    const { title, state, question, canResume, progress, cost, failure } = job;
    const stages = progress.finished === 1 ? say('1 stage finished') : say('{0} stages finished', progress.finished);
    const facts = [progress.detail, stages, cost === undefined ? say('Not priced') : shownUsd(cost)];
    return {
      label: title,
      description: say(state === 'stopped' && canResume ? 'Stopped, can be resumed' : stateWords[state]),
      detail: [failure, question?.text, ...facts].filter((fact) => fact !== undefined).join(' · '),
      job,
    };
  };
}
