// What a page may decide for the user. Its host asks here before a request goes on: a page shows texts of models, files and strangers,
// and what it sends need not be what a person pressed. So a page decides only about what it was shown, never beforehand, and a page in
// a browser, which other extensions of that browser can press buttons in, never for longer than one call.
import { AgentApprove, AgentKeep, AgentRun, AgentUndo } from './protocol/agent.ts';
import { JobsAnswer, JobsGet, JobsList } from './protocol/jobs.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Lives as long as the page. */
export class PageDecisions {
  readonly #host: 'vscode' | 'browser';
  /** What was shown last of a call, by the job's id and the call's. */
  readonly #shown = new Map<string, { canAlways: boolean; mark: unknown }>();
  /** Jobs that are no runs of the agent: what they ask says all by itself. */
  readonly #others = new Set<unknown>();
  /** Runs of the agent that were shown. */
  readonly #runs = new Set<unknown>();

  constructor(host: 'vscode' | 'browser') {
    this.#host = host;
  }

  /** Why the request may not go on, in a sentence. */
  refusal(method: string, params: unknown): string | undefined {
    const { allow, jobId, callId, mark, decision, answer } = fieldsOf(params);
    if (method === AgentRun.method && allow !== undefined)
      return 'A view may not allow calls beforehand. Leave out "allow": each call is asked about.';
    if (method === JobsAnswer.method && answer !== 'deny' && !this.#others.has(jobId))
      return 'Decide about this in its chat, where you see what it would do.';
    const done = { [AgentKeep.method]: 'kept', [AgentUndo.method]: 'undone' }[method];
    if (done !== undefined && !this.#runs.has(jobId))
      return `This run wasn't shown here, so nothing was ${done}. Load the chat again.`;
    if (method !== AgentApprove.method) return undefined;
    const shown = this.#shown.get(keyOf(jobId, callId));
    if (!shown || shown.mark !== mark)
      return "This call wasn't shown here, so nothing was decided. Load the chat again.";
    if (decision !== 'always') return undefined;
    if (!shown.canAlways) return 'This call is asked about each time.';
    return this.#host === 'vscode' ? undefined : '"Always" can be answered in VS Code or a terminal only.';
  }

  /** Takes the parts of a request as they go to the page. */
  watch(method: string): (part: unknown) => void {
    if (method !== AgentRun.method) return () => {};
    let jobId: unknown;
    return (part) => {
      const fields = fieldsOf(part);
      if (fields['kind'] === 'started') {
        jobId = fields['jobId'];
        this.#runs.add(jobId);
      } else this.#see(jobId, fields);
    };
  }

  /** Takes what a request came to as it goes to the page. */
  receive(method: string, result: unknown): void {
    const { job, jobs } = fieldsOf(result);
    if (method === JobsList.method && Array.isArray(jobs))
      for (const { id, kind } of jobs.map(fieldsOf)) if (kind !== 'agent') this.#others.add(id);
    if (method !== JobsGet.method) return;
    const { id, parts } = fieldsOf(job);
    if (!Array.isArray(parts)) return;
    this.#runs.add(id);
    for (const part of parts) this.#see(id, fieldsOf(part));
  }

  #see(jobId: unknown, { kind, approval }: Fields): void {
    if (kind !== 'approval') return;
    const { callId, canAlways, mark } = fieldsOf(approval);
    this.#shown.set(keyOf(jobId, callId), { canAlways: canAlways === true, mark });
  }
}

function keyOf(jobId: unknown, callId: unknown): string {
  return JSON.stringify([jobId, callId]);
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
