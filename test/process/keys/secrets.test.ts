// A planted key is looked for wherever it could have leaked: files, logs, answers, errors, arguments, environments.
import assert from 'node:assert/strict';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { ChatList, ChatMessages, ChatSend } from '../../../shared/protocol/chat.ts';
import { DaemonDoctor } from '../../../shared/protocol/daemon.ts';
import { KeysList } from '../../../shared/protocol/keys.ts';
import { ModelsList } from '../../../shared/protocol/models.ts';
import { startOpenAiServer } from '../../fakes/provider-servers/openai.ts';
import type { RecordedRequest, Reply } from '../../fakes/provider-servers/scripted-server.ts';
import { allPids, Home, readProc } from '../home.ts';
import { failureOf, openEditor } from '../lsp-client.ts';

const key = 'sk-planted-9b1f4c7e2d8a6053-key';

describe('a key that was set', () => {
  it('reaches its provider and is found nowhere else: no file, log, answer, error, argument or environment', async () => {
    await using server = await startOpenAiServer({ reply: 'Hello.' });
    await using home = new Home({
      providers: { lab: { type: 'openai-compatible', baseUrl: server.url, models: ['scripted'] } },
    });
    const said: string[] = [];
    const run = async (args: string[], input = ''): Promise<number | null> => {
      const { code, stdout, stderr } = await home.switchyard(args, input);
      said.push(stdout, stderr);
      return code;
    };
    assert.equal(await run(['keys', 'set', 'lab'], `${key}\n`), 0);
    const editor = await openEditor(home, { switchyard: { log: true } });
    const ask = (text: string): Promise<unknown> => editor.call(ChatSend, { text, model: 'lab/scripted' });

    said.push(JSON.stringify(await ask('with a good key')));
    assert.equal(server.chats[0]?.headers.authorization, `Bearer ${key}`);
    for (const refusal of echoes) {
      server.reply = refusal;
      said.push(JSON.stringify(await failureOf(ask('with a key that is shouted back'))));
    }
    for (const { id } of (await editor.call(ChatList, {})).chats)
      said.push(JSON.stringify(await editor.call(ChatMessages, { chatId: id })));
    said.push(
      JSON.stringify([
        await editor.call(KeysList, {}),
        await editor.call(DaemonDoctor, {}),
        await editor.call(ModelsList, { refresh: true }),
      ]),
    );
    for (const args of [
      ['keys'],
      ['keys', '--json'],
      ['status'],
      ['doctor'],
      ['models'],
      ['chat', 'again', '--model', 'lab/scripted'],
    ])
      await run(args);
    said.push(JSON.stringify(editor.notifications.items));

    assertClean(said.join('\n'), 'what was said');
    for (const file of filesIn(home.folder)) assertClean(readFileSync(file, 'latin1'), file);
    if (process.platform !== 'linux') return;
    for (const pid of allPids().filter((pid) => pid !== process.pid)) {
      assertClean(`${readProc(pid, 'cmdline')}\n${readProc(pid, 'environ')}`, `process ${pid}`);
    }
  });

  it('is refused as an argument, where every process could see it', async () => {
    await using home = new Home();
    const { code, stderr } = await home.switchyard(['keys', 'set', 'lab', key]);
    assert.equal(code, 2);
    assert.match(stderr, /stdin/);
    assertClean(stderr, 'the refusal');
    assert.equal(home.daemonPid(), undefined, 'no daemon was started for it');
  });
});

/** Servers that send the key back in their refusals. */
const echoes: ((request: RecordedRequest) => Reply)[] = [
  ({ headers }) => ({
    status: 401,
    body: {
      error: {
        message: `Incorrect API key provided: ${headers.authorization}`,
        type: 'invalid_request_error',
        code: 'invalid_api_key',
      },
    },
  }),
  ({ headers }) => ({
    status: 401,
    body: { error: { message: `Incorrect API key: ${headers.authorization?.replace('Bearer ', '')}` } },
  }),
  ({ headers }) => ({ status: 500, body: `stack trace: ${JSON.stringify(headers)}` }),
  ({ headers }) => ({
    status: 400,
    headers: { 'x-echo': headers.authorization ?? '' },
    body: { error: { message: `bad request with ${headers.authorization}` } },
  }),
  ({ headers }) => ({
    text: 'An answer',
    errorEvent: { type: 'server_error', message: `failed for ${headers.authorization}` },
  }),
];

/** As it is, and as encodings would show it. */
const forms = [
  key,
  Buffer.from(key).toString('base64').slice(0, -4),
  Buffer.from(key).toString('hex'),
  encodeURIComponent(key),
  [...key].reverse().join(''),
];

function assertClean(text: string, where: string): void {
  for (const form of forms)
    assert.ok(
      !text.includes(form),
      `the key is in ${where}: …${text.slice(Math.max(0, text.indexOf(form) - 200), text.indexOf(form) + 60)}`,
    );
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => lstatSync(path).isFile());
}
