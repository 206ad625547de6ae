// The promise of "local only", proven by the kernel: in a network namespace that has loopback alone, the counter of packets and
// connects without a route stays at zero. With the switch off the same program moves it, so the counter does count.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { before, describe, it } from 'mocha';

const program = fileURLToPath(new URL('peers/local-only.ts', import.meta.url));

function inNamespace(script: string, args: readonly string[]): ReturnType<typeof spawnSync> {
  return spawnSync('unshare', ['--net', '--mount', 'sh', '-c', `ip link set lo up && ${script}`, 'sh', ...args], {
    encoding: 'utf8',
    timeout: 25_000,
  });
}

interface Report {
  outcomes: Record<string, string>;
  attempts: number;
}

function run(localOnly: 'on' | 'off'): Report {
  const { stdout, stderr, status } = inNamespace('exec "$@"', [process.execPath, '--no-warnings', program, localOnly]);
  assert.equal(status, 0, String(stderr));
  return JSON.parse(String(stdout)) as Report;
}

describe('local only, in a network of its own', () => {
  before(function () {
    if (process.platform !== 'linux' || inNamespace('true', []).status !== 0) this.skip(); // needs Linux, and the right to make namespaces
  });

  it('sends nothing off this machine: not by address, name, redirect, proxy or check', () => {
    const { outcomes, attempts } = run('on');
    const { 'direct here/': direct, 'proxied here/': proxied, ...rest } = outcomes;
    assert.deepEqual([direct, proxied], ['answer', 'answer']);
    for (const [what, outcome] of Object.entries(rest))
      assert.equal(outcome, what.endsWith('check') ? 'closed' : 'local-only', what);
    assert.equal(attempts, 0);
  });

  it('is what keeps it in: without the switch the same program asks for the outside', () => {
    assert.ok(run('off').attempts > 0);
  });
});
