// Runs of the scripted daemon: what the agent does is written by the test, and waits for the page's decisions.
import {
  type AgentApproval,
  AgentApprove,
  AgentCall,
  AgentChanges,
  AgentKeep,
  type AgentMode,
  AgentModes,
  type AgentPart,
  AgentPrompts,
  AgentRun,
  AgentUndo,
  type AnyRequest,
  type Job,
  JobsCancel,
  JobsGet,
  JobsList,
  JobsResume,
  type Message,
  type Params,
  type Result,
  type WholeJob,
} from '../../shared/protocol/index.ts';

type Decision = Omit<Params<typeof AgentApprove>, 'jobId'>;
type RunEnd = Partial<Pick<Result<typeof AgentRun>, 'outcome' | 'why' | 'text' | 'changes'>>;

/** What a scripted run has. */
interface RunScript {
  task: string;
  signal: AbortSignal;
  emit(part: AgentPart): void;
  /** Waits for the page's decision. */
  ask(approval: AgentApproval): Promise<Decision>;
}

interface RunCall {
  signal: AbortSignal;
  emit(part: unknown): void;
  add(message: Partial<Message> & Pick<Message, 'role' | 'text'>): Message;
}

export const usage = { input: 4200, cacheRead: 0, cacheWrite: 0, output: 310, reasoning: 0 };

/** Lives as long as one test. */
export class ScriptedRuns {
  modes: AgentMode[] = [];
  script: (run: RunScript) => Promise<RunEnd> = async () => ({});
  readonly jobs = new Map<string, WholeJob>();
  prompts: Result<typeof AgentPrompts>['prompts'] = [];
  /** What calls came to, whole. */
  whole: AgentPart[] = [];
  changed: Result<typeof AgentChanges> = { files: [], notes: [] };
  undone: Result<typeof AgentUndo> = { restored: [], conflicts: [] };
  readonly keeps: Params<typeof AgentKeep>[] = [];
  readonly undos: Params<typeof AgentUndo>[] = [];
  readonly decisions: Decision[] = [];
  readonly #waiting = new Map<string, (decision: Decision) => void>();

  async answer(message: AnyRequest, params: unknown, call: RunCall): Promise<unknown> {
    switch (message) {
      case AgentModes:
        return { modes: this.modes };
      case AgentRun:
        return await this.#run(params as Params<typeof AgentRun>, call);
      case AgentApprove:
        return this.#decide(params as Params<typeof AgentApprove>);
      case AgentPrompts:
        return { prompts: this.prompts };
      case AgentCall:
        return { parts: this.whole };
      case AgentChanges:
        return this.changed;
      case AgentKeep:
        this.keeps.push(params as Params<typeof AgentKeep>);
        return { kept: [], conflicts: [] };
      case AgentUndo:
        this.undos.push(params as Params<typeof AgentUndo>);
        return this.undone;
      case JobsList:
        return { jobs: [...this.jobs.values()].map(({ stages: _, parts: __, result: ___, ...job }): Job => job) };
      case JobsGet:
        return { job: this.jobs.get((params as Params<typeof JobsGet>).jobId) };
      case JobsCancel:
      case JobsResume: {
        const job = this.jobs.get((params as Params<typeof JobsGet>).jobId);
        if (job) job.state = message === JobsCancel ? 'cancelled' : 'running';
        return { job };
      }
      default:
        throw new Error(`not scripted: ${message.method}`);
    }
  }

  #decide({ jobId: _, ...decision }: Params<typeof AgentApprove>): object {
    this.decisions.push(decision);
    this.#waiting.get(decision.callId)?.(decision);
    for (const job of this.jobs.values()) {
      job.state = 'running';
      job.parts?.push({ kind: 'approved', callId: decision.callId, decision: decision.decision });
    }
    return {};
  }

  async #run(
    { task, chatId = '', mode = 'act' }: Params<typeof AgentRun>,
    { signal, emit, add }: RunCall,
  ): Promise<unknown> {
    const jobId = `job-${this.jobs.size + 1}`;
    const emitPart = (part: AgentPart): void => emit(part);
    add({ role: 'user', text: task });
    const answer = add({ role: 'assistant', text: '', status: 'streaming', jobId });
    emitPart({ kind: 'started', jobId, chatId, mode });
    const ask = (approval: AgentApproval): Promise<Decision> => {
      const decided = new Promise<Decision>((resolve, reject) => {
        this.#waiting.set(approval.callId, resolve);
        signal.addEventListener('abort', () => reject(new Error('cancelled')), { once: true });
      });
      emitPart({ kind: 'approval', approval });
      return decided.then((decision) => {
        emitPart({ kind: 'approved', callId: approval.callId, decision: decision.decision });
        return decision;
      });
    };
    this.jobs.set(jobId, jobOf(jobId, task));
    try {
      const end = {
        outcome: 'done',
        text: 'Done.',
        changes: [],
        ...(await this.script({ task, signal, emit: emitPart, ask })),
      };
      Object.assign(answer, { status: 'complete', text: end.text });
      Object.assign(this.jobs.get(jobId) ?? {}, { state: 'done', result: end });
      return { jobId, chatId, messageId: answer.id, steps: 2, usage, cost: 0.0123, ...end };
    } catch (error) {
      answer.status = 'cancelled';
      Object.assign(this.jobs.get(jobId) ?? {}, { state: 'cancelled' });
      throw error;
    }
  }
}

export function jobOf(id: string, title: string, over: Partial<WholeJob> = {}): WholeJob {
  return {
    id,
    kind: 'agent',
    title,
    state: 'running',
    canResume: false,
    progress: { finished: 1 },
    createdAt: Date.now(),
    stages: [],
    parts: [],
    ...over,
  };
}
