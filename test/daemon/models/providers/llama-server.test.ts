// The adapters against a real llama.cpp server with a real (tiny) model. Opt-in: SWITCHYARD_LLAMA_SERVER is the command that
// starts it, words apart by spaces; without it these tests are shown as skipped.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { createAnthropicProvider } from '../../../../daemon/models/providers/anthropic.ts';
import type { AdapterOptions } from '../../../../daemon/models/providers/connection.ts';
import { createOpenAiProvider } from '../../../../daemon/models/providers/openai.ts';
import { ProviderError } from '../../../../daemon/models/providers/provider.ts';
import { scriptedJson, writeScriptedModel } from '../../../fakes/gguf.ts';
import { collect, failureOf, never, request, textOf } from './adapters.ts';

const command = process.env['SWITCHYARD_LLAMA_SERVER']?.split(' ');
const contextTokens = 2048;

describe('a real llama-server', () => {
  let server: ChildProcess | undefined;
  let folder = '';
  let root = '';

  before(async function () {
    const [program, ...words] = command ?? [];
    if (!program) return this.skip();
    folder = mkdtempSync(join(tmpdir(), 'switchyard-llama-'));
    const model = join(folder, 'scripted.gguf');
    writeScriptedModel(model, 'const answer = 42;', {
      when: [{ promptHas: 'as JSON', script: scriptedJson({ answer: 42 }) }],
    });
    const port = await freePort();
    root = `http://127.0.0.1:${port}`;
    const flags = [
      '-m',
      model,
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      '-c',
      String(2 * contextTokens),
      '-np',
      '2',
      '-t',
      '1',
      '--jinja',
      '--no-webui',
      '-fit',
      'off',
      '--no-kv-unified',
      '--temp',
      '0',
    ];
    server = spawn(program, [...words, ...flags], { stdio: ['ignore', 'ignore', 'pipe'] });
    await listening(server);
  });
  after(async () => {
    if (server?.exitCode === null) {
      server.kill('SIGKILL');
      await once(server, 'exit');
    }
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const options = (): AdapterOptions => ({
    name: 'llama',
    local: true,
    fetch: globalThis.fetch,
    apiKey: async () => undefined,
    config: { type: 'openai-compatible', baseUrl: `${root}/v1` },
  });

  it('tells the context that one request really has', async () => {
    const [info] = await createOpenAiProvider(options()).listModels(never);
    assert.equal(info?.contextTokens, contextTokens);
    assert.deepEqual([info?.capabilities.vision, info?.capabilities.jsonSchema], [false, true]);
  });

  it("answers through chat completions, responses and Anthropic's messages alike", async () => {
    const config = { type: 'openai-compatible', baseUrl: `${root}/v1`, api: 'responses' } as const;
    const providers = [
      createOpenAiProvider(options()),
      createOpenAiProvider({ ...options(), config }),
      createAnthropicProvider({ ...options(), config: { type: 'anthropic', baseUrl: root } }),
    ];
    for (const provider of providers) {
      const parts = await collect(provider.stream(request(), never));
      assert.equal(textOf(parts), 'const answer = 42;');
      assert.deepEqual(parts.at(-1), { kind: 'finish', reason: 'stop' });
      const usage = parts.find((part) => part.kind === 'usage')?.usage;
      assert.ok(usage && usage.input + usage.cacheRead > 0 && usage.output > 0);
    }
  });

  it('is held to a JSON schema', async () => {
    const schema = {
      type: 'object',
      properties: { answer: { type: 'integer' } },
      required: ['answer'],
      additionalProperties: false,
    };
    const asked = request({
      messages: [{ role: 'user', content: 'as JSON please' }],
      jsonSchema: { name: 'answer', schema },
    });
    assert.deepEqual(JSON.parse(textOf(await collect(createOpenAiProvider(options()).stream(asked, never)))), {
      answer: 42,
    });
  });

  it('refuses a prompt that is too long, rather than cutting it', async () => {
    const { error } = await failureOf(
      createOpenAiProvider(options()).stream(
        request({ messages: [{ role: 'user', content: 'x y '.repeat(contextTokens) }] }),
        never,
      ),
    );
    assert.ok(error instanceof ProviderError);
    assert.equal(error.code, 'context-too-long');
  });

  it('refuses an image that its model cannot see', async () => {
    const images = [{ mediaType: 'image/png', data: 'iVBORw0KGgo=' }];
    const { error } = await failureOf(
      createOpenAiProvider(options()).stream(
        request({ messages: [{ role: 'user', content: 'What?', images }] }),
        never,
      ),
    );
    assert.ok(error instanceof ProviderError, String(error));
  });
});

/** Resolves when the server says that it listens; fails with its last words when it ends before. */
async function listening(server: ChildProcess): Promise<void> {
  let words = '';
  await new Promise<void>((resolve, reject) => {
    server.stderr?.on('data', (chunk: Buffer) => {
      words = (words + chunk.toString()).slice(-4000);
      if (/server is listening|listening on/.test(words)) resolve();
    });
    server.once('error', reject);
    server.once('exit', () => reject(new Error(`llama-server ended: ${words}`)));
  });
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
