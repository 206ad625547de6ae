// GPU support is installed whole, from a registry on this machine that npm is set up for, or not at all.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { CancelledError, UserError } from '../../../../../daemon/base/errors.ts';
import type { GpuPackage } from '../../../../../daemon/models/inference/gpu/packages.ts';
import { gpuPackageVersion } from '../../../../../daemon/models/inference/gpu/packages.ts';
import {
  GpuSupport,
  type GpuSupportDeps,
  gpuPackageFolder,
  whyNoNpm,
} from '../../../../../daemon/models/inference/gpu/support.ts';
import lock from '../../../../../package-lock.json' with { type: 'json' };
import { never } from '../workbench.ts';
import { integrity, tarball } from './tarballs.ts';

const name = '@node-llama-cpp/test-x64-vulkan';
const good = tarball([
  { name: 'package/package.json', text: JSON.stringify({ name, version: gpuPackageVersion }) },
  { name: 'package/dist/index.js', text: 'export {}' },
]);
const wanted: GpuPackage = { name, integrity: integrity(good), bytes: good.length, unpackedBytes: 1000 };
const path = process.env['PATH'] ?? '';

interface TestRegistry {
  file: Buffer;
  /** What it says of the file. */
  digest: string;
  /** Answers in the place of the file. */
  answer?: (response: ServerResponse) => void;
}

function breakOff(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': good.length });
  response.write(good.subarray(0, 50));
  response.socket?.destroySoon();
}

describe('GPU support', () => {
  let folder: string;
  let server: Server;
  let registry: TestRegistry;
  let changes: number;
  const variables = ['npm_config_registry', 'npm_config_cache', 'npm_config_fetch_retries'];
  let before: (string | undefined)[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'switchyard-gpu-'));
    registry = { file: good, digest: wanted.integrity };
    changes = 0;
    server = createServer((request, response) => {
      const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      if (request.url?.endsWith('.tgz'))
        return registry.answer ? registry.answer(response) : response.end(registry.file);
      if (decodeURIComponent(request.url ?? '') !== `/${name}`) return void response.writeHead(404).end('{}');
      const dist = { tarball: `${base}/file.tgz`, integrity: registry.digest };
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({ name, versions: { [gpuPackageVersion]: { name, version: gpuPackageVersion, dist } } }),
      );
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    before = variables.map((variable) => process.env[variable]);
    process.env['npm_config_registry'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    process.env['npm_config_cache'] = join(folder, 'npm-cache');
    process.env['npm_config_fetch_retries'] = '0';
  });
  afterEach(async () => {
    for (const [i, variable] of variables.entries())
      if (before[i] === undefined) delete process.env[variable];
      else process.env[variable] = before[i];
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
    rmSync(folder, { recursive: true, force: true });
  });

  const place = (): string => join(folder, 'gpu');
  const support = (deps: Partial<GpuSupportDeps> = {}): GpuSupport =>
    new GpuSupport({
      folder: place(),
      whyOffline: () => undefined,
      probe: async () => ({ ok: true, detail: 'llama.cpp on the GPU (vulkan)', gpu: 'vulkan' }),
      onChange: async () => void changes++,
      survey: async () => ({ devices: ['NVIDIA RTX'], hasVulkan: true, hasNvidia: false }),
      packagesFor: (kind) => (kind === 'vulkan' ? [wanted] : []),
      ...deps,
    });
  const request = { kind: 'vulkan', path, signal: never } as const;
  const isInstalled = (): boolean => existsSync(join(gpuPackageFolder(place()), 'vulkan'));
  /** Nothing is left but, at most, the empty folder. */
  const isUntouched = (): boolean => changes === 0 && (!existsSync(place()) || readdirSync(place()).length === 0);

  it('is offered with its size, installed by npm from its registry, tried out first, and removed', async () => {
    let tried: string[] = [];
    const probe: GpuSupportDeps['probe'] = async (staged) => {
      assert.ok(!isInstalled());
      tried = readdirSync(join(staged, 'vulkan', 'test-x64-vulkan')).sort();
      return { ok: true, detail: 'llama.cpp on the GPU (vulkan, NVIDIA RTX)', gpu: 'vulkan' };
    };
    const gpu = support({ probe });
    assert.match((await gpu.status()).detail, /^This machine has NVIDIA RTX\. .*`switchyard gpu install` \(1 MB\)\.$/);
    assert.equal(await gpu.install(request), 'llama.cpp on the GPU (vulkan, NVIDIA RTX)');
    assert.deepEqual(tried, ['dist', 'package.json']);
    assert.ok(isInstalled());
    assert.deepEqual((await gpu.status()).installed, ['vulkan']);
    assert.equal(await gpu.remove(), true);
    assert.equal(await gpu.remove(), false);
    assert.deepEqual([isInstalled(), changes], [false, 2]);
  });

  const other = tarball([{ name: 'package/package.json', text: '{"changed":true}' }]);
  for (const [what, broken, code] of [
    ['the registry has another file', { file: other, digest: integrity(other) }, 'wrong-checksum'],
    ['the registry sends another file than it says', { file: other }, 'download-failed'],
    ['the file is cut off', { file: good.subarray(0, 50) }, 'download-failed'],
    ['the connection ends in the file', { answer: breakOff }, 'download-failed'],
    ['the registry wants an account', { answer: (response) => response.writeHead(401).end() }, 'download-failed'],
    ['the registry has no such file', { answer: (response) => response.writeHead(404).end() }, 'download-failed'],
  ] satisfies [string, Partial<TestRegistry>, string][])
    it(`changes nothing where ${what}`, async () => {
      registry = { ...registry, ...broken };
      await assert.rejects(support().install(request), (error) => error instanceof UserError && error.code === code);
      assert.ok(isUntouched());
    });

  for (const [what, deps, change, code] of [
    ['no GPU works with it', { probe: async () => ({ ok: true, detail: 'on the CPU' }) }, {}, 'gpu-unusable'],
    [
      'it ends the process that tries it',
      { probe: async () => ({ ok: false, detail: 'It ended (SIGSEGV).' }) },
      {},
      'gpu-unusable',
    ],
    ['the disk has no room', { freeBytes: () => 500 }, {}, 'disk-full'],
    ['there is none for the system', { packagesFor: () => [] }, {}, 'gpu-unsupported'],
    ['there is no npm', {}, { path: `bin${delimiter}/nowhere` }, 'npm-missing'],
    ['only this machine may be contacted', { whyOffline: () => 'Offline.' }, {}, 'local-only'],
    ['none of the files is the package', {}, { files: [import.meta.filename, '/no/such'] }, 'wrong-package'],
  ] as const)
    it(`changes nothing where ${what}`, async () => {
      const installing = support(deps).install({ ...request, ...change });
      await assert.rejects(installing, (error) => error instanceof UserError && error.code === code);
      assert.ok(isUntouched());
    });

  it('is installed from a file without npm and network', async () => {
    const file = join(folder, 'package.tgz');
    writeFileSync(file, good);
    await support({ whyOffline: () => 'Offline.' }).install({ ...request, files: [file], path: '' });
    assert.ok(isInstalled());
  });

  it('ends npm and leaves nothing when the user cancels', async () => {
    const cancel = new AbortController();
    registry.answer = () => cancel.abort(); // and never answers
    await assert.rejects(support().install({ ...request, signal: cancel.signal }), CancelledError);
    assert.ok(isUntouched());
  });

  it('is installed once at a time', async () => {
    const gpu = support();
    const first = gpu.install(request);
    await assert.rejects(gpu.install(request), (error) => error instanceof UserError && error.code === 'gpu-busy');
    await first;
  });

  it('runs no npm where something limits which machines are contacted', () => {
    assert.match(whyNoNpm({ localOnly: true, allowHosts: undefined }) ?? '', /^"Local only" is on/);
    assert.match(whyNoNpm({ localOnly: false, allowHosts: [] }) ?? '', /^"network.allowHosts"/);
    assert.equal(whyNoNpm({ localOnly: false, allowHosts: undefined }), undefined);
  });

  it('has packages of the very version of node-llama-cpp that is installed', () => {
    assert.equal(lock.packages['node_modules/node-llama-cpp'].version, gpuPackageVersion);
  });
});
