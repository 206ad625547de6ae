// The agent calls a tool of an MCP server, in the built program: it is asked about with its input, and what changed is blocked.
import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, beforeEach, describe, it } from 'mocha';
import { AgentApprove, AgentRun } from '../../../shared/protocol/agent.ts';
import { McpApprove, McpList } from '../../../shared/protocol/mcp.ts';
import { echo, ScriptedServer } from '../../fakes/mcp-servers/workbench.ts';
import { startOpenAiServer } from '../../fakes/provider-servers/openai.ts';
import type {
  ScriptedServer as ModelServer,
  RecordedRequest,
  Reply,
} from '../../fakes/provider-servers/scripted-server.ts';
import { Home, until } from '../home.ts';
import { openEditor } from '../lsp-client.ts';

describe('the agent with a tool of an MCP server', () => {
  let home: Home;
  let model: ModelServer;
  let script: ScriptedServer;
  let editor: Awaited<ReturnType<typeof openEditor>>;
  let asked: RecordedRequest[];

  before(async () => {
    model = await startOpenAiServer();
    script = new ScriptedServer();
    home = new Home({
      providers: {
        lab: {
          type: 'openai-compatible',
          baseUrl: model.url,
          models: [{ name: 'scripted', capabilities: { tools: true, chat: true } }],
        },
      },
      mcpServers: { notes: script.config },
    });
    const folder = pathToFileURL(dirname(home.project('a.ts'))).href;
    editor = await openEditor(home, { folder, switchyard: { workspaceTrusted: true } });
  });
  after(async () => {
    await home[Symbol.asyncDispose]();
    await model[Symbol.asyncDispose]();
    script[Symbol.dispose]();
  });
  beforeEach(() => {
    asked = [];
    const calls: Reply = { text: '', toolCalls: [{ name: 'notes__echo', arguments: { word: 'Zanzibar' } }] };
    model.reply = (request) => (asked.push(request) === 1 ? calls : { text: 'Done.' });
  });

  const offered = (): boolean => JSON.stringify(asked[0]?.body).includes('notes__echo');
  const calls = (): number => script.log.filter((line) => line === 'tools/call echo').length;

  async function approveAll(): Promise<void> {
    const { servers } = await editor.call(McpList, { server: 'notes' });
    const tools = servers[0]?.tools ?? [];
    await editor.call(McpApprove, { server: 'notes', tools, approved: true });
  }

  it("isn't offered it before the user has approved it, and starts nothing", async () => {
    const { outcome } = await editor.ask(AgentRun, { task: 'Say it.' }).result;
    assert.equal(outcome, 'done');
    assert.ok(!offered());
    assert.deepEqual(script.pids(), []);
  });

  it('asks with the input, and takes the result as material', async () => {
    await approveAll();
    const run = editor.ask(AgentRun, { task: 'Say it.' });
    const part = await run.parts.find('the question', ({ kind }) => kind === 'approval');
    assert.ok(part.kind === 'approval' && offered());
    const { approval } = part;
    assert.deepEqual([approval.kind, approval.input], ['mcp', '{\n  "word": "Zanzibar"\n}']);
    assert.equal(calls(), 0, 'not before');
    const started = run.parts.items.find(({ kind }) => kind === 'started');
    const jobId = started?.kind === 'started' ? started.jobId : '';
    const { callId, mark } = approval;
    await editor.call(AgentApprove, { jobId, callId, decision: 'always', ...(mark !== undefined && { mark }) });
    assert.equal((await run.result).outcome, 'done');
    assert.equal(calls(), 1);
    assert.match(JSON.stringify(asked[1]?.body), /Result of notes\.echo/);
  });

  it('calls it unasked once that was said, as long as it is what it was', async () => {
    const run = editor.ask(AgentRun, { task: 'Say it.' });
    assert.equal((await run.result).outcome, 'done');
    assert.ok(run.parts.items.every(({ kind }) => kind !== 'approval'));
    assert.equal(calls(), 2);
    script.change({ tools: [{ ...echo, description: 'Says it again, to everybody.' }] });
    process.kill(script.pids()[0] ?? 0, 'SIGUSR2');
    await until('the change', async () => {
      const { servers } = await editor.call(McpList, { server: 'notes' });
      return servers[0]?.tools[0]?.state === 'changed';
    });
    asked = [];
    await editor.ask(AgentRun, { task: 'Say it.' }).result;
    assert.ok(!offered());
    assert.equal(calls(), 2);
    await approveAll();
    asked = [];
    const again = editor.ask(AgentRun, { task: 'Say it.' });
    await again.parts.find('the question anew', ({ kind }) => kind === 'approval');
    again.cancel();
    await assert.rejects(again.result);
    assert.equal(calls(), 2);
  });
});
