// Which ways a listed model takes: the hub, then the machine's own pip where that is allowed. pip is a script that refuses and tells of it.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { UserError } from '../../../../daemon/base/errors.ts';
import { createModelSetup, type ModelSetupDeps } from '../../../../daemon/models/setup/setup.ts';
import { never } from '../inference/workbench.ts';

describe('a listed model', () => {
  if (process.platform === 'win32') return; // a script is no program there
  const path = process.env['PATH'];
  let place: string;

  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), 'switchyard-pull-'));
    writeFileSync(
      join(place, 'python3'),
      `#!/bin/sh\n: > '${place}/asked'\necho 'ERROR: No such index.' >&2\nexit 1\n`,
    );
    chmodSync(join(place, 'python3'), 0o755);
    process.env['PATH'] = `${place}:${path}`;
  });
  afterEach(() => {
    process.env['PATH'] = path;
    rmSync(place, { recursive: true, force: true });
  });

  function puller(fetch: () => Promise<Response>, network: object = {}): (model: string) => Promise<string> {
    const config = {
      config: { network, localModels: [], modelHub: 'https://huggingface.co' },
    } as unknown as ModelSetupDeps['config'];
    const parts = { config, folder: join(place, 'models'), fetch, onChange() {} } as unknown as ModelSetupDeps;
    const setup = createModelSetup(parts);
    return (model) => setup.pull(model, { signal: never, onProgress() {} });
  }

  const fails = (error: Error) => () => Promise.reject(error);
  const blockPage = () => Promise.resolve(new Response('<html>Blocked by your company</html>'));
  const unreachable: [what: string, fetch: () => Promise<Response>][] = [
    ['has no address', fails(new TypeError('fetch failed', { cause: { code: 'ENOTFOUND' } }))],
    ['is behind a failing proxy', fails(new UserError('network', 'The proxy refused.'))],
    ['is refused', () => Promise.resolve(new Response('', { status: 403 }))],
    ['is replaced by a page', blockPage],
  ];
  for (const [what, fetch] of unreachable)
    it(`comes by pip where the hub ${what}; one sentence tells of both where that fails too`, async () => {
      await assert.rejects(
        puller(fetch)('smollm2-135m'),
        /^UserError: Couldn't get smollm2-135m in either way\. .* No such index\.$/,
      );
      assert.ok(existsSync(join(place, 'asked')));
    });

  const refused: [what: string, model: string, fetch: () => Promise<Response>, network?: object][] = [
    ['only this machine may be contacted', 'smollm2-135m', fails(new UserError('local-only', 'Local only.'))],
    ['the hub is not an allowed host', 'smollm2-135m', fails(new UserError('host-not-allowed', 'Not allowed.'))],
    [
      'hosts are listed and the hub is down',
      'smollm2-135m',
      fails(new Error('down')),
      { allowHosts: ['huggingface.co'] },
    ],
    [
      'it does not fit on the disk',
      'smollm2-135m',
      () => Promise.resolve(new Response('GGUF', { headers: { 'content-length': '9e15' } })),
    ],
    ['no package holds it', 'qwen2.5-coder-0.5b', fails(new Error('down'))],
    ['it is an address', 'https://hub.example/tiny.gguf', fails(new Error('down'))],
  ];
  for (const [what, model, fetch, network] of refused)
    it(`asks no pip where ${what}`, async () => {
      await assert.rejects(puller(fetch, network)(model), UserError);
      assert.ok(!existsSync(join(place, 'asked')));
    });

  it('is downloaded once at a time', async () => {
    const pull = puller(fails(new Error('down')));
    const first = pull('smollm2-135m');
    await assert.rejects(pull('smollm2-135m'), /already being downloaded/);
    await assert.rejects(first, /No such index/);
    await assert.rejects(pull('smollm2-135m'), /No such index/);
  });
});
