// What is asked of a server without waiting for an SDK to load: its models, their facts, and embeddings.
import assert from 'node:assert/strict';
import { registerHooks } from 'node:module';
import { after, before, beforeEach, describe, it } from 'mocha';
import { ProviderError } from '../../../../daemon/models/providers/provider.ts';
import { adapters, collect, never, provide, request } from './adapters.ts';

const sdk = /^(openai|ollama)(\/|$)/;

describe('an adapter loads no SDK', () => {
  const loaded: string[] = [];
  let hooks: ReturnType<typeof registerHooks>;

  before(() => {
    hooks = registerHooks({
      resolve(specifier, context, next) {
        if (sdk.test(specifier)) loaded.push(specifier);
        return next(specifier, context);
      },
    });
  });

  beforeEach(() => {
    loaded.length = 0;
  });

  after(() => hooks.deregister());

  const work = {
    'a list of models': (provider: ReturnType<typeof provide>) => provider.listModels(never),
    embeddings: (provider: ReturnType<typeof provide>) => provider.embed('scripted', ['a text'], never),
    'an answer': (provider: ReturnType<typeof provide>) => collect(provider.stream(request(), never)),
  };
  const own = adapters.filter(({ type }) => type !== 'anthropic' && type !== 'google');
  for (const adapter of own)
    for (const [what, ask] of Object.entries(work))
      it(`for ${what} of ${adapter.name}`, async () => {
        const server = await adapter.start();
        await ask(provide(adapter, server.url)).catch((error: unknown) => assert.ok(error instanceof ProviderError)); // not all have all
        await server.close();
        assert.deepEqual(loaded, []);
      });
});
