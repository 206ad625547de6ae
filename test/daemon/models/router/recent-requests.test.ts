// Meanings of what was decided: embedded when there is something to learn, written down with their model, and never waited for.
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { describe, it } from 'mocha';
import { createRouter } from '../../../../daemon/models/router/create.ts';
import type { EmbeddingSource } from '../../../../daemon/models/router/recent-requests.ts';
import { DecisionsInMemory } from '../../../../daemon/models/router/records.ts';
import { model, priced } from './models.ts';

const { signal } = new AbortController();
const text = 'Explain the frobnicator of Zanzibar';

class ScriptedSource implements EmbeddingSource {
  model = 'minilm';
  readonly embedded: string[] = [];
  answer: () => Promise<Float32Array | undefined> = async () => Float32Array.of(1, 0);

  known(): undefined {}

  embed(asked: string): Promise<Float32Array | undefined> {
    this.embedded.push(asked);
    return this.answer();
  }
}

function desk() {
  const source = new ScriptedSource();
  const logs = new Map<string, DecisionsInMemory>();
  const logOf = (profile: string): DecisionsInMemory => {
    const log = logs.get(profile) ?? new DecisionsInMemory();
    logs.set(profile, log);
    return log;
  };
  const router = createRouter({
    models: async () => [priced('cloud/opus', 0.95, 15), model('ollama/coder', { local: true })],
    decisions: logOf,
    embeddings: source,
  });
  const decide = async (wanted: { localOnly?: boolean } = {}): Promise<string> =>
    (await router.select({ task: 'chat', profile: 'default', request: { text }, ...wanted }, signal)).decisionId ?? '';
  const meaningOf = async (id: string) => (await router.decision('default', id)).outcome?.meaning;
  const settled = async (id: string): Promise<void> => {
    while (!(await meaningOf(id))) await setImmediate();
  };
  return { source, router, decide, meaningOf, settled, logOf };
}

describe('the meaning of what was decided', () => {
  it('is embedded once it is known how the answer was, and written down with its model, in its profile alone', async () => {
    const { source, router, decide, settled, meaningOf, logOf } = desk();
    const id = await decide();
    await router.finish(id, { status: 'complete', costUsd: 0.1 }, 'default');
    assert.deepEqual(source.embedded, [], 'there is nothing to learn yet');
    await router.finish(id, { thumbs: 'up' }, 'default');
    await settled(id);
    assert.deepEqual([source.embedded, (await meaningOf(id))?.model], [[text], 'minilm']);
    assert.deepEqual(
      router.shadows('default').map(({ outcomes }) => outcomes),
      [1],
    );
    assert.deepEqual(await logOf('work').list({}), []);
  });

  it('is not embedded again for an equal text', async () => {
    const { source, router, decide, settled } = desk();
    for (const id of [await decide(), await decide()]) {
      await router.finish(id, { thumbs: 'up' }, 'default');
      await settled(id);
    }
    assert.equal(source.embedded.length, 1);
  });

  it('keeps neither a decision nor an outcome waiting for a model that does not answer', async () => {
    const { source, router, decide, meaningOf } = desk();
    source.answer = () => new Promise(() => {});
    const id = await decide();
    await router.finish(id, { thumbs: 'up' }, 'default');
    await decide();
    assert.equal(await meaningOf(id), undefined);
  });

  it('is left out where no model can be had, where the model changed meanwhile, and where the text must stay here', async () => {
    const { source, router, decide, meaningOf } = desk();
    const [failing, changing, own] = [await decide(), await decide(), await decide({ localOnly: true })];
    source.answer = () => Promise.reject(new Error('no model'));
    await router.finish(failing, { thumbs: 'up' }, 'default');
    source.answer = async () => {
      source.model = 'other';
      return Float32Array.of(0, 1);
    };
    await router.finish(changing, { thumbs: 'up' }, 'default');
    await router.finish(own, { thumbs: 'up' }, 'default');
    for (let turn = 0; turn < 20; turn++) await setImmediate();
    assert.deepEqual(
      [await meaningOf(failing), await meaningOf(changing), await meaningOf(own)],
      [undefined, undefined, undefined],
    );
    assert.equal(source.embedded.length, 2);
  });
});
