// What a run tells, as updates of the Agent Client Protocol: what a sub-agent does is the content of the call that it works for.
import assert from 'node:assert/strict';
import type { ToolCallContent } from '@agentclientprotocol/sdk';
import { describe, it } from 'mocha';
import { RunUpdates } from '../../../../daemon/cli/acp/updates.ts';
import type { AgentPart } from '../../../../shared/protocol/agent.ts';

const call = (callId: string, more: Partial<Extract<AgentPart, { kind: 'call' }>> = {}): AgentPart => ({
  ...{ kind: 'call', callId, step: 1, tool: 'read', call: 'read', title: `Call ${callId}` },
  ...more,
});
const result = (callId: string): AgentPart => ({
  ...{ kind: 'result', callId, ok: true, summary: `Did ${callId}.`, text: `Text of ${callId}.` },
});

function textOf(content: ToolCallContent[] | null | undefined): string {
  return (content ?? [])
    .map((each) => (each.type === 'content' && each.content.type === 'text' ? each.content.text : ''))
    .join('\n');
}

describe('the updates of a run with a sub-agent', () => {
  it('list its calls in the content of the call that it works for', () => {
    const updates = new RunUpdates('j');
    const parts = [
      call('1.1', { tool: 'delegate' }),
      call('1.1.1.1', { within: '1.1' }),
      result('1.1.1.1'),
      result('1.1'),
    ];
    const told = parts.flatMap((part) => updates.of(part));
    assert.deepEqual(
      told.map((update) => [update.sessionUpdate, 'toolCallId' in update && update.toolCallId]),
      [
        ['tool_call', 'j/1.1'],
        ['tool_call_update', 'j/1.1'],
        ['tool_call_update', 'j/1.1'],
      ],
    );
    const [, during, ended] = told.map((update) =>
      'content' in update ? textOf(update.content as ToolCallContent[]) : '',
    );
    assert.match(during ?? '', /Did 1\.1\.1\.1\./);
    assert.match(ended ?? '', /Did 1\.1\.1\.1\.[\s\S]*Text of 1\.1\./);
  });

  it('have what the user may be asked about as a call of its own', () => {
    const updates = new RunUpdates('j');
    const parts = [call('1.1'), call('1.1.1.1', { within: '1.1', call: 'web' }), result('1.1.1.1')];
    const ids = parts.flatMap((part) => updates.of(part)).map((update) => 'toolCallId' in update && update.toolCallId);
    assert.deepEqual(ids, ['j/1.1', 'j/1.1.1.1', 'j/1.1.1.1']);
  });
});
