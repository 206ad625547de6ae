// The doctor's rows for providers, from what the parts say of them. What is really reached is tested over the wire.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { type CheckResult, examineProviders, type ProviderSubject } from '../../../daemon/doctor/providers.ts';
import type { Server } from '../../../daemon/models/providers/registry.ts';
import type { ModelCondition } from '../../../daemon/models/resilience/health.ts';
import { model } from '../models/router/models.ts';

const server: Server = {
  name: 'lab',
  baseUrl: 'https://lab.example/v1',
  local: false,
  needsKey: true,
  implicit: false,
};
const reached = { ok: true, detail: 'lab.example: connected in 3 ms, TLSv1.3' };
const untrusted = {
  ok: false,
  detail: "The certificate of lab.example isn't trusted.",
  fix: 'Name its authority in "network.caFile".',
};
const resting: ModelCondition = {
  model: 'lab/a',
  provider: 'lab',
  key: '',
  state: 'open',
  nextProbeAt: Date.UTC(2030, 0, 1),
  running: 0,
  waiting: 0,
};

interface Given {
  server?: Partial<Server>;
  hasKey?: boolean;
  localOnly?: boolean;
  check?: typeof reached | typeof untrusted;
  models?: ReturnType<typeof model>[];
  conditions?: ModelCondition[];
}

/** Only what the rows read is there. */
async function rowsOf({
  server: over = {},
  hasKey = true,
  localOnly = false,
  check = reached,
  models = [model('lab/a')],
  conditions = [],
}: Given): Promise<CheckResult[]> {
  const subject = {
    keys: { has: async () => hasKey },
    registry: { servers: () => [{ ...server, ...over }], models: async () => models },
    egress: { check: async () => (localOnly ? assert.fail('nothing may be contacted') : check) },
    resilience: { health: () => conditions },
    localOnly: () => localOnly,
  };
  return await examineProviders(subject as unknown as ProviderSubject);
}

describe('the doctor, about a provider', () => {
  it('is content with one that is reached, has its key and lists models', async () => {
    assert.deepEqual(await rowsOf({}), [
      { ok: true, detail: 'lab: lab.example: connected in 3 ms, TLSv1.3, API key saved, 1 model' },
    ]);
  });
  const wrong: [string, Given, RegExp, RegExp][] = [
    ['has no key', { hasKey: false }, /no API key is saved/, /switchyard keys set lab/],
    ["has a certificate that isn't trusted", { check: untrusted }, /isn't trusted/, /network\.caFile/],
    [
      "can't be reached",
      { check: { ok: false, detail: 'Nothing answers.' } },
      /Nothing answers/,
      /providers\.lab\.baseUrl/,
    ],
    ['lists nothing', { models: [] }, /0 models/, /providers\.lab\.models/],
    [
      'is left alone by its breaker',
      { conditions: [resting] },
      /lab\/a failed and isn't asked again until \d/,
      /tries it again automatically/,
    ],
    [
      'refuses its key',
      { models: [model('lab/a', { state: 'down', detail: 'The key was refused.' })] },
      /The key was refused/,
      /keys set lab/,
    ],
  ];
  for (const [name, given, detail, fix] of wrong) {
    it(`says what to do about one that ${name}`, async () => {
      const [row] = await rowsOf(given);
      assert.equal(row?.ok, false);
      assert.match(row?.detail ?? '', detail);
      assert.match(row?.fix ?? '', fix);
    });
  }
  it('contacts nobody in local only, and has no row for what nobody set up', async () => {
    assert.deepEqual(await rowsOf({ localOnly: true }), [
      { ok: true, detail: 'lab: not contacted, because "local only" is on' },
    ]);
    assert.deepEqual(await rowsOf({ server: { implicit: true }, hasKey: false }), []);
  });
});
