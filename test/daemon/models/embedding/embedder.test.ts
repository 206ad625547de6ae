// The embedder over the real inference host, and over a configured provider that is scripted.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'mocha';
import { UserError } from '../../../../daemon/base/errors.ts';
import type { Costs, PricedRequest, RequestEnd } from '../../../../daemon/models/costs/costs.ts';
import { chooseEmbedder } from '../../../../daemon/models/embedding/choose.ts';
import { createEmbedder, type EmbeddingModel } from '../../../../daemon/models/embedding/embedder.ts';
import { RecentVectors } from '../../../../daemon/models/embedding/recent-vectors.ts';
import { type Provider, ProviderError } from '../../../../daemon/models/providers/provider.ts';
import type { Registry } from '../../../../daemon/models/providers/registry.ts';
import { never, openWorkbench } from '../inference/workbench.ts';

const path = fileURLToPath(new URL('../../../../media/models/all-minilm-l6-v2.gguf', import.meta.url));
const signal = never;

describe('the embedder', () => {
  it('needs no set-up, starts the host at the first text, and tells near from far', async () => {
    await using bench = openWorkbench();
    const embedder = choose({ inference: bench.inference, path });
    assert.deepEqual([embedder.model, embedder.dimensions, bench.inference.pid], ['all-minilm-l6-v2', 384, undefined]);
    const [query, near, far] = await embedder.embed(
      ['How do I undo a commit?', 'git reset --soft HEAD~1 takes the last commit back.', 'Bake the cake for an hour.'],
      { signal },
    );
    assert.ok(query && near && far && cosine(query, near) > cosine(query, far) + 0.2);
    assert.match(await embedder.examine(signal), /384 dimensions/);
  });

  it('says what to do when the file is missing or broken, and again works when the host was killed', async () => {
    await using bench = openWorkbench();
    const broken = bench.file('broken.gguf');
    writeFileSync(broken, 'GGUF and nothing more');
    for (const bad of [bench.file('missing.gguf'), broken]) {
      await assert.rejects(choose({ inference: bench.inference, path: bad }).embed(['x'], { signal }), (error) => {
        assert.ok(error instanceof UserError);
        assert.equal(error.code, 'embedding-unavailable');
        assert.match(error.message, /Reinstall Switchyard/);
        return true;
      });
    }
    const embedder = choose({ inference: bench.inference, path });
    await embedder.embed(['up'], { signal });
    const asked = embedder.embed(
      Array.from({ length: 200 }, (_, i) => `text ${i}`),
      { signal },
    );
    process.kill(bench.inference.pid ?? 0, 'SIGKILL');
    await assert.rejects(asked, { code: 'embedding-unavailable', retryable: true });
    assert.equal((await embedder.embed(['up'], { signal })).length, 1);
  });

  it('lets a query overtake, asks the model once for the same query, and stops when cancelled', async () => {
    const model = held();
    const embedder = createEmbedder(() => model);
    const cancel = new AbortController();
    const background = embedder.embed(['a', 'b', 'c'], { signal });
    const dropped = embedder.embed(['d'], { signal: cancel.signal });
    const query = embedder.embed(['q'], { signal, priority: 'interactive' });
    cancel.abort();
    await assert.rejects(dropped, { name: 'CancelledError' });
    model.release();
    await Promise.all([background, query]);
    assert.deepEqual(model.asked, ['a', 'q', 'b', 'c']);
    const [again] = await embedder.embed(['q'], { signal, priority: 'interactive' });
    again?.fill(9);
    assert.deepEqual(await embedder.embed(['q'], { signal, priority: 'interactive' }), await query);
    assert.equal(model.asked.length, 4);
    assert.equal(embedder.dimensions, 2);
  });

  it('refuses vectors that are no use', async () => {
    const lengths = [2, 2, 3];
    const embedder = createEmbedder(() => toy);
    const toy: EmbeddingModel = {
      ...held(),
      embed: (texts) => Promise.resolve(texts.map(() => new Float32Array(lengths.shift() ?? 0).fill(1))),
    };
    await embedder.embed(['a', 'b'], { signal });
    await assert.rejects(embedder.embed(['c'], { signal }), { code: 'embedding-unavailable' });
  });
});

describe('a configured embedding model', () => {
  it('is asked with a meter on, in windows it can take', async () => {
    const asked: string[][] = [];
    const { costs, begun, ended } = meter();
    const embedder = choose({
      configured: 'cloud/small',
      costs,
      provider: {
        embed(_model, texts) {
          if (texts.some(({ length }) => length > 400))
            return Promise.reject(new ProviderError('context-too-long', 'Too long.'));
          asked.push([...texts]);
          return Promise.resolve(texts.map((text) => Float32Array.of(text.length, 0, 0)));
        },
      },
    });
    assert.equal(embedder.dimensions, 0);
    const vectors = await embedder.embed(['', 'x'.repeat(2000)], { signal });
    assert.deepEqual(vectors, [Float32Array.of(1, 0, 0), Float32Array.of(1, 0, 0)]);
    assert.deepEqual([embedder.model, embedder.dimensions], ['cloud/small', 3]);
    assert.equal(asked.flat().join('').trim().length, 2000);
    assert.ok(begun.every(({ task, model, local }) => task === 'embedding' && model === 'cloud/small' && !local));
    assert.deepEqual([begun.length, ended.at(-1)?.status], [ended.length, 'complete']);
  });

  it('is unavailable, in a sentence, when there is no such provider or its budget is used up', async () => {
    const nobody = choose({ configured: 'nobody/small' });
    await assert.rejects(nobody.embed(['x'], { signal }), {
      code: 'embedding-unavailable',
      message: /"embedding" names the provider "nobody"/,
    });
    const { costs } = meter(new UserError('budget-reached', 'Nothing was sent.'));
    const poor = choose({ configured: 'cloud/small', costs, provider: { embed: () => assert.fail('it was asked') } });
    await assert.rejects(poor.embed(['x'], { signal }), { code: 'embedding-unavailable', message: /Nothing was sent/ });
  });
});

function choose({
  configured,
  provider,
  ...rest
}: {
  configured?: string;
  provider?: Partial<Provider>;
  inference?: Parameters<typeof chooseEmbedder>[0]['inference'];
  path?: string;
  costs?: Costs;
}) {
  const registry: Pick<Registry, 'models' | 'provider'> = {
    models: () => Promise.resolve([]),
    provider: (name) => (name === 'cloud' ? ({ name, local: false, ...provider } as Provider) : undefined),
  };
  return chooseEmbedder({
    configured: () => configured,
    registry,
    inference: undefined as never,
    path: '',
    costs: meter().costs,
    ...rest,
  });
}

function meter(refusal?: Error) {
  const begun: PricedRequest[] = [];
  const ended: RequestEnd[] = [];
  const costs: Costs = {
    begin(request) {
      if (refusal) return Promise.reject(refusal);
      begun.push(request);
      return Promise.resolve({
        notes: [],
        end: (end) => {
          ended.push(end);
          return { kind: 'free', why: 'a test' };
        },
      });
    },
    countShared: () => assert.fail(),
    countCached: () => assert.fail(),
    summary: () => assert.fail(),
  };
  return { costs, begun, ended };
}

/** A model that takes one text at once, and answers nothing until it is released. */
function held(): EmbeddingModel & { asked: string[]; release(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const asked: string[] = [];
  return {
    model: 'toy',
    local: true,
    fix: 'Mend it.',
    batch: { texts: 1, characters: 1000 },
    asked,
    release: resolve,
    async embed(texts) {
      asked.push(...texts);
      await promise;
      return texts.map(() => Float32Array.of(3, 4));
    },
  };
}

function cosine(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}

describe('the vectors of recent queries', () => {
  it('are the 200 used last, of one model, and nobody can change them', () => {
    const recent = new RecentVectors();
    const [one, another] = [{}, {}];
    for (let i = 0; i < 200; i++) recent.set(one, `${i}`, Float32Array.of(i));
    assert.deepEqual(recent.get(one, '0'), Float32Array.of(0)); // used: 1 is the oldest now
    recent.set(one, '200', Float32Array.of(200));
    assert.deepEqual([recent.get(one, '1'), recent.get(one, '0')?.[0]], [undefined, 0]);
    recent.get(one, '0')?.fill(9);
    assert.equal(recent.get(one, '0')?.[0], 0);
    assert.equal(recent.get(another, '0'), undefined);
    recent.set(another, 'x', Float32Array.of(1));
    assert.deepEqual([recent.get(one, '0'), recent.get(another, 'x')?.[0]], [undefined, 1]);
  });
});
