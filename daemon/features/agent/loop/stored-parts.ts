// What a client that comes later is shown of a run: the parts that it would have been shown as they came, but its text, from what is stored.
import type { AgentApproval, AgentPart } from '../../../../shared/protocol/agent.ts';
import type { WholeJob } from '../../../storage/jobs.ts';
import { planItems, planTool } from '../tools/plan.ts';
import { shownPath } from './call-path.ts';
import type { CallResult } from './turn.ts';

/** Once a run is done, a call's result is known by its summary and its text alone. */
export function storedParts({ id, finished, question, request }: WholeJob): AgentPart[] {
  const parts: AgentPart[] = [];
  const begun = finished.find(({ name }) => name === 'begin')?.outcome as { chatId: string } | undefined; // as the run stored it
  const { mode, root } = (request ?? {}) as { mode?: string; root?: string };
  if (begun) parts.push({ kind: 'started', jobId: id, chatId: begun.chatId, mode: mode ?? '' });
  let step = 0;
  for (const { name, detail, prompt = '', answer = '', outcome } of finished) {
    const callId = /^call (.+)$/.exec(name)?.[1];
    if (callId === undefined) continue;
    const [, tool = '', given = ''] = /^(\S+) ?([\s\S]*)$/.exec(prompt) ?? [];
    const result = outcome as CallResult | undefined; // as the call's stage stored it
    const { kind: call = 'read', title = detail, ok = true, diff } = result ?? {};
    parts.push({ kind: 'call', callId, step: ++step, tool, call, title, ...shownPath(given, root) });
    if (tool === planTool.name && ok) parts.push(...planIn(given));
    const summary = result?.summary ?? '';
    parts.push({ kind: 'result', callId, ok, summary, text: answer, ...(diff !== undefined && { diff }) });
  }
  const approval = question?.shown as AgentApproval | undefined; // as the call's question has it
  if (approval) parts.push({ kind: 'approval', approval });
  return parts;
}

/** A stage with a name for people: its own has what the run knows it by. */
export function withShownName<Stage extends { name: string }>(stage: Stage): Stage {
  const [, kind = '', callId] = /^(\w+)(?: (\S+))?/.exec(stage.name) ?? [];
  if (callId === undefined) return { ...stage, name: kind === 'begin' ? 'task' : stage.name };
  const names: Readonly<Record<string, string>> = {
    turn: `turn ${callId}`,
    approve: `decision on call ${callId}`,
    begin: `start of call ${callId}`,
    call: `call ${callId}`,
  };
  return { ...stage, name: names[kind] ?? stage.name };
}

/** Nothing where it was cut when it was stored. */
function planIn(given: string): AgentPart[] {
  try {
    return [{ kind: 'plan', items: planItems(JSON.parse(given)) }];
  } catch {
    return [];
  }
}
