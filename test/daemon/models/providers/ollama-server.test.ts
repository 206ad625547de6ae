// The adapter against a real Ollama with a real (tiny) model. Opt-in: SWITCHYARD_OLLAMA is the path of its program; without it these
// tests are shown as skipped.
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { createOllamaProvider } from '../../../../daemon/models/providers/ollama.ts';
import type { Provider } from '../../../../daemon/models/providers/provider.ts';
import { writeScriptedModel } from '../../../fakes/gguf.ts';
import { collect, failureOf, never, request, textOf } from './adapters.ts';

const program = process.env['SWITCHYARD_OLLAMA'];

describe('a real Ollama', () => {
  let server: ChildProcess | undefined;
  let folder = '';
  let ollama: Provider;

  before(async function () {
    if (!program) return this.skip();
    folder = mkdtempSync(join(tmpdir(), 'switchyard-ollama-'));
    const port = await freePort();
    const env = {
      ...process.env,
      HOME: folder,
      OLLAMA_HOST: `127.0.0.1:${port}`,
      OLLAMA_MODELS: join(folder, 'models'),
    };
    server = spawn(program, ['serve'], { env, stdio: 'ignore' });
    const baseUrl = `http://127.0.0.1:${port}`;
    while (!(await fetch(`${baseUrl}/api/version`).catch(() => undefined))?.ok)
      await new Promise((resolve) => setImmediate(resolve));
    writeScriptedModel(join(folder, 'scripted.gguf'), 'const answer = 42;');
    writeFileSync(join(folder, 'Modelfile'), `FROM ${join(folder, 'scripted.gguf')}\n`);
    execFileSync(program, ['create', 'tiny', '-f', join(folder, 'Modelfile')], { env, stdio: 'ignore' });
    ollama = createOllamaProvider({
      name: 'ollama',
      local: true,
      fetch,
      apiKey: async () => undefined,
      config: { type: 'ollama', baseUrl },
    });
  });
  after(async () => {
    if (server && server.exitCode === null) {
      const ended = new Promise((resolve) => server?.once('exit', resolve));
      server.kill();
      await ended;
    }
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  it('lists its models, with what it says of them', async () => {
    const [model] = await ollama.listModels(never);
    assert.equal(model?.name, 'tiny:latest');
    assert.ok((model?.contextTokens ?? 0) > 0);
  });

  it('streams an answer, with its token counts', async () => {
    const parts = await collect(ollama.stream(request({ model: 'tiny' }), never));
    assert.equal(textOf(parts), 'const answer = 42;');
    const usage = parts.find((part) => part.kind === 'usage');
    assert.ok(usage?.kind === 'usage' && usage.usage.input > 0 && usage.usage.output > 0);
    assert.deepEqual(parts.at(-1), { kind: 'finish', reason: 'stop' });
  });

  it('refuses a prompt that it would cut in silence', async () => {
    const { error } = await failureOf(
      ollama.stream(request({ model: 'tiny', messages: [{ role: 'user', content: 'word '.repeat(60_000) }] }), never),
    );
    assert.equal((error as { code?: string }).code, 'context-too-long');
  });

  it('says that a model is not there', async () => {
    const { error } = await failureOf(ollama.stream(request({ model: 'nobody' }), never));
    assert.equal((error as { code?: string }).code, 'model-not-found');
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
