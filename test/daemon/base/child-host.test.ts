// The supervised child by itself, with a little peer program that misbehaves in each way there is.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, it } from 'mocha';
import { CancelledError } from '../../../daemon/base/errors.ts';
import { type ChildFailure, ChildHost, type ChildHostOptions } from '../../../daemon/base/process/child-host.ts';
import type { PeerProtocol } from './peers/child.ts';

const path = fileURLToPath(new URL('peers/child.ts', import.meta.url));

/** What a request was rejected with, as it came. */
class PeerError extends Error {
  readonly failure: ChildFailure;
  constructor(failure: ChildFailure) {
    super(failure.kind);
    this.failure = failure;
  }
}

let host: ChildHost<PeerProtocol>;

function create(options: Partial<ChildHostOptions<PeerProtocol>> = {}): ChildHost<PeerProtocol> {
  host = new ChildHost<PeerProtocol>({ path, toError: (failure) => new PeerError(failure), ...options });
  return host;
}

async function failureOf(request: Promise<unknown>): Promise<ChildFailure> {
  const error = await request.then(
    () => assert.fail('it succeeded'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof PeerError, String(error));
  return error.failure;
}
const crash = (): Promise<ChildFailure> => failureOf(host.request('crash', { words: '', characters: 0 }));

describe('a child host', () => {
  afterEach(() => host[Symbol.asyncDispose]());

  it('has no process before the first request, and one for all that follow', async () => {
    create();
    host.notify('nobody hears this');
    assert.equal(host.pid, undefined);
    const answers = await Promise.all([1, 2].map((value) => host.request('echo', value)));
    const { pid } = host;
    assert.deepEqual(answers, [1, 2]);
    await host.request('echo', 3);
    assert.equal(host.pid, pid);
  });

  it('hands on parts in order before the result, and bytes as bytes', async () => {
    create();
    const parts: number[] = [];
    assert.equal(await host.request('count', { to: 1000 }, { onPart: (part) => parts.push(part) }), 'counted');
    assert.deepEqual(
      parts,
      Array.from({ length: 1000 }, (_, i) => i + 1),
    );
    assert.deepEqual(await host.request('echo', new Float32Array([1.5])), new Float32Array([1.5]));
  });

  it('tells failures apart: what the user can act on, a bug with its stack, a cancellation', async () => {
    create();
    assert.deepEqual(await failureOf(host.request('fail', { how: 'user error' })), {
      kind: 'error',
      code: 'peer-unwell',
      message: 'The peer is unwell. Ask another.',
    });
    const bug = await failureOf(host.request('fail', { how: 'bug' }));
    assert.ok(bug.kind === 'bug' && /a bug of the peer\n\s+at /.test(bug.stack), JSON.stringify(bug));
    await assert.rejects(host.request('fail', { how: 'cancelled' }), CancelledError);
    assert.equal(await host.request('echo', 'alive'), 'alive');
  });

  it('greets each new process before its first request, and carries notices both ways', async () => {
    const notices: string[] = [];
    let greetings = 0;
    create({ greeting: () => `greeting ${++greetings}`, onNotice: (notice) => notices.push(notice) });
    assert.deepEqual(await host.request('greeted', undefined), ['greeting 1']);
    host.notify('hello');
    assert.deepEqual(await host.request('greeted', undefined), ['greeting 1', 'hello']);
    assert.deepEqual(notices, ['heard greeting 1', 'heard hello']);
    await host.kill();
    assert.deepEqual(await host.request('greeted', undefined), ['greeting 2']);
  });

  it('ends everything under way when its process crashes, with its last words, and starts anew', async () => {
    let ends = 0;
    create({ onEnd: () => ends++ });
    const waiting = failureOf(host.request('wait', undefined));
    const crashing = failureOf(host.request('crash', { words: ' the last words', characters: 300_000 }));
    for (const failure of await Promise.all([waiting, crashing])) {
      assert.ok(failure.kind === 'ended');
      assert.equal(failure.how, 'code 7');
      assert.ok(failure.lastWords.endsWith('xx the last words'));
      assert.equal(failure.lastWords.length, 4000);
    }
    assert.equal(host.pid, undefined);
    assert.equal(ends, 1);
    assert.equal(await host.request('echo', 'again'), 'again');
  });

  it('survives a flood of stderr, of which it keeps only the end', async () => {
    create();
    assert.equal(await host.request('flood', { megabytes: 20 }), 'survived');
    const failure = await crash();
    assert.ok(failure.kind === 'ended' && failure.lastWords === 'y'.repeat(4000));
  });

  it('rejects a cancelled request at once, and tells the child to stop', async () => {
    create();
    const controller = new AbortController();
    const request = host.request('wait', undefined, { signal: controller.signal, onPart: () => controller.abort() });
    await assert.rejects(request, CancelledError);
    assert.equal(await host.request('cancelled', undefined), 1);
    const next = new AbortController();
    const late = host.request('wait', undefined, { signal: next.signal });
    next.abort(); // before the request was sent
    await assert.rejects(late, CancelledError);
    await assert.rejects(host.request('echo', 1, { signal: AbortSignal.abort() }), CancelledError);
  });

  it('rejects a cancelled request also while the child hangs, and can kill it then', async () => {
    create();
    const controller = new AbortController();
    const request = host.request('hang', undefined, { signal: controller.signal, onPart: () => controller.abort() });
    await assert.rejects(request, CancelledError);
    const unheard = failureOf(host.request('echo', 1));
    await host.kill();
    assert.deepEqual(await unheard, { kind: 'ended', how: 'SIGKILL', lastWords: '' });
    assert.equal(await host.request('echo', 'again'), 'again');
  });

  it('gives up a child that has closed its channel, and starts another', async () => {
    create();
    const lost = failureOf(host.request('leave', undefined));
    const { pid } = host;
    assert.ok(pid);
    let answer: unknown;
    // The channel closes a moment after the request was sent; until then the child still answers.
    for (let i = 0; host.pid === pid; i++) answer = await host.request('echo', i).catch(() => undefined);
    assert.equal((await lost).kind, 'ended');
    answer = await host.request('echo', 'another');
    assert.equal(answer, 'another');
  });

  it('says so when no process can be started', async () => {
    create({ execPath: '/nonexistent/node' });
    const failure = await failureOf(host.request('echo', 1));
    assert.ok(
      failure.kind === 'ended' && /^it could not be started: .*ENOENT/.test(failure.how),
      JSON.stringify(failure),
    );
    create({ path: '/nonexistent/script.ts' });
    const missing = await failureOf(host.request('echo', 1));
    assert.ok(missing.kind === 'ended' && /Cannot find module/.test(missing.lastWords), JSON.stringify(missing));
  });

  it('starts at once after one crash, later and later after several, and at once again after a success', async () => {
    create({ firstRestartDelayMs: 200 });
    await host.request('echo', 1);
    /** How long the process took to be started; 0 when it was before the request had returned. */
    const waitOfStart = async (): Promise<number> => {
      const askedAt = performance.now();
      const request = crash();
      if (host.pid !== undefined) return request.then(() => 0);
      while (host.pid === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
      const waitedMs = performance.now() - askedAt;
      await request;
      return waitedMs;
    };
    await crash();
    assert.equal(await waitOfStart(), 0); // and this was the second crash
    assert.ok((await waitOfStart()) >= 195);
    assert.ok((await waitOfStart()) >= 395);
    await host.request('echo', 1);
    await crash();
    assert.equal(await waitOfStart(), 0);
  });

  it('a request that waits for a restart leaves when it is cancelled, and when the host is disposed of', async () => {
    create({ firstRestartDelayMs: 60_000 });
    await crash();
    await crash();
    const controller = new AbortController();
    const [cancelled, disposed] = [host.request('echo', 1, { signal: controller.signal }), host.request('echo', 2)];
    controller.abort();
    await assert.rejects(cancelled, CancelledError);
    await host[Symbol.asyncDispose]();
    await assert.rejects(disposed, CancelledError);
    await assert.rejects(host.request('echo', 3), CancelledError);
    assert.equal(host.pid, undefined);
  });

  it('ends with the process that owns it', async () => {
    create();
    const program = `
      const { ChildHost } = await import(${JSON.stringify(new URL('../../../daemon/base/process/child-host.ts', import.meta.url).href)});
      const host = new ChildHost({ path: ${JSON.stringify(path)}, toError: () => new Error() });
      await host.request('echo', 1);
      console.log(host.pid);`;
    const owner = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
      windowsHide: true,
    });
    const [line] = (await once(owner.stdout, 'data')) as [Buffer];
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    while (isAlive(Number(line.toString()))) await new Promise((resolve) => setTimeout(resolve, 20));
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
