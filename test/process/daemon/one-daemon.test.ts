// Twenty clients, one daemon; and none once nobody needs it.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { DaemonStatus } from '../../../shared/protocol/daemon.ts';
import { Home, until } from '../home.ts';
import { openEditor, startEditor } from '../lsp-client.ts';

describe('one daemon for everyone', () => {
  it('twenty clients that start at once on a cold home share one daemon, and none is left after its idle time', async () => {
    await using home = new Home({ daemon: { idleExitMinutes: 0.01 } });
    const editors = Array.from({ length: 20 }, () => startEditor(home));
    const pids = await Promise.all(editors.map(async (editor) => (await editor.initialize()).pid));
    assert.deepEqual([...new Set(pids)], [home.daemonPid()]);
    const serving = home.processes().filter((line) => / serve( |$)/.test(line));
    if (process.platform === 'linux') assert.equal(serving.length, 1, serving.join('\n'));
    const [first] = editors;
    const { clients } = (await first?.call(DaemonStatus, {})) ?? { clients: [] };
    assert.equal(clients.length, 20);
    await Promise.all(editors.map((editor) => editor.leave()));
    await until('the daemon to end by itself', () => home.processes().length === 0);
  });

  it('a client that comes within the idle time keeps the daemon', async () => {
    await using home = new Home({ daemon: { idleExitMinutes: 1 } });
    const first = await openEditor(home);
    await first.leave();
    const second = await openEditor(home);
    assert.equal(second.daemon, first.daemon);
  });
});
