// What the hub is asked, and what its answers and refusals come to.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { UserError } from '../../../../daemon/base/errors.ts';
import { Hub, hubReferenceOf } from '../../../../daemon/models/setup/hub.ts';
import { FakeHub, sha256 } from '../../../fakes/hub.ts';
import { assertSentence } from '../../../process/lsp-client.ts';
import { never } from '../inference/workbench.ts';

describe('the hub', () => {
  let server: FakeHub;
  let hub: Hub;
  const bytes = (length: number): Buffer => Buffer.alloc(length, 7);

  beforeEach(async () => {
    server = await new FakeHub().listen();
    hub = new Hub({ address: () => `${server.address}/`, fetch });
    server.repositories['ann/coder-GGUF'] = {
      downloads: 5,
      license: 'apache-2.0',
      files: {
        'coder-Q8_0.gguf': bytes(80),
        'coder-Q4_K_M.gguf': bytes(40),
        'mmproj-coder-F16.gguf': bytes(9),
        'BF16/coder-BF16-00001-of-00002.gguf': bytes(100),
        'BF16/coder-BF16-00002-of-00002.gguf': bytes(60),
        '../../escape.gguf': bytes(3),
      },
    };
    server.repositories['bob/coder'] = { downloads: 900, gated: 'manual', files: {} };
    server.repositories['bob/words'] = { files: { 'README.md': bytes(1) } };
  });
  afterEach(() => server[Symbol.asyncDispose]());

  it('is searched: the most downloaded first, with files, sizes of all parts, license, and whether terms must be accepted', async () => {
    const models = await hub.search(' Coder ', { signal: never });
    assert.deepEqual(
      models.map(({ id, downloads, license, isGated }) => [id, downloads, license, isGated]),
      [
        ['bob/coder', 900, undefined, true],
        ['ann/coder-GGUF', 5, 'apache-2.0', false],
      ],
    );
    assert.deepEqual(
      models[1]?.files.map(({ model, quantization, bytes: size, parts, fits }) => [
        model,
        quantization,
        size,
        parts,
        fits,
      ]),
      [
        ['ann/coder-GGUF:coder-Q4_K_M.gguf', 'Q4_K_M', 40, 1, true],
        ['ann/coder-GGUF:coder-Q8_0.gguf', 'Q8_0', 80, 1, true],
        ['ann/coder-GGUF:BF16/coder-BF16-00001-of-00002.gguf', 'BF16', 160, 2, true],
      ],
    );
  });

  it('leaves nothing out of a search because the hub was busy', async () => {
    server.instead = (request, response) => {
      if (!request.url?.includes('/tree/')) return false;
      response.writeHead(429).end();
      return true;
    };
    await assert.rejects(hub.search('coder', { signal: never }), { code: 'hub-busy' });
  });

  it('is not reached where only this machine may be', async () => {
    const refusal = new UserError('local-only', 'Local only is on.');
    const own = new Hub({ address: () => server.address, fetch: () => Promise.reject(refusal) });
    await assert.rejects(own.search('coder', { signal: never }), refusal);
    await assert.rejects(own.plan({ id: 'ann/coder-GGUF' }, never), refusal);
  });

  const bothParts = ['coder-BF16-00001-of-00002.gguf', 'coder-BF16-00002-of-00002.gguf'];
  const choices: [asked: string | undefined, names: string[]][] = [
    [undefined, ['coder-Q4_K_M.gguf', 'mmproj-coder-F16.gguf']],
    ['q8_0', ['coder-Q8_0.gguf', 'mmproj-coder-F16.gguf']],
    ['coder-q8_0.GGUF', ['coder-Q8_0.gguf', 'mmproj-coder-F16.gguf']],
    ['bf16', [...bothParts, 'mmproj-coder-F16.gguf']],
    ['coder-BF16-00001-of-00002.gguf', [...bothParts, 'mmproj-coder-F16.gguf']],
  ];
  for (const [asked, names] of choices)
    it(`finds ${names.join(' and ')} for ${asked ?? 'no file'}, at one commit, with what it must hash to`, async () => {
      const { files, license } = await hub.plan({ id: 'ann/coder-GGUF', ...(asked && { file: asked }) }, never);
      assert.deepEqual(
        files.map(({ name }) => name),
        names,
      );
      assert.equal(license, 'apache-2.0');
      for (const { url, sizeBytes = 0, sha256: hash } of files) {
        assert.match(url, /\/ann\/coder-GGUF\/resolve\/c0ffee0{34}\//);
        assert.equal(hash, sha256(bytes(sizeBytes)));
      }
    });

  const refuse =
    (status: number, headers: Record<string, string> = {}) =>
    (_: unknown, response: ServerResponse) => {
      response.writeHead(status, headers).end('<html>');
      return true;
    };
  const refusals: [what: string, instead: FakeHub['instead'], message: RegExp, retryable: boolean][] = [
    ['is gated', refuse(401, { 'x-error-code': 'GatedRepo' }), /accepted its terms/, false],
    ['is forbidden', refuse(403), /accepted its terms/, false],
    ['is not there', refuse(404, { 'x-error-code': 'RepoNotFound' }), /no public model ann\/x/, false],
    ['is hidden', refuse(401, { 'x-error-code': 'RepoNotFound' }), /no public model ann\/x/, false],
    ['came too often', refuse(429, { 'retry-after': '12' }), /again in 12 seconds/, true],
    ['came too often, in the newer words', refuse(429, { ratelimit: '"api";r=0;t=55' }), /again in 55 seconds/, true],
    ['meets a failing server', refuse(503), /answered 503/, true],
    ['is answered by another server', refuse(200), /"modelHub"/, false],
    ['is cut off', (request) => Boolean(request.socket.destroy()), /Couldn't reach/, true],
  ];
  for (const [what, instead, message, retryable] of refusals)
    it(`a model that ${what} is told in a sentence`, async () => {
      server.instead = instead;
      await assert.rejects(hub.plan({ id: 'ann/x' }, never), (error: Error) => {
        assert.ok(error instanceof UserError, String(error));
        assert.match(error.message, message);
        assertSentence(error.message);
        return error.retryable === retryable;
      });
    });

  it('names what there is where a file or quantization is not', async () => {
    await assert.rejects(
      hub.plan({ id: 'ann/coder-GGUF', file: 'Q2_K' }, never),
      /no file Q2_K\. It has Q4_K_M, Q8_0, BF16\./,
    );
    await assert.rejects(hub.plan({ id: 'bob/words' }, never), /no GGUF files/);
  });

  it('refuses a model that lacks a part', async () => {
    const { files } = server.repositories['ann/coder-GGUF'] ?? { files: {} };
    delete files['BF16/coder-BF16-00002-of-00002.gguf'];
    await assert.rejects(hub.plan({ id: 'ann/coder-GGUF', file: 'BF16' }, never), /lacks the part/);
  });

  const references: [text: string, reference: ReturnType<typeof hubReferenceOf>][] = [
    ['ann/coder-GGUF', { id: 'ann/coder-GGUF' }],
    ['ann/coder-GGUF:Q8_0', { id: 'ann/coder-GGUF', file: 'Q8_0' }],
    ['ann/coder:a/b.gguf', { id: 'ann/coder', file: 'a/b.gguf' }],
    ['https://hub.example/ann/coder', { id: 'ann/coder' }],
    [
      'https://hub.example/ann/coder/resolve/main/a%20b/c.gguf?download=true',
      { id: 'ann/coder', revision: 'main', file: 'a b/c.gguf' },
    ],
    ['https://hub.example/ann/coder/blob/main/c.gguf', { id: 'ann/coder', revision: 'main', file: 'c.gguf' }],
    ['https://hub.example/ann/coder/tree/main', undefined],
    ['https://elsewhere.example/ann/coder/resolve/main/c.gguf', undefined],
    ['coder', undefined],
    ['../coder', undefined],
    ['a/b/c', undefined],
  ];
  for (const [text, reference] of references)
    it(`reads ${text} as ${reference ? `${reference.id} ${reference.file ?? ''}`.trim() : 'none of its models'}`, () => {
      assert.deepEqual(hubReferenceOf(text, 'https://hub.example'), reference);
    });
});
