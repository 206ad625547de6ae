// A real model and the memory and the processor that it shares: status tells what the process really took, and nobody starves.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { never, openWorkbench } from '../daemon/models/inference/workbench.ts';
import { longestPauses, recordTrace, sharesOf } from './trace.ts';

const file = process.env['SWITCHYARD_TEST_MODEL'] ?? '';

describe('a real model that is shared', function () {
  this.timeout(180_000);

  it('takes what its status says, within a tenth', async function () {
    if (process.platform !== 'linux') this.skip(); // where the size of another process is read from a file
    for (const slots of [1, 4]) {
      await using bench = openWorkbench();
      const { inference } = bench;
      inference.configure({ '*': { slots } });
      await inference.probe();
      const before = bytesOf(inference.pid);
      const messages = [{ role: 'user', content: 'Say hello to everyone here. '.repeat(60) }] as const;
      for await (const _ of inference.chat({ path: file, messages, maxOutputTokens: 20 }, never));
      const growth = bytesOf(inference.pid) - before;
      const [model] = inference.loaded();
      assert.equal(model?.slots, slots);
      const ratio = (model?.bytes ?? 0) / growth;
      assert.ok(
        ratio > 0.9 && ratio < 1.1,
        `${slots} slots: status says ${model?.bytes}, the process grew by ${growth}`,
      );
    }
  });

  it('gives two windows, a review and a completion their shares', async () => {
    await using bench = openWorkbench();
    const trace = await recordTrace(bench.inference, file);
    const told = JSON.stringify(trace.map(({ who, what }) => `${who} ${what}`));
    const finished = trace.filter(({ what }) => what === 'finish').map(({ who }) => who);
    assert.equal(finished.length, 4, told);
    assert.ok(!trace.some(({ what }) => what === 'waiting'), 'each has a slot');
    // While the review reads its long prompt, both windows go on, alike.
    const reading = sharesOf(trace, { who: 'review', what: 'asked' }, { who: 'review', what: 'text' });
    assertAlike(reading['window 1'], reading['window 2'], told);
    // The completion does not wait for the end of anything, and nobody stands still for it.
    assert.equal(finished[0], 'completion', told);
    const during = sharesOf(trace, { who: 'completion', what: 'asked' }, { who: 'completion', what: 'finish' });
    for (const who of ['window 1', 'window 2', 'review'])
      assert.ok((during[who] ?? 0) > 0, `${who} stood still: ${told}`);
    // None waits for long while the others generate.
    for (const [who, pause] of Object.entries(longestPauses(trace)))
      assert.ok(pause < 40, `${who} waited for ${pause}: ${told}`);
  });
});

function assertAlike(one = 0, two = 0, told = ''): void {
  assert.ok(one > 0 && two > 0 && Math.max(one, two) <= 2 * Math.min(one, two) + 2, `${one} and ${two}: ${told}`);
}

function bytesOf(pid: number | undefined): number {
  return 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
