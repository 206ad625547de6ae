// What a part of an answer costs on its way through the model's layers, from a provider to whoever reads the answer: the guards of
// secrets, resilience (limits, breaker, deadlines, retries), the meter, equal requests answered by one call. A provider in this
// process has its parts ready, so nothing but the layers is measured; the reference is the same generator read without them. The
// unit is processor time of this thread, which other programs do not lengthen. Promises a part do not depend on the machine at all:
// `await`, `yield` and `for await` make them, so that they count the layers. `layers` is the only place that knows which there are.
import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import { ResilienceConfig } from '../../daemon/base/config/resilience.ts';
import { Redactor } from '../../daemon/base/log.ts';
import type { Costs, PricedRequest } from '../../daemon/models/costs/costs.ts';
import { Meter } from '../../daemon/models/costs/meter.ts';
import type { ModelRequest, Provider, StreamPart } from '../../daemon/models/providers/provider.ts';
import { createResilience } from '../../daemon/models/resilience/resilience.ts';
import { SingleFlight } from '../../daemon/models/resilience/single-flight.ts';
import { createPromptGuard, guarded } from '../../daemon/models/secrets/guard.ts';
import { above, type RoundOptions, takeTurns } from './kit/measure.ts';
import { known, type Result, type Row } from './kit/report.ts';

const parts = 5000;
const answersPerRound = 40; // the clock of a thread's processor time may be 4 ms behind, 0.02 us a part of these
const warmUp = 3; // rounds: until all of it is compiled well

type Open = (signal: AbortSignal) => AsyncIterable<StreamPart>;

const request: ModelRequest = { model: 'fake', messages: [{ role: 'user', content: 'Is anything wrong with this?' }] };

/** Streams read through ever more layers: each one holds those before it. The first is the reference. */
function layers(): Record<string, Open> {
  const settings = ResilienceConfig.parse({});
  const resilience = createResilience({
    config: () => ({ resilience: settings, providers: {} }),
    log: { info() {}, debug() {} },
  });
  const promptGuard = createPromptGuard({ mode: () => 'redact' });
  const clean = guarded(provider, { promptGuard, redactor: new Redactor() });
  const resilient = resilience.wrap(clean);
  const withMeter: Open = (signal) =>
    new Meter({ costs, request: priced }).stream(() => resilient.stream(request, signal));
  const flights = new SingleFlight();
  return {
    'bare generator': (signal) => provider.stream(request, signal),
    'guards of secrets': (signal) => clean.stream(request, signal),
    resilience: (signal) => resilient.stream(request, signal),
    meter: withMeter,
    'single flight': (signal) => flights.stream('the same', withMeter, signal),
  };
}

export async function run({ rounds }: RoundOptions): Promise<Result> {
  const stacks = Object.entries(layers());
  const times = await takeTurns(Object.fromEntries(stacks.map(([name, open]) => [name, () => block(open)])), {
    rounds,
    warmUp,
  });
  const promises = new Map<string, number>();
  for (const [name, open] of stacks) promises.set(name, await promisesForPart(open));
  const [[bare] = [''], ...layered] = stacks;
  const all = layered.at(-1)?.[0] ?? '';
  const timesOf = (name: string) => times[name] ?? [];
  const promisesOf = (name: string) => known(promises.get(name) ?? 0);
  return {
    rows: [
      {
        what: 'a part through all layers',
        unit: 'us',
        rounds: timesOf(all),
        against: { what: bare, rounds: timesOf(bare) },
      },
      ...layered.map(
        ([name], index): Row => ({
          what: `of it added by: ${name}`,
          unit: 'us',
          rounds: above(timesOf(name), timesOf(stacks[index]?.[0] ?? '')),
        }),
      ),
      {
        what: 'promises made for a part',
        unit: '',
        rounds: promisesOf(all),
        against: { what: bare, rounds: promisesOf(bare) },
      },
      ...layered.map(
        ([name], index): Row => ({
          what: `of them made by: ${name}`,
          unit: '',
          rounds: known((promises.get(name) ?? 0) - (promises.get(stacks[index]?.[0] ?? '') ?? 0)),
        }),
      ),
    ],
    notes: [`${parts} parts an answer, ${answersPerRound} answers a round; processor time of the thread that reads.`],
  };
}

/** Microseconds of processor time for a part, over a block of answers. */
async function block(open: Open): Promise<number> {
  const before = process.threadCpuUsage();
  for (let i = 0; i < answersPerRound; i++) await read(open);
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / (answersPerRound * parts);
}

/** Counted in an answer of its own: the hook would lengthen the times. */
async function promisesForPart(open: Open): Promise<number> {
  let count = 0;
  const hook = createHook({
    init(_id, type) {
      if (type === 'PROMISE') count++;
    },
  }).enable();
  await read(open);
  hook.disable();
  return Math.round((10 * count) / parts) / 10; // the few of the beginning and the end vanish
}

async function read(open: Open): Promise<void> {
  let seen = 0;
  for await (const { kind } of open(new AbortController().signal)) if (kind === 'text') seen++;
  assert.equal(seen, parts);
}

/** Not local: prompts to a model on this machine pass no guard. */
const provider: Provider = {
  name: 'fake',
  local: false,
  listModels: () => Promise.resolve([]),
  embed: () => Promise.resolve([]),
  async *stream() {
    for (let i = 0; i < parts; i++) yield { kind: 'text', text: ' word' };
    yield { kind: 'usage', usage: { input: 20, cacheRead: 0, cacheWrite: 0, output: parts, reasoning: 0 } };
    yield { kind: 'finish', reason: 'stop' };
  },
};

const priced: PricedRequest = {
  profile: 'default',
  task: 'chat',
  provider: 'fake',
  model: 'fake',
  local: false,
  reason: 'the only one',
  promptCharacters: 30,
  promptBytes: 30,
};

/** Storage's part in a price is asked once an answer, and is measured by `chat`. */
const costs: Costs = {
  begin: () => Promise.resolve({ notes: [], end: () => ({ kind: 'free', why: 'a benchmark' }) }),
  countShared: () => assert.fail(),
  countCached: () => assert.fail(),
  summary: () => assert.fail(),
};
