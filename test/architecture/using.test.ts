// What the build makes of `using` for a Node that does not know it: a round of a loop must not end with the error of one before it.
import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { after, before, describe, it } from 'mocha';

const place = '{ [Symbol.dispose]() {}, async [Symbol.asyncDispose]() {} }';
const work = "if (round === 1) throw new Error('first'); return round;";

const members: Record<string, string> = {
  'a loop': `using _a = ${place}; ${work}`,
  'two resources': `using _a = ${place}; using _b = ${place}; ${work}`,
  'one within another': `using _a = ${place}; try { using _b = ${place}; ${work} } finally { /* inner */ }`,
  'await using': `await using _a = ${place}; ${work}`,
  'an awaited resource': `using _a = await Promise.resolve(${place}); ${work}`,
};

describe('the build of `using`', () => {
  let folder: string;
  let usingInLoops: Plugin;

  before(async () => {
    const plugin = new URL('../../esbuild.using.mjs', import.meta.url).href; // JavaScript, since an old Node must read it too
    ({ usingInLoops } = (await import(plugin)) as { usingInLoops: Plugin });
    folder = mkdtempSync(join(realpathSync(tmpdir()), 'sy-using-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [name, body] of Object.entries(members))
    for (const minify of [false, true])
      it(`a second round succeeds after a first that failed: ${name}${minify ? ', minified' : ''}`, async () => {
        const source = join(folder, 'source.ts');
        const outfile = join(folder, `${name}-${minify}.mjs`);
        writeFileSync(
          source,
          `export async function retried(): Promise<number> {
             for (let round = 1; ; round++) {
               try {
                 ${body.replaceAll('; ', ';\n')}
               } catch (error) {
                 if (round > 1) throw error;
               }
             }
           }`,
        );
        await build({
          entryPoints: [source],
          outfile,
          format: 'esm',
          target: 'node22',
          minify,
          plugins: [usingInLoops],
        });
        const { retried } = (await import(pathToFileURL(outfile).href)) as { retried(): Promise<number> };
        assert.equal(await retried(), 2);
      });
});
