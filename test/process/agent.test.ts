// The agent over stdio, in the built program: a scripted model reads a file and answers, and a run goes on after its daemon was killed.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { after, before, beforeEach, describe, it } from 'mocha';
import { agentTasks } from '../../daemon/cli/eval/agent-tasks.ts';
import { changesDecided } from '../../shared/notifications.ts';
import {
  AgentApprove,
  AgentChanges,
  AgentModes,
  AgentPrompts,
  AgentRun,
  AgentUndo,
} from '../../shared/protocol/agent.ts';
import { ChatMessages, ChatSend, ChatStop } from '../../shared/protocol/chat.ts';
import { CostsSummary } from '../../shared/protocol/costs.ts';
import { DaemonStatus } from '../../shared/protocol/daemon.ts';
import { JobsCancel, JobsGet, JobsList, JobsResume } from '../../shared/protocol/jobs.ts';
import { CodeActions, ExecuteCommand } from '../../shared/protocol/lsp.ts';
import type { Reply } from '../fakes/provider-servers/scripted-server.ts';
import { calling, never, ScriptedLab } from './agent/scripted-lab.ts';
import { Home, until } from './home.ts';
import { failureOf, openEditor } from './lsp-client.ts';

type Editor = Awaited<ReturnType<typeof openEditor>>;

describe('the agent, over stdio', () => {
  let lab: ScriptedLab;
  let home: Home;
  let editor: Editor;
  let folder: string;

  before(async () => {
    lab = await ScriptedLab.open({ config: { modes: { poet: { prompt: 'Speak in rhymes.' } } } });
    home = lab.home;
    folder = dirname(home.project('answer.ts'));
    mkdirSync(folder, { recursive: true });
    writeFileSync(home.project('answer.ts'), 'export const answer = 42;\n');
    editor = await open();
  });
  after(() => lab[Symbol.asyncDispose]());
  beforeEach(() => lab.begin());

  const open = (capabilities = {}): Promise<Editor> =>
    openEditor(home, { folder: pathToFileURL(folder).href, switchyard: { workspaceTrusted: true }, capabilities });
  const reads: Reply = { text: 'I look. ', ...calling('read', { path: 'answer.ts' }) };

  it('reads a file, answers, and is a turn of a chat with its cost', async () => {
    lab.turns = [reads, 'It is 42.'];
    const run = editor.ask(AgentRun, { task: 'What is the answer?' });
    const { text, outcome, chatId, jobId, messageId, cost } = await run.result;
    assert.deepEqual([text, outcome], ['I look.\n\nIt is 42.', 'done']);
    const kinds = run.parts.items.map(({ kind }) => kind);
    assert.deepEqual(
      kinds.filter((kind, i) => kind !== kinds[i - 1]),
      [...['started', 'decision', 'text', 'spent', 'call', 'result', 'text', 'spent']],
    );
    const { messages } = await editor.call(ChatMessages, { chatId });
    assert.deepEqual(
      messages.map(({ role, text: said }) => [role, said]),
      [
        ['user', 'What is the answer?'],
        ['assistant', text],
      ],
    );
    assert.deepEqual([messages[1]?.jobId, messages[1]?.id, messages[1]?.cost], [jobId, messageId, cost]);
    assert.ok((cost ?? 0) > 0);
    const { total } = await editor.call(CostsSummary, { chatId });
    assert.equal(total.costUsd, cost);
    assert.match(JSON.stringify(lab.asked[1]?.body), /export const answer = 42;/);
  });

  it('goes on after its daemon was killed, and calls no tool and no model again', async () => {
    lab.turns = [reads, { text: 'It', hold: { after: 1, until: never } }];
    const run = editor.ask(AgentRun, { task: 'What is the answer?' });
    await run.parts.find('a result', ({ kind }) => kind === 'result');
    await until('the second turn', () => lab.asked.length === 2);
    const { pid } = await editor.call(DaemonStatus, {});
    process.kill(pid, 'SIGKILL');
    await failureOf(run.result);
    editor = await open();
    const { jobs } = await editor.call(JobsList, {});
    assert.deepEqual([jobs[0]?.kind, jobs[0]?.state, jobs[0]?.canResume], ['agent', 'stopped', true]);
    lab.turns = ['It is 42.'];
    lab.begin();
    const { job } = await editor.call(JobsResume, { jobId: jobs[0]?.id ?? '' });
    assert.deepEqual([job.state, lab.asked.length], ['done', 1]);
    assert.deepEqual(
      job.stages.map(({ name }) => name),
      ['task', 'turn 1', 'call 1.1', 'turn 2'],
    );
    const { text, chatId } = job.result as { text: string; chatId: string };
    assert.equal(text, 'I look.\n\nIt is 42.');
    const { messages } = await editor.call(ChatMessages, { chatId });
    assert.deepEqual(messages.map(({ status, text: said }) => [status, said]).at(-1), ['complete', text]);
    assert.equal(messages.length, 2);
  });

  it('shows what it changed and puts it back, for editors and in a terminal', async () => {
    const edit = (given: Record<string, unknown>): Reply => calling('edit', given);
    lab.turns = [
      edit({ path: 'answer.ts', old: '42', new: '43' }),
      edit({ path: 'src/new.ts', new: 'one\n' }),
      'Done.',
    ];
    const { jobId, changes } = await editor.ask(AgentRun, { task: 'Change it.', allow: ['edit'] }).result;
    assert.deepEqual(
      changes.map(({ path, change }) => [path, change]),
      [
        ['answer.ts', 'changed'],
        ['src/new.ts', 'created'],
      ],
    );
    const { files } = await editor.call(AgentChanges, { jobId });
    assert.deepEqual(files[0]?.hunks[0]?.newText, 'export const answer = 43;\n');
    const shown = await home.switchyard(['jobs', 'changes', jobId], '', folder);
    assert.match(shown.stdout, /^-export const answer = 42;$\n^\+export const answer = 43;$/m);
    const undone = await home.switchyard(['jobs', 'undo', jobId], '', folder);
    assert.match(undone.stdout, /^Restored answer\.ts$/m);
    assert.equal(readFileSync(home.project('answer.ts'), 'utf8'), 'export const answer = 42;\n');
    assert.equal(existsSync(home.project('src')), false);
    const step = Number(/--step (\d+)/.exec(undone.stdout)?.[1]);
    await editor.call(ExecuteCommand, { command: 'switchyard.agentUndo', arguments: [{ jobId, step }] });
    assert.equal(readFileSync(home.project('src/new.ts'), 'utf8'), 'one\n');
    const wrong = await home.switchyard(['jobs', 'undo', jobId, '--step', 'x'], '', folder);
    assert.equal(wrong.code, 2);
    await home.switchyard(['jobs', 'undo', jobId], '', folder);
  });

  it('is shown, undone and kept file by file, in editors without a review of runs', async () => {
    const edit = (given: Record<string, unknown>): Reply => calling('edit', given);
    lab.turns = [edit({ path: 'answer.ts', old: '42', new: '43' }), edit({ path: 'new.ts', new: 'one\n' }), 'Done.'];
    const { jobId } = await editor.ask(AgentRun, { task: 'Change it.', allow: ['edit'] }).result;
    const window = await open();
    const [answer = '', created = ''] = ['answer.ts', 'new.ts'].map((name) => pathToFileURL(home.project(name)).href);
    const command = async (name: string, given: object): Promise<Record<string, unknown>> =>
      (await window.call(ExecuteCommand, { command: `switchyard.${name}`, arguments: [given] })) as Record<
        string,
        unknown
      >;
    const offered = async (uri: string): Promise<string[]> => {
      const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
      const actions = (await window.call(CodeActions, { textDocument: { uri }, range })) as { command?: string }[];
      return actions.flatMap(({ command: each = '' }) => (each.startsWith('switchyard.agent') ? [each] : []));
    };
    window.open(answer, 'export const answer = 43;\nmine\n');
    window.open(created, 'one\n');
    const wholeFile = ['switchyard.agentChanges', 'switchyard.agentKeep', 'switchyard.agentUndo'];
    const oneChange = ['switchyard.agentKeep', 'switchyard.agentUndo'];
    assert.deepEqual(await offered(answer), [...oneChange, ...wholeFile], 'this change, or the file');
    assert.match(
      String((await command('agentChanges', { uri: answer }))['text']),
      /^## answer\.ts\n[\s\S]*^-.*42;$\n^\+.*43;$/m,
    );
    const refused = await command('agentUndo', { jobId, uri: answer });
    assert.match(JSON.stringify(refused['conflicts']), /unsaved changes/);
    window.change(answer, 2, { text: 'export const answer = 43;\n' });
    const { files } = await window.call(AgentChanges, { jobId });
    const hunks = files.find(({ uri }) => uri === answer)?.hunks.map(({ id }) => id);
    const single = await command('agentUndo', { jobId, uri: answer, hunks });
    assert.deepEqual([single['restored'], single['conflicts']], [['answer.ts'], []]);
    assert.equal(readFileSync(home.project('answer.ts'), 'utf8'), 'export const answer = 42;\n');
    await window.call(AgentUndo, { jobId, step: Number(single['step']) });
    const undone = await command('agentUndo', { uri: answer });
    assert.deepEqual([undone['restored'], undone['jobId']], [['answer.ts'], jobId]);
    assert.equal(readFileSync(home.project('answer.ts'), 'utf8'), 'export const answer = 42;\n');
    assert.deepEqual(await offered(answer), []);
    await window.call(AgentUndo, { jobId, step: Number(undone['step']) });
    const kept = await command('agentKeep', { jobId, uri: answer, hunks });
    assert.deepEqual([kept['kept'], kept['conflicts']], [1, []]);
    await editor.notified<{ jobId: string; kept?: object }>(changesDecided, (told) =>
      isDeepStrictEqual(told, { jobId, kept: { uri: answer, hunks } }),
    );
    assert.deepEqual(await offered(answer), [], 'nothing is left to decide there');
    assert.deepEqual(
      (await editor.call(AgentChanges, { jobId })).files.map(({ path, isKept }) => [path, isKept]),
      [
        ['answer.ts', true],
        ['new.ts', false],
      ],
      'for every client',
    );
    assert.equal((await command('agentKeep', { uri: created }))['kept'], 1);
    assert.deepEqual(await offered(created), []);
    assert.equal((await failureOf(command('agentKeep', {}))).data?.code, 'no-agent-changes');
    const inTerminal = await home.switchyard(['jobs', 'undo', jobId, '--file', 'new.ts'], '', folder);
    assert.match(inTerminal.stdout, /^Restored new\.ts$/m);
    assert.equal(existsSync(home.project('new.ts')), false);
    assert.deepEqual((await window.call(AgentUndo, { jobId })).restored, ['answer.ts'], 'what is kept can be undone');
    await window.leave();
  });

  it('tells whoever comes later what it did and what it waits for, also when its daemon was killed', async () => {
    const asks = calling('ask', { question: 'Which one?', choices: ['Red', 'Blue'] });
    lab.turns = [reads, asks, 'Blue it is.'];
    const run = editor.ask(AgentRun, { task: 'Paint it' });
    const shown = await run.parts.find('the question', ({ kind }) => kind === 'approval');
    const jobId = run.parts.items.flatMap((part) => (part.kind === 'started' ? [part.jobId] : []))[0] ?? '';
    const [started, call, result] = ['started', 'call', 'result'].map((name) =>
      run.parts.items.find(({ kind }) => kind === name),
    );
    const [spent, waits] = ['spent', 'call'].map((name) => run.parts.items.findLast(({ kind }) => kind === name));
    const window = await open();
    assert.deepEqual((await window.call(JobsGet, { jobId })).job.parts, [started, call, result, spent, waits, shown]);
    const { pid } = await editor.call(DaemonStatus, {});
    process.kill(pid, 'SIGKILL');
    await failureOf(run.result);
    editor = await open();
    assert.deepEqual((await editor.call(JobsGet, { jobId })).job.parts, [started, call, result, spent, waits, shown]);
    await editor.call(AgentApprove, { jobId, callId: '2.1', decision: 'once', reply: 'Blue' });
    const { job } = await editor.call(JobsGet, { jobId });
    assert.equal(job.state, 'done');
    assert.deepEqual(
      job.parts?.map(({ kind }) => kind),
      ['started', 'call', 'result', 'call', 'approved', 'result', 'spent'],
    );
    assert.match(JSON.stringify(lab.asked.at(-1)?.body), /The user answers: Blue/);
    await window.leave();
  });

  it('is stopped with its chat while it waits, also when its daemon was killed', async () => {
    lab.turns = [calling('edit', { path: 'answer.ts', old: '42', new: '43' }), 'Done.'];
    const run = editor.ask(AgentRun, { task: 'x' });
    const started = await run.parts.find('the beginning', ({ kind }) => kind === 'started');
    await run.parts.find('the question', ({ kind }) => kind === 'approval');
    process.kill((await editor.call(DaemonStatus, {})).pid, 'SIGKILL');
    await failureOf(run.result);
    editor = await open();
    const { chatId, jobId } = started.kind === 'started' ? started : assert.fail();
    assert.deepEqual(await editor.call(ChatStop, { chatId }), { stopped: true });
    assert.equal((await editor.call(JobsGet, { jobId })).job.state, 'cancelled');
    const [, answer] = (await editor.call(ChatMessages, { chatId })).messages;
    assert.deepEqual([answer?.status, answer?.notes], ['cancelled', undefined]);
    assert.deepEqual(await editor.call(ChatStop, { chatId }), { stopped: false });
  });

  for (const isShown of [true, false])
    it(`asks ${isShown ? 'a client that shows it there alone' : 'in the editor of a client that shows nothing'}, when it is resumed`, async () => {
      lab.turns = [calling('edit', { path: 'answer.ts', old: '42', new: '43' }), 'Done.'];
      await home.switchyard(['trust', '.'], '', folder);
      await home.switchyard(['run', 'Do it'], '', folder);
      const plain = await open({ textDocument: {} });
      const { jobs } = await plain.call(JobsList, {});
      const jobId = jobs[0]?.id ?? '';
      const asked = (): boolean => plain.notifications.items.some(({ method }) => method === 'window/showMessage');
      const { result, parts } = plain.ask(JobsResume, { jobId }, { isShown });
      if (isShown) await parts.find('the question', ({ kind }) => kind === 'approval');
      else await until('the question', asked);
      assert.equal(asked(), !isShown);
      await plain.call(JobsCancel, { jobId });
      await failureOf(result);
      await plain.leave();
    });

  it('is stopped with its chat, from any window', async () => {
    lab.turns = [reads, { text: 'It', hold: { after: 1, until: never } }];
    const run = editor.ask(AgentRun, { task: 'x' });
    const started = await run.parts.find('the beginning', ({ kind }) => kind === 'started');
    await until('the second turn', () => lab.asked.length === 2);
    const window = await open();
    const chatId = started.kind === 'started' ? started.chatId : '';
    assert.deepEqual(await window.call(ChatStop, { chatId }), { stopped: true });
    assert.equal((await failureOf(run.result)).code, -32_800);
    await lab.server.closedEarly();
    const { job } = await window.call(JobsGet, { jobId: started.kind === 'started' ? started.jobId : '' });
    assert.equal(job.state, 'cancelled');
    await window.leave();
  });

  it('knows the prompts of its folder, which chats and tasks call by name', async () => {
    writeFileSync(home.project('.claude', 'commands', 'explain.md'), 'Explain $ARGUMENTS in one sentence.');
    const { prompts } = await editor.call(AgentPrompts, {});
    assert.deepEqual(
      prompts.map(({ name, path }) => [name, path]),
      [['explain', '.claude/commands/explain.md']],
    );
    lab.turns = ['It is money.'];
    await editor.call(ChatSend, { text: '/explain cents' });
    await editor.ask(AgentRun, { task: '/explain euros' }).result;
    const said = lab.asked.map(({ body }) => JSON.stringify(body));
    assert.match(said[0] ?? '', /"Explain cents in one sentence\."/);
    assert.match(said[1] ?? '', /"Explain euros in one sentence\."/);
  });

  it('asks no model where one answer could exceed its budget, and says so', async () => {
    lab.turns = [reads];
    const { outcome, why } = await editor.ask(AgentRun, { task: 'x', maxUsd: 0.000001 }).result;
    assert.equal(outcome, 'limit');
    assert.match(why ?? '', /^Not started, since one answer could exceed the limit of/);
    assert.deepEqual(lab.asked, []);
  });

  it('lists its modes, of which chats know those without tools', async () => {
    const { modes } = await editor.call(AgentModes, {});
    assert.deepEqual(modes.at(-1), { id: 'poet', title: 'poet', description: '', tools: [], source: 'config' });
    const toolsOf = (mode: string) => modes.find(({ id }) => id === mode)?.tools ?? [];
    assert.ok(toolsOf('research').includes('fetch'));
    assert.ok(!toolsOf('plan').includes('edit'));
    lab.turns = ['A rhyme.'];
    await editor.ask(ChatSend, { text: 'Hello', mode: 'poet' }).result;
    assert.match(JSON.stringify(lab.asked[0]?.body), /Speak in rhymes\./);
    const { message } = await failureOf(editor.ask(ChatSend, { text: 'Hello', mode: 'act' }).result);
    assert.match(message, /The mode Act works with tools/);
    assert.match(
      (await failureOf(editor.ask(ChatSend, { text: 'x', mode: 'image' }).result)).message,
      /No model that makes pictures/,
    );
  });

  it('is measured at small tasks, which it does with edits and checks by itself', async () => {
    const tasks = agentTasks();
    lab.server.reply = ({ body }) => {
      const { messages } = body as { messages: { role: string; content: string }[] };
      const asks = messages.find(({ role }) => role === 'user')?.content;
      const task = tasks.find(({ ask }) => ask === asks);
      const calls = Object.entries(task?.solution.files ?? {}).map(([path, text]) => ({
        name: 'edit',
        arguments: { path, old: task?.files[path], new: text },
      }));
      const isDone = messages.at(-1)?.role === 'tool' || asks?.includes('largest');
      return { usage: { input: 1000, output: 10 }, ...(isDone ? { text: 'Done.' } : { toolCalls: calls }) };
    };
    const { code, stdout, stderr } = await home.switchyard(['eval', 'agent', '--yes', '--limit', '3', '--json']);
    assert.equal(code, 0, stderr);
    const { count, done, rounds, tasks: outcomes, cost } = JSON.parse(stdout) as Measured;
    assert.deepEqual([count, done, rounds], [3, 2, 5], stdout);
    assert.deepEqual(
      outcomes.map(({ task, isDone }) => [task, isDone]),
      [
        ['fix sum', true],
        ['fix largest', false],
        ['fix isEven', true],
      ],
    );
    assert.ok((cost ?? 0) > 0);
    const told = await home.switchyard(['eval', 'agent', '--yes', '--task', 'fix l', '--limit', '1']);
    assert.match(told.stdout, /^wrong {3}fix largest\n[\s\S]*Done: 0 of 1/);
    const none = await home.switchyard(['eval', 'agent', '--yes', '--task', 'nothing']);
    assert.match(none.stderr, /^error: No task's name begins with "nothing"\./);
  });

  it('is measured by single calls, which have no effect', async () => {
    const calls: Record<string, { name: string; arguments: Record<string, unknown> }> = {
      README: { name: 'read', arguments: { path: 'README.md' } },
      maxItems: { name: 'list', arguments: { path: 'nowhere' } },
      'tool.mjs': { name: 'run', arguments: { argv: ['node', 'tool.mjs'] } },
    };
    lab.server.reply = ({ body }) => {
      const { messages } = body as { messages: { role: string; content: string }[] };
      const asks = messages.find(({ role }) => role === 'user')?.content ?? '';
      const [, call] = Object.entries(calls).find(([word]) => asks.includes(word)) ?? [];
      return call ? { toolCalls: [call] } : { text: "I can't." };
    };
    const { code, stdout, stderr } = await home.switchyard(['eval', 'calls', '--limit', '5', '--json']);
    assert.equal(code, 0, stderr);
    const { calls: ended, byKind: _, ...scores } = JSON.parse(stdout) as { calls: { end: string }[]; byKind: object };
    assert.deepEqual(
      ended.map(({ end }) => end),
      ['right', 'wrong', 'right', 'answered', 'answered'],
      stdout,
    );
    assert.deepEqual(scores, { count: 5, right: 2, wrong: 1, answered: 2, unread: 0, refused: 1 });
  });

  it('is measured at no task where no model can be asked, and says so once', async () => {
    await using bare = new Home();
    const rows = [
      { of: bare, args: [], says: /^error: No model is set up yet\./ },
      { of: home, args: ['--model', 'lab/none'], says: /^error: There's no model "lab\/none"\./ },
    ];
    for (const { of, args, says } of rows) {
      const { code, stdout, stderr } = await of.switchyard(['eval', 'agent', '--yes', ...args]);
      assert.deepEqual([code, stdout], [3, '']);
      assert.match(stderr, says);
    }
  });

  it('is measured only where the user lets models change files and run programs', async () => {
    const { code, stderr } = await home.switchyard(['eval', 'agent']);
    assert.notEqual(code, 0);
    assert.match(stderr, /Nothing was run\./);
  });
});

interface Measured {
  count: number;
  done: number;
  rounds: number;
  cost: number | null;
  tasks: { task: string; isDone: boolean }[];
}
