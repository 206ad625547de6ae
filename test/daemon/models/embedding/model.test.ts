// The model that ships: its file is the one that was made, and its vectors are those of the original.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'mocha';
import { never, openWorkbench } from '../inference/workbench.ts';

const path = fileURLToPath(new URL('../../../../media/models/all-minilm-l6-v2.gguf', import.meta.url));
const dimensions = 384;
const minCosine = 0.999;

describe('the embedding model that ships', () => {
  it('is the file that media/models/README.md names', () => {
    const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
    const readme = readFileSync(new URL('../../../../media/models/README.md', import.meta.url), 'utf8');
    assert.ok(readme.includes(sha256), `the file's checksum is ${sha256}`);
  });

  it('gives the vectors of the original implementation, within the rounding of its weights', async function () {
    this.timeout(180_000); // seconds of one core, which may be shared
    const { texts, vectors } = JSON.parse(readFileSync(new URL('reference.json', import.meta.url), 'utf8')) as {
      texts: string[];
      vectors: string;
    };
    const wanted = new Float32Array(Uint8Array.from(Buffer.from(vectors, 'base64')).buffer);
    await using bench = openWorkbench();
    const given = await bench.inference.embed({ path, texts, windowTokens: 256 }, never);
    assert.equal(given.length, 200);
    const far = given.flatMap((vector, i) => {
      assert.ok(Math.abs(Math.hypot(...vector) - 1) < 1e-5);
      const cosine = vector.reduce((sum, value, j) => sum + value * (wanted[i * dimensions + j] ?? 0), 0);
      return cosine >= minCosine ? [] : [`${cosine.toFixed(5)} ${JSON.stringify(texts[i]?.slice(0, 60))}`];
    });
    assert.deepEqual(far, []);
  });
});
