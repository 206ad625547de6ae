// What doctor says of searches of the web. Nobody is asked for it.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { WebConfig } from '../../../../daemon/base/config/web.ts';
import { createWeb } from '../../../../daemon/features/web/create.ts';
import { egressWith } from '../../egress/kit.ts';
import { silentLog } from '../../storage/open-storage.ts';

describe('the check of web searches', () => {
  for (const [what, { web = {}, keys = [], localOnly = false }, detail] of [
    [
      'names the SearXNG',
      { web: { searxng: 'http://10.0.0.5:8888/sx' } },
      /^searched with SearXNG \(10\.0\.0\.5:8888\)$/,
    ],
    ['names it, whatever keys there are', { web: { searxng: 'http://s.example' }, keys: ['brave'] }, /SearXNG/],
    ['names the engine that has a key', { keys: ['tavily'] }, /^searched with Tavily \(api\.tavily\.com\)$/],
    ['names the one that is taken of two', { keys: ['tavily', 'brave'] }, /^searched with Brave/],
    ['says what to set up', {}, /^No search engine is set up\. Set "web\.searxng"/],
    ['says that "local only" lets no search out', { keys: ['brave'], localOnly: true }, /local only|localOnly/i],
    [
      'lets a SearXNG of this machine stand',
      { web: { searxng: 'http://localhost:8888' }, localOnly: true },
      /^searched with SearXNG/,
    ],
  ] as [string, { web?: WebConfig; keys?: string[]; localOnly?: boolean }, RegExp][])
    it(what, async () => {
      await using egress = egressWith({ localOnly: () => localOnly });
      await using service = createWeb({
        files: { pageReader: 'none' },
        config: { config: { web } },
        keys: { get: async () => assert.fail('a key was read'), has: async (name) => keys.includes(name) },
        requestContext: { workspace: undefined },
        egress,
        models: { ask: () => assert.fail('a model was asked') },
        log: silentLog,
      });
      const examined = await service.examine();
      assert.ok(examined.ok, 'nobody has to have one');
      assert.match(examined.detail, detail);
      assert.deepEqual(egress.hosts(), []);
    });
});
