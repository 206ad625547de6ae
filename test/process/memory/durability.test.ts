// The built daemon and its stored data: killed at random moments, backed up, restored and damaged while clients are at work.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { BackupCreate, BackupRestore, BackupVerify } from '../../../shared/protocol/backup.ts';
import { ChatCreate, ChatList, ChatRename } from '../../../shared/protocol/chat.ts';
import { DaemonDoctor, DaemonStatus } from '../../../shared/protocol/daemon.ts';
import { Home, until } from '../home.ts';
import { failureOf, type LspClient, openEditor } from '../lsp-client.ts';

const kills = Number(process.env['SWITCHYARD_DAEMON_KILLS'] ?? 10);
const clientsAtOnce = 3;
const maxBetween = 60;
const failuresOfLoss = /daemon stopped|starting again|restarting/i;

describe('what is stored', () => {
  it(`survives ${kills} ends of the daemon by kill -9 while ${clientsAtOnce} clients write`, async function () {
    this.timeout(60_000 + kills * 10_000);
    await using home = new Home();
    const acknowledged: string[] = [];
    for (let kill = 0; kill < kills; kill++) {
      const editor = await openEditor(home); // a new one each time: a forwarder gives up on a daemon that ends too often
      const killAfter = acknowledged.length + 1 + Math.floor(Math.random() * maxBetween);
      const daemon = home.daemonPid() ?? 0;
      let isKilled = false;
      const write = async (): Promise<void> => {
        while (!isKilled) {
          try {
            acknowledged.push((await editor.call(ChatCreate, { title: `chat ${acknowledged.length}` })).chatId);
          } catch (error) {
            assert.ok(isKilled || failuresOfLoss.test(String(error)), String(error));
          }
          if (acknowledged.length < killAfter || isKilled) continue;
          isKilled = true;
          process.kill(daemon, 'SIGKILL');
        }
      };
      await Promise.all(Array.from({ length: clientsAtOnce }, write));
      await until('another daemon', () => home.daemonPid() !== undefined && home.daemonPid() !== daemon);
      const { problems } = await toldToTryAgain(() => editor.call(BackupVerify, {}));
      assert.deepEqual(problems, []);
      const stored = new Set(await toldToTryAgain(() => allChats(editor)));
      assert.deepEqual(
        acknowledged.filter((id) => !stored.has(id)),
        [],
      );
      await editor.leave();
    }
  });

  it('is copied and restored while other clients are at work', async () => {
    await using home = new Home();
    const [one, other] = [await openEditor(home), await openEditor(home)];
    const { chatId } = await one.call(ChatCreate, { title: 'before' });
    const { backup } = await one.call(BackupCreate, {});
    await one.call(ChatRename, { chatId, title: 'after' });
    const [restored, ...others] = await Promise.all([
      one.call(BackupRestore, { file: backup.file }),
      ...Array.from({ length: 40 }, () => other.call(ChatList, {})),
    ]);
    assert.equal(others.length, 40);
    assert.equal((await other.call(ChatList, {})).chats[0]?.title, 'before');
    assert.ok(restored.backup && existsSync(restored.backup.file));
    assert.equal((await failureOf(one.call(BackupRestore, { file: 'none.db' }))).data?.code, 'no-such-file');
    await other.call(ChatCreate, { title: 'sessions go on' });
    for (const editor of [one, other]) await editor.leave();
  });

  it('has its commands in the terminal', async () => {
    await using home = new Home();
    assert.match((await home.switchyard(['backup'])).stdout, /No backups yet/);
    const made = await home.switchyard(['backup', 'create', '--json']);
    const { backup } = JSON.parse(made.stdout) as { backup: { file: string } };
    assert.match((await home.switchyard(['backup', 'list'])).stdout, /manual/);
    assert.match((await home.switchyard(['backup', 'verify'])).stdout, /is intact/);
    assert.match(
      (await home.switchyard(['backup', 'restore', backup.file])).stdout,
      /Restored\. The previous data is saved in/,
    );
    writeFileSync(home.file('broken.db'), readFileSync(backup.file).subarray(0, 10_000));
    const broken = await home.switchyard(['backup', 'verify', 'broken.db']);
    assert.deepEqual([broken.code, broken.stdout.length > 10], [1, true]);
    assert.equal((await home.switchyard(['backup', 'restore'])).code, 2);
    const refused = await home.switchyard(['backup', 'restore', 'broken.db']);
    assert.deepEqual([refused.code, /is damaged and wasn't restored/.test(refused.stderr)], [3, true], refused.stderr);
  });

  it('is rebuilt when it was damaged, and every client is told', async () => {
    await using home = new Home();
    const first = await openEditor(home);
    const { chatId } = await first.call(ChatCreate, { title: 'kept' });
    await first.leave();
    await home.switchyard(['stop']);
    const database = join(home.paths.data, 'switchyard.db');
    writeFileSync(database, readFileSync(database).fill(0x5a, 0, 100)); // its header
    const editor = await openEditor(home);
    assert.deepEqual(
      (await editor.call(ChatList, {})).chats.map(({ id }) => id),
      [chatId],
    );
    const { message } = await editor.notified<{ message: string }>('window/showMessage', (shown) =>
      /was damaged/.test(shown.message),
    );
    assert.match(message, /rebuilt.*is kept in/);
    assert.match((await editor.call(DaemonStatus, {})).notices?.[0] ?? '', /was damaged/);
    const check = (await editor.call(DaemonDoctor, {})).checks.find(({ name }) => name === 'stored data');
    assert.deepEqual([check?.ok, /delete the folder/.test(check?.fix ?? '')], [false, true]);
    await editor.leave();
  });
});

/** What the user would do: the sentence about a lost daemon asks for it, also where the loss is noticed only by this very call. */
async function toldToTryAgain<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!failuresOfLoss.test(String(error))) throw error;
    return await call();
  }
}

async function allChats(editor: LspClient): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await editor.call(ChatList, { limit: 100, ...(cursor && { cursor }) });
    ids.push(...page.chats.map(({ id }) => id));
    cursor = page.next;
  } while (cursor !== undefined);
  return ids;
}
