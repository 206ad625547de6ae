// Jobs over the wire: every window of a profile hears of them, can cancel and resume them, and no other profile does.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, beforeEach, describe, it } from 'mocha';
import { jobsChanged } from '../../shared/notifications.ts';
import { CodeWrite } from '../../shared/protocol/code.ts';
import { DaemonShutdown, DaemonStatus } from '../../shared/protocol/daemon.ts';
import { JobsAnswer, JobsCancel, JobsGet, JobsList, JobsResume } from '../../shared/protocol/jobs.ts';
import { ProfileCreate } from '../../shared/protocol/profiles.ts';
import { startOpenAiServer } from '../fakes/provider-servers/openai.ts';
import type { RecordedRequest, Reply, ScriptedServer } from '../fakes/provider-servers/scripted-server.ts';
import { Home, until } from '../process/home.ts';
import { failureOf, type LspClient, openEditor } from '../process/lsp-client.ts';

const key = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a';
const text = `const token = '${key}';\nlet sum = 1 - 1;\n`;
const range = { start: { line: 1, character: 0 }, end: { line: 1, character: 16 } };

describe('jobs, over the wire', () => {
  let home: Home;
  let server: ScriptedServer;
  let editor: LspClient;
  let window: LspClient;
  let stranger: LspClient;
  let uri: string;

  function reply({ body }: RecordedRequest): string | Reply {
    const [system] = (body as { messages: { content: string }[] }).messages;
    if (system?.content.startsWith('You judge')) return '{"verdict":"approve","conflicts":[],"confidence":0.9}';
    return system?.content.startsWith('You review') ? '{"findings":[]}' : '```js\nlet sum = 1 + 1;\n```';
  }
  const held = (): Reply => ({ text: 'let', hold: { after: 'request', until: new Promise(() => {}) } });

  before(async () => {
    server = await startOpenAiServer({ reply });
    home = new Home({
      providers: { lab: { type: 'openai-compatible', baseUrl: server.url, local: true, models: ['scripted'] } },
    });
    const folder = dirname(home.project('sum.js'));
    const root = { folder: pathToFileURL(folder).href };
    uri = pathToFileURL(home.project('sum.js')).href;
    editor = await openEditor(home, root);
    await editor.call(ProfileCreate, { name: 'Other' });
    window = await openEditor(home, root);
    stranger = await openEditor(home, { ...root, switchyard: { profile: 'Other' } });
    for (const one of [editor, window, stranger]) await one.call(JobsList, {});
    editor.open(uri, text, 'javascript');
  });
  after(async () => {
    await home[Symbol.asyncDispose]();
    await server.close();
  });
  beforeEach(() => {
    server.reply = reply;
  });

  const ask = () => editor.ask(CodeWrite, { instruction: 'Add', textDocument: { uri }, range });

  it('a job gives an edit for the version that was sent, and is heard of in its own profile alone', async () => {
    const { edit, version, runId, judge, stages, label } = await ask().result;
    assert.deepEqual(edit?.documentChanges[0]?.edits, [{ range, newText: 'let sum = 1 + 1;' }]);
    assert.deepEqual([version, label], [1, undefined]);
    assert.deepEqual(judge, { verdict: 'approved', confidence: null, calibrated: false, conflicts: [] });
    assert.deepEqual(
      stages.map(({ name }) => name),
      ['draft', 'draft checks', 'review', 'judge'],
    );
    await window.notified<{ jobId: string; state: string }>(
      jobsChanged,
      ({ jobId, state }) => jobId === runId && state === 'done',
    );
    assert.ok(!stranger.notifications.items.some(({ method }) => method === jobsChanged));
    assert.deepEqual((await stranger.call(JobsList, {})).jobs, []);
  });

  it('what is kept of prompts and answers has no secret in it', async () => {
    const { runId } = await ask().result;
    const { job } = await window.call(JobsGet, { jobId: runId });
    assert.ok(job.stages.some(({ prompt }) => prompt?.includes('[redacted')));
    assert.ok(!JSON.stringify(job.stages).includes(key));
  });

  it('another window cancels a job, which ends it for the one that asked, and resumes it', async () => {
    const known = new Set((await window.call(JobsList, {})).jobs.map(({ id }) => id));
    server.reply = held;
    const asked = server.requests.length;
    const { result } = ask();
    result.catch(() => {});
    const { jobId } = await window.notified<{ jobId: string; state: string }>(
      jobsChanged,
      ({ state, jobId: id }) => state === 'running' && !known.has(id),
    );
    while (server.requests.length === asked) await new Promise((resolve) => setImmediate(resolve));
    const { job } = await window.call(JobsCancel, { jobId });
    assert.equal(job.state, 'cancelled');
    assert.equal((await failureOf(result)).code, -32_800);
    await server.closedEarly();
    server.reply = reply;
    const resumed = await window.call(JobsResume, { jobId });
    assert.deepEqual([resumed.job.state, resumed.job.result?.['code']], ['done', 'let sum = 1 + 1;']);
  });

  it('a job ends with its window, can be resumed, and is not begun again unasked', async () => {
    const leaving = await openEditor(home, { folder: pathToFileURL(dirname(home.project('sum.js'))).href });
    leaving.open(uri, text, 'javascript');
    server.reply = held;
    const asked = server.requests.length;
    leaving.ask(CodeWrite, { instruction: 'Leave', textDocument: { uri }, range }).result.catch(() => {});
    while (server.requests.length === asked) await new Promise((resolve) => setImmediate(resolve));
    await leaving.leave();
    const { jobId } = await window.notified<{ jobId: string; state: string }>(
      jobsChanged,
      ({ state }) => state === 'stopped',
    );
    const { job } = await window.call(JobsGet, { jobId });
    assert.deepEqual([job.title, job.state, job.stages], ['Leave', 'stopped', []]);
    server.reply = reply;
    assert.equal((await window.call(JobsResume, { jobId })).job.state, 'done');
  });

  it('a file that is kept from models is not stored, nor sent', async () => {
    const kept = pathToFileURL(home.project('.env')).href;
    editor.open(kept, 'A=1\n', 'plaintext');
    const { jobs } = await window.call(JobsList, {});
    const asked = server.requests.length;
    const failure = await failureOf(editor.call(CodeWrite, { instruction: 'x', textDocument: { uri: kept } }));
    assert.equal(failure.data?.code, 'ignored-file');
    assert.equal(server.requests.length, asked);
    assert.equal((await window.call(JobsList, {})).jobs.length, jobs.length);
  });

  it('a file that is kept from models later leaves the jobs that were about it', async () => {
    const later = pathToFileURL(home.project('later.js')).href;
    editor.open(later, text, 'javascript');
    const { runId } = await editor.call(CodeWrite, { instruction: 'Add', textDocument: { uri: later }, range });
    writeFileSync(home.project('.switchyardignore'), 'later.js\n');
    await until('the rule', async () => (await window.call(JobsGet, { jobId: runId })).job.stages.length === 0);
    const { result, failure } = (await window.call(JobsGet, { jobId: runId })).job;
    assert.equal(result, undefined);
    assert.match(failure ?? '', /later\.js was removed from this job: .* keeps it from models/);
  });

  describe('that waits for the user', () => {
    let trusting: LspClient;
    const questions: { message: string; actions: { title: string }[] }[] = [];
    /** What the user of the editor chooses. */
    let choose: () => unknown;

    before(async () => {
      trusting = await openEditor(home, {
        name: 'trusting',
        folder: pathToFileURL(dirname(home.project('sum.js'))).href,
        switchyard: { workspaceTrusted: true },
        capabilities: { textDocument: {} },
      });
      trusting.connection.onRequest('window/showMessageRequest', (params: (typeof questions)[number]) => {
        questions.push(params);
        return choose();
      });
      trusting.open(uri, text, 'javascript');
    });
    beforeEach(() => {
      questions.length = 0;
      choose = () => null;
    });

    /** Asks for code with a test that leaves a mark in its answer's notes, and waits until it waits. */
    async function waiting() {
      const known = new Set((await window.call(JobsList, {})).jobs.map(({ id }) => id));
      const tests = [[process.execPath, '-e', 'process.exit(3)']];
      const { result } = trusting.ask(CodeWrite, { instruction: 'Add', textDocument: { uri }, range, tests });
      result.catch(() => {});
      const { jobId } = await window.notified<{ jobId: string; state: string }>(
        jobsChanged,
        ({ state, jobId: id }) => state === 'waiting' && !known.has(id),
      );
      return { jobId, result };
    }
    const get = async (jobId: string) => (await window.call(JobsGet, { jobId })).job;

    for (const [answer, verdict] of [
      ['yes', 'rejected'],
      ['no', 'approved'],
    ] as const)
      it(`goes on by the answer ${answer} of another window`, async () => {
        const { jobId, result } = await waiting();
        const { state, question } = await get(jobId);
        assert.equal(state, 'waiting');
        assert.match(question?.text ?? '', /^Run `.*process\.exit\(3\).*` on a copy of the project\?/);
        await until('the question in the editor', async () => questions.length > 0);
        assert.deepEqual(
          questions[0]?.actions,
          question?.answers.map(({ label }) => ({ title: label })),
        );
        assert.equal((await window.call(JobsAnswer, { jobId, answer })).job.state, 'done');
        assert.equal((await result).judge.verdict, verdict); // the test fails where it runs
      });

    it('goes on by what its user chooses in the editor', async () => {
      choose = () => ({ title: 'Continue Without Tests' });
      const { result } = await waiting();
      assert.match((await result).notes.join(), /continue without them/);
    });

    it('asks no client of another profile, which can not answer either', async () => {
      const { jobId } = await waiting();
      assert.ok(!stranger.notifications.items.some(({ method }) => method === jobsChanged));
      const failure = await failureOf(stranger.call(JobsAnswer, { jobId, answer: 'yes' }));
      assert.equal(failure.data?.code, 'job-not-found');
      await window.call(JobsCancel, { jobId });
    });

    for (const [end, stop] of [
      ['is stopped, which the wait does not prevent', () => window.call(DaemonShutdown, {})],
      ['is killed', async () => home.killDaemon()],
    ] as const)
      it(`still waits after its daemon ${end}`, async () => {
        const { jobId, result } = await waiting();
        const before = home.daemonPid();
        await stop();
        await failureOf(result);
        await until('another daemon', async () => {
          const { pid } = await window.call(DaemonStatus, {}).catch(() => ({ pid: before }));
          return pid !== before;
        });
        const { state, question } = await get(jobId);
        assert.deepEqual([state, question?.answers.map(({ id }) => id)], ['waiting', ['yes', 'no']]);
        const { job } = await window.call(JobsAnswer, { jobId, answer: 'no' });
        assert.deepEqual([job.state, job.result?.['code']], ['done', 'let sum = 1 + 1;']);
      });
  });
});
