// Pictures for models of this machine: a llama-server of ours, what is sent to it, whose turn it is, what it takes, and how it ends.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { renameSync, rmSync } from 'node:fs';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import { CancelledError } from '../../../../daemon/base/errors.ts';
import { InferenceError, type InferencePart } from '../../../../daemon/models/inference/inference.ts';
import { createLocalProvider } from '../../../../daemon/models/providers/local.ts';
import { localModelFiles } from '../../../../daemon/models/setup/local-files.ts';
import { writeProjector } from '../../../fakes/gguf-projector.ts';
import { isRunning, until } from '../../../process/home.ts';
import { collect, never, textOf } from '../inference/workbench.ts';
import { askAbout, openBench, type SeeingBench } from './workbench.ts';

describe('local inference that sees', () => {
  let bench: SeeingBench;

  before(function () {
    if (process.platform === 'win32') this.skip(); // a script is no program there
  });
  beforeEach(() => {
    bench = openBench();
  });
  afterEach(async () => await bench[Symbol.asyncDispose]());

  const see = (signal = never): Promise<InferencePart[]> =>
    collect(bench.inference.chat(askAbout(bench.model), signal));
  const code = (error: unknown): string => (error instanceof InferenceError ? error.code : String(error));

  it('streams what llama-server says of a picture, with its counts', async () => {
    const parts = await see();
    assert.equal(textOf(parts), 'A cat.');
    const { readMs: _read, writeMs: _write, ...finish } = parts.at(-1) as Extract<InferencePart, { kind: 'finish' }>;
    assert.deepEqual(finish, { kind: 'finish', reason: 'stop', inputTokens: 26, cachedTokens: 0, outputTokens: 3 });
  });

  it('listens on loopback alone, on a port that the system chooses, and no parameter tells its key', async () => {
    await see();
    const { given = [], key = '' } = bench.notes()[0] ?? {};
    assert.equal(given[given.indexOf('--host') + 1], '127.0.0.1');
    assert.equal(given[given.indexOf('--port') + 1], '0');
    assert.ok(key.length >= 32 && !given.join(' ').includes(key));
    assert.ok(given.includes('--no-webui') && given.includes('--no-mmap') && !given.includes('--offline')); // as far as it knows them
  });

  it('sends the picture, and has nothing of a prompt kept for the next one', async () => {
    await see();
    const { body = {} } = await bench.noted(({ path }) => path === '/v1/chat/completions');
    assert.match(JSON.stringify(body['messages']), /"image_url":\{"url":"data:image\/png;base64,/);
    assert.equal(body['cache_prompt'], false);
    assert.equal(body['max_tokens'], 512); // half of the context: it would write on
  });

  it('asks the host where there is no picture', async () => {
    const parts = await collect(
      bench.inference.chat({ path: bench.model, messages: [{ role: 'user', content: 'hi' }] }, never),
    );
    assert.equal(textOf(parts), 'from the host');
    assert.deepEqual(bench.notes(), []);
  });

  it('does one chat at a time, and tells the next whom it waits for', async () => {
    bench.behave('holds');
    const [first, second] = [see(), see()];
    await bench.noted(({ path }) => path !== undefined);
    await until('the second to wait', () => bench.inference.answers('').some(({ ahead }) => ahead === 1));
    assert.equal(bench.notes().filter(({ path }) => path).length, 1);
    bench.go();
    const [waiting] = (await second).filter(({ kind }) => kind === 'waiting');
    assert.equal(waiting?.kind === 'waiting' && waiting.ahead, 1);
    assert.equal(textOf(await first), 'A cat.');
  });

  it('ends the work of an answer that is cancelled, and keeps the process for the next', async () => {
    bench.behave('holds');
    const cancelled = new AbortController();
    const answer = see(cancelled.signal);
    await bench.noted(({ path }) => path !== undefined);
    cancelled.abort();
    await assert.rejects(answer, CancelledError);
    await bench.noted(({ closedEarly }) => closedEarly === true);
    bench.go();
    assert.equal(textOf(await see()), 'A cat.');
    assert.equal(bench.notes().filter(({ pid }) => pid).length, 1);
  });

  it('tells a crash as one, and starts anew at the next picture', async () => {
    bench.behave('crashes');
    await assert.rejects(see(), (error) => {
      assert.equal(code(error), 'inference-crashed');
      assert.match(String(error), /ended unexpectedly while it used seeing\.gguf \(SIGKILL\)\. Ask again/);
      return true;
    });
    bench.behave();
    assert.equal(textOf(await see()), 'A cat.');
  });

  it("tells why a model isn't loaded in llama-server's own words", async () => {
    bench.behave('unloadable');
    await assert.rejects(
      see(),
      /can't load seeing\.gguf with its mmproj file \(.*mismatch between text model and mmproj/,
    );
  });

  it('leaves no process when it is disposed of', async () => {
    await see();
    const pid = bench.inference.serverPid ?? 0;
    assert.ok(isRunning(pid));
    await bench.inference[Symbol.asyncDispose]();
    assert.ok(!isRunning(pid));
  });

  it('ends when the daemon is killed', async () => {
    const module = JSON.stringify(new URL('./workbench.ts', import.meta.url).href);
    const source = `
      const { openBench, askAbout } = await import(${module});
      const bench = openBench();
      for await (const _ of bench.inference.chat(askAbout(bench.model), new AbortController().signal)) break;
      console.log(JSON.stringify([bench.inference.serverPid, bench.folder]));`;
    const daemon = spawn(process.execPath, ['--input-type=module', '-e', source], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(daemon.stdout, 'data')) as [Buffer];
    const [pid, folder] = JSON.parse(line.toString()) as [number, string];
    try {
      assert.ok(isRunning(pid));
      daemon.kill('SIGKILL');
      await until('the end of llama-server', () => !isRunning(pid));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  describe('whether a model sees', () => {
    it('is so with a projector beside it and a llama-server', async () => {
      assert.deepEqual((await bench.inference.describe(bench.model)).vision, { sees: true });
    });

    it('is so with a projector that the user names, and is not said of the projector itself', async () => {
      renameSync(`${bench.folder}/mmproj-seeing-f16.gguf`, `${bench.folder}/mmproj-eyes.gguf`);
      assert.equal((await bench.inference.describe(bench.model)).vision, undefined);
      bench.inference.configure({ seeing: { mmproj: `${bench.folder}/mmproj-eyes.gguf` } });
      assert.deepEqual((await bench.inference.describe(bench.model)).vision, { sees: true });
      const { vision } = await bench.inference.describe(`${bench.folder}/mmproj-eyes.gguf`);
      assert.equal(vision, undefined);
    });

    it('decides nothing of a projector, which is offered as no model, whatever it is called', async () => {
      const files = ['mmproj-seeing-f16.gguf', 'eyes.gguf', 'eyes.mmproj.gguf'].map(
        (name) => `${bench.folder}/${name}`,
      );
      for (const file of files) writeProjector(file);
      const offered = await localModelFiles(files, bench.folder);
      const listing = { name: 'local' as const, inference: bench.inference, files: async () => offered };
      const models = await createLocalProvider(listing).listModels(never);
      assert.deepEqual(
        models.map(({ name }) => name),
        ['seeing'],
      );
    });

    for (const [behaviour, words] of [
      ['old', /is too old to look at pictures\. Install llama\.cpp/],
      ['broken', /doesn't start \(.*\)\. Install llama\.cpp/],
    ] as const)
      it(`is no with a llama-server that is ${behaviour}, and says what to do`, async () => {
        bench.behave(behaviour);
        const { vision } = await bench.inference.describe(bench.model);
        assert.ok(vision && !vision.sees);
        assert.match(vision.why, words);
        await assert.rejects(see(), words);
        const files = async () => [bench.model];
        const provider = createLocalProvider({ name: 'local', inference: bench.inference, files });
        const [listed] = await provider.listModels(never);
        assert.deepEqual([listed?.capabilities.vision, listed?.whyBlind], [false, vision.why]);
        const messages = [{ role: 'user' as const, content: 'What?', images: [{ mediaType: 'image/png', data: '' }] }];
        const asked = collect(provider.stream({ model: 'seeing', messages }, never));
        await assert.rejects(
          asked,
          (error: Error) => /^seeing can't see pictures yet\. /.test(error.message) && words.test(error.message),
        );
        const { ok, fix = '' } = await bench.inference.examineVision([bench.model]);
        assert.ok(!ok);
        assert.match(fix, words);
      });
  });

  describe('in memory', () => {
    const embedder = { path: '/e.gguf', bytes: 0.9e9, role: 'embedding' } as const;
    const chatModel = { path: '/c.gguf', bytes: 0.9e9, role: 'chat' } as const;

    it('has an idle model of a lower role make room', async () => {
      bench.host.loaded = [embedder];
      bench.inference.configure({}, 1);
      assert.equal(textOf(await see()), 'A cat.');
      assert.deepEqual(bench.host.unloaded, ['/e.gguf']);
    });

    it('is refused with both numbers where a model for chats has the room', async () => {
      bench.host.loaded = [chatModel];
      bench.inference.configure({}, 1);
      await assert.rejects(
        see(),
        /needs about \d+ MB of memory, but local models can take only 100 MB more\..*unload c/,
      );
      assert.deepEqual(bench.notes(), []);
    });

    it('takes from what the user lets all models take, until it ends', async () => {
      bench.inference.configure({}, 1);
      await see();
      const { bytes = 0, role } = bench.inference.loaded()[0] ?? {};
      assert.equal(role, 'vision');
      assert.ok(Math.abs((bench.host.limits.at(-1) ?? 0) - (1 - bytes / 1e9)) < 1e-6);
      await bench.inference.unload(bench.model);
      assert.equal(bench.host.limits.at(-1), 1);
      assert.deepEqual(bench.inference.loaded(), []);
    });

    it('gives way while it is idle, where another model does not fit', async () => {
      await see();
      bench.host.refusals = [new InferenceError('out-of-memory', 'no room')];
      const parts = await collect(
        bench.inference.chat({ path: '/c.gguf', messages: [{ role: 'user', content: 'hi' }] }, never),
      );
      assert.equal(textOf(parts), 'from the host');
      assert.equal(bench.inference.serverPid, undefined);
    });

    it('ends once no picture has come for a while', async () => {
      await bench[Symbol.asyncDispose]();
      bench = openBench({ idleMinutes: 0.0001 });
      await see();
      await until('the end of llama-server', () => bench.inference.serverPid === undefined);
    });
  });
});
