// What single calls are measured with: 200 of them, each with the tools that are right for it, and scores that say what they claim.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { callFiles, callTasks } from '../../../../daemon/cli/eval/call-tasks.ts';
import { type CallEnd, callScores, type MeasuredCall } from '../../../../daemon/cli/eval/calls.ts';
import { modeNamed } from '../../../../daemon/features/agent/modes/modes.ts';

describe('the calls that a model is asked for', () => {
  const tasks = callTasks();

  it('are 200, all different, of five kinds', () => {
    assert.equal(new Set(tasks.map(({ ask }) => ask)).size, 200);
    const kinds = Map.groupBy(tasks, ({ kind }) => kind);
    assert.deepEqual(
      [...kinds.values()].map(({ length }) => length),
      [40, 40, 40, 40, 40],
    );
    assert.deepEqual(new Set(tasks.slice(0, 5).map(({ kind }) => kind)), new Set(kinds.keys()));
  });

  it('are of tools that the mode has, and of files that are there exactly where they are read', () => {
    const { tools } = modeNamed('act', {});
    for (const task of tasks) {
      for (const tool of task.tools) assert.ok(tools.includes(tool), tool);
      const isThere = Object.keys(callFiles).some((path) => task.ask.includes(path));
      if (task.kind === 'read a file') assert.ok(isThere, task.ask);
      if (task.kind === 'make a file') assert.ok(!isThere, task.ask);
    }
  });

  it('are counted by how they ended', () => {
    const call = (end: CallEnd, isRefused = false): MeasuredCall => ({
      kind: 'x',
      ask: 'x',
      tools: ['read'],
      end,
      isRefused,
    });
    assert.deepEqual(callScores([call('right'), call('right', true), call('wrong'), call('unread')]), {
      ...{ count: 4, right: 2, wrong: 1, answered: 0, unread: 1, refused: 1 },
    });
  });
});
