// What a client that comes later is shown of a run: the parts that it would have been shown as they came, from what is stored. Of its text, they
// have what stands before a call.
import { pathToFileURL } from 'node:url';
import type { AgentApproval, AgentPart, AgentRun } from '../../../../shared/protocol/agent.ts';
import type { Result } from '../../../../shared/protocol/define.ts';
import type { StoredStage, WholeJob } from '../../../storage/jobs.ts';
import { withoutSecrets } from '../../jobs/job-run.ts';
import { planItems, planTool } from '../tools/plan.ts';
import { shownPath } from './call-path.ts';
import { delegatedCalls, isStageOf, outerCall, partsOfName, stageName, taskStage } from './stage-names.ts';
import type { CallResult, ModelTurn, OpenCall, ShownCall } from './turn.ts';

type BegunAs = { chatId: string; mode?: string; root?: string };
type Spending = Pick<Result<typeof AgentRun>, 'usage' | 'cost'>;
type Decision = Extract<AgentPart, { kind: 'approved' }>['decision'];

export function storedParts({ id, state, finished, question, request, result }: WholeJob): AgentPart[] {
  const parts: AgentPart[] = [];
  const { mode, root } = (request ?? {}) as { mode?: string; root?: string }; // as the run stored it, as everything here
  const start = shownOf<BegunAs>(finished.find(({ name }) => name === taskStage));
  if (start) parts.push(startedPart(id, { mode: mode ?? '', root, ...start }));
  const decisions = decisionsIn(finished);
  const delegated = delegatedCalls(finished);
  const steps = new Map<string, number>(); // counted so far, by the call that they are made for
  const nextStep = (outer = ''): number => {
    const step = (steps.get(outer) ?? 0) + 1;
    steps.set(outer, step);
    return step;
  };
  for (const stage of finished) {
    const { id: callId } = partsOfName(stage.name);
    if (isStageOf(stage, 'delegate'))
      parts.push({ kind: 'call', callId, step: nextStep(), tool: 'delegate', call: 'read', title: stage.detail });
    const opened =
      isStageOf(stage, 'begin') && isUnderWay(stage, { finished, state }) ? shownOf<OpenCall>(stage) : undefined;
    if (opened) {
      const decision = decisions.get(callId);
      parts.push(...openCall(callId, opened, { finished, root, step: nextStep(outerCall(callId)) }));
      if (decision) parts.push({ kind: 'approved', callId, decision });
    }
    if (!isStageOf(stage, 'call')) continue;
    const step = delegated.has(callId) ? 0 : nextStep(outerCall(callId));
    const decision = decisions.get(callId);
    const ofCall = partsOfCall(stage, { step, root, ...(decision && { decision }) });
    parts.push(...ofCall.filter((part) => part.kind !== 'call' || step > 0));
  }
  parts.push(...spentIn(finished, result as Spending | undefined));
  const approval = question?.shown as AgentApproval | undefined; // as the call's question has it
  if (approval) {
    const { callId, kind, text, title = text, taint } = approval;
    const opened = { kind, title, ...(taint !== undefined && { taint }) };
    parts.push(...openCall(callId, opened, { finished, root, step: nextStep(outerCall(callId)) }));
    parts.push({ kind: 'approval', approval });
  }
  const saidBefore = saidBeforeCalls(finished);
  return parts.map((part) => {
    const said = part.kind === 'call' && saidBefore.get(part.callId);
    return said ? { ...part, said } : part;
  });
}

/** What the model said in a turn, by the first call of it. */
function saidBeforeCalls(finished: readonly StoredStage[]): ReadonlyMap<string, string> {
  const turns = finished.filter((stage) => isStageOf(stage, 'turn'));
  return new Map(turns.map(({ name, answer = '' }) => [`${partsOfName(name).id}.1`, answer.trim()]));
}

export function startedPart(
  jobId: string,
  { chatId, mode, root }: { chatId: string; mode: string; root?: string | undefined },
): AgentPart {
  return { kind: 'started', jobId, chatId, mode, ...(root !== undefined && { root: pathToFileURL(root).href }) };
}

/** Whether an effect was begun by who is still at it. */
function isUnderWay({ name }: StoredStage, { finished, state }: Pick<WholeJob, 'finished' | 'state'>): boolean {
  const { id } = partsOfName(name);
  const isAtWork = state === 'running' || state === 'queued' || state === 'waiting';
  return isAtWork && !finished.some((stage) => stage.name === stageName('call', id));
}

/** A call that isn't done yet: what the model wrote of it is in its turn. Nothing where no turn has it. */
function openCall(
  callId: string,
  { kind, title, taint }: OpenCall,
  { finished, root, step }: Pick<WholeJob, 'finished'> & { root: string | undefined; step: number },
): AgentPart[] {
  const turns = finished.filter((stage) => isStageOf(stage, 'turn')).map(({ outcome }) => outcome as ModelTurn); // as the run stored it
  const made = turns.flatMap(({ calls }) => calls).find(({ id }) => id === callId);
  if (!made) return [];
  const input = withoutSecrets(made.arguments);
  const within = outerCall(callId);
  const call = { kind: 'call', callId, step, tool: made.name, call: kind, title } as const;
  return [
    {
      ...call,
      ...(input !== '' && { input, ...shownPath(input, root) }),
      ...(taint !== undefined && { taint }),
      ...(within !== undefined && { within }),
    },
  ];
}

/** A stage with a name for people: its own has what the run knows it by. */
export function withShownName<Stage extends { name: string }>(stage: Stage): Stage {
  if (stage.name === taskStage) return { ...stage, name: 'task' };
  const { kind, id: callId } = partsOfName(stage.name);
  const names: Readonly<Record<string, string>> = {
    turn: `turn ${callId}`,
    approve: `decision on call ${callId}`,
    begin: `start of call ${callId}`,
    call: `call ${callId}`,
    delegate: `sub-agent of call ${callId}`,
    folder: 'folder',
  };
  return { ...stage, name: names[kind] ?? stage.name };
}

/** The parts of one call. */
export function storedCall(job: WholeJob, callId: string): AgentPart[] {
  return storedParts(job).filter((part) => 'callId' in part && part.callId === callId);
}

/** A finished call of a model with what came of it. */
export function partsOfCall(
  stage: StoredStage,
  { step, root, decision }: { step: number; root: string | undefined; decision?: Decision },
): AgentPart[] {
  const { name, detail, prompt = '', answer = '' } = stage;
  const { id: callId } = partsOfName(name);
  const within = outerCall(callId);
  const [, tool = '', input = ''] = /^(\S+) ?([\s\S]*)$/.exec(prompt) ?? [];
  const known = shownOf<ShownCall>(stage);
  const { kind: call = 'read', title = detail, ok = true, diff, taint, sources = [] } = known ?? {};
  const path = known?.path === undefined ? shownPath(input, root) : { path: known.path };
  const given = { ...(input !== '' && { input }), ...path, ...(taint !== undefined && { taint }) };
  return [
    { kind: 'call', callId, step, tool, call, title, ...given, ...(within !== undefined && { within }) },
    ...(tool === planTool.name && ok ? planIn(input) : []),
    ...(decision ? [{ kind: 'approved' as const, callId, decision }] : []),
    {
      ...{ kind: 'result', callId, ok, text: answer },
      summary: known ? detail : '',
      ...(diff !== undefined && { diff }),
      ...(sources.length > 0 && { sources: [...sources] }),
    },
  ];
}

/** Undefined of a stage that says nothing of that. */
function shownOf<Shown>(stage: StoredStage | undefined): Shown | undefined {
  return (stage?.shown ?? stage?.outcome ?? undefined) as Shown | undefined;
}

/** By the calls that were asked about. */
function decisionsIn(finished: readonly StoredStage[]): Map<string, Decision> {
  return new Map(
    finished.flatMap((stage): [string, Decision][] => {
      const answer = shownOf<string>(stage);
      if (!isStageOf(stage, 'approve') || typeof answer !== 'string') return [];
      return [[partsOfName(stage.name).id, decisionOf(answer)]];
    }),
  );
}

/** What the answer to a call's question decides, by the answer's id. */
export function decisionOf(answer: string): Decision {
  return answer === 'always' || answer === 'deny' ? answer : 'once';
}

/** All that it has spent so far, sub-agents included; nothing before its first turn. */
function spentIn(finished: readonly StoredStage[], result: Spending | undefined): AgentPart[] {
  const turns = finished.filter((stage) => isStageOf(stage, 'turn'));
  if (turns.length === 0) return [];
  const rounds = turns.length;
  if (result) {
    const { usage, cost } = result;
    return [{ kind: 'spent', usage, rounds, ...(cost !== undefined && { cost }) }];
  }
  const delegated = delegatedCalls(finished);
  const tools = finished.flatMap((stage) => {
    // A sub-agent's turns are counted themselves.
    const isCounted = isStageOf(stage, 'call') && !delegated.has(partsOfName(stage.name).id);
    return isCounted ? ((stage.outcome as CallResult | undefined)?.spent ?? []) : [];
  });
  const all = [...turns.map(({ tokens }) => tokens), ...tools.map(({ usage }) => usage)];
  const sum = (of: 'input' | 'output'): number => all.reduce((total, each) => total + (each?.[of] ?? 0), 0);
  const costs = [...turns, ...tools].map(({ costUsd }) => costUsd);
  const cost = costs.reduce<number>((total, each) => total + (each ?? Number.NaN), 0);
  const usage = { input: sum('input'), cacheRead: 0, cacheWrite: 0, output: sum('output'), reasoning: 0 };
  return [{ kind: 'spent', usage, rounds, ...(!Number.isNaN(cost) && { cost }) }];
}

/** Nothing where it was cut when it was stored. */
function planIn(given: string): AgentPart[] {
  try {
    return [{ kind: 'plan', items: planItems(JSON.parse(given)) }];
  } catch {
    return [];
  }
}

const maxBriefChars = { input: 1000, text: 2000, diff: 8000 };
const maxAllBriefChars = 400_000;

/** The same parts with long texts cut, which each says: the newest have the most room. What is asked stays whole. */
export function briefParts(parts: readonly AgentPart[]): AgentPart[] {
  let room = maxAllBriefChars;
  const cut = (text: string, max: number): string => {
    const kept = text.slice(0, Math.min(max, room)).toWellFormed();
    room -= kept.length;
    return kept;
  };
  const brief = (part: AgentPart): AgentPart => {
    if (part.kind === 'call' && part.input !== undefined) {
      const input = cut(part.input, maxBriefChars.input);
      return input === part.input ? part : { ...part, input, isCut: true };
    }
    if (part.kind !== 'result') return part;
    const text = cut(part.text, maxBriefChars.text);
    const diff = part.diff === undefined ? undefined : cut(part.diff, maxBriefChars.diff);
    const shown = { ...part, text, ...(diff !== undefined && { diff }) };
    return text === part.text && diff === part.diff ? shown : { ...shown, isCut: true };
  };
  return parts
    .toReversed()
    .map((part) => brief(part))
    .toReversed();
}
