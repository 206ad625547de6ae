// The list of the folder in the prompts of a run: made for models that are told of it, once while files stay as they are.
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import { delegateTool } from '../../../../daemon/features/agent/sub-agents/delegate.ts';
import type { AgentTool } from '../../../../daemon/features/agent/tools/tool.ts';
import { type AgentBench, agentBench, call, nothingApart, toolThat } from './bench.ts';

const inWords = { isLocal: true, info: { capabilities: { chat: true, tools: false } } };
const delegate = delegateTool({
  ...nothingApart,
  trusts: async () => true,
  files: { text: assert.fail, under: assert.fail, list: assert.fail } as never,
});
const asked = JSON.stringify({ tool: 'delegate', kind: 'research', task: 'Look.' });
const edited = JSON.stringify({ tool: 'change' });
const said = (say: string): string => JSON.stringify({ say });

let open: AgentBench[] = [];

/** Each list says how many there were before. */
function bench(script: string[] | [ReturnType<typeof call>, string], more: object = {}) {
  let count = 0;
  const trusted: AgentTool[] = [
    delegate,
    toolThat('look', () => ({})),
    toolThat('change', () => ({}), { kind: 'edit' }),
  ];
  const listing = async (): Promise<string> => `List ${++count}`;
  const config = { modes: { act: { prompt: 'x', tools: trusted.map(({ name }) => name) } } };
  const deps = { tools: { trusted, untrusted: [], listing } };
  const at = agentBench({ script: script.map((turn) => [turn]), config, deps, ...more });
  open.push(at);
  return { at, listed: () => count };
}

const listsIn = ({ model }: AgentBench): string[] =>
  model.requests.map(({ messages }) => /List \d/.exec(String(messages[0]?.content))?.[0] ?? '');

describe('the list of a folder', () => {
  afterEach(async () => {
    for (const each of open) await each.close();
    open = [];
  });

  it("isn't made for a model that isn't told of it", async () => {
    const { at, listed } = bench([call('look'), 'Done.']);
    await at.run();
    assert.deepEqual([listed(), listsIn(at)], [0, ['', '']]);
  });

  it('is made once for a run and its sub-agents', async () => {
    const { at, listed } = bench([asked, said('Seen.'), said('Done.')], inWords);
    const { text } = await at.run();
    assert.equal(text, 'Done.');
    assert.deepEqual([listed(), listsIn(at)], [1, ['List 1', 'List 1', 'List 1']]);
  });

  it('is made anew for a sub-agent that begins when files may have changed, and stays in the prompts of its run', async () => {
    const { at, listed } = bench([edited, asked, said('Seen.'), said('Done.')], inWords);
    await at.run({ allow: ['edit'] });
    assert.deepEqual([listed(), listsIn(at)], [2, ['List 1', 'List 1', 'List 2', 'List 1']]);
  });

  it('stays the same for a run that goes on', async () => {
    const { at, listed } = bench([JSON.stringify({ tool: 'change' }), said('Done.')], inWords);
    const running = at.run();
    running.catch(() => {});
    while (!at.parts.some(({ kind }) => kind === 'approval')) await new Promise((resolve) => setImmediate(resolve));
    const part = at.parts.find(({ kind }) => kind === 'approval');
    assert.ok(part?.kind === 'approval');
    const { callId, mark } = part.approval;
    const [started] = at.parts;
    assert.ok(started?.kind === 'started');
    const decided = { jobs: at.jobs, profile: 'default', caller: at.caller() };
    await at.agent.approve({ jobId: started.jobId, callId, mark, decision: 'once' }, decided);
    await running;
    assert.deepEqual([listed(), listsIn(at)], [1, ['List 1', 'List 1']]);
  });
});
