// The life of the inference host: it starts when it is needed, comes back after a crash, unloads what is idle, ends with the daemon.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'mocha';
import { childEnvironment } from '../../../../daemon/base/child-environment.ts';
import { writeRandomModel, writeScriptedModel } from '../../../fakes/gguf.ts';
import { ask, collect, never, openWorkbench, textOf } from './workbench.ts';

describe('the inference host', () => {
  it('says what llama.cpp runs on, once it is asked', async () => {
    await using bench = openWorkbench();
    assert.equal(bench.inference.pid, undefined);
    const probe = await bench.inference.probe();
    assert.equal(probe.ok, true, probe.detail);
    assert.match(probe.detail, /llama\.cpp \S+ on the (CPU|GPU)/);
    assert.ok(bench.inference.pid);
  });

  it('costs one answer when it is killed, and the next is given', async () => {
    await using bench = openWorkbench();
    const [random, scripted] = [bench.file('random.gguf'), bench.file('scripted.gguf')];
    writeRandomModel(random);
    writeScriptedModel(scripted, 'I am back.');
    const { inference } = bench;
    let failures = 0;
    await assert.rejects(
      async () => {
        try {
          for await (const _ of inference.chat(ask(random), never))
            if (inference.pid) process.kill(inference.pid, 'SIGKILL');
        } finally {
          failures++;
        }
      },
      { code: 'inference-crashed', retryable: true },
    );
    assert.equal(failures, 1);
    assert.deepEqual(inference.loaded(), []);
    assert.equal(textOf(await collect(inference.chat(ask(scripted), never))), 'I am back.');
  });

  it('does not try a file again unasked that it ended with', async () => {
    await using bench = openWorkbench();
    const [random, scripted] = [bench.file('random.gguf'), bench.file('scripted.gguf')];
    writeRandomModel(random);
    writeScriptedModel(scripted, 'Here.');
    const { inference } = bench;
    await assert.rejects(
      async () => {
        for await (const _ of inference.chat(ask(random), never))
          if (inference.pid) process.kill(inference.pid, 'SIGKILL');
      },
      { code: 'inference-crashed', message: /random\.gguf/ },
    );
    const unasked = collect(inference.chat(ask(random), never));
    await assert.rejects(unasked, { code: 'inference-crashed', message: /random\.gguf.*Choose it by name/ });
    assert.equal(textOf(await collect(inference.chat(ask(scripted), never))), 'Here.');
    const named = ask(random, 'hi', { isNamed: true, maxOutputTokens: 3 });
    assert.equal((await collect(inference.chat(named, never))).at(-1)?.kind, 'finish');
    assert.equal((await collect(inference.chat({ ...named, isNamed: false }, never))).at(-1)?.kind, 'finish');
  });

  it('keeps several models, names their bytes, and unloads the one that is named', async () => {
    await using bench = openWorkbench();
    const paths = [bench.file('one.gguf'), bench.file('two.gguf')] as const;
    for (const path of paths) writeScriptedModel(path, 'Here.');
    await Promise.all(paths.map((path) => collect(bench.inference.chat(ask(path), never))));
    assert.deepEqual(
      bench.inference
        .loaded()
        .map(({ path }) => path)
        .sort(),
      paths,
    );
    assert.ok(bench.inference.loaded().every(({ bytes }) => bytes > 100_000));
    await bench.inference.unload(paths[0]);
    assert.deepEqual(
      bench.inference.loaded().map(({ path }) => path),
      [paths[1]],
    );
  });

  it('names a model as loaded from its first word on', async () => {
    await using bench = openWorkbench();
    const path = bench.file('random.gguf');
    writeRandomModel(path);
    for await (const part of bench.inference.chat(ask(path), never)) {
      assert.equal(part.kind, 'text');
      assert.deepEqual(
        bench.inference.loaded().map((model) => model.path),
        [path],
      );
      break;
    }
  });

  it('unloads a model that nobody uses', async () => {
    const unloaded = Promise.withResolvers<void>();
    let wasLoaded = false;
    await using bench = openWorkbench({
      idleUnloadMinutes: 1e-5,
      onLoaded(models) {
        if (models.length > 0) wasLoaded = true;
        else if (wasLoaded) unloaded.resolve();
      },
    });
    const path = bench.file('idle.gguf');
    writeScriptedModel(path, 'Here.');
    await collect(bench.inference.chat(ask(path), never));
    await unloaded.promise;
    assert.equal(textOf(await collect(bench.inference.chat(ask(path), never))), 'Here.');
  });

  it('refuses a malformed file and stays alive', async () => {
    await using bench = openWorkbench();
    await bench.inference.probe();
    const { pid } = bench.inference;
    await assert.rejects(collect(bench.inference.chat(ask(fileURLToPath(import.meta.url)), never)), {
      code: 'bad-model-file',
    });
    await assert.rejects(collect(bench.inference.chat(ask(bench.file('none.gguf')), never)), {
      code: 'bad-model-file',
    });
    assert.equal(bench.inference.pid, pid);
  });

  it('ends when the daemon is killed', async () => {
    const program = `
      const { createInference } = await import(${JSON.stringify(new URL('../../../../daemon/models/inference/client.ts', import.meta.url).href)});
      const inference = createInference({ hostPath: ${JSON.stringify(fileURLToPath(new URL('../../../../daemon/models/inference/host.ts', import.meta.url)))} });
      await inference.probe();
      console.log(inference.pid);`;
    const daemon = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
      windowsHide: true,
    });
    const [line] = (await once(daemon.stdout, 'data')) as [Buffer];
    const host = Number(line.toString());
    assert.ok(isAlive(host));
    daemon.kill('SIGKILL');
    await once(daemon, 'exit');
    while (isAlive(host)) await setTimeout(20); // a process that is not our child tells nobody of its end
  });

  it('is given no secrets', () => {
    const given = childEnvironment({
      PATH: '/bin',
      OPENAI_API_KEY: 'k',
      GITHUB_TOKEN: 't',
      DB_PASSWORD: 'p',
      NODE_OPTIONS: '--inspect',
      CUDA_PATH: '/cuda',
    });
    assert.deepEqual(given, { PATH: '/bin', CUDA_PATH: '/cuda', ELECTRON_RUN_AS_NODE: '1' });
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
