// What a tool of the agent is. A call is prepared first, without any effect: what it would do, in words, and what must be asked.
import type { AgentApproval, CallKind } from '../../../../shared/protocol/agent.ts';
import type { Usage } from '../../../models/providers/provider.ts';
import type { ModelChoice } from '../../../models/router/router.ts';
import type { SessionView } from '../../../sessions/session-view.ts';
import type { RunningJob } from '../../jobs/job-run.ts';
import type { ToolText } from '../../tools/result.ts';

export interface AgentTool {
  name: string;
  /** For the model: one short sentence. Every word is paid for in each prompt. */
  description: string;
  /** A JSON schema of an object; small. */
  parameters: Record<string, unknown>;
  kind: CallKind;
  /**
   * For models whose answers are forced: the schemas that a call may have now, made of what is there and was not done yet. None where it
   * can't be called. Left out, the parameters hold. `task`: in the user's words; empty for a sub-agent.
   */
  choices?(run: ToolRun, past: readonly PastCall[], task: string): Promise<ObjectSchema[]>;
  /** For the same: what it is called with before the model is asked anything. */
  first?(run: ToolRun, task: string): Promise<Record<string, unknown>[]>;
  /** Reads the arguments and says what the call would do. Throws UserError, which the model is told. */
  prepare(given: unknown, run: ToolRun): Promise<PreparedCall>;
}

export type ObjectSchema = Record<string, unknown>;

/** A call of the run, whose whole result the model has before it. */
export interface PastCall {
  name: string;
  given: Record<string, unknown>;
  ok: boolean;
  /** Its result, as the model is told it. */
  text: string;
}

/** What a tool is given of the run. Lives as long as the run. */
export interface ToolRun {
  jobId: string;
  profile: string;
  session: SessionView;
  /** The folder that it works in, as a path. Trusted, or there are no tools. */
  root: string;
  signal: AbortSignal;
  /** What the run's model was chosen by: a tool that asks a model asks by it as well. */
  choice?: Pick<ModelChoice, 'model' | 'source' | 'policy'>;
  /** US dollars that the call may cost: what is left of the run's limit, where it has one. */
  maxUsd?: number;
  report(sentence: string): void;
}

export interface PreparedCall {
  /** In words for people: `Edit src/a.ts`, `Run npm test`. */
  title: string;
  /** What it brings, in words for people: `README.md`, `the output of npm test`. */
  source?: string;
  /** What must be asked first; left out where it is free. */
  approval?: ApprovalSubject;
  /** It changes nothing, whatever else its tool does. */
  isHarmless?: true;
  /** Does it. Checks again what may have changed since it was prepared. A sub-agent's calls have no scope. */
  perform(scope?: CallScope): Promise<ToolOutcome>;
}

/** A call as its run lends itself to it, for a tool that lets models work apart. Lives as long as the call. */
export interface CallScope {
  callId: string;
  /** The run's own tools. */
  tools: readonly AgentTool[];
  /** What the run may still use. */
  left: RunBudget;
  /** What models are asked is counted for this answer of this chat. */
  chatId: string;
  answerId: string;
  /** A stage of the run's job. */
  stage: RunningJob['stage'];
  /** A model works on a task with a context of its own. Its turns and calls are stages, as the run's are. Throws what a run throws. */
  workApart(work: ApartWork): Promise<ApartEnd>;
}

/** What may be used of each thing that has a limit. */
export interface RunBudget {
  /** Turns of a model. */
  rounds: number;
  tokens: number;
  workMs: number;
  /** US dollars; absent where only the budgets hold. */
  usd?: number | undefined;
}

export interface ApartWork {
  system: string;
  task: string;
  tools: readonly AgentTool[];
  budget: RunBudget;
}

export interface ApartEnd {
  /** Its answer, or what it had said where it was stopped. */
  text: string;
  /** What it did, a line for each call. */
  done: string[];
  /** Of one that was stopped: why, in a sentence. */
  why?: string;
  spent: ToolSpending;
}

export interface ApprovalSubject {
  /** Without callId, title, and taint, which the loop adds. */
  shown: Omit<AgentApproval, 'callId' | 'title' | 'taint'>;
  /** "Always" holds for this alone: a hash of exactly what would happen (argv, folder, script hashes; tool, server and pin; a file's path for edits). */
  identity: string;
  /** Asked about whatever was allowed before. */
  isDangerous?: boolean;
}

export interface ToolOutcome {
  ok: boolean;
  /** For the model: own words, or quotations (as features/tools/result.ts: fences, redacted, bounded). */
  text: ToolText[];
  /** One line, which stands for it later. */
  summary: string;
  /** A unified diff of what it changed. */
  diff?: string;
  /** Whether it holds what others wrote (files, programs' output, pages): what follows it may be tainted. */
  isMaterial: boolean;
  /** Addresses of pages that were read: an answer may cite them. */
  sources?: readonly string[];
  /** Of a tool that asks models. */
  spent?: ToolSpending;
}

/** What a call has cost. */
export interface ToolSpending {
  usage: Usage;
  /** US dollars; `null` when they are unknown. */
  costUsd: number | null;
  /** Turns of a model that worked apart. */
  rounds?: number;
}
