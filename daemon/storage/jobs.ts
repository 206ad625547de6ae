// Work of several steps that is stored as it goes, so that it can go on where it stopped. Storage knows no kind of job.
// Beside them, what the user has answered for good.
import type { Page, PageRequest } from './pages.ts';

/** `waiting`: for the user's answer, whether or not its client and its daemon are still there. `stopped`: it ended with its client or its daemon, and can be resumed. One that its daemon left behind is still `running` here. */
export type JobState = 'queued' | 'running' | 'waiting' | 'done' | 'failed' | 'cancelled' | 'stopped';

/** Of jobs that have not ended. */
export const openJobStates: readonly JobState[] = ['queued', 'running', 'waiting'];

/** What a job that waits asks the user. */
export interface JobQuestion {
  text: string;
  answers: readonly JobAnswerChoice[];
  /** What its kind shows with it, as it wrote it. */
  shown?: unknown;
  /** What its kind does once it's answered, as it wrote it: no client is told. */
  kept?: unknown;
  /** Of `shown`, where what an answer would do is seen there alone: nobody can allow that who is told the text. */
  mark?: string;
}

interface JobAnswerChoice {
  id: string;
  label: string;
  /** Whether it does nothing of what is shown. */
  isRefusal?: boolean;
}

/** `stage`: the name under which the answer is stored. */
export type StoredQuestion = JobQuestion & { stage: string };

export interface StoredJob {
  id: string;
  kind: string;
  title: string;
  state: JobState;
  /** Of one that waits. */
  question?: StoredQuestion;
  /** The URI of the file that it is about. */
  document?: string;
  /** Whether what going on with it needs is still stored. */
  isResumable: boolean;
  /** How many of its stages are finished. */
  stages: number;
  /** US dollars of all its stages; absent when one of them is unknown. */
  costUsd?: number;
  /** Of one that failed: why. */
  failure?: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  endedAt?: number;
}

/** A finished stage: what was asked of whom, what came of it, and what it took. */
export interface StoredStage {
  /** Unlike any other's of its job. */
  name: string;
  /** What it did, in words for the user. */
  detail: string;
  /** `provider/model` */
  model?: string;
  prompt?: string;
  answer?: string;
  tokens?: { input: number; output: number };
  /** US dollars; `null` when they are unknown, absent where no model was asked. */
  costUsd?: number | null;
  durationMs: number;
  /** What clients are shown of it, as its kind wrote it, without the secrets in it. It stays once the job is done. */
  shown?: unknown;
  /** What the job goes on with, as its kind wrote it; undefined once the job is done. */
  outcome: unknown;
}

export interface WholeJob extends StoredJob {
  /** What was asked for, as its kind wrote it; null once the job is done, and where it is no longer kept. */
  request: unknown;
  /** What came of it, as its kind wrote it, without the secrets in it. */
  result?: unknown;
  /** In the order in which they finished. */
  finished: StoredStage[];
}

/**
 * How long what only going on with a job needs is kept after something was last done for it. That is its document as it was: with its
 * secrets masked, an edit of it could not be made any more.
 */
export const resumableMs = 24 * 60 * 60 * 1000;

/** Of a profile's jobs the newest are kept: so many, and as many as hold so many bytes. */
export const maxJobs = 200;
export const maxJobBytes = 32 * 1024 * 1024;

/** A profile's jobs. Every call that names one throws UserError `job-not-found` where there is none. */
export interface Jobs {
  add(job: { id: string; kind: string; title: string; request: unknown; document?: string }): Promise<void>;
  /** The newest first. */
  list(page: PageRequest): Promise<Page<StoredJob>>;
  job(jobId: string): Promise<WholeJob>;
  /** Those that are stored as under way or waiting. */
  unfinished(): Promise<Pick<WholeJob, 'id' | 'kind' | 'state' | 'request'>[]>;
  /** US dollars that jobs which ended since a time call their `waste`, in milliseconds since the epoch. */
  waste(since: number): Promise<number>;
  /** It begins, or goes on. */
  begin(jobId: string): Promise<void>;
  /** It waits for the user until it goes on. */
  wait(jobId: string, question: StoredQuestion): Promise<void>;
  finishStage(jobId: string, stage: StoredStage): Promise<void>;
  /** Of one that is done, what only going on with it needs is deleted: the request and the outcomes of its stages. */
  end(jobId: string, end: { state: JobState; result?: unknown; failure?: string }): Promise<void>;
  /** Deletes all that may hold some of its document: what it was asked for, its stages and its result. `why` is for the user. */
  purge(jobId: string, why: string): Promise<void>;
  /** Deletes it with all of its stages. */
  remove(jobId: string): Promise<void>;
}

/** What the user has allowed the agent once and for all: exactly this step, in one folder. */
export interface StoredApproval {
  /** The folder that the agent works in, as a path. */
  root: string;
  /** A hash of exactly what would happen. */
  identity: string;
  kind: string;
  /** What the user was asked, and what it is bound to besides. */
  text: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
}

/** Of a profile the newest this many are kept. */
export const maxApprovals = 1000;

export interface ApprovalLog {
  add(approval: Omit<StoredApproval, 'createdAt'>): Promise<void>;
  has(root: string, identity: string): Promise<boolean>;
  /** The newest first. */
  list(): Promise<StoredApproval[]>;
  /** Takes one back. */
  remove(root: string, identity: string): Promise<void>;
  /** Takes back what holds in a folder or below it. */
  clear(root: string): Promise<void>;
}
