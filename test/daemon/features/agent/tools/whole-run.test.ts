// A run that changes a file and runs it, from the task to the answer.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { agentBench, call } from '../bench.ts';

describe('a run with the tools that change and run', () => {
  const script = [
    [call('edit', { path: 'tool.js', new: 'console.log(6 * 7);\n' })],
    [call('run', { argv: ['node', 'tool.js'] })],
    ['It prints 42.'],
  ];

  it('does both with what was allowed, and tells the model what came of it', async function () {
    if (process.platform === 'win32') this.skip(); // there may be no Node on the PATH
    const at = agentBench({ script });
    const { outcome, steps, text } = await at.run({ allow: ['edit', 'run'] });
    assert.deepEqual({ outcome, steps, text }, { outcome: 'done', steps: 2, text: 'It prints 42.' });
    assert.equal(readFileSync(join(at.root, 'tool.js'), 'utf8'), 'console.log(6 * 7);\n');
    const told = JSON.stringify(at.model.requests[2]?.messages);
    assert.match(told, /Created tool\.js: 1 line added, 0 removed\./);
    assert.match(told, /node tool\.js succeeded\..*42/);
    await at.close();
  });

  it('is asked about what runs, and does not run it where the user says no', async () => {
    const at = agentBench({ script: [[call('edit', { path: '.vscode/tasks.json', new: '{}\n' })], ['Then not.']] });
    const running = at.run({ allow: ['edit', 'run'] });
    let approval: (typeof at.parts)[number] | undefined;
    while (!approval) {
      await new Promise((resolve) => setImmediate(resolve));
      approval = at.parts.find(({ kind }) => kind === 'approval');
    }
    assert.ok(approval.kind === 'approval' && approval.approval.diff?.includes('+{}'));
    const { items } = await at.storage.jobs.list({});
    await at.agent.approve(
      {
        jobId: items[0]?.id ?? '',
        callId: approval.kind === 'approval' ? approval.approval.callId : '',
        decision: 'deny',
      },
      { jobs: at.jobs, profile: 'default', caller: at.caller() },
    );
    assert.equal((await running).outcome, 'denied');
    assert.throws(() => readFileSync(join(at.root, '.vscode/tasks.json')));
    await at.close();
  });
});
