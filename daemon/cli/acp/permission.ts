// What a run asks of the user, as the protocol's request for permission, and what the user's answer decides. Pure.
import type { PermissionOption, RequestPermissionOutcome, ToolCallContent } from '@agentclientprotocol/sdk';
import type { AgentApproval } from '../../../shared/protocol/agent.ts';
import { alwaysWords } from '../../../shared/words/always-words.ts';
import type { Permission } from './client.ts';
import type { Decision } from './questions.ts';
import { kindAndPlace, type RunUpdates, shown, textContent } from './updates.ts';

/** `whole` is the text of the file that would change, where it's known. */
export function permissionFor(approval: AgentApproval, updates: RunUpdates, whole?: string): Permission {
  const { callId, run, input } = approval;
  const call = updates.call(callId);
  return {
    toolCall: {
      toolCallId: updates.toolCallId(callId),
      title: titleOf(approval, updates.jobId),
      ...(call && kindAndPlace(call)),
      status: 'pending',
      content: contentOf(approval, updates, whole),
      ...(run && { rawInput: { argv: run.argv, folder: run.folder } }),
      ...(input !== undefined && { rawInput: { input } }),
    },
    options: optionsOf(approval),
  };
}

const maxTitle = 3000;

/** All that some clients show, so it has all that is decided about, but a diff. */
function titleOf({ text, taint, run, input }: AgentApproval, jobId: string): string {
  const words = run && exactWords(run.argv);
  const details = [
    text,
    ...(taint === undefined ? [] : [taint]),
    ...(words === undefined || isSaidIn(text, run?.argv ?? []) ? [] : [`Exactly: ${words}`]),
    ...(input === undefined ? [] : [input.replace(/\s*\n\s*/g, ' ')]),
  ];
  const title = details.map(shown).join(' ');
  if (title.length <= maxTitle) return title;
  return `${title.slice(0, maxTitle).toWellFormed()}… (cut; to see all of it, run \`switchyard jobs show ${jobId}\`)`;
}

/** Words that need quotes are said again, exactly. */
function isSaidIn(text: string, argv: readonly string[]): boolean {
  return argv.every((word) => /^[\w./:=@,+-]+$/.test(word)) && text.includes(argv.join(' '));
}

export function exactWords(argv: readonly string[]): string {
  return argv.map((word) => JSON.stringify(word)).join(' ');
}

/** The diff comes first: some clients show what is first alone. */
function contentOf(approval: AgentApproval, updates: RunUpdates, whole: string | undefined): ToolCallContent[] {
  const { callId, text, taint, run, input, diff } = approval;
  const network = { off: "It can't use the network.", on: 'It can use the network.' } as const;
  const sentences = [
    text,
    ...(taint === undefined ? [] : [taint]),
    ...(run ? [`It runs in ${run.folder}. ${network[run.network]}`] : []),
    ...(run?.scripts ?? []).map(({ path, sha256 }) => `It uses the script ${path} (SHA-256 ${sha256}).`),
  ];
  return [
    ...(updates.diffOf(callId, diff, whole) ?? (diff === undefined ? [] : [textContent(diff)])),
    { type: 'content', content: { type: 'text', text: sentences.map(shown).join('\n\n') } },
    ...(run ? [textContent(exactWords(run.argv))] : []),
    ...(input === undefined ? [] : [textContent(input)]),
  ];
}

/** Each of another kind: some clients know an option by its kind alone. */
function optionsOf({ kind, canAlways }: AgentApproval): PermissionOption[] {
  return [
    { kind: 'allow_once', optionId: 'once', name: 'Allow once' },
    ...(canAlways ? [{ kind: 'allow_always' as const, optionId: 'always', name: alwaysWords(kind).label }] : []),
    { kind: 'reject_once', optionId: 'deny', name: 'Deny' },
  ];
}

/** Undefined where the user has stopped it all. What was not offered is a no. */
export function decisionOf(outcome: RequestPermissionOutcome, approval: AgentApproval): Decision | undefined {
  if (outcome.outcome === 'cancelled') return undefined;
  const { optionId } = outcome;
  const isOffered = optionsOf(approval).some((offered) => offered.optionId === optionId);
  return { decision: isOffered ? (optionId as Decision['decision']) : 'deny' }; // as it was offered
}
