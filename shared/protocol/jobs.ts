// Messages about jobs: work of several steps that is stored as it goes.
import * as z from 'zod';
import { AgentPart } from './agent.ts';
import { request } from './define.ts';
import { PartialResultToken } from './text.ts';

/** What a job asks the user. It goes on with one of the answers. */
const JobQuestion = z.object({
  text: z.string(),
  answers: z.array(z.object({ id: z.string(), label: z.string() })),
  /** Where the text doesn't say what an answer would do: of what does (`parts`). An answer that allows it names it. */
  mark: z.string().optional(),
});

export const Job = z.object({
  id: z.string(),
  /** Such as `write`. */
  kind: z.string(),
  title: z.string(),
  /** `waiting`: for the user's answer, also while no client of it is there. `stopped`: its client or its daemon ended; it can be resumed, as a failed or a cancelled one can. */
  state: z.enum(['queued', 'running', 'waiting', 'done', 'failed', 'cancelled', 'stopped']),
  /** Of one that waits. */
  question: JobQuestion.optional(),
  /** Whether it can still be resumed: for a day after it failed, stopped, or was cancelled. */
  canResume: z.boolean(),
  progress: z.object({
    /** How many stages are finished. */
    finished: z.number().int(),
    /** What runs now, in words for the user. */
    detail: z.string().optional(),
  }),
  /** US dollars so far; absent when a cost is unknown. */
  cost: z.number().optional(),
  /** Of one that failed: why. */
  failure: z.string().optional(),
  /** Milliseconds since the epoch. */
  createdAt: z.number(),
  endedAt: z.number().optional(),
});

/** A finished step: what was asked of whom, what came of it, and what it took. */
export const JobStage = z.object({
  name: z.string(),
  /** What it did, in words for the user. */
  detail: z.string(),
  model: z.string().optional(),
  /** Without the secrets that were found in it, as the answer. */
  prompt: z.string().optional(),
  answer: z.string().optional(),
  tokens: z.object({ input: z.number().int(), output: z.number().int() }).optional(),
  /** US dollars; `null` when they are unknown, absent where no model was asked. */
  cost: z.number().nullable().optional(),
  durationMs: z.number(),
});

export const WholeJob = Job.extend({
  stages: z.array(JobStage),
  /** Of a run of the agent: what it has told so far, without its text, and what it waits for. */
  parts: z.array(AgentPart).optional(),
  /** What came of it, in the form of its kind; of `write` the result of `switchyard/code/write` without its edit. */
  result: z.record(z.string(), z.unknown()).optional(),
});

const JobId = z.object({ jobId: z.string() });

const JobPart = z.discriminatedUnion('kind', [
  /** What runs now, in words for the user. */
  z.object({ kind: z.literal('stage'), detail: z.string() }),
  /** Of a run of the agent: what it has done so far, then what it does, and what it asks meanwhile. */
  ...AgentPart.options,
]);

export const JobsList = request('switchyard/jobs/list', "Lists this profile's jobs, the newest first.", {
  params: z.object({ cursor: z.string().optional(), limit: z.number().int().min(1).max(200).optional() }),
  result: z.object({ jobs: z.array(Job), next: z.string().optional() }),
});

export const JobsGet = request('switchyard/jobs/get', 'A job with its stages and what came of it.', {
  params: JobId.extend({
    /** Of a run of the agent: without its stages, and long texts of its parts cut, which says so. */
    isBrief: z.boolean().optional(),
  }),
  result: z.object({ job: WholeJob }),
});

export const JobsCancel = request(
  'switchyard/jobs/cancel',
  'Cancels a job that has not ended; returns when nothing of it runs any more.',
  {
    params: JobId,
    result: z.object({
      job: Job,
      /** It stays as it is. */
      hadEnded: z.boolean().optional(),
    }),
  },
);

export const JobsResume = request(
  'switchyard/jobs/resume',
  'Goes on with a job at its last finished stage; returns when it has ended.',
  {
    params: JobId.extend({ partialResultToken: PartialResultToken }),
    part: JobPart,
    result: z.object({ job: WholeJob }),
  },
);

export const JobsAnswer = request(
  'switchyard/jobs/answer',
  'Answers what a waiting job asks. It goes on, for the client that answers if its own has left; returns when it has ended.',
  {
    params: JobId.extend({
      /** The id of one of the answers that its question names. */
      answer: z.string().max(100),
      /** Of the question that its user saw. What has changed since is not answered. */
      mark: z.string().max(100).optional(),
      /** What the model of an agent's run is told with it: why not, or the answer to its question. */
      reply: z.string().max(10_000).optional(),
      partialResultToken: PartialResultToken,
    }),
    /** Comes where the job goes on for the client that answers. */
    part: JobPart,
    result: z.object({ job: WholeJob }),
  },
);

export type Job = z.infer<typeof Job>;
export type JobStage = z.infer<typeof JobStage>;
export type WholeJob = z.infer<typeof WholeJob>;
