// Texts that are embedded beside each other, in several contexts of one model.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'mocha';
import { CancelledError } from '../../../../daemon/base/errors.ts';
import { until } from '../../../process/home.ts';
import { never, openWorkbench } from './workbench.ts';

const path = fileURLToPath(new URL('../../../../media/models/all-minilm-l6-v2.gguf', import.meta.url));
/** Of very different lengths, so that a later one is done before an earlier one; some are several windows long, one is empty. */
const texts = ['function sort(list) { return list; } '.repeat(60), 'a', '', 'parse the header '.repeat(40), 'b', 'a'];

describe('texts that are embedded together', () => {
  it('have the vectors that each has alone, in the order of the texts', async () => {
    await using bench = openWorkbench();
    const { inference } = bench;
    const together = await inference.embed({ path, texts, windowTokens: 64 }, never);
    const alone: Float32Array[] = [];
    for (const text of texts) alone.push(...(await inference.embed({ path, texts: [text], windowTokens: 64 }, never)));
    assert.deepEqual(together, alone);
    assert.deepEqual(await inference.embed({ path, texts: [] }, never), []);
  });

  it('are left when they are cancelled, and nothing of them goes on', async () => {
    await using bench = openWorkbench();
    const { inference } = bench;
    await inference.embed({ path, texts: ['loaded'] }, never);
    const left = new AbortController();
    const embedding = inference.embed({ path, texts: Array.from({ length: 5000 }, () => texts[0] ?? '') }, left.signal);
    await until('its beginning', async () => (await inference.activity()).running === 1);
    left.abort();
    await assert.rejects(embedding, CancelledError);
    await until('its end', async () => (await inference.activity()).running === 0);
    assert.equal((await inference.embed({ path, texts: ['next'] }, never)).length, 1);
  });
});
