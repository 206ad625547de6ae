// What the user reads of code that models wrote, and of jobs. Pure.
import type { Job, WholeJob } from '../../shared/protocol/jobs.ts';
import { formatUsd } from '../../shared/usd.ts';

interface Judged {
  judge: { verdict: string; confidence: number | null; conflicts: readonly string[] };
  label?: string | undefined;
  notes: readonly string[];
}

/** Sentences beside the question whether to apply the code; what speaks against it comes first. */
export function writtenWords({ judge: { verdict, confidence, conflicts }, label, notes }: Judged): string[] {
  const sure =
    confidence === null
      ? 'Its confidence is not calibrated yet.'
      : `You keep about ${Math.round(confidence * 100)}% of such code.`;
  return [
    ...(label === undefined ? [] : [label]),
    ...(verdict === 'approved' ? [`The judge approved it. ${sure}`] : []),
    ...conflicts.map((conflict) => `Conflict: ${conflict}`),
    ...notes,
  ];
}

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

/** A job's stages with what was asked and answered, as a text to read. */
export function stagesText({ title, stages }: Pick<WholeJob, 'title' | 'stages'>): string {
  const blocks = stages.map(({ name, detail, model, durationMs, cost, prompt, answer }) =>
    [
      `${name}: ${detail}`,
      [model, `${(durationMs / 1000).toFixed(1)} s`, ...(typeof cost === 'number' ? [formatUsd(cost)] : [])]
        .filter((fact) => fact !== undefined)
        .join(', '),
      ...(prompt === undefined ? [] : ['', '--- prompt', prompt]),
      ...(answer === undefined ? [] : ['', '--- answer', answer]),
    ].join('\n'),
  );
  return [title, ...blocks].join('\n\n');
}
