// What a client that comes later is shown of a run: the parts that it would have been shown as they came, but its text, from what is stored.
import type { AgentApproval, AgentPart } from '../../../../shared/protocol/agent.ts';
import type { StoredStage, WholeJob } from '../../../storage/jobs.ts';
import { planItems, planTool } from '../tools/plan.ts';
import { shownPath } from './call-path.ts';
import { beginStage, outerCall } from './inner-stages.ts';
import type { CallResult } from './turn.ts';

/** Once a run is done, a call's result is known by its summary and its text alone. */
export function storedParts({ id, finished, question, request }: WholeJob): AgentPart[] {
  const parts: AgentPart[] = [];
  const start = finished.find(({ name }) => name === 'begin')?.outcome as { chatId: string } | undefined; // as the run stored it
  const { mode, root } = (request ?? {}) as { mode?: string; root?: string };
  if (start) parts.push({ kind: 'started', jobId: id, chatId: start.chatId, mode: mode ?? '' });
  const begun = new Set<string>(); // calls whose work is stages of its own
  const steps = new Map<string, number>(); // counted so far, by the call that they are made for
  const nextStep = (outer = ''): number => {
    const step = (steps.get(outer) ?? 0) + 1;
    steps.set(outer, step);
    return step;
  };
  for (const stage of finished) {
    const [kind, callId = ''] = stage.name.split(' ');
    if (stage.name === beginStage(callId)) {
      begun.add(callId);
      parts.push({ kind: 'call', callId, step: nextStep(), tool: 'delegate', call: 'read', title: stage.detail });
    }
    if (kind !== 'call') continue;
    const step = begun.has(callId) ? 0 : nextStep(outerCall(callId));
    parts.push(...partsOfCall(stage, { step, root }).filter((part) => part.kind !== 'call' || step > 0));
  }
  const approval = question?.shown as AgentApproval | undefined; // as the call's question has it
  if (approval) parts.push({ kind: 'approval', approval });
  return parts;
}

/** A finished call of a model with what came of it. */
export function partsOfCall(
  { name, detail, prompt = '', answer = '', outcome }: StoredStage,
  { step, root }: { step: number; root: string | undefined },
): AgentPart[] {
  const callId = name.slice('call '.length);
  const within = outerCall(callId);
  const [, tool = '', given = ''] = /^(\S+) ?([\s\S]*)$/.exec(prompt) ?? [];
  const result = outcome as CallResult | undefined; // as the call's stage stored it
  const { kind: call = 'read', title = detail, ok = true, summary = '', diff } = result ?? {};
  const made = { callId, step, tool, call, title, ...(within !== undefined && { within }) };
  return [
    { kind: 'call', ...made, ...shownPath(given, root) },
    ...(tool === planTool.name && ok ? planIn(given) : []),
    { kind: 'result', callId, ok, summary, text: answer, ...(diff !== undefined && { diff }) },
  ];
}

/** Nothing where it was cut when it was stored. */
function planIn(given: string): AgentPart[] {
  try {
    return [{ kind: 'plan', items: planItems(JSON.parse(given)) }];
  } catch {
    return [];
  }
}
