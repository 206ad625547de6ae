// `switchyard jobs`: work of several steps in this folder's profile.

import { escapeHidden } from '../../shared/hidden-characters.ts';
import { type AgentApproval, AgentChanges, AgentUndo } from '../../shared/protocol/agent.ts';
import type { Result } from '../../shared/protocol/define.ts';
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
import { counted } from '../../shared/words/counted.ts';
import { shellWord } from '../base/paths.ts';
import { printChanges } from './kit/answer-changes.ts';
import { type DaemonClient, withDaemon, workingFolder } from './kit/client.ts';
import { type ExitCode, json, readArguments, subcommandOf, UsageError } from './kit/command.ts';
import { idKinds, shortIds, wholeId } from './kit/ids.ts';
import { clean, printJson, printLine, styled } from './kit/terminal.ts';

type JobResult =
  | Result<typeof JobsList>
  | { job: Job | WholeJob }
  | Result<typeof AgentChanges>
  | Result<typeof AgentUndo>;

interface GivenArguments {
  answer: string;
  step: number | undefined;
  /** Told what runs now. */
  onStage(detail: string): void;
}

interface Subcommand {
  takes: 'nothing' | 'an id' | 'an id and an answer';
  run(client: DaemonClient, jobId: string, given: GivenArguments): Promise<JobResult>;
}

const subcommands: Readonly<Record<string, Subcommand>> = {
  list: { takes: 'nothing', run: (client) => client.call(JobsList, {}) },
  show: { takes: 'an id', run: (client, jobId) => client.call(JobsGet, { jobId }) },
  cancel: { takes: 'an id', run: (client, jobId) => client.call(JobsCancel, { jobId }) },
  resume: {
    takes: 'an id',
    run: (client, jobId, { onStage }) => client.call(JobsResume, { jobId }, ({ detail }) => onStage(detail)),
  },
  answer: {
    takes: 'an id and an answer',
    run: (client, jobId, { answer }) => client.call(JobsAnswer, { jobId, answer }),
  },
  changes: { takes: 'an id', run: (client, jobId) => client.call(AgentChanges, { jobId }) },
  undo: {
    takes: 'an id',
    run: (client, jobId, { step }) => client.call(AgentUndo, { jobId, ...(step !== undefined && { step }) }),
  },
};

export const options = {
  step: { type: 'string', value: 'N', description: 'With `undo`, undo only what was changed from this step on' },
  json,
} as const;

export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, options, 3);
  const [word = 'list', written = '', answer = ''] = positionals;
  const subcommand = subcommandOf('jobs', subcommands, word);
  checkArguments(subcommand, { written, answer });
  const step = stepOf(word, values.step);
  return withDaemon(
    async (client) => {
      const jobId = written === '' ? '' : await wholeId(client, idKinds.jobs, written);
      const onStage = (detail: string): void => {
        if (!values.json) process.stderr.write(`${styled(process.stderr, 'dim', clean(detail))}\n`);
      };
      const result = await subcommand.run(client, jobId, { answer, step, onStage });
      if (values.json) printJson(result);
      else if ('jobs' in result) printList(result.jobs);
      else if ('job' in result) printJob(result.job);
      else if ('files' in result) printFiles(result);
      else printUndone(result, jobId);
      return 'conflicts' in result && result.conflicts.length > 0 ? 3 : 0;
    },
    { root: workingFolder() },
  );
}

function stepOf(word: string, written: string | undefined): number | undefined {
  if (written === undefined) return undefined;
  if (word !== 'undo') throw new UsageError('`--step` goes with `undo`.');
  if (/^[1-9]\d{0,8}$/.test(written)) return Number(written);
  throw new UsageError(`Specify a step by its number, not "${written}".`);
}

function checkArguments({ takes }: Subcommand, { written, answer }: { written: string; answer: string }): void {
  if (takes !== 'nothing' && written === '')
    throw new UsageError('Specify a job by its ID. To list them, run `switchyard jobs`.');
  if (takes === 'an id and an answer' && answer === '')
    throw new UsageError('Specify an answer, such as yes or no. To see the question, run `switchyard jobs`.');
  const extra = takes === 'nothing' ? written : takes === 'an id' ? answer : '';
  if (extra !== '') throw new UsageError(`Unexpected argument "${extra}".`);
}

function printList(jobs: readonly Job[]): void {
  const ids = shortIds(jobs.map(({ id }) => id));
  for (const [i, job] of jobs.entries()) {
    const id = ids[i] ?? job.id;
    printLine(`${id}  ${job.title}  (${factsOf(job).join(', ')})`);
    if (job.kind !== 'agent') printQuestion(job, id);
    else if (job.question)
      printLine(`  ${oneLine(job.question.text)}\n  To see all of it, and decide: switchyard jobs show ${id}`);
  }
  if (jobs.length === 0) printLine('No jobs yet. To start one, run `switchyard write "TEXT" FILE`.');
}

function printJob(job: Job | WholeJob): void {
  printLine(`${job.title}  (${factsOf(job).join(', ')})`);
  if (job.failure !== undefined) printLine(job.failure);
  if (!('stages' in job)) return printQuestion(job, job.id);
  for (const { name, detail, model, durationMs, cost } of job.stages) {
    const facts = [...(model === undefined ? [] : [model]), `${(durationMs / 1000).toFixed(1)} s`, ...costWords(cost)];
    printLine(`  ${name}: ${detail} (${facts.join(', ')})`);
  }
  const { code, label, text = code, why = label } = job.result ?? {};
  if (typeof why === 'string') printLine(why);
  if (typeof text === 'string') printLine(`\n${text.trimEnd()}`);
  for (const part of job.parts ?? []) if (part.kind === 'approval' && job.question) printApproval(part.approval);
  printQuestion(job, job.id);
}

/** What a step of the agent would do: all of it, since that's what is decided about. */
function printApproval({ run, diff, input, taint }: AgentApproval): void {
  printLine('');
  if (run) {
    printLine(`  Program: ${run.argv.map(shellWord).join(' ')}`);
    printLine(`  Folder: ${run.folder}`);
    for (const { path, sha256 } of run.scripts) printLine(`  Script: ${path}, SHA-256 ${sha256}`);
    printLine(`  Network: ${run.network}`);
  }
  for (const text of [diff, input])
    if (text !== undefined) printLine(escapeHidden(text.trimEnd()).replace(/^/gm, '  '));
  if (taint !== undefined) printLine(`  ${oneLine(taint)}`);
}

function printFiles({ files, notes }: Result<typeof AgentChanges>): void {
  for (const file of files) printChanges({ ...file, path: file.isDeleted ? `${file.path} (deleted)` : file.path });
  for (const note of notes) printLine(note);
  if (files.length === 0) printLine('No files differ from what they were before this job.');
}

function printUndone({ restored, conflicts, step }: Result<typeof AgentUndo>, jobId: string): void {
  for (const path of restored) printLine(`Restored ${path}`);
  for (const { path, why } of conflicts) printLine(`Left ${path}: ${why}`);
  if (restored.length + conflicts.length === 0)
    printLine('Nothing to undo. No files differ from what they were before.');
  if (step === undefined) return;
  printLine(
    `${counted(restored.length, 'file')} restored. To take that back, run: switchyard jobs undo ${jobId} --step ${step}`,
  );
}

function printQuestion({ question }: Job, id: string): void {
  if (!question) return;
  printLine(`  ${oneLine(question.text)}`);
  for (const { id: answer, label } of question.answers) printLine(`  ${label}: switchyard jobs answer ${id} ${answer}`);
}

/** What it says stands in no line of its own. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function factsOf({ kind, state, progress, cost }: Job): string[] {
  const stages = progress.finished === 1 ? '1 stage' : `${progress.finished} stages`;
  const detail = progress.detail === undefined || state !== 'running' ? [] : [progress.detail];
  return [kind, state === 'cancelled' ? 'canceled' : state, ...detail, stages, ...costWords(cost ?? null)];
}

function costWords(cost: number | null | undefined): string[] {
  if (cost === undefined) return [];
  return [cost === null ? 'not priced' : formatUsd(cost)];
}
