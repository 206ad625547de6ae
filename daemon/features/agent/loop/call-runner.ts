// One call of a tool, in its order: prepared, asked about, checkpointed, done. What is finished is a stage, and is never done again; what was
// begun when the daemon died isn't done again either, since nobody knows how far it came.
import { createHash } from 'node:crypto';
import { withoutHidden } from '../../../../shared/hidden-characters.ts';
import type { AgentApproval, CallKind } from '../../../../shared/protocol/agent.ts';
import { alwaysWords } from '../../../../shared/words/always-words.ts';
import { UserError } from '../../../base/errors.ts';
import { isTooLate, LinkedAbort } from '../../../base/listeners.ts';
import { redact } from '../../../models/secrets/scanner.ts';
import type { JobQuestion } from '../../../storage/jobs.ts';
import type { GivenAnswer, RunningJob } from '../../jobs/job-run.ts';
import { approvalChanged } from '../../jobs/jobs.ts';
import { needFolder } from '../approvals/need-folder.ts';
import type { Material } from '../approvals/taint.ts';
import type { Guidance } from '../guidance/guidance.ts';
import { planItems, planTool } from '../tools/plan.ts';
import type { AgentTool, ApprovalSubject, CallScope, PreparedCall, RunBudget, ToolRun } from '../tools/tool.ts';
import { pathsIn, shownPath } from './call-path.ts';
import { namesOf } from './dialects.ts';
import { refusalOf, resultFor } from './results.ts';
import type { PartsView } from './shown-parts.ts';
import { innerStages, isStageOf, stageName } from './stage-names.ts';
import { decisionOf, partsOfCall } from './stored-parts.ts';
import type { Approvals, AskingCall, Checkpoints } from './surroundings.ts';
import type { CallResult, MadeCall, OpenCall, ShownCall } from './turn.ts';

export interface CallRunnerDeps {
  job: RunningJob;
  run: ToolRun;
  tools: readonly AgentTool[];
  shown: Pick<PartsView, 'show'>;
  approvals: Approvals;
  checkpoints: Checkpoints;
  allow: readonly CallKind[];
  /** In the user's own words: the task, and what they said before it in the chat. */
  asked: readonly string[];
  /** What was attached and answered before, and what tools have brought until now: what they bring is added. */
  materials: Material[];
  /** What a folder's own files say to whoever works in it. */
  guidance?: Pick<Guidance, 'for' | 'said'>;
}

export interface CallPlace {
  /** Counts the calls of the run, from 1. */
  step: number;
  /** What the model said before it, for people. */
  said?: string;
  /** Characters that the result may have. */
  maxChars: number;
  /** What the run's limits leave it. */
  left: Pick<RunBudget, 'usd' | 'workMs'>;
  /** Nothing can be delegated where it is left out. */
  scope?: CallScope;
}

interface AllowedCall {
  tool: AgentTool;
  prepared: PreparedCall;
  given: unknown;
  place: CallPlace;
  /** Aborted where the time of the run is used up. */
  signal: AbortSignal;
  /** What the user said when they allowed it. */
  added: string | undefined;
  tainted: Pick<CallResult, 'taint'>;
}

/** Under this name a call's question is stored. It has a mark of what was shown, so that another call is asked about anew. */
function questionName(callId: string, mark: string): string {
  return stageName('approve', `${callId} ${mark}`);
}

/** Whether a stored question is the call's. Throws UserError `approval-changed` where it shows something else than what has the mark. */
export function isQuestionOf(callId: string, mark: string | undefined, stage: string): boolean {
  if (!stage.startsWith(questionName(callId, ''))) return false;
  if (mark === undefined || stage === questionName(callId, mark)) return true;
  throw approvalChanged();
}

const cutCall = 'Your call was cut off, since it got too long, so nothing was done. Do it in smaller steps.';

/** Calls that aren't done again where nobody knows how far they came. */
const effects: ReadonlySet<CallKind> = new Set(['edit', 'run', 'web', 'mcp']);
/** Those of them that may change files. */
const writes: ReadonlySet<CallKind> = new Set(['edit', 'run', 'mcp']);

/** Lives as long as a run is at work. */
export class CallRunner {
  readonly #deps: CallRunnerDeps;

  constructor(deps: CallRunnerDeps) {
    this.#deps = deps;
  }

  async perform(call: MadeCall, place: CallPlace): Promise<CallResult> {
    const { job, shown } = this.#deps;
    const known = job.stages.find(({ name }) => name === stageName('call', call.id));
    const result = known ? (known.outcome as CallResult) : await this.#new(call, place); // as `#new` stored it
    this.#showCall(call, place, result);
    this.#takeInner(call.id);
    const { ok, summary, text, diff, sources = [] } = result;
    if (call.name === planTool.name && ok) this.#showPlan(call);
    shown.show(`result ${call.id}`, {
      kind: 'result',
      callId: call.id,
      ok,
      summary,
      text,
      ...(diff !== undefined && { diff }),
      ...(sources.length > 0 && { sources: [...sources] }),
    });
    this.#takeMaterial(result);
    return result;
  }

  /** What a sub-agent has done for a call is shown inside it, and what it has read is material for the run as well. */
  #takeInner(callId: string): void {
    const { job, shown, run } = this.#deps;
    const calls = innerStages(job.stages, callId).filter((stage) => isStageOf(stage, 'call'));
    for (const [index, stage] of calls.entries()) {
      for (const part of partsOfCall(stage, { step: index + 1, root: run.root }))
        if (part.kind === 'call' || part.kind === 'result') shown.show(`${part.kind} ${part.callId}`, part);
      this.#takeMaterial(stage.outcome as CallResult); // as `#stage` stored it
    }
  }

  #takeMaterial({ isMaterial, title, text, source = `the step “${title}”` }: CallResult): void {
    if (isMaterial) this.#deps.materials.push({ source, text });
  }

  #showCall(
    { id, name, arguments: given }: MadeCall,
    { step, said }: CallPlace,
    { kind, title, taint }: Pick<CallResult, 'kind' | 'title' | 'taint'>,
  ): void {
    this.#deps.shown.show(`call ${id}`, {
      kind: 'call',
      callId: id,
      step,
      tool: name,
      call: kind,
      title,
      ...(said !== undefined && { said }),
      input: given,
      ...shownPath(given, this.#deps.run.root),
      ...(taint !== undefined && { taint }),
    });
  }

  #showPlan({ id, arguments: given }: MadeCall): void {
    this.#deps.shown.show(`plan ${id}`, { kind: 'plan', items: planItems(JSON.parse(given)) });
  }

  async #new(call: MadeCall, place: CallPlace): Promise<CallResult> {
    const { tools, job } = this.#deps;
    using timed = new LinkedAbort([job.signal], place.left.workMs);
    const { signal } = timed;
    const run = { ...this.#deps.run, signal, ...(place.left.usd !== undefined && { maxUsd: place.left.usd }) };
    const tool = tools.find(({ name }) => name === call.name);
    if (!tool) return this.#refused(call, `There's no tool ${call.name}. The tools are ${namesOf(tools)}.`, 'read');
    if (job.stages.some(({ name }) => name === stageName('begin', call.id))) {
      const text = 'Switchyard stopped while this was being done. It may be done in part: look before you do it again.';
      return this.#refused(call, text, tool.kind);
    }
    if (call.isCut) return this.#refused(call, cutCall, tool.kind);
    if (run.root !== '') await needFolder(run.root);
    let prepared: PreparedCall;
    let given: unknown;
    try {
      given = argumentsIn(call.arguments);
      prepared = await tool.prepare(given, run);
    } catch (error) {
      if (isTooLate(signal)) return await this.#store(call, timeUp(tool.kind, `Call ${call.name}`));
      return await this.#refused(call, refusalOf(error), tool.kind);
    }
    const { isDangerous } = prepared.approval ?? {};
    const asking = { ...this.#asking, kind: tool.kind, given, isDangerous };
    const taint = this.#deps.approvals.taintOf(asking);
    const tainted = taint === undefined ? {} : { taint };
    const kind = kindOf(tool, prepared);
    this.#showCall(call, place, { kind, title: prepared.title, ...tainted });
    const open = { ...tainted, kind, title: prepared.title };
    const answer = prepared.approval && (await this.#approved(call, prepared.approval, asking, open));
    if (answer?.id === 'deny') {
      const why = answer.reply === undefined ? '' : ` They say: ${answer.reply}`;
      return this.#store(call, {
        ...failed(tool.kind, prepared.title),
        ...tainted,
        text: `The user said no to this.${why} Don't try it again; do something else, or end.`,
        summary: `${prepared.title}: denied.`,
        isMaterial: false,
        isDenied: true,
      });
    }
    if (tool.kind === 'ask') return this.#store(call, answerOf(prepared, answer));
    return await this.#done(call, { tool, prepared, given, place, signal, added: answer?.reply, tainted });
  }

  get #asking(): Omit<AskingCall, 'kind' | 'given'> {
    const { run, allow, asked, guidance, materials } = this.#deps;
    return { run, allow, task: asked.join('\n'), materials: [...(guidance?.said ?? []), ...materials] };
  }

  /** The user's answer; undefined where nothing need be asked. */
  async #approved(
    call: MadeCall,
    subject: ApprovalSubject,
    asking: AskingCall,
    { title, taint }: OpenCall,
  ): Promise<GivenAnswer | undefined> {
    const { approvals, job, shown } = this.#deps;
    const mark = createHash('sha256')
      .update(JSON.stringify([subject.identity, subject.shown]))
      .digest('hex')
      .slice(0, 16);
    const name = questionName(call.id, mark);
    const isAnswered = job.stages.some((stage) => stage.name === name);
    const isFree = subject.shown.kind !== 'ask' && !isAnswered && (await approvals.isAllowed(subject, asking));
    if (isFree) return undefined;
    const approval: AgentApproval = {
      ...subject.shown,
      ...{ callId: call.id, mark, title },
      ...(taint !== undefined && { taint }),
    };
    const show = (): void => shown.show(`approval ${call.id} ${mark}`, { kind: 'approval', approval });
    const kept = await approvals.lastingOf(subject, asking);
    const answer = job.ask(name, { ...questionOf(approval), ...(kept && { kept }) }, show);
    const decision = decisionOf(answer.id);
    shown.show(`approved ${call.id} ${mark}`, { kind: 'approved', callId: call.id, decision });
    return answer;
  }

  async #done(call: MadeCall, allowed: AllowedCall): Promise<CallResult> {
    const { tool, prepared, given, place, signal, added, tainted } = allowed;
    const { job, run, checkpoints } = this.#deps;
    const hasEffect = effects.has(tool.kind) && !prepared.isHarmless;
    const mayWrite = hasEffect && writes.has(tool.kind);
    if (mayWrite) {
      run.report('Keeping the files as they are, to undo this');
      await checkpoints.before(run, place.step, pathsIn(given));
    }
    run.report(prepared.title);
    if (hasEffect)
      await job.stage(stageName('begin', call.id), async () => ({
        outcome: null,
        shown: { ...tainted, kind: tool.kind, title: prepared.title } satisfies OpenCall,
        detail: `Begins: ${prepared.title}.`,
      }));
    const { title, source } = prepared;
    const about = { ...tainted, ...(source !== undefined && { source }) };
    return this.#stage(call, async () => {
      try {
        const { text, diff, ...outcome } = await prepared.perform(place.scope);
        const said = added === undefined ? [] : [`The user adds: ${added}`];
        const told = [...text, ...said, ...(await this.#guidanceFor(given))];
        const changed = diff !== undefined && { diff: redact(diff).text }; // it's stored, with the lines around
        const kind = kindOf(tool, prepared);
        return { ...outcome, ...changed, ...about, kind, title, text: resultFor(told, place.maxChars) };
      } catch (error) {
        if (isTooLate(signal)) return { ...timeUp(tool.kind, title), ...about };
        const text = refusalOf(error);
        return { ...failed(tool.kind, title), ...about, text, summary: summaryOf(title, text) };
      } finally {
        if (mayWrite) await checkpoints.after(run, place.step);
      }
    });
  }

  async #guidanceFor(given: unknown): Promise<string[]> {
    const texts: string[] = [];
    for (const path of pathsIn(given)) texts.push((await this.#deps.guidance?.for(path)) ?? '');
    return texts.filter((text) => text !== '');
  }

  #refused(call: MadeCall, text: string, kind: CallKind): Promise<CallResult> {
    return this.#store(call, { ...failed(kind, `Call ${call.name}`), text, summary: summaryOf(call.name, text) });
  }

  #store(call: MadeCall, result: CallResult): Promise<CallResult> {
    return this.#stage(call, async () => result);
  }

  #stage(call: MadeCall, work: () => Promise<CallResult>): Promise<CallResult> {
    return this.#deps.job.stage(stageName('call', call.id), async () => {
      const result = await work();
      const outcome = { ...result, summary: withoutHidden(result.summary).replace(/\s+/g, ' ') }; // it's told outside of fences
      const { kind, title, ok, diff, taint, sources, summary: detail, text: answer } = outcome;
      const shown: ShownCall = {
        kind,
        title,
        ok,
        diff,
        taint,
        sources,
        ...shownPath(call.arguments, this.#deps.run.root),
      };
      return { outcome, shown, detail, prompt: `${call.name} ${call.arguments}`, answer };
    });
  }
}

function kindOf(tool: AgentTool, prepared: PreparedCall): CallKind {
  return prepared.isHarmless ? 'read' : tool.kind;
}

/** What a refusal says may quote what is on the disk. */
function failed(kind: CallKind, title: string): Pick<CallResult, 'kind' | 'title' | 'ok' | 'isMaterial'> {
  return { kind, title, ok: false, isMaterial: true };
}

function timeUp(kind: CallKind, title: string): CallResult {
  const text = 'Stopped, since the time of this run is used up. It may be done in part.';
  return { ...failed(kind, title), text, summary: summaryOf(title, text), isTimeUp: true };
}

const maxSummaryChars = 200;

function summaryOf(title: string, text: string): string {
  return `${title}: ${text}`.slice(0, maxSummaryChars).toWellFormed();
}

function argumentsIn(json: string): unknown {
  if (json.trim() === '') return {};
  try {
    return JSON.parse(json);
  } catch {
    throw new UserError('wrong-arguments', 'The arguments are no JSON. Write the call again.');
  }
}

function questionOf(approval: AgentApproval): JobQuestion {
  const { kind, text, canAlways, mark, choices = [] } = approval;
  const choose = choices.map((label, index) => ({ id: `choice-${index + 1}`, label }));
  const answers =
    kind === 'ask'
      ? [...choose, { id: 'once', label: 'Continue' }, { id: 'deny', label: "Don't answer" }]
      : [
          { id: 'once', label: 'Allow once' },
          ...(canAlways ? [{ id: 'always', label: alwaysWords(kind).label }] : []),
          { id: 'deny', label: 'Deny', isRefusal: true },
        ];
  return { text, answers, shown: approval, ...(kind !== 'ask' && mark !== undefined && { mark }) };
}

function answerOf({ title, approval }: PreparedCall, answer: GivenAnswer | undefined): CallResult {
  const index = Number(/^choice-(\d+)$/.exec(answer?.id ?? '')?.[1] ?? 0) - 1;
  const said = answer?.reply ?? approval?.shown.choices?.[index] ?? 'Go on, as you think best.';
  return {
    kind: 'ask',
    title,
    ok: true,
    isMaterial: false,
    text: `The user answers: ${said}`,
    summary: `${title} ${said}`,
  };
}
