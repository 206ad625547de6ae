// Fifty keys, of all kinds of providers and in all places where one may stand, are used, refused, quoted back by servers, and
// looked for after everything that shows, stores or sends something, crashes included.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, it } from 'mocha';
import WebSocket from 'ws';
import { ChatExport, ChatList, ChatMessages, ChatSend } from '../../../shared/protocol/chat.ts';
import { CostsSummary } from '../../../shared/protocol/costs.ts';
import { DaemonDoctor, DaemonStatus, GatewayOpen } from '../../../shared/protocol/daemon.ts';
import { KeysList, KeysRotate, KeysSet } from '../../../shared/protocol/keys.ts';
import { ModelsList, ModelsSetup } from '../../../shared/protocol/models.ts';
import { ReviewRun } from '../../../shared/protocol/review.ts';
import { RouterDecisions } from '../../../shared/protocol/router.ts';
import { writeScriptedModel } from '../../fakes/gguf.ts';
import { startOpenAiServer } from '../../fakes/provider-servers/openai.ts';
import { Home, isRunning, readProc, until } from '../home.ts';
import { type LspClient, openEditor } from '../lsp-client.ts';

const types = [
  'openai',
  'anthropic',
  'google',
  'xai',
  'openrouter',
  'groq',
  'huggingface',
  'ollama',
  'openai-compatible',
] as const;
const oddities = [
  'with"quotes"',
  'back\\slash',
  '$&$1',
  '%41%2Fx',
  '<b>&amp;',
  '\\u0041',
  "o'ne",
  '{"json":1}',
  'a;b=c,d',
  'a|b',
  'c?d&e',
  '~`!@#^*()',
];

const plantedCount = 50;
let planted = 0;
const plant = (form: string): string => `${form}-planted${String(++planted).padStart(2, '0')}-7f3c9e`;
/** For everywhere, and for the workspace. */
const ofTypes = types.map((type) => ({ type, key: plant(`sk-${type}`), own: plant(`ws-${type}`) }));
const ofOddities = oddities.map((odd, i) => ({ provider: `odd-${i}`, key: plant(odd), own: plant(`ws-${odd}`) }));
const headers = {
  'x-api-key': plant('header'),
  'authorization-2': `Bearer ${plant('bearer')}`,
  'x-tenant': plant('tenant1234'),
  cookie: `session=${plant('cookie')}; theme=dark`,
};
const passwords = [plant('proxy'), plant('proxy%40@')];
const addressKeys = [plant('query'), plant('basic')];
const all = [
  ...[...ofTypes, ...ofOddities].flatMap(({ key, own }) => [key, own]),
  ...Object.values(headers).flatMap((value) => /\S*planted\d\d-7f3c9e/.exec(value)?.[0].replace('session=', '') ?? []),
  ...passwords,
  ...addressKeys,
];

describe('fifty planted keys', () => {
  it('are in no file, log, message, error, argument or environment, whatever happens', async function () {
    if (process.platform !== 'linux') return this.skip(); // only there is every process open to a look
    assert.equal(new Set(all).size, plantedCount);
    await using good = await startOpenAiServer({ reply: 'Hello.' });
    const echo = await listen(echoServer());
    const proxy = await listen(refusingProxy());
    process.env['NODE_OPTIONS'] =
      '--report-on-signal --report-on-fatalerror --report-uncaught-exception --heapsnapshot-signal=SIGUSR2';
    try {
      await using home = new Home(configuration({ good: good.url, echo: echo.url, proxy: proxy.url }));
      writeScriptedModel(home.file('local.gguf'), 'Hello from here.');
      const said = new Said();
      const folder = join(home.folder, 'work');
      mkdirSync(folder);
      const editor = await openEditor(home, {
        folder: pathToFileURL(folder).href,
        switchyard: {
          log: true,
          proxy: `http://me:${encodeURIComponent(passwords[1] ?? '')}@${proxy.url.replace('http://', '')}`,
        },
      });
      const elsewhere = await openEditor(home, { switchyard: { log: true } });
      await setAll(editor, home, said);
      const view = await openView(editor, said);
      for (const client of [elsewhere, editor]) await useAll(client, said);
      assert.ok(
        good.requests.some(({ headers: sent }) => sent.authorization?.includes('ws-openai-compatible-planted')),
        'the keys are really sent',
      );
      assert.ok(
        echo.bodies.some((body) => body.includes(headers['x-api-key'])),
        'and really quoted back',
      );
      assert.ok(
        proxy.bodies.some((body) => body.length > 0),
        'and the proxy was asked',
      );
      await view.ask(ChatSend.method, { text: 'From a browser', model: 'anthropic/m' });
      for (const method of [ModelsList.method, ChatList.method, ModelsSetup.method]) await view.ask(method, {});
      view.close();
      for (const args of [
        ['keys'],
        ['keys', '--json'],
        ['keys', 'rotate'],
        ['status'],
        ['doctor'],
        ['models'],
        ['route', 'Hi'],
        ['costs'],
        ['chat', 'Hi', '--model', 'google/m'],
      ]) {
        said.add(await home.switchyard(args));
      }
      assertProcessesClean(home);

      const host = home.processes().find((line) => line.includes('inference-host'));
      assert.ok(host, 'the inference host runs');
      process.kill(Number.parseInt(host, 10), 'SIGABRT');
      await said.try(editor.call(ChatSend, { text: 'Is it well?', model: 'local/local' }));
      process.kill(editor.daemon, 'SIGUSR1'); // would open a debugger
      said.add(await editor.call(DaemonStatus, {}));
      process.kill(editor.daemon, 'SIGUSR2'); // would write a report, and a snapshot of the heap
      await until('the daemon to end', () => !isRunning(editor.daemon));
      said.add(await home.switchyard(['keys']));
      const second = home.daemonPid() ?? 0;
      process.kill(second, 'SIGABRT');
      await until('the next one to end', () => !isRunning(second));
      said.add(await home.switchyard(['status']));
      said.add([editor.notifications.items, elsewhere.notifications.items]);

      assertClean(said.text, 'what was said');
      const files = filesIn(home.folder).filter((file) => !file.endsWith('.starting')); // a daemon's lock while it begins: gone at any moment
      for (const file of files) assertClean(readFileSync(file, 'latin1') + readFileSync(file, 'utf8'), file);
      assert.deepEqual(
        files.filter((file) => /report\.|heapsnapshot|\bcore\b/.test(file)),
        [],
        'no report of a crash',
      );
      assert.ok(
        files.some((file) => /history_\d+_001\.jsonl$/.test(file)) &&
          files.some((file) => file.endsWith('.db') || file.endsWith('.sqlite')),
        files.join('\n'),
      );
      assert.doesNotMatch(
        files
          .filter((file) => file.endsWith('.stderr'))
          .map((file) => readFileSync(file, 'utf8'))
          .join(''),
        /Debugger listening/,
      );
    } finally {
      delete process.env['NODE_OPTIONS'];
      echo.server.close();
      proxy.server.close();
    }
  });
});

function configuration({ good, echo, proxy }: Record<'good' | 'echo' | 'proxy', string>): object {
  const providers = Object.fromEntries(
    types.map((type) => [
      type,
      {
        type,
        baseUrl: type === 'openai-compatible' ? good : `${echo}/${type}`,
        models: ['m'],
        ...(type !== 'openai-compatible' && { headers }),
      },
    ]),
  );
  const odd = Object.fromEntries(
    ofOddities.map(({ provider }, i) => [
      provider,
      { type: 'openai-compatible', baseUrl: i % 2 === 0 ? good : `${echo}/odd`, models: ['m'] },
    ]),
  );
  const away = {
    away: { type: 'openai-compatible', baseUrl: 'http://models.invalid/v1', models: ['m'] },
    asked: {
      type: 'openai-compatible',
      baseUrl: `${echo}/asked?api_key=${encodeURIComponent(addressKeys[0] ?? '')}`,
      models: ['m'],
    },
    named: {
      type: 'openai-compatible',
      baseUrl: echo.replace('http://', `http://me:${addressKeys[1]}@`),
      models: ['m'],
    },
  };
  return {
    providers: { ...providers, ...odd, ...away },
    localModels: [],
    resilience: { attempts: 1, neverSwitch: true },
    network: { proxy: `http://me:${passwords[0]}@${proxy.replace('http://', '')}` },
  };
}

/** By the editor, by the command line, and some anew. */
async function setAll(editor: LspClient, home: Home, said: Said): Promise<void> {
  const named = [...ofTypes.map(({ type, ...keys }) => ({ provider: type as string, ...keys })), ...ofOddities];
  for (const [i, { provider, key, own }] of named.entries()) {
    said.add(
      i < 2
        ? await home.switchyard(['keys', 'set', provider], `${key}\n`)
        : await editor.call(KeysSet, { provider, key }),
    );
    said.add(await editor.call(KeysSet, { provider, key: own, scope: 'workspace' }));
  }
  said.add(await editor.call(KeysRotate, {}));
  home.configure({
    ...(JSON.parse(readFileSync(home.paths.configFile, 'utf8')) as object),
    localModels: [home.file('local.gguf')],
  });
  await until('the local model', async () =>
    (await editor.call(ModelsList, {})).models.some(({ id }) => id === 'local/local'),
  );
}

/** Asks every provider, and for everything that tells of it afterwards. */
async function useAll(editor: LspClient, said: Said): Promise<void> {
  const names = [...types, ...ofOddities.map(({ provider }) => provider), 'away', 'asked', 'named'];
  await Promise.all(
    [...names.map((name) => `${name}/m`), 'local/local'].map((model) =>
      said.try(editor.call(ChatSend, { text: `Hello, ${model}`, model })),
    ),
  );
  editor.open('untitled:a.ts', 'export const x = 1;\n', 'typescript');
  for (const model of ['openai/m', 'google/m', 'openai-compatible/m'])
    await said.try(editor.call(ReviewRun, { textDocument: { uri: 'untitled:a.ts' }, model }));
  const { chats } = await editor.call(ChatList, {});
  for (const { id } of chats)
    said.add([
      await editor.call(ChatMessages, { chatId: id }),
      await editor.call(ChatExport, { chatId: id, format: 'json' }),
    ]);
  const asked = [
    editor.call(KeysList, {}),
    editor.call(DaemonDoctor, {}),
    editor.call(DaemonStatus, {}),
    editor.call(ModelsList, { refresh: true }),
    editor.call(ModelsSetup, {}),
    editor.call(CostsSummary, {}),
    editor.call(RouterDecisions, {}),
  ];
  for (const answer of asked) await said.try(answer);
}

/** Everything that came back. Lives as long as the test. */
class Said {
  text = '';

  add(value: unknown): void {
    this.text += `${JSON.stringify(value)}\n`;
  }

  async try(asked: Promise<unknown>): Promise<void> {
    this.add(await asked.catch((error: unknown) => ({ error: String(error), ...(error as object) })));
  }
}

interface Listening {
  server: Server;
  url: string;
  /** What it said. */
  bodies: string[];
}

/** Refuses everything, each time in another way, and quotes all it was sent. */
function echoServer(): { server: Server; bodies: string[] } {
  const statuses = [401, 500, 400, 403, 429, 200];
  const bodies: string[] = [];
  const server = createServer((asked, response) => {
    const status = statuses[bodies.length % statuses.length] ?? 500;
    const said = `${asked.method} ${asked.url} with ${Object.entries(asked.headers)
      .map(([name, value]) => `${name}: ${String(value)}`)
      .join(' | ')}`;
    const body =
      bodies.length % 2 === 0
        ? JSON.stringify({ error: { message: said, type: 'x', details: [asked.headers] } })
        : said;
    bodies.push(said);
    response
      .writeHead(status, {
        'content-type': bodies.length % 2 === 1 ? 'application/json' : 'text/plain',
        'x-echo': encodeURIComponent(said),
      })
      .end(body);
  });
  return { server, bodies };
}

function refusingProxy(): { server: Server; bodies: string[] } {
  const bodies: string[] = [];
  const server = createServer();
  server.on('connect', ({ headers: sent }: IncomingMessage, socket: NodeJS.WritableStream) => {
    const said = String(sent['proxy-authorization']);
    bodies.push(said);
    socket.end(
      `HTTP/1.1 ${bodies.length % 2 === 0 ? 407 : 502} ${said}\r\nx-echo: ${said}\r\ncontent-length: ${said.length}\r\n\r\n${said}`,
    );
  });
  return { server, bodies };
}

async function listen({ server, bodies }: { server: Server; bodies: string[] }): Promise<Listening> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { server, bodies, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** A browser's socket, every frame of which is kept. */
async function openView(
  editor: LspClient,
  said: Said,
): Promise<{ ask(method: string, params: object): Promise<void>; close(): void }> {
  const { url } = await editor.call(GatewayOpen, {});
  const asked = request(url, { agent: false }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.resume();
  const { origin } = new URL(url);
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/ws`, {
    headers: { origin, cookie: response.headers['set-cookie']?.[0]?.split(';')[0] ?? '' },
  });
  socket.on('message', (frame) => said.add(String(frame)));
  await once(socket, 'open');
  let nextId = 1;
  return {
    async ask(method, params) {
      const id = nextId++;
      const { promise, resolve } = Promise.withResolvers<void>();
      const look = (frame: WebSocket.RawData): void => {
        const message = JSON.parse(String(frame)) as { type: string; id?: number };
        if (message.id === id && message.type !== 'part') resolve();
      };
      socket.on('message', look);
      socket.send(JSON.stringify({ type: 'request', id, method, params }));
      await promise;
      socket.off('message', look);
    },
    close: () => socket.close(),
  };
}

function assertProcessesClean(home: Home): void {
  const pids = home.processes().map((line) => Number.parseInt(line, 10));
  assert.ok(pids.length >= 4, 'two forwarders, the daemon and the inference host');
  for (const pid of pids) assertClean(`${readProc(pid, 'cmdline')}\n${readProc(pid, 'environ')}`, `process ${pid}`);
}

/** As it is, and as encodings would show it. */
const forms = all.flatMap((key) => [
  key,
  JSON.stringify(key).slice(1, -1),
  JSON.stringify(JSON.stringify(key)).slice(3, -3),
  encodeURIComponent(key),
  Buffer.from(key).toString('base64').slice(0, -4),
  Buffer.from(key).toString('hex'),
]);
const everyForm = [
  ...new Set([
    ...forms,
    ...passwords.map((password) => Buffer.from(`me:${password}`).toString('base64').slice(0, -4)),
    'cGxhbnRlZ',
  ]),
];

function assertClean(text: string, where: string): void {
  for (const form of everyForm) {
    const at = text.indexOf(form);
    assert.ok(
      at < 0 || isConfiguration(where),
      `the key ${form} is in ${where}: …${text.slice(Math.max(0, at - 200), at + 80)}`,
    );
  }
}

/** The user's own file, in which some of them were written by the user. */
function isConfiguration(where: string): boolean {
  return where.endsWith('/config.json');
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => lstatSync(path, { throwIfNoEntry: false })?.isFile());
}
