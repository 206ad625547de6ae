// An agent's run as a view knows it: from its parts as they come, or read from its stored job. Pure.
import type {
  AgentApproval,
  AgentChangedFile,
  AgentPart,
  AgentRun,
  AgentUndo,
  CallKind,
} from '../../../../shared/protocol/agent.ts';
import type { Result } from '../../../../shared/protocol/define.ts';
import type { Job, WholeJob } from '../../../../shared/protocol/jobs.ts';

type PartOf<Kind extends AgentPart['kind']> = Extract<AgentPart, { kind: Kind }>;
export type RunResult = Result<typeof AgentRun>;
export type RunDecision = PartOf<'approved'>['decision'];

export interface Run {
  readonly jobId: string;
  readonly chatId: string;
  /** `stopped`: its daemon or its client ended; `canResume` says whether it can go on. */
  readonly state: 'working' | 'ended' | 'stopped';
  readonly canResume: boolean;
  readonly plan: PartOf<'plan'>['items'];
  readonly calls: readonly RunCall[];
  /** What it waits for. */
  readonly approvals: readonly RunApproval[];
  readonly spent: Omit<PartOf<'spent'>, 'kind'> | undefined;
  /** Of one that has ended. */
  readonly end: RunEnd | undefined;
  /** Why it can't be shown. */
  readonly problem: string | undefined;
}

export interface RunCall {
  readonly callId: string;
  /** The call that a sub-agent makes it for. */
  readonly within?: string;
  readonly kind: CallKind;
  readonly title: string;
  /** Counts the calls of the run, from 1. */
  readonly step: number;
  /** What the model said just before it: a part of the answer's text. */
  readonly said?: string | undefined;
  /** JSON, as the model wrote it. */
  readonly input?: string | undefined;
  /** Whether there is more of what it was given. */
  readonly isCut?: boolean | undefined;
  readonly taint?: string | undefined;
  readonly decision?: RunDecision;
  readonly result?: Omit<PartOf<'result'>, 'kind' | 'callId'>;
}

interface RunApproval {
  readonly approval: AgentApproval;
  /** Whether the user has decided and the daemon hasn't answered yet. */
  readonly isSent: boolean;
}

/** All of a run, what it changed from a step on, one file, or hunks of it by their ids. */
export interface UndoScope {
  readonly step?: number;
  readonly uri?: string;
  readonly hunks?: string[];
}

export interface RunChanges {
  /** What the user is asked about before it is undone. */
  readonly asked?: UndoScope | undefined;
  readonly isBusy: boolean;
  /** What is reviewed; none while it isn't. */
  readonly files?: readonly AgentChangedFile[] | undefined;
  /** Whether what the user keeps is shown too. */
  readonly showsKept: boolean;
  readonly notes: readonly string[];
  /** What is being undone, or was last. */
  readonly undoing?: UndoScope | undefined;
  /** What the last undo came to. */
  readonly undone?: Result<typeof AgentUndo> | undefined;
  readonly problem?: string | undefined;
}

export type RunEnd = Pick<RunResult, 'outcome' | 'why' | 'steps' | 'changes'>;

export function beginRun(jobId: string, chatId: string): Run {
  const nothing = { spent: undefined, end: undefined, problem: undefined };
  return { jobId, chatId, state: 'working', canResume: false, plan: [], calls: [], approvals: [], ...nothing };
}

/** Parts of its text are the answer's. */
export function withRunPart(run: Run, part: AgentPart): Run {
  switch (part.kind) {
    case 'plan':
      return { ...run, plan: part.items };
    case 'call': {
      const { callId, within, call: kind, title, step, said, input, isCut, taint } = part;
      const call = { callId, kind, title, step, said, input, isCut, taint, ...(within !== undefined && { within }) };
      return { ...run, calls: [...run.calls, call] };
    }
    case 'approval':
      return { ...run, approvals: [...without(run, part.approval.callId), { approval: part.approval, isSent: false }] };
    case 'approved':
      return changeCall({ ...run, approvals: without(run, part.callId) }, part.callId, { decision: part.decision });
    case 'result': {
      const { kind: _kind, callId, ...result } = part;
      return changeCall({ ...run, approvals: without(run, callId) }, callId, { result });
    }
    case 'spent': {
      const { kind: _kind, ...spent } = part;
      return { ...run, spent };
    }
    default:
      return run;
  }
}

function without({ approvals }: Run, callId: string): readonly RunApproval[] {
  return approvals.filter(({ approval }) => approval.callId !== callId);
}

/** With all of a call that was cut. */
export function withWholeCall(run: Run, callId: string, parts: readonly AgentPart[]): Run {
  return parts.reduce((now, part) => {
    if (part.kind === 'call') return changeCall(now, callId, { input: part.input, isCut: false });
    return part.kind === 'result' ? withRunPart(now, part) : now;
  }, run);
}

/** Addresses of pages that it has read, each once. */
export function sourcesOf({ calls }: Run): string[] {
  return [...new Set(calls.flatMap(({ result }) => result?.sources ?? []))];
}

/** The last one with the id: a model may use one again. */
function changeCall(run: Run, callId: string, change: Partial<RunCall>): Run {
  const at = run.calls.findLastIndex((call) => call.callId === callId);
  const call = run.calls[at];
  return call ? { ...run, calls: run.calls.with(at, { ...call, ...change }) } : run;
}

export function endedRun(run: Run, { outcome, why, steps, changes }: RunEnd): Run {
  return { ...run, state: 'ended', approvals: [], end: { outcome, why, steps, changes } };
}

/** What a stored job knows. `chatId` is empty where only the job can tell. */
export function runOfJob(job: WholeJob, chatId: string): Run {
  const { parts = [] } = job;
  const started = parts.find((part) => part.kind === 'started');
  const run = parts.reduce(withRunPart, beginRun(job.id, chatId || (started?.chatId ?? '')));
  return {
    ...run,
    state: stateOf(job.state),
    canResume: job.canResume,
    approvals: job.state === 'waiting' ? run.approvals : [],
    end: endOf(job.result),
  };
}

function stateOf(state: Job['state']): Run['state'] {
  if (state === 'done') return 'ended';
  return state === 'failed' || state === 'cancelled' || state === 'stopped' ? 'stopped' : 'working';
}

const outcomes: readonly unknown[] = ['done', 'limit', 'denied'] satisfies RunEnd['outcome'][];
const changeKinds: readonly unknown[] = [
  'created',
  'changed',
  'deleted',
] satisfies RunEnd['changes'][number]['change'][];

/** The result has the form of its kind, which the wire doesn't know. */
function endOf({ outcome, why, steps, changes }: NonNullable<WholeJob['result']> = {}): RunEnd | undefined {
  if (!outcomes.includes(outcome)) return undefined;
  return {
    outcome: outcome as RunEnd['outcome'],
    ...(typeof why === 'string' && { why }),
    steps: typeof steps === 'number' ? steps : 0,
    changes: Array.isArray(changes) ? changes.filter(isChange) : [],
  };
}

function isChange(value: unknown): value is RunEnd['changes'][number] {
  if (typeof value !== 'object' || value === null) return false;
  const { uri, path, change, added, removed } = value as Record<string, unknown>;
  const isNamed = typeof uri === 'string' && typeof path === 'string' && changeKinds.includes(change);
  return isNamed && typeof added === 'number' && typeof removed === 'number';
}
