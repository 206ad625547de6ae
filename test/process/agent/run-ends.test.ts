// How runs end at the command line, and what commands say of one that has ended or waits, in the built program.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { Job } from '../../../shared/protocol/jobs.ts';
import type { Reply } from '../../fakes/provider-servers/scripted-server.ts';
import { type Ended, until } from '../home.ts';
import { calling, never, ScriptedLab } from './scripted-lab.ts';

describe('a run at the command line', () => {
  let lab: ScriptedLab;
  let folder: string;

  before(async () => {
    lab = await ScriptedLab.open();
    writeFileSync(lab.home.project('a.ts'), 'export const one = 1;\n');
    folder = dirname(lab.home.project('a.ts'));
    await switchyard('trust', '.');
  });
  after(() => lab[Symbol.asyncDispose]());

  const switchyard = (...args: string[]): Promise<Ended> => lab.home.switchyard(args, '', folder);
  const edit = calling('edit', { path: 'a.ts', old: '1', new: '2' });

  async function waiting(turn: Reply): Promise<string> {
    lab.begin([turn, 'Fine.']);
    assert.equal((await switchyard('run', 'Do it')).code, 3);
    const { jobs } = JSON.parse((await switchyard('jobs', '--json')).stdout) as { jobs: Job[] };
    assert.equal(jobs[0]?.state, 'waiting');
    return jobs[0]?.id ?? '';
  }

  /** A task whose daemon is killed while the model answers. */
  async function stopped(): Promise<string> {
    lab.begin([{ text: 'Well', hold: { after: 0, until: never } }]);
    const running = switchyard('run', 'Do it');
    await until('the model', () => lab.asked.length === 1);
    lab.home.killDaemon();
    await running;
    const { jobs } = JSON.parse((await switchyard('jobs', '--json')).stdout) as { jobs: Job[] };
    assert.equal(jobs[0]?.state, 'stopped');
    return jobs[0]?.id ?? '';
  }

  it('is told of as waiting where its answer is to be continued', async () => {
    const id = await waiting(calling('ask', { question: 'Which?' }));
    const { code, stderr } = await switchyard('chat', '--continue');
    assert.equal(code, 3);
    assert.match(stderr, new RegExp(`^error: This task waits for your answer\\..*\`switchyard jobs show ${id}\``));
    await switchyard('jobs', 'cancel', id);
  });

  it('is not left behind by another task or question in its chat', async () => {
    const id = await waiting(edit);
    const refused = new RegExp(`^error: Your message wasn't sent, .*\`switchyard jobs show ${id}\`.*jobs cancel ${id}`);
    for (const [command, option] of [
      ['run', '--continue'],
      ['chat', '--last'],
    ] as const) {
      const { code, stderr } = await switchyard(command, option, 'Something else');
      assert.equal(code, 3);
      assert.match(stderr, refused);
    }
    const { jobs } = JSON.parse((await switchyard('jobs', '--json')).stdout) as { jobs: Job[] };
    assert.deepEqual([jobs[0]?.id, jobs[0]?.state], [id, 'waiting']);
    await switchyard('jobs', 'cancel', id);
    assert.equal((await switchyard('run', '--continue', 'Something else')).code, 0);
  });

  it('is to be resumed where its daemon was killed, rather than its answer continued', async () => {
    const id = await stopped();
    const { code, stderr } = await switchyard('chat', '--continue');
    assert.equal(code, 3);
    assert.match(
      stderr,
      new RegExp(`^error: This task was stopped before its end\\. .*\`switchyard jobs resume ${id}\``),
    );
    lab.begin(['Done.']);
    assert.equal((await switchyard('jobs', 'resume', id)).code, 0);
  });

  it('is canceled once, and whoever cancels it again is told that it had ended', async () => {
    const id = await waiting(edit);
    const first = await switchyard('jobs', 'cancel', id);
    assert.match(first.stdout, /^Do it {2}\(agent, canceled/);
    const { code, stdout } = await switchyard('jobs', 'cancel', id);
    assert.equal(code, 0);
    assert.match(stdout, /^That job had already ended, so there was nothing to cancel:\nDo it {2}\(agent, canceled/);
    const { hadEnded } = JSON.parse((await switchyard('jobs', 'cancel', id, '--json')).stdout) as { hadEnded: boolean };
    assert.equal(hadEnded, true);
  });

  it('exits the same with --json when the user says no', async () => {
    const id = await waiting(edit);
    assert.equal((await switchyard('jobs', 'answer', id, 'deny', '--json')).code, 3);
  });

  it('has no hint to continue it where its chat went on', async () => {
    const id = await stopped();
    lab.begin(['Something else.']);
    await switchyard('run', 'Other', '--continue');
    const { code, stderr } = await switchyard('jobs', 'resume', id);
    assert.equal(code, 3);
    assert.match(stderr, /^error: You've sent other messages in this chat since then/m);
    assert.doesNotMatch(stderr, /jobs resume/);
  });

  it('that is cut off is no success', async () => {
    lab.begin([{ text: 'Half', finish: 'length' }]);
    const { code, stdout, stderr } = await switchyard('run', 'Do it');
    assert.deepEqual([code, stdout], [3, 'Half\n']);
    assert.match(stderr, /reached its length limit, so the answer is cut off/);
  });

  it('is counted in words by what checks the backups', async () => {
    lab.begin(['Hello.']);
    await switchyard('chat', 'Hello');
    const { stdout } = await switchyard('backup', 'verify');
    assert.match(stdout, / is intact: \d+ chats, \d+ messages, .*1 profile/);
  });
});
