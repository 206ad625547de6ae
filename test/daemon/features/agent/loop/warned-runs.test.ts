// How a run ends that the guard against loops has warned: an answer that the model was told to give is not yet a task that is done.
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import { type AgentBench, agentBench, type BenchOptions, call } from '../bench.ts';

let open: AgentBench | undefined;

function bench(options: BenchOptions): AgentBench {
  open = agentBench(options);
  return open;
}

describe('a run that repeats itself', () => {
  afterEach(async () => {
    await open?.close();
    open = undefined;
  });

  it('ends as stopped where the model answers right after the warning: whether its task is done is not known', async () => {
    const read = [call('read', { path: 'a' })];
    const at = bench({ script: [read, read, read, ['Done.']], files: { a: 'x\n' } });
    const { outcome, why, text } = await at.run();
    assert.deepEqual([outcome, text], ['limit', 'Done.']);
    assert.match(why ?? '', /was told to answer.*choose another model/);
  });

  it('does not hold looking at one file after another that is to be changed for a loop', async () => {
    const paths = ['a', 'b', 'c', 'd', 'e', 'f'];
    const at = bench({
      script: [...paths.map((path) => [call('edit', { path })]), ['Done.']],
      files: Object.fromEntries(paths.map((path) => [path, `${path}\n`])),
    });
    const { outcome, steps } = await at.run();
    assert.deepEqual([outcome, steps], ['done', 6]);
    assert.deepEqual(
      at.parts.flatMap((part) => (part.kind === 'call' ? [part.call] : [])),
      paths.map(() => 'read'),
    );
  });

  it('ends as done where the model goes on with something new after the warning', async () => {
    const read = [call('read', { path: 'a' })];
    const at = bench({ script: [read, read, read, [call('list')], ['Done.']], files: { a: 'x\n' } });
    assert.equal((await at.run()).outcome, 'done');
  });
});
