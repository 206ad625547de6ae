// A clock that is set while a model is left alone: pauses last as long as they were to, and are shown in the new time.
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import { Config } from '../../../../daemon/base/config/config.ts';
import { ResilienceConfig } from '../../../../daemon/base/config/resilience.ts';
import { type Provider, ProviderError } from '../../../../daemon/models/providers/provider.ts';
import { createRegistry } from '../../../../daemon/models/providers/registry.ts';
import { systemClock } from '../../../../daemon/models/resilience/clock.ts';
import { createResilience, type Resilience } from '../../../../daemon/models/resilience/resilience.ts';
import { type Answer, failing, ScriptedProvider, saying } from './workbench.ts';

const dayMs = 24 * 60 * 60_000;
const realNow = Date.now;
const signal = new AbortController().signal;
const log = { debug() {}, info() {}, warn() {}, error() {} };

function setClock(byMs: number): void {
  Date.now = () => realNow() + byMs;
}

/** Over the machine's own clock. */
function bench(answer: Answer, over: Partial<ResilienceConfig> = {}) {
  const provider = new ScriptedProvider(answer);
  const settings = { ...ResilienceConfig.parse({}), attempts: 1, ...over };
  const resilience = createResilience({ config: () => ({ resilience: settings, providers: {} }), log });
  const wrapped = resilience.wrap(provider);
  const ask = async (): Promise<void> => {
    for await (const _ of wrapped.stream({ model: 'm', messages: [] }, signal));
  };
  return { provider, resilience, ask };
}

/** How long the model is left alone, as a view would count it from the time on the wall. */
function leftMs(resilience: Resilience): number {
  const [{ pausedUntil, nextProbeAt } = {}] = resilience.health();
  return (pausedUntil ?? nextProbeAt ?? 0) - Date.now();
}

const minuteMs = 60_000;
const limited = new ProviderError('rate-limited', 'Slow down.', { retryAfterMs: minuteMs });
const broken = new ProviderError('unavailable', 'It broke off.');

describe('a clock that is set', () => {
  afterEach(() => {
    Date.now = realNow;
  });

  for (const [set, byMs] of [
    ['back by a day', -dayMs],
    ['back by years', -20_000 * dayMs],
    ['ahead by a day', dayMs],
    ['ahead by a minute and a second', 61_000],
  ] as const)
    describe(set, () => {
      it('neither ends nor prolongs a pause that a provider asked for', async () => {
        const { provider, resilience, ask } = bench(failing(limited), { longestWaitMs: 1000 });
        await assert.rejects(ask());
        setClock(byMs);
        await assert.rejects(ask(), { code: 'rate-limited' });
        assert.equal(provider.calls, 1);
        assert.ok(leftMs(resilience) > minuteMs / 2 && leftMs(resilience) <= minuteMs, String(leftMs(resilience)));
      });

      it('neither closes a breaker nor keeps it open', async () => {
        const { provider, resilience, ask } = bench(failing(broken), { failuresToOpen: 2, restMs: minuteMs });
        await assert.rejects(ask());
        await assert.rejects(ask());
        setClock(byMs);
        await assert.rejects(ask(), /isn't asked until/);
        assert.equal(provider.calls, 2);
        assert.ok(leftMs(resilience) > minuteMs / 2 && leftMs(resilience) <= minuteMs, String(leftMs(resilience)));
        assert.equal(resilience.healthOf('lab/m')?.state, 'down');
      });

      it("does not fill the user's own limit", async () => {
        const { provider, ask } = bench(saying('yes'), { requestsPerMinute: 1, longestWaitMs: 1000 });
        await ask();
        setClock(byMs);
        await assert.rejects(ask(), { code: 'rate-limited' });
        assert.equal(provider.calls, 1);
      });

      it('does not bring back a model that has just failed', async () => {
        const lab: Provider = {
          name: 'local',
          local: true,
          listModels: async () => [{ name: 'm', capabilities: {}, source: 'file' }],
          stream: () => assert.fail(),
          embed: () => assert.fail(),
        };
        const registry = createRegistry({
          config: () => Config.parse({ providers: {} }),
          apiKey: async () => undefined,
          keyScope: async () => undefined,
          fetchFor: () => () => Promise.reject(new TypeError('fetch failed')),
          wrap: (provider) => provider,
          extra: [lab],
          log,
        });
        registry.reportFailure('local/m', broken);
        setClock(byMs);
        assert.equal((await registry.models(signal))[0]?.health.state, 'down');
      });
    });

  it('does not move the clock of pauses, which tells the new time of day', () => {
    const before = systemClock.now();
    setClock(-dayMs);
    const after = systemClock.now();
    assert.ok(after >= before && after - before < dayMs / 2);
    assert.ok(Math.abs(systemClock.wallTime(after) - Date.now()) < minuteMs);
  });
});
