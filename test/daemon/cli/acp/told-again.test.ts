import assert from 'node:assert/strict';
import type { SessionUpdate } from '@agentclientprotocol/sdk';
import { describe, it } from 'mocha';
import { type Call, shownAgain } from '../../../../daemon/cli/acp/history.ts';
import { RunUpdates } from '../../../../daemon/cli/acp/updates.ts';
import type { AgentPart } from '../../../../shared/protocol/agent.ts';
import type { WholeJob } from '../../../../shared/protocol/jobs.ts';

const text = (words: string): AgentPart => ({ kind: 'text', text: words });
const call: AgentPart = { kind: 'call', callId: '1.1', step: 1, tool: 'list', call: 'read', title: 'List .' };
const result: AgentPart = { kind: 'result', callId: '1.1', ok: true, summary: 'Listed.', text: 'a' };

function shown(updates: RunUpdates, parts: readonly AgentPart[]): string[] {
  return texts(parts.flatMap((part) => updates.of(part)));
}

function texts(updates: readonly SessionUpdate[]): string[] {
  return updates.map((update) =>
    update.sessionUpdate === 'agent_message_chunk' && update.content.type === 'text'
      ? update.content.text
      : update.sessionUpdate,
  );
}

describe('updates of a run that is told again', () => {
  const before = [text('I look. '), call, result, text('\n\nIt'), text(' is')];
  const rows: [name: string, again: AgentPart[], shown: string[]][] = [
    ['the same', before, []],
    ['the same in one piece, with fewer spaces', [text('I look.'), call, result, text('\n\nIt is')], []],
    ['more of it', [text('I look.'), call, result, text('\n\nIt is 42.')], [' 42.']],
    ['more of it in pieces', [text('I look.'), call, result, text('\n\nI'), text('t is 4'), text('2.')], [' 4', '2.']],
    ['other words', [text('I look.'), call, result, text('\n\nIt'), text(' was 42.')], ['\n\n\n\nIt was 42.']],
    ['less', [text('I look.')], []],
    ['a new call', [text('I look.'), call, result, { ...call, callId: '2.1' }], ['tool_call']],
    ['the result of a call under way', [text('I look.'), call, { ...result, callId: '2.1' }], ['tool_call_update']],
  ];
  for (const [name, again, wanted] of rows)
    it(`show ${name} once`, () => {
      const updates = new RunUpdates('job');
      assert.deepEqual(shown(updates, before), ['I look. ', 'tool_call', 'tool_call_update', '\n\nIt', ' is']);
      updates.again();
      assert.deepEqual(shown(updates, again), wanted);
    });

  it('know what was shown by the chat itself', () => {
    const updates = new RunUpdates('job');
    updates.again('I look.\n\nIt is');
    assert.deepEqual(shown(updates, [text('I look. '), text('\n\nIt is 42.')]), [' 42.']);
  });

  it('repeat no plan, and no note', () => {
    const updates = new RunUpdates('job');
    const plan = (state: 'open' | 'done'): AgentPart => ({ kind: 'plan', items: [{ text: 'Look', state }] });
    const parts: AgentPart[] = [plan('open'), { kind: 'note', text: 'Slow.' }, plan('done')];
    assert.deepEqual(shown(updates, parts), ['plan', 'agent_thought_chunk', 'plan']);
    updates.again();
    assert.deepEqual(shown(updates, [...parts, plan('open')]), ['plan']);
  });
});

describe('a stored run that is shown again', () => {
  const parts: AgentPart[] = [
    { ...call, said: 'I look.' } as AgentPart,
    result,
    { ...call, callId: '2.1', said: 'It is **42**.' } as AgentPart,
  ];
  const message = { id: 'm', chatId: 'c', role: 'assistant', status: 'complete', createdAt: 1, jobId: 'j' } as const;
  const job = { id: 'j', parts } as unknown as WholeJob;
  const again = async (words: string): Promise<string[]> => {
    const asked = (async () => ({ job })) as unknown as Call;
    const { updates } = await shownAgain(asked, { ...message, text: words });
    return texts(updates);
  };

  it('has what was said before each step there, and its answer below', async () => {
    assert.deepEqual(await again('I look.\n\nIt is **42**.\n\nDone.'), [
      'I look.\n\n',
      'tool_call',
      'tool_call_update',
      'It is **42**.\n\n',
      'tool_call',
      'Done.',
    ]);
  });

  it('has its text once where its steps say something else', async () => {
    const other = 'I looked.\n\nDone.';
    assert.deepEqual(await again(other), ['tool_call', 'tool_call_update', 'tool_call', other]);
  });
});
