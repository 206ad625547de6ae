// A task is handed over in an editor of the Agent Client Protocol: a scripted model adds an option to a small tool and a test for it, with a
// real MCP server, and asks before each step that does something. What it did is reviewed and undone, byte for byte.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RequestPermissionRequest } from '@agentclientprotocol/sdk';
import { after, before, describe, it } from 'mocha';
import type { Reply } from '../fakes/provider-servers/scripted-server.ts';
import { AcpEditor, choosing } from '../process/acp/editor.ts';
import { calling, ScriptedLab } from '../process/agent/scripted-lab.ts';
import type { Home } from '../process/home.ts';
import { answer, contentsOf, prepareTool, print, reads, steps, task, test, tool } from './tool-task.ts';

function plan(...states: string[]): Reply {
  const items = ['Read the tool', 'Add the flag', 'Write a test', 'Run it'].map((text, i) => ({
    text,
    state: states[i] ?? 'open',
  }));
  return calling('plan', { items });
}

const begins: Reply = {
  text: 'I read the tool first.',
  toolCalls: [plan('doing'), reads].flatMap(({ toolCalls = [] }) => toolCalls),
};
const turns = [begins, ...steps, plan('done', 'done', 'done', 'done'), answer];
const model = {
  name: 'scripted',
  capabilities: { tools: true, chat: true },
  price: { input: 1, output: 1 },
  contextTokens: 50_000,
};

describe('scenario: a task over the Agent Client Protocol', () => {
  let lab: ScriptedLab;
  let home: Home;
  let folder: string;
  let was: Record<string, string>;
  let editor: AcpEditor;
  let sessionId: string;

  before(async () => {
    lab = await ScriptedLab.open({ models: [model] });
    home = lab.home;
    lab.begin(turns);
    folder = await prepareTool(lab);
    was = contentsOf(folder);
    editor = await AcpEditor.open(home, { elicitation: { form: {} } });
    ({ sessionId } = await editor.session(folder));
  });
  after(async () => {
    await editor?.leave();
    await lab[Symbol.asyncDispose]();
  });

  const contentOfAsked = (request: RequestPermissionRequest | undefined): string => JSON.stringify(request?.toolCall);

  it('asks for trust, then for each step that does something, and shows exactly what it would do', async () => {
    editor.answer = (request) =>
      choosing(request.toolCall.toolCallId === 'trust' ? 'allow_always' : 'allow_once')(request);
    assert.equal((await editor.prompt(sessionId, task)).stopReason, 'end_turn');
    const [trust, memory, flag, newTest, run, ...others] = editor.permissions.items;
    assert.equal(others.length, 0);
    assert.equal(trust?.toolCall.title, `Trust ${folder}?`);
    assert.match(memory?.toolCall.title ?? '', /create_entities.*It has an option --json\./);
    const changed = tool.replaceAll('\r\n', '\n');
    assert.deepEqual(flag?.toolCall.content?.[0], {
      type: 'diff',
      path: join(folder, 'count.mjs'),
      oldText: changed,
      newText: changed.replace('console.log(words);', print),
    });
    assert.deepEqual(newTest?.toolCall.content?.[0], {
      type: 'diff',
      path: join(folder, 'test/count.test.mjs'),
      oldText: null,
      newText: test,
    });
    assert.deepEqual(run?.toolCall.rawInput, { argv: ['node', '--test', 'test/count.test.mjs'], folder });
    assert.match(contentOfAsked(run), /count\.test\.mjs \(SHA-256 [0-9a-f]{64}\)/);
  });

  it('did what was asked, and told the plan, each call, and what it cost', () => {
    assert.match(readFileSync(home.file('memory.json'), 'utf8'), /It has an option --json\./);
    assert.match(JSON.stringify(lab.asked.at(-2)?.body), /pass 1/);
    assert.deepEqual(
      editor.of(sessionId, 'session_info_update').map(({ title }) => title),
      [task],
    );
    assert.match(readFileSync(join(folder, 'count.mjs'), 'utf8'), /JSON\.stringify\(\{ words \}\) : words\);\r\n$/);
    assert.match(
      editor.text(sessionId, 'agent_message_chunk'),
      /^I read the tool first\.\s+count\.mjs has an option --json now/,
    );
    const plans = editor.of(sessionId, 'plan').map(({ entries }) => entries.map(({ status }) => status));
    assert.deepEqual(
      [plans[0], plans.at(-1)],
      [
        ['in_progress', 'pending', 'pending', 'pending'],
        ['completed', 'completed', 'completed', 'completed'],
      ],
    );
    const ended = editor.of(sessionId, 'tool_call_update').filter(({ status }) => status === 'completed');
    assert.equal(ended.length, editor.of(sessionId, 'tool_call').length);
    const spent = editor.of(sessionId, 'usage_update');
    assert.deepEqual(
      spent.map(({ used, size }) => [used, size]),
      turns.map(() => [1010, 50_000]),
    );
    assert.ok(Math.abs((spent.at(-1)?.cost?.amount ?? 0) - (turns.length * 1010) / 1e6) < 1e-9);
  });

  it('shows all of it again as one change set with /review', async () => {
    await editor.prompt(sessionId, '/review');
    const review = editor.of(sessionId, 'tool_call').at(-1);
    assert.deepEqual(
      review?.locations?.map(({ path }) => path),
      [join(folder, 'count.mjs'), join(folder, 'test/count.test.mjs')],
    );
    assert.ok(review?.content?.every(({ type }) => type === 'diff'));
    assert.match(JSON.stringify(review?.content), /console\.log\(words\);.*JSON\.stringify\(\{ words \}\)/);
    assert.match(
      editor.text(sessionId, 'agent_message_chunk'),
      /2 files:\n\n- count\.mjs\n- test\/count\.test\.mjs \(new\)/,
    );
  });

  it('puts back every byte with /undo, and takes that back', async () => {
    const now = contentsOf(folder);
    await editor.prompt(sessionId, '/undo');
    assert.deepEqual(contentsOf(folder), was);
    const said = editor.text(sessionId, 'agent_message_chunk');
    const [, step = ''] = /2 files restored\.[\s\S]*send `\/undo (\d+)`\.$/.exec(said) ?? [];
    await editor.prompt(sessionId, `/undo ${step}`);
    assert.deepEqual(contentsOf(folder), now);
    await editor.prompt(sessionId, '/undo');
    assert.deepEqual(contentsOf(folder), was);
  });

  it('is in the history, and is undone by a program that was started anew', async () => {
    await editor.leave();
    editor = await AcpEditor.open(home);
    const { agent } = editor;
    const { sessions } = await agent.request('session/list', { cwd: folder });
    assert.deepEqual(
      sessions.map((one) => [one.sessionId, one.title]),
      [[sessionId, task]],
    );
    await agent.request('session/load', { sessionId, cwd: folder, mcpServers: [] });
    assert.equal(editor.text(sessionId, 'user_message_chunk'), task);
    await editor.prompt(sessionId, '/undo');
    assert.match(editor.text(sessionId, 'agent_message_chunk'), /Nothing to undo\./);
  });
});
