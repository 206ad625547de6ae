// Equal requests at the same time: one call, told whole to all, and left by each alone.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { CancelledError } from '../../../../daemon/base/errors.ts';
import { ProviderError, type StreamPart } from '../../../../daemon/models/providers/provider.ts';
import { SingleFlight } from '../../../../daemon/models/resilience/single-flight.ts';
import { collect, failureOf, never, request, textOf } from '../providers/adapters.ts';
import { type Answer, ScriptedProvider, saying } from './workbench.ts';

function flying(answer: Answer) {
  const flights = new SingleFlight();
  const provider = new ScriptedProvider(answer);
  const stream = (signal: AbortSignal, key = 'the same'): AsyncIterable<StreamPart> =>
    flights.stream(key, (shared) => provider.stream(request(), shared), signal);
  return { provider, stream };
}

/** Text, and then nothing until it is cancelled. */
const hanging: Answer = async function* (_request, signal) {
  yield { kind: 'text', text: 'half' };
  await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new CancelledError())));
};

describe('requests that are equal', () => {
  it('make one call, each is told all of it, and the tokens are counted once', async () => {
    const gate = Promise.withResolvers<void>();
    const { provider, stream } = flying(async function* (...args) {
      yield { kind: 'text', text: 'early ' };
      await gate.promise;
      yield* saying('late')(...args);
    });
    const answers = Array.from({ length: 100 }, () => collect(stream(never)));
    gate.resolve();
    const parts = await Promise.all(answers);
    assert.equal(provider.calls, 1);
    assert.deepEqual(new Set(parts.map(textOf)), new Set(['early late']));
    assert.deepEqual(
      parts.map((answer) => answer.filter(({ kind }) => kind === 'usage').length),
      [1, ...Array<number>(99).fill(0)],
    );
    assert.ok(parts.every((answer) => answer.at(-1)?.kind === 'finish'));
    assert.equal(textOf(await collect(stream(never))), 'early late');
    assert.equal(provider.calls, 2, 'a later request is a new one');
  });

  it('are cancelled one by one, and the call ends with the last', async () => {
    const { provider, stream } = flying(hanging);
    const aborts = Array.from({ length: 5 }, () => new AbortController());
    const readers = aborts.map(({ signal }) => stream(signal)[Symbol.asyncIterator]());
    await Promise.all(readers.map((reader) => reader.next()));
    const failures = readers.map((reader) => assert.rejects(reader.next() as Promise<unknown>, CancelledError));
    for (const [index, abort] of aborts.entries()) {
      assert.equal(provider.running, 1);
      abort.abort();
      await failures[index];
    }
    assert.equal(provider.running, 0);
    assert.equal(provider.calls, 1);
  });

  it('all learn of a failure, after what came before it', async () => {
    const broken = new ProviderError('unavailable', 'It broke off.');
    const { provider, stream } = flying(async function* () {
      yield { kind: 'text', text: 'half' };
      throw broken;
    });
    const failures = await Promise.all(Array.from({ length: 10 }, () => failureOf(stream(never))));
    assert.ok(failures.every(({ parts, error }) => textOf(parts) === 'half' && error === broken));
    assert.equal(provider.calls, 1);
  });

  it('are told by their key alone', async () => {
    const { provider, stream } = flying(saying('hi'));
    await Promise.all(['a', 'b'].map((key) => collect(stream(never, key))));
    assert.equal(provider.calls, 2);
  });
});
