// Sub-agents in the built program: a scripted model delegates research and a review of its own change.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, beforeEach, describe, it } from 'mocha';
import { AgentRun } from '../../../shared/protocol/agent.ts';
import { ChatMessages } from '../../../shared/protocol/chat.ts';
import { CostsSummary } from '../../../shared/protocol/costs.ts';
import { DaemonStatus } from '../../../shared/protocol/daemon.ts';
import { JobsGet, JobsList, JobsResume } from '../../../shared/protocol/jobs.ts';
import type { RecordedRequest, Reply } from '../../fakes/provider-servers/scripted-server.ts';
import { type Home, until } from '../home.ts';
import { failureOf, openEditor } from '../lsp-client.ts';
import { calling, never, ScriptedLab } from './scripted-lab.ts';

const usage = { input: 1000, output: 10 };
const flaw = {
  line: 2,
  quote: 'one / 0',
  severity: 'error',
  category: 'bug',
  message: 'It divides by zero.',
  confidence: 1,
};

/** Who asks: the run, its sub-agent, or a review, which has no tools. */
function askerOf({ body }: RecordedRequest): 'outer' | 'inner' | 'review' {
  const { tools, messages } = body as { tools?: unknown[]; messages: { content: unknown }[] };
  if (!tools) return 'review';
  return JSON.stringify(messages[0]?.content).includes('of another agent') ? 'inner' : 'outer';
}

describe('a sub-agent', () => {
  let lab: ScriptedLab;
  let home: Home;
  let folder: string;
  let turns: { outer: Reply[]; inner: Reply[] };
  let asked: { outer: RecordedRequest[]; inner: RecordedRequest[]; review: RecordedRequest[] };

  before(async () => {
    lab = await ScriptedLab.open();
    home = lab.home;
    folder = dirname(home.project('a.ts'));
    writeFileSync(home.project('b.ts'), 'export const two = 2;\n');
    await home.switchyard(['trust', '.'], '', folder);
  });
  after(() => lab[Symbol.asyncDispose]());
  beforeEach(() => {
    writeFileSync(home.project('a.ts'), 'export const one = 1;\n');
    asked = { outer: [], inner: [], review: [] };
    lab.server.reply = (request) => {
      const asker = askerOf(request);
      const count = asked[asker].push(request);
      if (asker !== 'review') return { usage, ...turns[asker][Math.min(count, turns[asker].length) - 1] };
      const findings = JSON.stringify(request.body).includes('one / 0') ? [flaw] : [];
      return { usage, text: JSON.stringify({ findings }) };
    };
  });

  const open = () => openEditor(home, { folder: pathToFileURL(folder).href, switchyard: { workspaceTrusted: true } });
  const researches = calling('delegate', { kind: 'research', task: 'What are one and two?' });
  const reads = [calling('read', { path: 'a.ts' }), calling('read', { path: 'b.ts' })];
  const answers: Reply = { text: 'One is 1 (a.ts:1), two is 2 (b.ts:1).' };
  const done: Reply = { text: 'Done.' };
  const told = (): string => JSON.stringify(asked.outer.at(-1)?.body);

  it('researches for a run in a terminal, which shows its calls inside, as the job does', async () => {
    turns = { outer: [researches, done], inner: [...reads, answers] };
    const { code, stdout, stderr } = await home.switchyard(['run', 'Add them'], '', folder);
    assert.deepEqual([code, stdout], [0, 'Done.\n'], stderr);
    assert.match(
      stderr,
      /^> Research: What are one and two\?$\n^ {2}> Read a\.ts$\n^ {4}Read a\.ts, lines 1-1 of 1\.$\n^ {2}> Read b\.ts$\n.*\n^ {2}Research: 3 rounds, 3,030 tokens, \$0\.003\d?\.$/m,
    );
    assert.match(stderr, /5 turns · 5000 tokens in/);
    assert.match(told(), /One is 1 \(a\.ts:1\)/);
    const { jobs } = JSON.parse((await home.switchyard(['jobs', '--json'], '', folder)).stdout) as {
      jobs: { id: string }[];
    };
    const shown = await home.switchyard(['jobs', 'show', jobs[0]?.id ?? ''], '', folder);
    assert.match(
      shown.stdout,
      /^ {2}sub-agent of call 1\.1: Research: What are one and two\? .*\n^ {4}turn 1\.1\.1: .*\n^ {4}call 1\.1\.1\.1: /m,
    );
  });

  it("finds a flaw in its run's own change, and is counted once", async () => {
    const edit = {
      path: 'a.ts',
      old: 'export const one = 1;\n',
      new: 'export const one = 1;\nexport const half = one / 0;\n',
    };
    const reviews = calling('delegate', { kind: 'review', task: 'Look for faults.' });
    turns = { outer: [calling('edit', edit), reviews, done], inner: [] };
    const editor = await open();
    const run = editor.ask(AgentRun, { task: 'Halve it.', allow: ['edit'] });
    const { cost = 0, chatId, jobId } = await run.result;
    assert.match(told(), /It divides by zero/);
    assert.ok(asked.review.length > 0);
    const requests = asked.outer.length + asked.review.length;
    assert.equal(cost.toFixed(6), ((requests * 1010) / 1e6).toFixed(6));
    const { messages } = await editor.call(ChatMessages, { chatId });
    const { total } = await editor.call(CostsSummary, { chatId });
    const { job } = await editor.call(JobsGet, { jobId });
    assert.deepEqual(
      [messages[1]?.cost, total.costUsd, job.cost].map((usd) => usd?.toFixed(6)),
      Array(3).fill(cost.toFixed(6)),
    );
    const inner = job.parts?.flatMap((part) => (part.kind === 'call' && part.within ? [part.callId] : []));
    assert.deepEqual(inner, ['2.1.1.1']);
    await editor.leave();
  });

  it('goes on after its daemon was killed, without asking or reading anything again', async () => {
    turns = { outer: [researches, done], inner: [...reads, { text: 'One', hold: { after: 1, until: never } }] };
    let editor = await open();
    const run = editor.ask(AgentRun, { task: 'Add them' });
    await until('its third turn', () => asked.inner.length === 3);
    const { pid } = await editor.call(DaemonStatus, {});
    process.kill(pid, 'SIGKILL');
    await failureOf(run.result);
    editor = await open();
    const { jobs } = await editor.call(JobsList, {});
    turns = { outer: [done], inner: [answers] };
    asked = { outer: [], inner: [], review: [] };
    const { job } = await editor.call(JobsResume, { jobId: jobs[0]?.id ?? '' });
    assert.deepEqual([job.state, asked.inner.length, asked.outer.length], ['done', 1, 1]);
    assert.match(told(), /One is 1 \(a\.ts:1\)/);
    await editor.leave();
  });

  it('is stopped with its run, and its request is closed', async () => {
    turns = { outer: [researches], inner: [{ text: 'One', hold: { after: 1, until: never } }] };
    const editor = await open();
    const run = editor.ask(AgentRun, { task: 'Add them' });
    await until('its turn', () => asked.inner.length === 1);
    run.cancel();
    assert.equal((await failureOf(run.result)).code, -32_800);
    await lab.server.closedEarly();
    await editor.leave();
  });
});
