// What Switchyard itself asks of the user: the protocol has no question but the one for permission. Pure.
import type { PermissionOptionKind, RequestPermissionOutcome, ToolCallContent } from '@agentclientprotocol/sdk';
import type { Permission } from './client.ts';
import { shown } from './updates.ts';

interface OwnQuestion {
  id: string;
  /** All of it, where some clients show nothing else. */
  title: string;
  text: string;
  /** What is shown below the text. */
  content?: readonly ToolCallContent[];
  yes: { kind: PermissionOptionKind; name: string };
}

const yesId = 'yes';

export function ownQuestion({ id, title, text, content = [], yes }: OwnQuestion): Permission {
  return {
    toolCall: {
      toolCallId: id,
      title: shown(title),
      kind: 'other',
      status: 'pending',
      content: [{ type: 'content', content: { type: 'text', text: shown(text) } }, ...content],
    },
    options: [
      { optionId: yesId, ...yes },
      { optionId: 'no', kind: 'reject_once', name: 'Not now' },
    ],
  };
}

export function isYes(outcome: RequestPermissionOutcome): boolean {
  return outcome.outcome === 'selected' && outcome.optionId === yesId;
}
