// Cancel leaves no work: after -32800 the daemon runs nothing, servers have seen their connection close, programs are gone.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';
import { after, before, describe, it } from 'mocha';
import { AgentRun } from '../../shared/protocol/agent.ts';
import { ModelAnswer } from '../../shared/protocol/answer.ts';
import { ChatList, ChatMessages, ChatSend } from '../../shared/protocol/chat.ts';
import { CodeAction, CodeWrite } from '../../shared/protocol/code.ts';
import { CommitMessage } from '../../shared/protocol/commit.ts';
import { InlineCompletion } from '../../shared/protocol/completion.ts';
import { DaemonStatus } from '../../shared/protocol/daemon.ts';
import type { AnyRequest } from '../../shared/protocol/define.ts';
import { GpuInstall } from '../../shared/protocol/gpu.ts';
import { messages } from '../../shared/protocol/index.ts';
import { JobsAnswer, JobsList, JobsResume } from '../../shared/protocol/jobs.ts';
import { ExecuteCommand } from '../../shared/protocol/lsp.ts';
import { McpLogin } from '../../shared/protocol/mcp.ts';
import { ModelsPull, ModelsUnload, ModelsWaiting } from '../../shared/protocol/models.ts';
import { ReviewFix, ReviewRun } from '../../shared/protocol/review.ts';
import { ToolsCall } from '../../shared/protocol/tools.ts';
import { ChatImport } from '../../shared/protocol/transfer.ts';
import { writeRandomModel } from '../fakes/gguf.ts';
import { AddressedServer } from '../fakes/mcp-servers/address.ts';
import { startOpenAiServer } from '../fakes/provider-servers/openai.ts';
import { Home, isRunning, until } from './home.ts';
import { type Asked, failureOf, openEditor } from './lsp-client.ts';

type Editor = Awaited<ReturnType<typeof openEditor>>;

const range = { start: { line: 0, character: 0 }, end: { line: 1, character: 0 } };
const text = 'export const answer = 42;\n';
const oneFinding = JSON.stringify({
  findings: [{ line: 1, quote: 'answer', severity: 'error', category: 'style', message: 'Not the answer.' }],
});
const longText = text.repeat(800); // a random model may answer a review with "no findings" at once: its reading must last

describe('cancel leaves no work', () => {
  let home: Home;
  let editor: Editor;
  let uri: string;
  let longUri: string;
  /** What npm is set up to ask: it gets no answer. */
  let registry: Server;
  const askingNpm = Promise.withResolvers<ServerResponse>();

  before(async () => {
    registry = createServer((_request, response) => askingNpm.resolve(response)).listen(0, '127.0.0.1');
    await once(registry, 'listening');
    home = new Home();
    home.variables = {
      npm_config_registry: `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`,
      npm_config_cache: home.file('npm-cache'),
    };
    // So slow that a cancel comes before the longest answer that any of these may have: 1,000 tokens take several seconds.
    const slow = { contextTokens: 32_768, layers: 16 };
    writeRandomModel(home.file('models', 'endless.gguf'), slow);
    writeRandomModel(home.file('models', 'endless-code.gguf'), { ...slow, fim: true });
    writeFileSync(home.project('work', 'answer.md'), text);
    uri = pathToFileURL(home.project('work', 'answer.md')).href;
    editor = await openEditor(home, {
      folder: pathToFileURL(home.project('work')).href,
      switchyard: { workspaceTrusted: true },
    });
    editor.open(uri, text, 'markdown');
    longUri = pathToFileURL(home.project('work', 'long.md')).href;
    editor.open(longUri, longText, 'markdown');
    const repository = home.project('work', 'repository');
    mkdirSync(repository);
    writeFileSync(home.project('work', 'repository', 'answer.md'), text);
    for (const words of [
      ['init', '--quiet'],
      ['add', '.'],
    ])
      spawnSync('git', words, { cwd: repository });
  });
  after(async () => {
    await home[Symbol.asyncDispose]();
    registry.close();
  });

  /** Cancels a request that has begun, and sees nothing of it. */
  async function cancel(asked: Asked<AnyRequest>): Promise<void> {
    assert.equal((await editor.call(DaemonStatus, {})).running.length, 1, 'it is under way');
    asked.cancel();
    assert.equal((await failureOf(asked.result)).code, -32_800);
    assert.deepEqual((await editor.call(DaemonStatus, {})).running, []);
  }

  const askModel: Record<string, (editor: Editor, model: string) => Asked<AnyRequest>> = {
    [ChatSend.method]: (editor, model) => editor.ask(ChatSend, { text: 'talk', model }),
    [ModelAnswer.method]: (editor, model) =>
      editor.ask(ModelAnswer, { messages: [{ role: 'user', content: 'talk' }], model }),
    [ReviewRun.method]: (editor, model) => editor.ask(ReviewRun, { textDocument: { uri: longUri }, model }),
    [CodeAction.method]: (editor, model) =>
      editor.ask(CodeAction, { kind: 'explain', textDocument: { uri }, range, model, workDoneToken: model }),
    [CodeWrite.method]: (editor, model) =>
      editor.ask(CodeWrite, { instruction: 'more', textDocument: { uri }, range, model }),
    [CommitMessage.method]: (editor, model) =>
      editor.ask(CommitMessage, { root: pathToFileURL(home.project('work', 'repository')).href, model }),
    [AgentRun.method]: (editor, model) => editor.ask(AgentRun, { task: 'talk', mode: 'chatbot', model }),
    [ToolsCall.method]: (editor) => editor.ask(ToolsCall, { name: 'review_file', arguments: { path: 'long.md' } }),
  };

  describe('on a model server', () => {
    for (const [method, ask] of Object.entries(askModel)) {
      it(method, async () => {
        for (const after of ['request', 2] as const) {
          // before the first word, and within the answer
          await using server = await startOpenAiServer({
            reply: { text: 'one two three four', hold: { after, until: new Promise(() => {}) } },
          });
          await configure({
            providers: { lab: { type: 'openai-compatible', baseUrl: server.url, models: ['scripted'] } },
          });
          const asked = ask(editor, 'lab/scripted');
          await server.asked();
          await cancel(asked);
          await server.closedEarly();
        }
      });
    }

    it(ReviewFix.method, async () => {
      for (const after of ['request', 2] as const) {
        await using server = await startOpenAiServer({ reply: { text: oneFinding } });
        await configure({
          providers: { lab: { type: 'openai-compatible', baseUrl: server.url, models: ['scripted'] } },
        });
        const { findings } = await editor.call(ReviewRun, { textDocument: { uri }, model: 'lab/scripted' });
        assert.equal(findings.length, 1);
        server.reply = { text: 'one two three four', hold: { after, until: new Promise(() => {}) } };
        const asked = editor.ask(ReviewFix, { findingId: findings[0]?.id ?? '' });
        if (after === 2) await asked.parts.find('some text', ({ kind }) => kind === 'text');
        else await asked.parts.find('the form', ({ kind }) => kind === 'format');
        await cancel(asked);
        await server.closedEarly();
      }
    });

    it(`${ExecuteCommand.method}, for editors without methods of their own`, async () => {
      await using server = await startOpenAiServer({
        reply: { text: 'one', hold: { after: 'request', until: new Promise(() => {}) } },
      });
      await configure({ providers: { lab: { type: 'openai-compatible', baseUrl: server.url, models: ['scripted'] } } });
      const asked = editor.ask(ExecuteCommand, {
        command: 'switchyard.action',
        arguments: [{ kind: 'explain', uri, range }],
      });
      await server.asked();
      await cancel(asked);
      await server.closedEarly();
    });
  });

  describe('on a local model', () => {
    before(() => configure({ localModels: [home.file('models', 'endless.gguf')] }));

    const isAtWork: Record<string, (asked: Asked<AnyRequest>) => Promise<unknown>> = {
      [ChatSend.method]: (asked) => asked.parts.find('some text', (part) => (part as { kind: string }).kind === 'text'),
      [ReviewRun.method]: (asked) =>
        asked.parts.find('the reviewer', (part) => (part as { stage?: string }).stage === 'reviewer'),
      [CodeAction.method]: () =>
        editor.notified<{ token: string; value: { kind: string } }>(
          '$/progress',
          ({ token, value }) => token === 'local/endless' && value.kind === 'report',
        ),
      [CodeWrite.method]: (asked) =>
        asked.parts.find('some text', (part) => (part as { kind: string }).kind === 'text'),
      [CommitMessage.method]: (asked) => asked.parts.find('some text'),
      [AgentRun.method]: (asked) => asked.parts.find('some text', (part) => (part as { kind: string }).kind === 'text'),
      [ToolsCall.method]: (asked) =>
        asked.parts.find('the reviewer', (part) => (part as { text: string }).text.includes('local/endless')),
    };
    for (const [method, ask] of Object.entries(askModel)) {
      it(method, async () => {
        const asked = ask(editor, 'local/endless');
        await isAtWork[method]?.(asked);
        await cancel(asked);
        await editor.call(ModelsUnload, { model: 'local/endless' }); // waits for whatever the model still does
        const { models } = await editor.call(DaemonStatus, {});
        assert.deepEqual(
          models.filter(({ embedding }) => !embedding),
          [],
        ); // what was said may be on its way into search meanwhile
      });
    }

    it(JobsResume.method, async () => {
      const written = editor.ask(CodeWrite, {
        instruction: 'more',
        textDocument: { uri },
        range,
        model: 'local/endless',
      });
      await written.parts.find('some text', ({ kind }) => kind === 'text');
      await cancel(written);
      const [job] = (await editor.call(JobsList, {})).jobs;
      const asked = editor.ask(JobsResume, { jobId: job?.id ?? '' });
      await asked.parts.find('its stage', (part) => part.kind === 'stage' && part.detail === 'Writing a draft');
      await cancel(asked);
      await editor.call(ModelsUnload, { model: 'local/endless' }); // waits for whatever the model still does
    });

    it('what had arrived of a chat is kept, as cancelled', async () => {
      const asked = editor.ask(ChatSend, { text: 'talk', model: 'local/endless' });
      const began = await asked.parts.find('the decision', ({ kind }) => kind === 'decision');
      await asked.parts.find('some text', ({ kind }) => kind === 'text');
      asked.cancel();
      assert.equal((await failureOf(asked.result)).code, -32_800);
      const received = asked.parts.items.map((part) => (part.kind === 'text' ? part.text : '')).join('');
      const { messages: kept } = await editor.call(ChatMessages, {
        chatId: began.kind === 'decision' ? began.chatId : '',
      });
      assert.deepEqual([kept[1]?.status, kept[1]?.text], ['cancelled', received]);
    });
  });

  it(`${ReviewRun.method} ends an analyser and what it had started`, async () => {
    await configure({});
    const pids = home.project('work', 'pids');
    plantAnalyser(home, pids);
    const file = home.project('work', 'wrong.ts');
    writeFileSync(file, text);
    editor.open(pathToFileURL(file).href, text, 'typescript');
    const asked = editor.ask(ReviewRun, { textDocument: { uri: pathToFileURL(file).href } });
    const running = await until(
      'the analyser to run',
      () =>
        existsSync(pids) &&
        readFileSync(pids, 'utf8').endsWith('\n') &&
        readFileSync(pids, 'utf8').trim().split(' ').map(Number),
    );
    assert.ok(running.length === 2 && running.every(isRunning));
    await cancel(asked);
    await until('both programs to be gone', () => !running.some(isRunning));
  });

  it(ModelsPull.method, async () => {
    const asking = Promise.withResolvers<ServerResponse>();
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-length': 1_000_000 }).write('GGUF');
      asking.resolve(response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const asked = editor.ask(ModelsPull, {
      model: `http://127.0.0.1:${(server.address() as AddressInfo).port}/some.gguf`,
    });
    const response = await asking.promise;
    await asked.parts.find('the first bytes');
    await cancel(asked);
    if (!response.closed) await once(response, 'close');
    server.close();
  });

  it(InlineCompletion.method, async () => {
    await configure({ localModels: [home.file('models', 'endless-code.gguf')] });
    const file = pathToFileURL(home.project('work', 'endless.js')).href;
    const code = `${'never.read(this);\n'.repeat(300)}function f() {`;
    editor.open(file, code, 'javascript');
    const position = { line: 300, character: 14 };
    const asked = editor.ask(InlineCompletion, { textDocument: { uri: file }, position });
    await until('the model to be at work', async () => (await editor.call(ModelsWaiting, {})).running.length > 0);
    await cancel(asked);
    await editor.call(ModelsUnload, { model: 'local/endless-code' }); // waits for whatever the model still does
    assert.deepEqual((await editor.call(ModelsWaiting, {})).running, []);
  });

  it(GpuInstall.method, async () => {
    const asked = editor.ask(GpuInstall, { kind: 'vulkan' });
    const response = await askingNpm.promise;
    await cancel(asked);
    if (!response.closed) await once(response, 'close');
  });

  it(ChatImport.method, async () => {
    const said = Array.from({ length: 50_000 }, (_, i) => ({
      id: `m${i}`,
      ...(i > 0 && { parentId: `m${i - 1}` }),
      role: 'user' as const,
      text: `Line ${i}`,
      status: 'complete' as const,
      createdAt: i,
    }));
    const asked = editor.ask(ChatImport, {
      chat: {
        title: 'Endless',
        createdAt: 1,
        updatedAt: 1,
        origin: { source: 'chatgpt', id: 'endless' },
        messages: said,
      },
    });
    await asked.parts.find('the first messages');
    await cancel(asked);
    assert.ok(!(await editor.call(ChatList, {})).chats.some(({ title }) => title === 'Endless'));
  });

  it(McpLogin.method, async () => {
    await using server = await AddressedServer.start();
    server.isGuarded = true;
    await configure({ mcpServers: { web: { url: server.url } } });
    const asked = editor.ask(McpLogin, { server: 'web' });
    const { url } = await asked.parts.find('the address');
    await cancel(asked);
    const back = new URL(url).searchParams.get('redirect_uri') ?? '';
    await assert.rejects(fetch(back), 'nobody listens any more');
  });

  it('is shown for every message that streams', () => {
    const streaming = messages.filter(({ part }) => part).map(({ method }) => method);
    // JobsAnswer needs a model that says what the test wants: agent/in-terminal.test.ts cancels it.
    const others: readonly string[] = [
      ReviewFix,
      ModelsPull,
      GpuInstall,
      ChatImport,
      McpLogin,
      JobsResume,
      JobsAnswer,
    ].map(({ method }) => method);
    assert.deepEqual(
      streaming.filter((method) => !(method in askModel) && !others.includes(method)),
      [],
    );
  });

  /** Changes the configuration, and waits until the daemon has seen it. */
  async function configure(config: object): Promise<void> {
    const marker = `marker-${Math.random().toString(36).slice(2)}`;
    const { providers = {}, ...rest } = config as { providers?: object };
    home.configure({
      ...rest,
      providers: {
        ...providers,
        [marker]: { type: 'openai-compatible', baseUrl: 'http://127.0.0.1:9/v1', models: ['none'] },
      },
    });
    const seen = { method: 'switchyard/models/list' } as AnyRequest;
    await until('the daemon to see its configuration', async () =>
      JSON.stringify(await editor.call(seen, {})).includes(marker),
    );
  }
});

/** A project's own `tsc` that starts a program and works for ever. */
function plantAnalyser(home: Home, pids: string): void {
  writeFileSync(home.project('work', 'tsconfig.json'), '{}');
  writeFileSync(
    home.project('work', 'node_modules', 'typescript', 'package.json'),
    '{"name":"typescript","bin":{"tsc":"tsc.js"}}',
  );
  const forEver = 'setInterval(() => {}, 1000)';
  writeFileSync(
    home.project('work', 'node_modules', 'typescript', 'tsc.js'),
    `const child = require('child_process').spawn(process.execPath, ['-e', '${forEver}'], { stdio: 'ignore' });
     require('fs').writeFileSync(${JSON.stringify(pids)}, process.pid + ' ' + child.pid + '\\n');
     ${forEver};`,
  );
}
