// A disk that never answers, under the storage of a running daemon.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { describe, it } from 'mocha';
import { ChatCreate } from '../../../shared/protocol/chat.ts';
import { Home, isRunning, until } from '../home.ts';
import { openEditor } from '../lsp-client.ts';

describe('a disk that never answers', () => {
  it('does not keep the daemon from ending when it is told to', async function () {
    if (process.platform === 'win32') this.skip(); // no mkfifo there
    await using home = new Home();
    const pipe = home.file('disk.pipe');
    execFileSync('mkfifo', [pipe]);
    home.variables = { NODE_OPTIONS: `--import=${new URL('../peers/stuck-storage.mjs', import.meta.url).href}` };
    const editor = await openEditor(home);
    editor.call(ChatCreate, { title: pipe }).catch(() => {}); // it ends with the daemon
    const writer = await until('storage to wait for its disk', () => openIfRead(pipe));
    try {
      const { code, stdout, stderr } = await home.switchyard(['stop', '--force']);
      assert.deepEqual([code, stdout], [0, `The daemon (process ${editor.daemon}) has stopped.\n`], stderr);
      assert.equal(isRunning(editor.daemon), false);
    } finally {
      closeSync(writer);
    }
  });
});

/** The pipe's other end, once somebody reads it: held open, it keeps the reader waiting. */
function openIfRead(pipe: string): number | undefined {
  try {
    return openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}
