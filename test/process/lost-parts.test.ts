// What dies beside the daemon: the inference host under an answer, and the editor above its forwarder.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ChatSend } from '../../shared/protocol/chat.ts';
import { DaemonStatus } from '../../shared/protocol/daemon.ts';
import { writeRandomModel, writeScriptedModel } from '../fakes/gguf.ts';
import { startOpenAiServer } from '../fakes/provider-servers/openai.ts';
import { Home, isRunning, program, until } from './home.ts';
import { assertSentence, failureOf, Inbox, openEditor } from './lsp-client.ts';

describe('kill -9 of the inference host', () => {
  it('costs one answer, told in a sentence; the next one works, and the daemon is the same', async function () {
    if (process.platform !== 'linux') return this.skip(); // elsewhere nobody tells which process it is
    await using home = new Home();
    const [babbling, reciting] = [home.file('babbling.gguf'), home.file('reciting.gguf')];
    writeRandomModel(babbling, { contextTokens: 32_768 });
    writeScriptedModel(reciting, 'All is well again.');
    home.configure({ localModels: [babbling, reciting] });
    const editor = await openEditor(home);
    const asked = editor.ask(ChatSend, { text: 'hello', model: 'local/babbling' });
    await asked.parts.find('some text', ({ kind }) => kind === 'text');
    process.kill(pidOf(home, 'inference-host'), 'SIGKILL');
    const { code, message, data } = await failureOf(asked.result);
    assert.deepEqual([code, data], [-32803, { code: 'unavailable', retryable: true }]);
    assertSentence(message);
    const { text } = await editor.call(ChatSend, { text: 'and now?', model: 'local/reciting' });
    assert.equal(text, 'All is well again.');
    assert.equal((await editor.call(DaemonStatus, {})).pid, editor.daemon);
  });
});

describe('kill -9 of the editor', () => {
  it('ends its forwarder and what it had asked for; the daemon ends after its idle time, and nothing is left', async () => {
    await using server = await startOpenAiServer({
      reply: { text: ['a', 'b', 'c'], hold: { after: 1, until: new Promise(() => {}) } },
    });
    await using home = new Home({
      daemon: { idleExitMinutes: 0.01 },
      providers: { lab: { type: 'openai-compatible', baseUrl: server.url, models: ['scripted'] } },
    });
    const editor = home.spawn(['--input-type=module', '-e', editorThatAsks, program]);
    const lines = new Inbox<string>();
    editor.stdout?.setEncoding('utf8').on('data', (chunk: string) => lines.push(chunk));
    const forwarder = Number(
      (/forwarder (\d+)/.exec(await lines.find('the forwarder', (line) => line.includes('forwarder'))) ?? [])[1],
    );
    await server.asked();
    const daemon = home.daemonPid() ?? 0;
    assert.ok(isRunning(forwarder) && isRunning(daemon));
    editor.kill('SIGKILL');
    await server.closedEarly();
    await until('the forwarder to end', () => !isRunning(forwarder));
    await until('the daemon to end', () => !isRunning(daemon));
    await until('nothing to be left', () => home.processes().length === 0);
  });
});

/** A process that starts the forwarder over pipes, as editors do, asks, and waits for ever. */
const editorThatAsks = `
  import { spawn } from 'node:child_process';
  const forwarder = spawn(process.execPath, [process.argv[1], '--stdio'], { stdio: 'pipe' });
  const send = (message) => {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    forwarder.stdin.write('Content-Length: ' + Buffer.byteLength(body) + '\\r\\n\\r\\n' + body);
  };
  process.stdout.write('forwarder ' + forwarder.pid + '\\n');
  send({ id: 1, method: 'initialize', params: { capabilities: {} } });
  send({ id: 2, method: 'switchyard/chat/send', params: { text: 'hello', model: 'lab/scripted' } });
  setInterval(() => {}, 1000);
`;

function pidOf(home: Home, name: string): number {
  const line = home.processes().find((process) => process.includes(name));
  assert.ok(line, `no ${name} among\n${home.processes().join('\n')}`);
  return Number.parseInt(line, 10);
}
