// What a run or a chat tells, as updates of the protocol. Pure, but for what it knows of the calls under way.
import type { SessionUpdate, ToolCall, ToolCallContent, ToolCallUpdate, ToolKind } from '@agentclientprotocol/sdk';
import { escapeHidden } from '../../../shared/hidden-characters.ts';
import type { AgentPart, CallKind } from '../../../shared/protocol/agent.ts';
import type { ChatPart } from '../../../shared/protocol/chat.ts';
import { diffContent } from './diffs.ts';
import { ShownText } from './shown-text.ts';

const kinds: Readonly<Record<CallKind, ToolKind>> = {
  read: 'read',
  edit: 'edit',
  run: 'execute',
  web: 'fetch',
  mcp: 'other',
  ask: 'other',
};
/** Of tools whose kind of call says less, or isn't kept once their run is done. */
const toolKinds: Readonly<Record<string, ToolKind>> = {
  search: 'search',
  delegate: 'think',
  plan: 'think',
  think: 'think',
  edit: 'edit',
  run: 'execute',
};

const planStates = { open: 'pending', doing: 'in_progress', done: 'completed' } as const;

type CallPart = Extract<AgentPart, { kind: 'call' }>;

/** Lives as long as a run is known: one that goes on is told from its beginning, and each part is shown once. */
export class RunUpdates {
  readonly #calls = new Map<string, CallPart>();
  readonly #results = new Set<string>();
  readonly #notes = new Set<string>();
  /** Calls that the user was asked about: clients show the question as their title. */
  readonly #askedAbout = new Set<string>();
  /** As JSON, and how many of them were told again. */
  readonly #plans: string[] = [];
  #plansTold = 0;
  readonly #text = new ShownText();
  /** What sub-agents have done, a line for each of their calls, by the call that they work for. */
  readonly #inner = new Map<string, string[]>();
  #jobId: string;

  /** The parts of a run that is done may not name it. */
  constructor(jobId = '') {
    this.#jobId = jobId;
  }

  get jobId(): string {
    return this.#jobId;
  }

  /** The protocol's ids of calls hold for a whole session. */
  toolCallId(callId: string): string {
    return `${this.#jobId}/${callId}`;
  }

  call(callId: string): CallPart | undefined {
    return this.#calls.get(callId);
  }

  /** The run is told anew. `text` is what it has said, where that was shown by others. */
  again(text = ''): void {
    this.#text.again(text);
    this.#plansTold = 0;
  }

  of(part: AgentPart): SessionUpdate[] {
    if (part.kind !== 'text') this.#text.break();
    switch (part.kind) {
      case 'started':
        this.#jobId = part.jobId;
        return [];
      case 'text':
        return this.#text.add(part.text).map((text) => said('agent_message_chunk', text));
      case 'reasoning':
        return [said('agent_thought_chunk', part.text)];
      case 'note':
        return isNew(this.#notes, part.text) ? [noted(part.text)] : [];
      case 'plan':
        return this.#isNewPlan(part) ? [planned(part.items)] : [];
      case 'call':
        return this.#isNewCall(part) && !isFolded(part) ? [this.#begun(part)] : [];
      case 'approved':
        if (part.decision === 'deny' || this.#results.has(part.callId)) return [];
        return [this.#changed({ callId: part.callId, status: 'in_progress', ...this.#titleAgain(part.callId) })];
      case 'result':
        return isNew(this.#results, part.callId) ? [this.#ended(part)] : [];
      case 'approval':
        this.#askedAbout.add(part.approval.callId);
        return []; // a request of its own
      case 'decision':
      case 'spent':
        return [];
    }
  }

  #isNewPlan({ items }: Extract<AgentPart, { kind: 'plan' }>): boolean {
    const plan = JSON.stringify(items);
    const at = this.#plansTold++;
    if (this.#plans[at] === plan) return false;
    this.#plans.splice(at, Number.POSITIVE_INFINITY, plan);
    return true;
  }

  #isNewCall(part: CallPart): boolean {
    const before = this.#calls.get(part.callId);
    this.#calls.set(part.callId, part);
    return before === undefined;
  }

  #begun(part: CallPart): SessionUpdate {
    const { callId, call, title } = part;
    return {
      sessionUpdate: 'tool_call',
      toolCallId: this.toolCallId(callId),
      title: shown(title),
      status: call === 'read' ? 'in_progress' : 'pending',
      ...kindAndPlace(part),
    };
  }

  #ended({ callId, ok, summary, text, diff }: Extract<AgentPart, { kind: 'result' }>): SessionUpdate {
    const call = this.#calls.get(callId);
    if (call && isFolded(call)) return this.#done(call.within, summary);
    const own = this.diffOf(callId, diff) ?? [textContent(text === '' ? summary : text)];
    const content = [...this.#innerOf(callId), ...own];
    return this.#changed({ callId, status: ok ? 'completed' : 'failed', content, ...this.#titleAgain(callId) });
  }

  /** What a sub-agent has done until now is the content of the call that it works for. */
  #done(outer: string, summary: string): SessionUpdate {
    this.#inner.set(outer, [...(this.#inner.get(outer) ?? []), summary]);
    return this.#changed({ callId: outer, content: this.#innerOf(outer) });
  }

  #innerOf(callId: string): ToolCallContent[] {
    const lines = this.#inner.get(callId);
    return lines ? [textContent(lines.join('\n'))] : [];
  }

  #titleAgain(callId: string): { title?: string } {
    const call = this.#askedAbout.has(callId) ? this.#calls.get(callId) : undefined;
    return call ? { title: shown(call.title) } : {};
  }

  #changed({
    callId,
    ...change
  }: Pick<ToolCallUpdate, 'status' | 'content' | 'title'> & { callId: string }): SessionUpdate {
    return { sessionUpdate: 'tool_call_update', toolCallId: this.toolCallId(callId), ...change };
  }

  /** Undefined where there is none, or no file for it. `whole` is the file's text as it is. */
  diffOf(callId: string, diff: string | undefined, whole?: string): ToolCallContent[] | undefined {
    const path = this.#calls.get(callId)?.path;
    if (path === undefined || diff === undefined || diff === '') return undefined;
    return diffContent(diff, path, whole);
  }
}

function isNew(known: Set<string>, key: string): boolean {
  const isKnown = known.has(key);
  known.add(key);
  return !isKnown;
}

/** Whether it's shown inside another call. What the user may be asked about is a call of its own. */
function isFolded(part: CallPart): part is CallPart & { within: string } {
  return part.within !== undefined && part.call === 'read';
}

export function kindAndPlace({ tool, call, path }: CallPart): Pick<ToolCall, 'kind' | 'locations'> {
  return { kind: toolKinds[tool] ?? kinds[call], ...(path !== undefined && { locations: [{ path }] }) };
}

export function chatUpdates(part: ChatPart): SessionUpdate[] {
  if (part.kind === 'text') return [said('agent_message_chunk', part.text)];
  if (part.kind === 'reasoning') return [said('agent_thought_chunk', part.text)];
  return part.kind === 'note' ? [noted(part.text)] : [];
}

export function said(
  sessionUpdate: 'user_message_chunk' | 'agent_message_chunk' | 'agent_thought_chunk',
  text: string,
): SessionUpdate {
  return { sessionUpdate, content: { type: 'text', text } };
}

/** What the product says, apart from the answer. */
export function noted(text: string): SessionUpdate {
  return said('agent_thought_chunk', `${shown(text)}\n\n`);
}

/** What tools bring is shown as it is, whatever marks up text. */
export function textContent(text: string): ToolCallContent {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([marks]) => marks.length));
  const fence = '`'.repeat(longest + 1);
  return { type: 'content', content: { type: 'text', text: `${fence}\n${shown(text)}\n${fence}` } };
}

/** Nothing may hide in what the user decides about. */
export function shown(text: string): string {
  return escapeHidden(text);
}

function planned(items: Extract<AgentPart, { kind: 'plan' }>['items']): SessionUpdate {
  const entries = items.map(({ text, state }) => ({
    content: text,
    priority: 'medium' as const,
    status: planStates[state],
  }));
  return { sessionUpdate: 'plan', entries };
}
