// What is known of each provider's key, as it crosses the wire, and names that are mistyped.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { UserError } from '../../../daemon/base/errors.ts';
import { handleKeysList, handleKeysSet } from '../../../daemon/handlers/keys.ts';
import { keyInWords } from '../../../shared/key-words.ts';
import { KeysList } from '../../../shared/protocol/keys.ts';
import { sessionView } from '../../fakes/session-view.ts';

const workspace = 'file:///projects/a';
const stored = [
  { provider: 'openai', scope: 'global' },
  { provider: 'openai', scope: workspace },
  { provider: 'anthropic', scope: 'global' },
  { provider: 'lab', scope: 'file:///projects/b' },
  { provider: 'gogle', scope: 'global' },
  { provider: 'later', scope: 'global' },
  { provider: 'notes-token', scope: 'global' },
  { provider: 'mcp.web.default', scope: 'global' },
];
const servers = [
  { name: 'lab', needsKey: false },
  { name: 'team', needsKey: true },
  { name: 'traced', needsKey: true },
  { name: 'openai', needsKey: true },
  { name: 'anthropic', needsKey: true },
  { name: 'google', needsKey: true },
  { name: 'groq', needsKey: true },
];
const refused: Record<string, string> = { anthropic: 'invalid x-api-key', groq: 'stale' };

function call(set: string[] = []) {
  const services = {
    registry: { servers: () => servers, keyRefusal: async (name: string) => refused[name] },
    config: {
      config: {
        providers: { team: { headers: { 'X-Api-Key': 'x' } }, traced: { headers: { 'X-Trace': 'on' } } },
        mcpServers: { notes: { command: 'notes', env: { TOKEN: `\${key:notes-token}` } } },
      },
    },
    keys: {
      notices: [],
      list: async () => stored.map((key) => ({ ...key, last4: '1234', createdAt: 1 })),
      masterKeyPlace: async () => 'file',
      set: async (provider: string) => {
        set.push(provider);
        return { masterKey: 'file' };
      },
    },
  };
  const session = sessionView({ roots: [workspace] });
  return { session, services } as never;
}

describe('switchyard/keys/list', () => {
  it('says of each provider where its key comes from, and of each key without a provider that it is unused', async () => {
    const { providers } = KeysList.result.parse(await handleKeysList({}, call()));
    const names = servers.map(({ name }) => name);
    assert.deepEqual(
      providers.map((each) => `${each.provider}: ${keyInWords(each, names)}`),
      [
        'lab: needs no key',
        'team: key set in config.json',
        'traced: no key',
        'openai: key set for this workspace',
        'anthropic: key set, rejected: invalid x-api-key',
        'google: no key',
        'groq: no key',
        'gogle: key set, but there\'s no such provider. Did you mean "google"?',
        "later: key set, but there's no such provider",
        'notes-token: key set, for an MCP server',
        'mcp.web.default: key set, for an MCP server',
      ],
    );
  });
});

describe('switchyard/keys/set', () => {
  for (const [typed, meant] of Object.entries({
    opnai: 'openai',
    antropic: 'anthropic',
    googel: 'google',
    gorq: 'groq',
  }))
    it(`stores nothing for "${typed}", and asks whether "${meant}" was meant`, async () => {
      const set: string[] = [];
      await assert.rejects(
        async () => handleKeysSet({ provider: typed, key: 'sk-1' }, call(set)),
        (error) => error instanceof UserError && error.message.includes(`Did you mean "${meant}"?`),
      );
      assert.deepEqual(set, []);
    });
  for (const name of ['openai', 'lab', 'my-company'])
    it(`stores the key of "${name}"`, async () => {
      const set: string[] = [];
      await handleKeysSet({ provider: name, key: 'sk-1' }, call(set));
      assert.deepEqual(set, [name]);
    });
});
