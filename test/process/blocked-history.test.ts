// The history's disk that fails, or never answers: requests are answered as ever, what is missing is counted, and the daemon ends.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, it } from 'mocha';
import { ChatSend } from '../../shared/protocol/chat.ts';
import { DaemonDoctor, DaemonStatus } from '../../shared/protocol/daemon.ts';
import { startOpenAiServer } from '../fakes/provider-servers/openai.ts';
import type { ScriptedServer } from '../fakes/provider-servers/scripted-server.ts';
import { Home, isRunning, until } from './home.ts';
import { openEditor } from './lsp-client.ts';

describe('the history', () => {
  it('holds nobody up when its disk never answers, and the daemon leaves all the same', async function () {
    if (process.platform === 'win32') this.skip(); // no mkfifo there
    await using server = await startOpenAiServer({ reply: 'Hello.' });
    await using home = homeFor(server);
    const pipe = home.file('pipe');
    execFileSync('mkfifo', [pipe]);
    const restore = overEnvironment({
      NODE_OPTIONS: `--import=${new URL('peers/blocked-disk.mjs', import.meta.url).href}`,
      TEST_BLOCKED_PIPE: pipe,
    });
    try {
      const editor = await openEditor(home);
      for (let i = 0; i < 20; i++)
        assert.equal((await editor.call(ChatSend, { text: `Question ${i}`, model: 'lab/scripted' })).text, 'Hello.');
      assert.deepEqual((await editor.call(DaemonStatus, {})).history, { waiting: 20, dropped: 0 });
      const { checks } = await editor.call(DaemonDoctor, {});
      assert.match(checks.find(({ name }) => name === 'history')?.detail ?? '', /except 20 still being written/);
      process.kill(editor.daemon, 'SIGTERM');
      await until('the daemon to end', () => !isRunning(editor.daemon));
    } finally {
      restore();
    }
  });

  it('counts the lines that its disk did not take, and says so in `status` and `doctor`', async function () {
    if (process.platform === 'win32') this.skip(); // a folder with an open file, the log, can't be replaced there
    await using server = await startOpenAiServer({ reply: 'Hello.' });
    await using home = homeFor(server);
    const editor = await openEditor(home);
    rmSync(dirname(home.paths.logFile), { recursive: true });
    writeFileSync(dirname(home.paths.logFile), 'a file where the folder of the logs should be');
    for (let i = 0; i < 5; i++) await editor.call(ChatSend, { text: `Question ${i}`, model: 'lab/scripted' });
    await until('the lines to be given up', async () => (await editor.call(DaemonStatus, {})).history.dropped === 5);
    const { checks } = await editor.call(DaemonDoctor, {});
    const { ok, detail, fix } = checks.find(({ name }) => name === 'history') ?? {};
    assert.deepEqual(
      [ok, detail?.startsWith('5 requests are missing from the log in '), fix?.startsWith('Free some space there')],
      [false, true, true],
    );
    assert.match((await home.switchyard(['status'])).stdout, /Request log: 5 lines are missing/);
  });
});

function homeFor(server: ScriptedServer): Home {
  return new Home({ providers: { lab: { type: 'openai-compatible', baseUrl: server.url, models: ['scripted'] } } });
}

/** Sets variables for what is started from now on; returns how to put them back. */
function overEnvironment(variables: Record<string, string>): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}
