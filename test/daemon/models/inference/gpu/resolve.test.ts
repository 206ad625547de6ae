// What is wrong with an installed GPU package costs the GPU, and nothing else.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createInference } from '../../../../../daemon/models/inference/client.ts';
import { gpuPackagesFor } from '../../../../../daemon/models/inference/gpu/packages.ts';
import { compareGpu } from '../../../../../daemon/models/inference/gpu/support.ts';
import { never } from '../workbench.ts';

const files = import.meta.resolve('../../../../../daemon/models/inference/host.ts');
const hostPath = fileURLToPath(files);
const model = fileURLToPath(new URL('../../../media/models/all-minilm-l6-v2.gguf', files));

describe('an installed GPU package', () => {
  let gpuFolder: string;
  beforeEach(() => {
    gpuFolder = mkdtempSync(join(tmpdir(), 'switchyard-gpu-'));
  });
  afterEach(() => rmSync(gpuFolder, { recursive: true, force: true }));

  for (const [what, end] of [
    ['throws', "throw new Error('damaged');"],
    ['exports nothing', ''],
    ['is of another version', "export const getBinsDir = () => ({ binsDir: '/nowhere', packageVersion: '0.0.1' });"],
    ['has no library', "export const getBinsDir = () => ({ binsDir: '/nowhere', packageVersion: '3.21.1' });"],
    ['is no JavaScript', '{{{'],
  ] as const)
    it(`leaves models on the CPU when it ${what}`, async function () {
      const [wanted] = gpuPackagesFor('vulkan');
      if (!wanted) return this.skip(); // none for this system
      const folder = join(gpuFolder, 'vulkan', wanted.name.split('/')[1] ?? '', 'dist');
      mkdirSync(folder, { recursive: true });
      const mark = pathToFileURL(join(gpuFolder, 'loaded')).href;
      writeFileSync(
        join(folder, 'index.js'),
        `import { writeFileSync } from 'node:fs';\nwriteFileSync(new URL('${mark}'), '');\n${end}`,
      );
      await using inference = createInference({ hostPath, gpuFolder });
      const { ok, gpu, detail } = await inference.probe();
      assert.deepEqual({ ok, gpu }, { ok: true, gpu: undefined }, detail);
      const [vector] = await inference.embed({ path: model, texts: ['still here'] }, never);
      assert.equal(vector?.length, 384);
      assert.equal(existsSync(join(gpuFolder, 'loaded')), what !== 'is no JavaScript');
    });

  it('is used by the next request after it was installed', async () => {
    await using inference = createInference({ hostPath });
    await inference.probe();
    const before = inference.pid;
    const embedding = inference.embed({ path: model, texts: ['under way'] }, never);
    await inference.renew();
    assert.equal((await embedding).length, 1); // an answer that is under way is waited for
    await inference.probe();
    assert.notEqual(inference.pid, before);
  });

  for (const [what, vectors, isUsable] of [
    ['as the CPU does', [[0.6, 0.8]], true],
    ['something else', [[0.8, -0.6]], false],
    ['no numbers', [[Number.NaN, Number.NaN]], false],
    ['nothing', [], false],
  ] as const)
    it(`is ${isUsable ? 'used' : 'refused'} where the GPU computes ${what}`, async () => {
      const known = Float32Array.of(0.6, 0.8);
      const trial = {
        probe: async () => ({ ok: true, detail: 'on the GPU', gpu: 'vulkan' }),
        embed: async () => vectors.map((vector) => Float32Array.from(vector)),
      };
      const inference = { embed: async () => [known] };
      assert.equal((await compareGpu({ trial, inference, model }, never)).ok, isUsable);
    });
});
