// The tasks that the agent is measured with: each check fails before anything is done, and passes once the solution is there.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { type AgentTask, agentTasks, checkProgram } from '../../../../daemon/cli/eval/agent-tasks.ts';

describe('the tasks of the agent', () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'switchyard-agent-tasks-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function passes(task: AgentTask, place: string, answer: string): Promise<boolean> {
    const check = join(folder, `${place}.mjs`);
    writeFileSync(check, checkProgram(task));
    const [code] = (await once(
      spawn(process.execPath, [check, join(folder, place), answer], { stdio: 'ignore' }),
      'exit',
    )) as [number];
    return code === 0;
  }

  function write(place: string, files: Readonly<Record<string, string | null>>): void {
    for (const [path, text] of Object.entries(files)) {
      const file = join(folder, place, path);
      mkdirSync(dirname(file), { recursive: true });
      if (text === null) rmSync(file);
      else writeFileSync(file, text);
    }
  }

  it('are at least 40, each with a name of its own', () => {
    const names = agentTasks().map(({ name }) => name);
    assert.ok(names.length >= 40, String(names.length));
    assert.equal(new Set(names).size, names.length);
  });

  for (const [index, task] of agentTasks().entries())
    it(`measure what they say: ${task.name}`, async () => {
      const place = String(index);
      write(place, task.files);
      assert.equal(await passes(task, place, ''), false, 'before');
      write(place, task.solution.files ?? {});
      assert.equal(await passes(task, place, task.solution.answer ?? ''), true, 'after');
    });
});
