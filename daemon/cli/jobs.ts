// `switchyard jobs`: work of several steps in this folder's profile.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  AgentChanges,
  type AgentKeep,
  AgentPrune,
  type AgentRun,
  type AgentUndo,
} from '../../shared/protocol/agent.ts';
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
import { priceWords } from '../../shared/usd.ts';
import { counted } from '../../shared/words/counted.ts';
import { printApproval, printerOn } from './agent/approval-words.ts';
import { exitCodeOf, FollowedRun } from './agent/follow-run.ts';
import { keepNamed, undoNamed } from './agent/named-changes.ts';
import { type ReviewedRun, reviewChanges, reviewedWords } from './agent/review-changes.ts';
import { printRunFiles } from './agent/run-files.ts';
import { askAtTerminal } from './kit/ask-trust.ts';
import { type DaemonClient, withDaemon, workingFolder } from './kit/client.ts';
import { type ExitCode, json, readArguments, subcommandOf, UsageError } from './kit/command.ts';
import { idKinds, shortIds, wholeId } from './kit/ids.ts';
import { defaultListed, hintAtMore, limitNamed, listFirst } from './kit/pages.ts';
import { printJson, printLine, readableBytes } from './kit/terminal.ts';

type JobResult =
  | { jobs: readonly Job[]; hasMore: boolean }
  | { job: Job | WholeJob; hadEnded?: boolean | undefined }
  | Result<typeof AgentChanges>
  | Result<typeof AgentKeep>
  | Result<typeof AgentUndo>
  | ReviewedRun
  | Result<typeof AgentPrune>;

interface GivenArguments {
  limit: number;
  answer: string;
  reply: string;
  mark: string | undefined;
  step: number | undefined;
  days: number | undefined;
  uri: string | undefined;
  /** The same as it was written. */
  path: string | undefined;
  hunks: readonly string[];
  showsKept: boolean;
  isJson: boolean;
  followed: FollowedRun;
}

interface Subcommand {
  takes: 'nothing' | 'an id' | 'an answer';
  run(client: DaemonClient, jobId: string, given: GivenArguments): Promise<JobResult>;
}

const subcommands: Readonly<Record<string, Subcommand>> = {
  list: {
    takes: 'nothing',
    async run(client, _jobId, { limit }) {
      const { items: jobs, hasMore } = await listFirst(limit, async (page) => {
        const { jobs: items, next } = await client.call(JobsList, page);
        return { items, next };
      });
      return { jobs, hasMore };
    },
  },
  show: { takes: 'an id', run: (client, jobId) => client.call(JobsGet, { jobId }) },
  cancel: { takes: 'an id', run: (client, jobId) => client.call(JobsCancel, { jobId }) },
  resume: {
    takes: 'an id',
    run: (client, jobId, { followed }) =>
      followed.follow((onPart, signal) => client.call(JobsResume, { jobId }, onPart, signal)),
  },
  answer: {
    takes: 'an answer',
    run: (client, jobId, { answer, reply, mark, followed }) => {
      const given = { jobId, answer, ...(reply !== '' && { reply }), ...(mark !== undefined && { mark }) };
      return followed.follow((onPart, signal) => client.call(JobsAnswer, given, onPart, signal));
    },
  },
  changes: { takes: 'an id', run: (client, jobId) => client.call(AgentChanges, { jobId }) },
  review: {
    takes: 'an id',
    run: (client, jobId, { uri, showsKept, isJson }) =>
      reviewChanges(client, { jobId, ask: askAtTerminal(), uri, showsKept, isJson }),
  },
  keep: { takes: 'an id', run: keepNamed },
  undo: { takes: 'an id', run: undoNamed },
  prune: {
    takes: 'nothing',
    run: (client, _jobId, { days }) =>
      client.call(AgentPrune, days === undefined ? {} : { before: Date.now() - days * msPerDay }),
  },
};
const msPerDay = 24 * 60 * 60 * 1000;

export const options = {
  limit: {
    type: 'string',
    value: 'N',
    goesWith: ['list', ''],
    description: `Show at most this many jobs (default: ${defaultListed})`,
  },
  mark: {
    type: 'string',
    value: 'MARK',
    goesWith: ['answer'],
    description: 'Give the mark that was shown with the question, to answer exactly that one',
  },
  days: {
    type: 'string',
    value: 'N',
    goesWith: ['prune'],
    description: 'Keep what runs of the last N days need to be undone',
  },
  step: {
    type: 'string',
    value: 'N',
    goesWith: ['undo'],
    description: 'Undo only what was changed from this step on',
  },
  file: {
    type: 'string',
    value: 'FILE',
    goesWith: ['review', 'keep', 'undo'],
    description: 'Review, keep, or undo only what was changed in this file',
  },
  hunk: {
    type: 'string',
    value: 'HUNK',
    multiple: true,
    goesWith: ['keep', 'undo'],
    description: 'Keep or undo only this change; `changes` shows its ID, of which the beginning is enough',
  },
  all: { type: 'boolean', goesWith: ['review'], description: 'Ask about the changes that you have kept, too' },
  json,
} as const;

export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, options, 4);
  const [word = 'list', written = '', answer = '', reply = ''] = positionals;
  const subcommand = subcommandOf('jobs', subcommands, word);
  checkArguments(subcommand, positionals.slice(1));
  const limit = limitNamed(values.limit);
  const step = numberOf('--step', values.step);
  const days = numberOf('--days', values.days);
  const { mark, file: path, hunk: hunks = [], all: showsKept = false, json: isJson = false } = values;
  if (step !== undefined && hunks.length > 0) throw new UsageError('Use --step or --hunk, not both.');
  const uri = path === undefined ? undefined : pathToFileURL(resolve(path)).href;
  return withDaemon(
    async (client) => {
      const jobId = written === '' ? '' : await wholeId(client, idKinds.jobs, written);
      const followed = new FollowedRun(client, { ask: askAtTerminal(), shows: isJson ? 'json' : 'text', jobId });
      const named = { step, uri, path, hunks, showsKept, isJson };
      const result = await subcommand.run(client, jobId, { limit, answer, reply, mark, days, followed, ...named });
      const ended = 'job' in result && followed.isShown && result.job.state === 'done' ? endOf(result.job) : undefined;
      if (isJson) printJson(result);
      else if (ended) followed.end(ended);
      else if ('jobs' in result) await printList(client, result);
      else if ('job' in result) {
        if ('hadEnded' in result) printLine('That job had already ended, so there was nothing to cancel:');
        printJob(result.job);
      } else if ('files' in result) printFiles(result);
      else if ('freedBytes' in result) printPruned(result);
      else if ('counts' in result) for (const line of reviewedWords(result, jobId)) printLine(line);
      else if ('kept' in result) printKept(result);
      else printUndone(result, jobId);
      if (ended) return exitCodeOf(ended);
      return 'conflicts' in result && result.conflicts.length > 0 ? 3 : 0;
    },
    { root: workingFolder() },
  );
}

function numberOf(option: string, written: string | undefined): number | undefined {
  if (written === undefined) return undefined;
  if (/^[1-9]\d{0,8}$/.test(written)) return Number(written);
  throw new UsageError(`${option} takes a number from 1, not "${written}".`);
}

/** Of a run of the agent that is done. */
function endOf(job: Job | WholeJob): Result<typeof AgentRun> {
  const result = 'stages' in job ? job.result : undefined;
  return { jobId: job.id, ...result } as Result<typeof AgentRun>; // as its kind stored it
}

function checkArguments({ takes }: Subcommand, [written = '', answer = '', reply = '']: readonly string[]): void {
  if (takes !== 'nothing' && written === '')
    throw new UsageError('Specify a job by its ID. To list them, run `switchyard jobs`.');
  if (takes === 'an answer' && answer === '')
    throw new UsageError('Specify an answer. To see the question and its answers, run `switchyard jobs`.');
  const extra = [takes === 'nothing' && written, takes !== 'an answer' && (answer || reply)].find(Boolean);
  if (extra) throw new UsageError(`Unexpected argument "${extra}".`);
}

async function printList(
  client: DaemonClient,
  { jobs, hasMore }: { jobs: readonly Job[]; hasMore: boolean },
): Promise<void> {
  const ids = shortIds(jobs.map(({ id }) => id));
  for (const [i, job] of jobs.entries()) {
    printLine(`${ids[i]}  ${job.title}  (${factsOf(job).join(', ')})`);
    const whole = job.question && (await client.call(JobsGet, { jobId: job.id })).job;
    if (whole) printQuestion(whole, ids[i] ?? job.id);
  }
  if (jobs.length === 0)
    printLine('No jobs yet. To start one, run `switchyard run "TASK"` or `switchyard write "TEXT" FILE`.');
  hintAtMore({ items: jobs, hasMore });
}

function printJob(job: Job | WholeJob): void {
  printLine(`${job.title}  (${factsOf(job).join(', ')})`);
  if (job.failure !== undefined) printLine(job.failure);
  if (!('stages' in job)) return;
  printQuestion(job, job.id);
  for (const { name, detail, model, durationMs, cost } of job.stages) {
    const facts = [...(model === undefined ? [] : [model]), `${(durationMs / 1000).toFixed(1)} s`, ...costWords(cost)];
    printLine(`${isInner(name) ? '    ' : '  '}${name}: ${detail} (${facts.join(', ')})`);
  }
  const { code, label, text = code, why = label } = job.result ?? {};
  if (typeof why === 'string') printLine(why);
  if (typeof text === 'string') printLine(`\n${text.trimEnd()}`);
}

/** Whether a sub-agent did it: its stages have the number of the call that it works for before their own. */
function isInner(stage: string): boolean {
  return / \d+\.\d+\.\d[\d.]*$/.test(stage);
}

function printFiles({ files, notes }: Result<typeof AgentChanges>): void {
  printRunFiles(files);
  for (const note of notes) printLine(note);
  if (files.length === 0) printLine('No files differ from what they were before this job.');
}

function printKept({ kept, conflicts }: Result<typeof AgentKeep>): void {
  for (const path of kept) printLine(`Kept ${path}`);
  for (const { path, why } of conflicts) printLine(`Left ${path}: ${why}`);
  if (kept.length + conflicts.length === 0) printLine('Nothing is left to keep.');
}

function printUndone({ restored, conflicts, step }: Result<typeof AgentUndo>, jobId: string): void {
  for (const path of restored) printLine(`Restored ${path}`);
  for (const { path, why } of conflicts) printLine(`Left ${path}: ${why}`);
  if (restored.length + conflicts.length === 0)
    printLine('Nothing to undo. No files differ from what they were before.');
  if (step === undefined) return;
  printLine(
    `${counted(restored.length, 'file')} restored. To take that back, run \`switchyard jobs undo ${jobId} --step ${step}\`.`,
  );
}

function printPruned({ runs, freedBytes }: Result<typeof AgentPrune>): void {
  if (runs === 0) return printLine('Nothing to delete.');
  printLine(
    `Deleted what was kept to undo ${counted(runs, 'run')} (${readableBytes(freedBytes)}). The files stay as they are.`,
  );
}

/** What a run of the agent waits for is shown in full. */
function printQuestion({ question, parts = [] }: WholeJob, id: string): void {
  if (!question) return;
  const asked = parts.findLast((part) => part.kind === 'approval');
  if (asked) printApproval(asked.approval, printerOn(process.stdout));
  else printLine(`  ${question.text}`);
  const { mark } = question;
  const marked = mark === undefined ? '' : ` --mark ${mark}`;
  for (const { id: answer, label } of question.answers)
    printLine(`  ${label}: switchyard jobs answer ${id} ${answer}${marked}`);
}

function factsOf({ kind, state, progress, cost }: Job): string[] {
  const stages = counted(progress.finished, 'stage');
  const detail = progress.detail === undefined || state !== 'running' ? [] : [progress.detail];
  return [kind, state === 'cancelled' ? 'canceled' : state, ...detail, stages, ...costWords(cost ?? null)];
}

function costWords(cost: number | null | undefined): string[] {
  return cost === undefined ? [] : [priceWords(cost)];
}
