// What a meter says of its own request, over costs that only write down what they are told. costs.test.ts has the sums.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { CancelledError, UserError } from '../../../../daemon/base/errors.ts';
import type { Costs, PricedRequest, RequestEnd } from '../../../../daemon/models/costs/costs.ts';
import { Meter } from '../../../../daemon/models/costs/meter.ts';
import type { Cost } from '../../../../daemon/models/costs/price.ts';
import { ProviderError, type StreamPart } from '../../../../daemon/models/providers/provider.ts';
import { SingleFlight } from '../../../../daemon/models/resilience/single-flight.ts';
import { collect, never, textOf } from '../providers/adapters.ts';

const request: PricedRequest = {
  profile: 'default',
  task: 'chat',
  provider: 'lab',
  model: 'lab/x',
  local: false,
  reason: 'the cheapest',
  promptCharacters: 12,
  promptBytes: 12,
};

/** Half a dollar for each request that is sent, unless its cost is unknown; a budget that is used up where `isSpent`. */
function scriptedCosts({ isSpent = false, cost = { kind: 'known', usd: 0.5 } as Cost } = {}) {
  const ends: RequestEnd[] = [];
  const shared: number[] = [];
  const costs: Pick<Costs, 'begin' | 'countShared'> = {
    async begin() {
      if (isSpent) throw new UserError('budget-reached', 'Nothing was sent.');
      return {
        notes: [],
        end(end) {
          ends.push(end);
          return cost;
        },
      };
    },
    countShared(_request, characters) {
      shared.push(characters);
      return { kind: 'free', why: 'it shared the answer to an identical request' };
    },
  };
  return { costs, ends, shared };
}

async function* answer(): AsyncGenerator<StreamPart> {
  yield { kind: 'text', text: 'Hello' };
  yield { kind: 'finish', reason: 'stop' };
}

describe('the meter of one request', () => {
  it('tells nothing spent before it is sent, an unknown cost while it runs, and the cost at its end', async () => {
    const { costs } = scriptedCosts();
    const meter = new Meter({ costs, request });
    assert.equal(meter.usd, 0);
    const during: (number | undefined)[] = [];
    for await (const _part of meter.stream(answer)) during.push(meter.usd);
    assert.deepEqual(during, [undefined, undefined]);
    assert.equal(meter.usd, 0.5);
  });

  it('tells nothing spent of a request that the budget stopped', async () => {
    const { costs } = scriptedCosts({ isSpent: true });
    const meter = new Meter({ costs, request });
    await assert.rejects(collect(meter.stream(() => assert.fail('the model was asked'))), { code: 'budget-reached' });
    assert.equal(meter.usd, 0);
  });

  it('names the message that the request turned out to be made for', async () => {
    const { costs, ends } = scriptedCosts();
    let message: string | undefined;
    for await (const _part of new Meter({ costs, request, answer: () => message }).stream(answer)) message = 'm7';
    assert.equal(ends[0]?.answer, 'm7');
  });

  it('counts one request that is sent and one that shares its answer, each with its text', async () => {
    const { costs, ends, shared } = scriptedCosts();
    const flights = new SingleFlight();
    const [first, second] = [new Meter({ costs, request }), new Meter({ costs, request })];
    const read = (meter: Meter): Promise<StreamPart[]> =>
      collect(
        flights.stream(
          'the same',
          () => meter.stream(answer),
          never,
          (characters) => meter.countShared(characters),
        ),
      );
    const answers = await Promise.all([read(first), read(second)]);
    assert.deepEqual(answers.map(textOf), ['Hello', 'Hello']);
    assert.deepEqual(
      ends.map(({ status, answerCharacters }) => [status, answerCharacters]),
      [['complete', 5]],
    );
    assert.deepEqual(shared, [5]);
    assert.deepEqual([first.usd, second.usd], [0.5, 0]);
  });

  it('counts no shared answer that its reader left, nor one that failed', async () => {
    const { costs, shared } = scriptedCosts();
    const flights = new SingleFlight();
    const failing = async function* (): AsyncGenerator<StreamPart> {
      yield { kind: 'text', text: 'Hel' };
      yield { kind: 'text', text: 'lo' };
      throw new ProviderError('network', 'Gone.');
    };
    const open = (meter: Meter): AsyncGenerator<StreamPart> =>
      flights.stream(
        'the same',
        () => meter.stream(failing),
        never,
        (characters) => meter.countShared(characters),
      );
    const readers = Array.from({ length: 3 }, () => open(new Meter({ costs, request })));
    await Promise.all(readers.map((reader) => reader.next()));
    await readers[2]?.return(undefined);
    const ends = await Promise.allSettled(readers.slice(0, 2).map((reader) => collect(reader)));
    assert.deepEqual(
      ends.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    assert.deepEqual(shared, []);
  });

  for (const [name, work, expected] of [
    ['an answer', async () => 'vector', { status: 'complete', answerCharacters: 0 }],
    ['a cancelled request', () => Promise.reject(new CancelledError()), { status: 'cancelled', answerCharacters: 0 }],
    [
      'a request that was turned down',
      () => Promise.reject(new ProviderError('auth', 'No.')),
      { status: 'failed', turnedDown: true, error: 'auth', answerCharacters: 0 },
    ],
    [
      'a request that was lost',
      () => Promise.reject(new ProviderError('network', 'Gone.')),
      { status: 'failed', turnedDown: false, error: 'network', answerCharacters: 0 },
    ],
  ] as [string, () => Promise<string>, RequestEnd][]) {
    it(`counts ${name} without a stream`, async () => {
      const { costs, ends } = scriptedCosts({ cost: { kind: 'unknown', why: 'the provider did not say' } });
      const meter = new Meter({ costs, request });
      await meter.call(work).catch(() => {});
      assert.deepEqual(ends, [expected]);
      assert.equal(meter.usd, undefined);
    });
  }
});
