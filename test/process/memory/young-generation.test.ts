// A daemon stays for days, so what V8 takes for short-lived objects stays small in each of its threads.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { DaemonStatus } from '../../../shared/protocol/daemon.ts';
import { Home } from '../home.ts';
import { openEditor } from '../lsp-client.ts';

const maxBytes = 16 * 1024 * 1024;

describe('the young generation of the daemon', () => {
  it('stays small in the main thread and in the storage worker, however much is made', async () => {
    await using home = new Home();
    const file = join(home.folder, 'churn.jsonl');
    Object.assign(home.variables, {
      NODE_OPTIONS: `--import=${new URL('../peers/churn.mjs', import.meta.url).href}`,
      SWITCHYARD_TEST_CHURN: file,
    });
    const editor = await openEditor(home);
    await editor.call(DaemonStatus, {}); // the worker has begun
    const threads = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line): { thread: string; bytes: number } => JSON.parse(line));
    assert.deepEqual([...new Set(threads.map(({ thread }) => thread))].sort(), ['main', 'worker']);
    for (const { thread, bytes } of threads) assert.ok(bytes <= maxBytes, `${thread}: ${bytes} bytes`);
  });
});
