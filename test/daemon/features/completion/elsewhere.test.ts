// Code by a model of another machine: masked, counted, limited, and asked for no more often than somebody wants it.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { CompletionConfig } from '../../../../daemon/base/config/completion.ts';
import { ResilienceConfig } from '../../../../daemon/base/config/resilience.ts';
import type { Fetch } from '../../../../daemon/base/egress.ts';
import { Redactor } from '../../../../daemon/base/log.ts';
import { positionAt } from '../../../../daemon/base/snippet.ts';
import { createCompletions } from '../../../../daemon/features/completion/create.ts';
import type { Budgets } from '../../../../daemon/models/costs/budget.ts';
import { createCosts, type FinishedRequest } from '../../../../daemon/models/costs/costs.ts';
import { createOpenAiProvider } from '../../../../daemon/models/providers/openai.ts';
import { createResilience } from '../../../../daemon/models/resilience/resilience.ts';
import { createPromptGuard, type GuardMode, guarded } from '../../../../daemon/models/secrets/guard.ts';
import { startOpenAiServer } from '../../../fakes/provider-servers/openai.ts';
import type { ScriptedServer } from '../../../fakes/provider-servers/scripted-server.ts';
import { sessionView } from '../../../fakes/session-view.ts';
import { spotAt } from './spot.ts';

const never = new AbortController().signal;
const uri = 'file:///project/a.ts';
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const price = { input: 1, output: 2 };

interface ElsewhereOptions {
  budgets?: Budgets;
  mode?: GuardMode;
  requestsPerMinute?: number;
  /** Whether the server runs on this machine. */
  local?: boolean;
  isOnBattery?: boolean;
  settings?: Partial<CompletionConfig>;
}

describe('code by a model elsewhere', () => {
  let server: ScriptedServer;
  beforeEach(async () => {
    server = await startOpenAiServer({ reply: { text: '1;', usage: { input: 100, output: 2 } } });
  });
  afterEach(() => server.close());

  function open(options: ElsewhereOptions = {}) {
    const { budgets = { warnAt: 0.8 }, mode = 'redact', requestsPerMinute, local = false } = options;
    const finished: FinishedRequest[] = [];
    let text = '';
    const resilience = createResilience({
      config: () => ({ resilience: ResilienceConfig.parse({}), providers: { lab: { requestsPerMinute } } }),
      log: silent,
    });
    const adapter = createOpenAiProvider({
      name: 'lab',
      local,
      fetch: globalThis.fetch as Fetch,
      apiKey: async () => undefined,
      config: { type: 'openai-compatible', baseUrl: server.url },
    });
    const guard = { promptGuard: createPromptGuard({ mode: () => mode }), redactor: new Redactor() };
    const provider = resilience.wrap(guarded(adapter, guard), { key: async () => undefined });
    const costs = createCosts({
      storage: {
        in: () => ({ ledger: { record: async () => {} } }),
        spending: { add: async () => {}, sums: async () => [] },
      } as never,
      budgets: () => budgets,
      newId: () => crypto.randomUUID(),
      now: Date.now,
      log: silent as never,
    });
    costs.onFinish((request) => finished.push(request));
    const info = { name: 'scripted', capabilities: {}, source: 'server', price } as const;
    const completions = createCompletions({
      registry: {
        provider: (name) => (name === 'lab' ? provider : undefined),
        models: async () => [{ id: 'lab/scripted', provider, info }],
        onReset() {},
      },
      costs,
      gate: { refusal: async () => undefined, refuseKept: async () => {} },
      syntax: { faults: async () => undefined },
      storage: { in: () => ({ completions: { add: async () => {} }, code: {} }) as never },
      config: { config: { completion: CompletionConfig.parse({ model: 'lab/scripted', ...options.settings }) } },
      isOnBattery: async () => options.isOnBattery ?? false,
      log: silent as never,
    });
    const client = sessionView({
      document: (of) => ({ getText: () => (of === edited ? 'edited before' : text) }),
    });
    let edited: string | undefined;
    return {
      completions,
      finished,
      /** Another document, before. */
      edit(of: string) {
        edited = of;
        completions.noteChange(client, of, [{ range: { start: { line: 0 } }, text: 'e' }], { isShorter: false });
      },
      suggest(at: string, { isInvoked = false, of = uri } = {}) {
        const spot = spotAt(at);
        text = spot.text;
        const snippet = { uri: of, languageId: 'typescript', version: 1, text };
        const position = positionAt(text, spot.offset);
        const query = { profile: 'default', snippet, position, offset: spot.offset, isInvoked };
        return completions.suggest(query, client, never);
      },
    };
  }

  it('is counted with its tokens and its price', async () => {
    const { suggest, finished } = open();
    assert.equal((await suggest('const a = |')).suggestion?.text, '1;');
    assert.deepEqual(
      finished.map(({ task, model, status, costUsd, usage }) => [
        task,
        model,
        status,
        costUsd?.toFixed(6),
        usage.input,
      ]),
      [['completion', 'lab/scripted', 'complete', '0.000104', 100]],
    );
  });

  it('is counted by its texts where it is left before the server has told its tokens', async () => {
    server.reply = { text: 'if (a) {\n  b();\n}\nc();\n\n\n', usage: { input: 100, output: 9 } };
    const { suggest, finished } = open();
    await suggest('function f() {\n  |\n}\n');
    assert.equal(finished[0]?.status, 'cancelled');
    assert.ok((finished[0]?.costUsd ?? 0) > 0);
  });

  it('costs nothing, and has no row for each key, on this machine', async () => {
    const { suggest, finished } = open({ local: true });
    assert.ok((await suggest('const a = |')).suggestion);
    assert.deepEqual(finished, []);
  });

  it('is not asked for where a budget is used up', async () => {
    const { suggest } = open({ budgets: { warnAt: 0.8, dayUsd: 0 } });
    const { suggestion, why } = await suggest('const a = |');
    assert.equal(suggestion, undefined);
    assert.match(why ?? '', /budget/);
    assert.equal(server.chats.length, 0);
  });

  it('is not asked for ahead: what nobody wants is not paid', async () => {
    const { suggest } = open();
    await suggest('const a = |');
    await suggest('const b = |');
    assert.equal(server.chats.length, 2);
  });

  it('is asked for once by who types on', async () => {
    const { suggest } = open();
    const typed = ['const a = |', 'const ab = |', 'const abc = |'].map((at) => suggest(at));
    const [first, second, last] = await Promise.allSettled(typed);
    assert.deepEqual([first?.status, second?.status], ['rejected', 'rejected']);
    assert.equal(last?.status, 'fulfilled');
    assert.equal(server.chats.length, 1);
  });

  it("is held to the provider's requests per minute", async () => {
    const { suggest } = open({ requestsPerMinute: 1 });
    assert.ok((await suggest('const a = |')).suggestion);
    const { why } = await suggest('const b = |');
    assert.match(why ?? '', /request/);
    assert.equal(server.chats.length, 1);
  });

  it('rests after a refusal, says so to who asks, and is asked again by who wants it', async () => {
    server.reply = { status: 429, headers: { 'retry-after': '0' }, body: { error: { message: 'Slow down.' } } };
    const { suggest, completions } = open();
    assert.match((await suggest('const a = |')).why ?? '', /rate limit/);
    assert.match((await suggest('const b = |')).why ?? '', /rate limit/);
    assert.equal(server.chats.length, 1);
    assert.match((await completions.state(undefined, never)).why ?? '', /rate limit/);
    server.reply = '2;';
    assert.equal((await suggest('const c = |', { isInvoked: true })).suggestion?.text, '2;');
    assert.equal((await suggest('const d = |')).suggestion?.text, '2;');
  });

  const secret = ['AKIA', 'IOSFODNN7', 'EXAMQ3T'].join('');
  const token = ['ghp_', 'A1b2C3d4E5f6G7h8I9j0', 'K1l2M3n4O5p6Q7r8'].join('');

  it('sees the kind of a secret in place of it', async () => {
    const { suggest } = open();
    assert.ok((await suggest(`const key = '${secret}';\nconst a = |\nconst token = '${token}';\n`)).suggestion);
    const sent = JSON.stringify(server.chats);
    assert.ok(!sent.includes(secret) && !sent.includes(token));
  });

  it('is asked for nothing where secrets are refused', async () => {
    const { suggest } = open({ mode: 'refuse' });
    assert.match((await suggest(`const key = '${secret}';\nconst a = |`)).why ?? '', /secret/);
    assert.ok((await suggest('const b = |')).suggestion, 'it is asked in other places');
  });

  const pem = ['-----BEGIN RSA PRIVATE', ' KEY-----\n'].join('');
  const body = 'MIIEpAIBAAKCAQEAx1Y2z3A4b5C6d7E8f9G0h1I2j3K4l5M6n7O8p9Q0r1S2t3U4\n'.repeat(3);
  const atCursor = [
    ['a key', `const key = '${secret.slice(0, 11)}|${secret.slice(11)}';\n`],
    ['a token', `const token = '${token.slice(0, 14)}|${token.slice(14)}';\n`],
    ['a private key', `${pem}${body}|\n${body}-----END RSA PRIVATE${' KEY-----'}\n`],
  ] as const;
  for (const [what, text] of atCursor)
    it(`is sent nothing where the cursor stands in ${what}`, async () => {
      const { suggest } = open();
      const { why } = await suggest(text, { isInvoked: true });
      const sent = JSON.stringify(server.chats);
      for (const part of [secret.slice(0, 11), secret.slice(11), token.slice(14), body.slice(0, 40)])
        assert.ok(!sent.includes(part), part);
      if (server.chats.length === 0) assert.match(why ?? '', /secret/);
    });

  for (const [what, of, isAsked] of [
    ['a file', uri, true],
    ['a new document', 'untitled:Untitled-1', true],
    ['a cell of a notebook', 'vscode-notebook-cell:/project/a.ipynb#W0sZmlsZQ%3D%3D', true],
    ['a cell of a new notebook', 'vscode-notebook-cell:Untitled-1.ipynb#Y211sdW50aXRsZWQ%3D', true],
    [
      'a cell of a notebook that is not here',
      'vscode-notebook-cell:/project/a.ipynb#W0sdnNjb2RlLXJlbW90ZQ%3D%3D',
      false,
    ],
    ['a cell whose notebook nobody knows', 'vscode-notebook-cell:/project/a.ipynb#W0', false],
    ['a document of a remote window', 'vscode-remote://ssh-remote%2Bbox/project/a.ts', false],
    ['a document of a repository that is not here', 'vscode-vfs://github/owner/project/a.ts', false],
  ] as const)
    it(`is ${isAsked ? '' : 'not '}asked for ${what}, whose ignore files are ${isAsked ? '' : 'not '}here`, async () => {
      const { suggestion, why } = await open().suggest('const a = |', { of, isInvoked: true });
      assert.equal(suggestion !== undefined, isAsked);
      if (!isAsked) assert.match(why ?? '', /only a model on this machine/);
    });

  for (const [what, of, isRead] of [
    ['a file', 'file:///project/b.ts', true],
    ['a document of a repository that is not here', 'vscode-vfs://github/owner/project/b.ts', false],
  ] as const)
    it(`reads ${isRead ? 'a piece' : 'nothing'} of ${what} that was edited before`, async () => {
      const { suggest, edit } = open();
      edit(of);
      assert.ok((await suggest('const a = |')).suggestion);
      assert.equal(JSON.stringify(server.chats).includes('edited before'), isRead);
    });

  const power = [
    ['on battery, where that is off', { isOnBattery: true, settings: { onBattery: false } }, false],
    ['on battery', { isOnBattery: true }, true],
    ['on mains power, where battery is off', { settings: { onBattery: false } }, true],
  ] as const;
  for (const [when, options, isOn] of power)
    it(`is ${isOn ? '' : 'not '}asked for ${when}`, async () => {
      const { suggest, completions } = open(options);
      const { suggestion, why } = await suggest('const a = |');
      assert.equal(suggestion !== undefined, isOn);
      if (!isOn) assert.match(why ?? '', /battery/);
      assert.equal((await completions.state(undefined, never)).state, isOn ? 'on' : 'off');
      assert.ok((await suggest('const b = |', { isInvoked: true })).suggestion);
    });
});
