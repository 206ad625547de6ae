// All that an answer passes between the server's bytes and its reader, put on in the order in which the daemon does.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Fetch } from '../../../daemon/base/egress.ts';
import { Redactor } from '../../../daemon/base/log.ts';
import type { RequestEnd } from '../../../daemon/models/costs/costs.ts';
import { Meter } from '../../../daemon/models/costs/meter.ts';
import { createOpenAiProvider } from '../../../daemon/models/providers/openai.ts';
import type { StreamPart } from '../../../daemon/models/providers/provider.ts';
import { SingleFlight } from '../../../daemon/models/resilience/single-flight.ts';
import { createPromptGuard, guarded } from '../../../daemon/models/secrets/guard.ts';
import { collect, never, request, textOf } from './providers/adapters.ts';
import { bench } from './resilience/workbench.ts';

/** Those of ours are bytes (counted), answer, guard, resilience, meter and single flight; the first is the way out's. */
const maxIterators = 7;

/** A server that sends so many words, each in a packet of its own, over a way out without a network. */
function layered(words: number) {
  const encoder = new TextEncoder();
  const server = { running: 0 };
  async function* body(): AsyncGenerator<Uint8Array> {
    server.running++;
    try {
      for (let i = 0; i < words; i++) yield encoder.encode('data: {"choices":[{"delta":{"content":"word "}}]}\n\n');
      yield encoder.encode('data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
    } finally {
      server.running--;
    }
  }
  const headers = new Headers({ 'content-type': 'text/event-stream' });
  const fetch: Fetch = Object.assign(() => assert.fail('the package was asked'), {
    post: async () => ({ status: 200, headers, body: body() }),
  });
  const config = { type: 'openai-compatible', baseUrl: 'http://lab.test/v1' } as const;
  const adapter = createOpenAiProvider({ name: 'lab', config, apiKey: async () => 'key', fetch, local: false });
  const promptGuard = createPromptGuard({ mode: () => 'redact' });
  const { resilience, clock } = bench();
  const provider = resilience.wrap(guarded(adapter, { promptGuard, redactor: new Redactor() }));
  const ends: RequestEnd[] = [];
  const meter = new Meter({
    costs: {
      async begin() {
        return {
          notes: [],
          end(end) {
            ends.push(end);
            return { kind: 'free', why: 'it is a test' };
          },
        };
      },
      countShared: () => assert.fail('it was shared'),
    },
    request: {
      profile: 'default',
      task: 'chat',
      provider: 'lab',
      model: 'lab/scripted',
      local: false,
      reason: 'it is the only one',
      promptCharacters: 5,
      promptBytes: 5,
    },
  });
  const stream = (): AsyncGenerator<StreamPart> =>
    new SingleFlight().stream('key', (shared) => meter.stream(() => provider.stream(request(), shared)), never);
  return { stream, server, resilience, clock, ends };
}

/** How often a generator was asked for its next value while `work` was under way. */
async function countingCalls<T>(work: () => Promise<T>): Promise<{ result: T; calls: number }> {
  const generator = Object.getPrototypeOf(async function* () {}.prototype) as AsyncGenerator;
  const { next } = generator;
  let calls = 0;
  generator.next = function (this: AsyncGenerator, ...values) {
    calls++;
    return next.apply(this, values);
  };
  try {
    return { result: await work(), calls };
  } finally {
    generator.next = next;
  }
}

describe('the layers over an adapter', () => {
  it(`pass a token on through ${maxIterators} iterators at most, and change nothing in it`, async () => {
    const { stream } = layered(1000);
    const { result, calls } = await countingCalls(() => collect(stream()));
    assert.equal(textOf(result), 'word '.repeat(1000));
    assert.ok(calls / result.length < maxIterators + 0.1, `${calls / result.length} a part`);
  });

  it('leave no work behind a reader who leaves', async () => {
    const { stream, server, resilience, clock, ends } = layered(1000);
    for await (const part of stream()) {
      assert.deepEqual(part, { kind: 'text', text: 'word ' });
      assert.equal(server.running, 1);
      break;
    }
    assert.equal(server.running, 0);
    assert.deepEqual(clock.timers, []);
    const [health] = resilience.health();
    assert.deepEqual([health?.running, health?.state], [0, 'closed']);
    assert.deepEqual(
      ends.map(({ status, answerCharacters }) => [status, answerCharacters]),
      [['cancelled', 5]],
    );
  });
});
