// What a wrapped provider promises: about waits, repeats, limits and cancellation. Time is held by the test.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { CancelledError } from '../../../../daemon/base/errors.ts';
import { type Provider, ProviderError, type StreamPart } from '../../../../daemon/models/providers/provider.ts';
import { collect, failureOf, never, request, textOf } from '../providers/adapters.ts';
import { bench, failing, ScriptedProvider, saying } from './workbench.ts';

const overloaded = new ProviderError('unavailable', 'Overloaded.', { turnedAway: true });
const limited = (retryAfterMs?: number) =>
  new ProviderError('rate-limited', 'Too many.', { turnedAway: true, retryAfterMs });
const broken = new ProviderError('unavailable', 'It broke off.');

async function errorOf(parts: AsyncIterable<StreamPart>): Promise<ProviderError> {
  const { error } = await failureOf(parts);
  assert.ok(error instanceof ProviderError, String(error));
  return error;
}

/** Text, and then nothing until it is cancelled. */
const hanging = (...texts: string[]) =>
  async function* (_: unknown, signal: AbortSignal): AsyncGenerator<StreamPart> {
    for (const text of texts) yield { kind: 'text', text };
    await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new CancelledError())));
  };

describe('a request that is turned away', () => {
  it('is sent again after a random wait that grows, and no more often than the limit', async () => {
    const { clock, resilience } = bench();
    const provider = new ScriptedProvider(failing(overloaded));
    const failed = errorOf(resilience.wrap(provider).stream(request(), never));
    await clock.waitingFor(125);
    clock.advance(125);
    await clock.waitingFor(250);
    clock.advance(250);
    assert.equal((await failed).message, 'Overloaded.');
    assert.equal(provider.calls, 3);
    assert.deepEqual(clock.timers, []);
  });

  it('waits exactly as long as the provider asks for, and not a millisecond less', async () => {
    const { clock, resilience } = bench();
    const provider = new ScriptedProvider(failing(limited(4_321), limited(777)));
    const answered = collect(resilience.wrap(provider).stream(request(), never));
    await clock.waitingFor(4_321);
    clock.advance(4_320);
    assert.equal(provider.calls, 1);
    clock.advance(1);
    await clock.waitingFor(777);
    clock.advance(777);
    assert.equal(textOf(await answered), 'fine');
    assert.equal(provider.calls, 3);
  });

  it('fails at once when the wait would be long, says until when, and holds all others back without asking', async () => {
    const { clock, resilience } = bench();
    const provider = new ScriptedProvider(failing(limited(180_000)));
    const lab = resilience.wrap(provider);
    const error = await errorOf(lab.stream(request(), never));
    assert.match(error.message, /lab\/scripted is rate limited until 14:03\./);
    assert.equal(error.retryAfterMs, 180_000);
    clock.advance(60_000);
    assert.match((await errorOf(lab.stream(request(), never))).message, /until 14:03\./);
    assert.equal(provider.calls, 1);
    assert.equal(resilience.health()[0]?.state, 'closed', 'a rate limit is no fault of the model');
    assert.match(resilience.healthOf('lab/scripted')?.detail ?? '', /until 14:03/);
    clock.advance(120_000);
    assert.equal(resilience.healthOf('lab/scripted'), undefined);
  });

  it('is not held back for ever by an absurd wait', async () => {
    const { clock, resilience } = bench();
    const provider = new ScriptedProvider(failing(limited(1e24), limited(1e24)));
    const lab = resilience.wrap(provider);
    assert.match((await errorOf(lab.stream(request(), never))).message, /until 2026-02-01 14:00\./);
    clock.advance(24 * 60 * 60_000);
    provider.answer = saying('back');
    assert.equal(textOf(await collect(lab.stream(request(), never))), 'back');
  });

  it('is cancelled while it waits, at once and without a timer left', async () => {
    const { clock, resilience } = bench();
    const provider = new ScriptedProvider(failing(limited(5_000)));
    const abort = new AbortController();
    const failed = failureOf(resilience.wrap(provider).stream(request(), abort.signal));
    await clock.waitingFor(5_000);
    abort.abort();
    assert.ok((await failed).error instanceof CancelledError);
    assert.deepEqual(clock.timers, []);
    assert.equal(provider.calls, 1);
  });
});

describe('a request that may have been worked on', () => {
  it('is never sent again', async () => {
    const { resilience } = bench();
    const provider = new ScriptedProvider(failing(broken));
    await errorOf(resilience.wrap(provider).stream(request(), never));
    assert.equal(provider.calls, 1);
  });

  it('is never sent again after a part has come, whatever the failure', async () => {
    const { resilience } = bench();
    const provider = new ScriptedProvider(async function* () {
      yield { kind: 'text', text: 'half' };
      throw limited(1);
    });
    const { parts, error } = await failureOf(resilience.wrap(provider).stream(request(), never));
    assert.equal(textOf(parts), 'half');
    assert.ok(error instanceof ProviderError);
    assert.equal(provider.calls, 1);
  });
});

describe('a model that fails again and again', () => {
  it('is left alone after five failures in a row, then tried by one request, and healed by its answer', async () => {
    const { clock, resilience } = bench();
    const provider = new ScriptedProvider(failing(broken));
    const lab = resilience.wrap(provider);
    for (let i = 0; i < 5; i++) await errorOf(lab.stream(request(), never));
    const refused = await errorOf(lab.stream(request(), never));
    assert.match(refused.message, /isn't asked until 14:00.*It broke off\./);
    assert.equal(provider.calls, 5);
    const [condition] = resilience.health();
    assert.deepEqual(
      { ...condition, openedAt: undefined },
      {
        model: 'lab/scripted',
        provider: 'lab',
        key: '',
        state: 'open',
        openedAt: undefined,
        nextProbeAt: clock.now() + 15_000,
        lastError: { code: 'unavailable', message: 'It broke off.', at: clock.now() },
        running: 0,
        waiting: 0,
      },
    );
    assert.match(
      resilience.healthOf('lab/scripted')?.detail ?? '',
      /isn't asked again until 14:00\. The last error: It broke off\./,
    );
    clock.advance(15_000);
    assert.equal(resilience.healthOf('lab/scripted'), undefined, 'it may be tried again');
    const gate = Promise.withResolvers<void>();
    provider.answer = async function* (...args) {
      await gate.promise;
      yield* saying('back')(...args);
    };
    const probe = collect(lab.stream(request(), never));
    assert.match((await errorOf(lab.stream(request({ temperature: 1 }), never))).message, /while one request tries it/);
    gate.resolve();
    assert.equal(textOf(await probe), 'back');
    assert.equal(provider.calls, 6);
    assert.equal(resilience.health()[0]?.state, 'closed');
  });

  it('is not held to be healed by a probe that was rate limited, nor by one that was cancelled', async () => {
    const { clock, resilience } = bench({ failuresToOpen: 1, attempts: 1 });
    const provider = new ScriptedProvider(failing(broken));
    const lab = resilience.wrap(provider);
    await errorOf(lab.stream(request(), never));
    clock.advance(15_000);
    provider.answer = failing(limited());
    await errorOf(lab.stream(request(), never));
    assert.equal(resilience.health()[0]?.state, 'open');
    const asked = Promise.withResolvers<void>();
    provider.answer = (...args) => {
      asked.resolve();
      return hanging()(...args);
    };
    const abort = new AbortController();
    const cancelled = failureOf(lab.stream(request(), abort.signal));
    await asked.promise;
    abort.abort();
    await cancelled;
    assert.equal(resilience.health()[0]?.state, 'open');
    provider.answer = saying('back');
    assert.equal(textOf(await collect(lab.stream(request(), never))), 'back', 'the next one may try at once');
  });

  it('is judged apart from other models, and apart under another key', async () => {
    const { resilience } = bench({ failuresToOpen: 1 });
    const provider = new ScriptedProvider(failing(broken));
    let key = 'first';
    const lab = resilience.wrap(provider, { key: async () => key });
    await errorOf(lab.stream(request(), never));
    await errorOf(lab.stream(request({ model: 'other' }), never));
    key = 'second';
    await errorOf(lab.stream(request(), never));
    assert.equal(provider.calls, 3);
    assert.match((await errorOf(lab.stream(request(), never))).message, /isn't asked/);
    assert.doesNotMatch(JSON.stringify(resilience.health()), /first|second/);
  });

  it('is not blamed for requests that were at fault themselves, nor for cancelled ones', async () => {
    const { resilience } = bench({ failuresToOpen: 1 });
    const provider = new ScriptedProvider(failing(new ProviderError('bad-request', 'No.', { turnedAway: true })));
    const lab = resilience.wrap(provider);
    await errorOf(lab.stream(request(), never));
    provider.answer = hanging();
    const abort = new AbortController();
    const failed = failureOf(lab.stream(request(), abort.signal));
    abort.abort();
    await failed;
    assert.equal(resilience.health()[0]?.state, 'closed');
  });
});

describe('time limits', () => {
  const timeouts = { firstPartMs: 1_000, betweenPartsMs: 400, totalMs: 2_000 };

  it('end an answer that does not begin, and close the call', async () => {
    const { clock, resilience } = bench({ timeouts });
    const provider = new ScriptedProvider(hanging());
    const failed = errorOf(resilience.wrap(provider).stream(request(), never));
    await clock.waitingFor(1_000);
    clock.advance(1_000);
    assert.match((await failed).message, /didn't start to answer within 1 s/);
    assert.equal(provider.running, 0);
    assert.deepEqual(clock.timers, []);
  });

  it('end an answer that stops in its middle, by the limit of that provider', async () => {
    const { clock, resilience } = bench({ timeouts }, { lab: { timeouts: { betweenPartsMs: 300 } } });
    const provider = new ScriptedProvider(hanging('half'));
    const parts = resilience.wrap(provider).stream(request(), never)[Symbol.asyncIterator]();
    assert.deepEqual((await parts.next()).value, { kind: 'text', text: 'half' });
    const failed = assert.rejects(parts.next(), /stopped in the middle of its answer and sent nothing for 0\.3 s/);
    clock.advance(300);
    await failed;
    assert.equal(provider.calls, 1);
  });

  it('leave a prompt its time that is read on this machine, where a standstill ends by itself', async () => {
    const { clock, resilience } = bench();
    const provider: Provider = Object.assign(new ScriptedProvider(hanging(), { local: true }), { isWatched: true });
    const failed = errorOf(resilience.wrap(provider).stream(request(), never));
    await clock.waitingFor(60 * 60_000);
    clock.advance(60 * 60_000);
    assert.match((await failed).message, /didn't finish its answer within 3600 s/);
  });

  it('end an answer that goes on and on', async () => {
    const { clock, resilience } = bench({ timeouts });
    const provider = new ScriptedProvider(async function* (_request, signal) {
      while (!signal.aborted) yield { kind: 'text', text: '.' };
      throw new CancelledError();
    });
    const { error } = await failureOf(
      (async function* () {
        for await (const part of resilience.wrap(provider).stream(request(), never)) {
          clock.advance(100);
          yield part;
        }
      })(),
    );
    assert.match(String(error), /didn't finish its answer within 2 s/);
  });

  it('do not count the time that the reader takes', async () => {
    const { clock, resilience } = bench({ timeouts });
    const texts: string[] = [];
    for await (const part of resilience.wrap(new ScriptedProvider(saying('a', 'b'))).stream(request(), never)) {
      if (part.kind === 'text') texts.push(part.text);
      clock.advance(450);
    }
    assert.deepEqual(texts, ['a', 'b']);
  });
});

describe('requests at the same time', () => {
  it('to one provider are bounded, wait in order, and are refused when too many wait', async () => {
    const { resilience } = bench({ concurrency: 1, queue: 2 });
    const gate = Promise.withResolvers<void>();
    const order: number[] = [];
    const provider = new ScriptedProvider(async function* (asked, signal) {
      order.push(asked.temperature ?? 0);
      if (asked.temperature === 1) await gate.promise;
      yield* saying('done')(asked, signal);
    });
    const lab = resilience.wrap(provider);
    const abort = new AbortController();
    const [first, second, third] = [
      collect(lab.stream(request({ temperature: 1 }), never)),
      failureOf(lab.stream(request({ temperature: 2 }), abort.signal)),
      collect(lab.stream(request({ temperature: 3 }), never)),
    ];
    assert.match(
      (await errorOf(lab.stream(request({ temperature: 4 }), never))).message,
      /busy: 1 requests are running and 2 are waiting/,
    );
    abort.abort();
    assert.ok((await second)?.error instanceof CancelledError);
    const fifth = collect(lab.stream(request({ temperature: 5 }), never));
    gate.resolve();
    await Promise.all([first, third, fifth]);
    assert.deepEqual(order, [1, 3, 5]);
    assert.deepEqual(
      resilience.health().map(({ running, waiting }) => running + waiting),
      [0],
    );
  });
});

describe("limits of one's own", () => {
  it('spread requests over the minute, and refuse those that would wait long', async () => {
    const { clock, resilience } = bench({ requestsPerMinute: 12, longestWaitMs: 5_000 });
    const provider = new ScriptedProvider(saying('ok'));
    const lab = resilience.wrap(provider, { key: async () => 'k' });
    for (let i = 0; i < 12; i++) await collect(lab.stream(request(), never));
    const thirteenth = collect(lab.stream(request(), never));
    await clock.waitingFor(5_000);
    assert.match(
      (await errorOf(lab.stream(request({ temperature: 1 }), never))).message,
      /12 requests a minute for this key is used up until 14:00/,
    );
    clock.advance(5_000);
    await thirteenth;
    assert.equal(provider.calls, 13);
  });

  it('are kept apart for each workspace, and give the place of a cancelled request back', async () => {
    const { clock, resilience } = bench({ workspaceRequestsPerMinute: 1, longestWaitMs: 60_000 });
    const provider = new ScriptedProvider(saying('ok'));
    const lab = resilience.wrap(provider);
    await collect(lab.stream(request({ workspace: 'a' }), never));
    await collect(lab.stream(request({ workspace: 'b' }), never));
    const abort = new AbortController();
    const cancelled = failureOf(lab.stream(request({ workspace: 'a' }), abort.signal));
    await clock.waitingFor(60_000);
    abort.abort();
    await cancelled;
    const next = collect(lab.stream(request({ workspace: 'a' }), never));
    await clock.waitingFor(60_000);
    clock.advance(60_000);
    await next;
    assert.equal(provider.calls, 3);
  });
});

describe('vectors', () => {
  it('are asked for under the same guard', async () => {
    const { resilience } = bench();
    const provider = new ScriptedProvider(saying());
    assert.deepEqual(await resilience.wrap(provider).embed('m', ['abc'], never), [Float32Array.of(3)]);
    assert.deepEqual(
      resilience.health().map(({ model }) => model),
      ['lab/m'],
    );
  });
});
