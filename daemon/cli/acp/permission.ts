// What a run asks of the user, as the protocol's request for permission, and what the user's answer decides. Pure.
import type {
  PermissionOption,
  RequestPermissionOutcome,
  RequestPermissionRequest,
  ToolCallContent,
} from '@agentclientprotocol/sdk';
import type { AgentApproval, AgentApprove } from '../../../shared/protocol/agent.ts';
import type { Params } from '../../../shared/protocol/define.ts';
import { kindAndPlace, type RunUpdates, shown, textContent } from './updates.ts';

type Decision = Pick<Params<typeof AgentApprove>, 'decision' | 'reply'>;

export function permissionFor(
  approval: AgentApproval,
  updates: RunUpdates,
): Omit<RequestPermissionRequest, 'sessionId'> {
  const { callId, text, taint, run, input } = approval;
  const call = updates.call(callId);
  return {
    toolCall: {
      toolCallId: updates.toolCallId(callId),
      title: shown([text, taint].filter(Boolean).join(' ')), // all that some clients show
      ...(call && kindAndPlace(call)),
      status: 'pending',
      content: contentOf(approval, updates),
      ...(run && { rawInput: { argv: run.argv, folder: run.folder } }),
      ...(input !== undefined && { rawInput: { input } }),
    },
    options: optionsOf(approval),
  };
}

/** The diff comes first: some clients show what is first alone. */
function contentOf(approval: AgentApproval, updates: RunUpdates): ToolCallContent[] {
  const { callId, text, taint, run, input, diff, choices = [] } = approval;
  const network = { off: "It can't use the network.", on: 'It can use the network.' } as const;
  const sentences = [
    text,
    ...(taint === undefined ? [] : [taint]),
    ...(run ? [`It runs in ${run.folder}. ${network[run.network]}`] : []),
    ...choices.map((choice, index) => `${index + 1}. ${choice}`),
    ...(run?.scripts ?? []).map(({ path, sha256 }) => `It uses the script ${path} (SHA-256 ${sha256}).`),
  ];
  return [
    ...(updates.diffOf(callId, diff) ?? (diff === undefined ? [] : [textContent(diff)])),
    { type: 'content', content: { type: 'text', text: sentences.map(shown).join('\n\n') } },
    ...(run ? [textContent(run.argv.map((word) => JSON.stringify(word)).join(' '))] : []),
    ...(input === undefined ? [] : [textContent(input)]),
  ];
}

function optionsOf({ kind, canAlways, choices = [] }: AgentApproval): PermissionOption[] {
  if (kind === 'ask')
    return [
      ...choices.map((choice, index) => option('allow_once', `${choicePrefix}${index}`, shown(choice))),
      ...(choices.length === 0 ? [option('allow_once', 'once', 'Go on as you think best')] : []),
      option('reject_once', 'deny', "Don't answer"),
    ];
  return [
    option('allow_once', 'once', 'Allow once'),
    ...(canAlways ? [option('allow_always', 'always', 'Always allow exactly this')] : []),
    option('reject_once', 'deny', 'Deny'),
  ];
}

const choicePrefix = 'choice-';

function option(kind: PermissionOption['kind'], optionId: string, name: string): PermissionOption {
  return { kind, optionId, name };
}

/** Undefined where the user has stopped it all. What was not offered is a no. */
export function decisionOf(outcome: RequestPermissionOutcome, approval: AgentApproval): Decision | undefined {
  if (outcome.outcome === 'cancelled') return undefined;
  const { optionId } = outcome;
  if (!optionsOf(approval).some((offered) => offered.optionId === optionId)) return { decision: 'deny' };
  if (!optionId.startsWith(choicePrefix)) return { decision: optionId as Decision['decision'] }; // as it was offered
  return { decision: 'once', reply: approval.choices?.[Number(optionId.slice(choicePrefix.length))] ?? '' };
}
