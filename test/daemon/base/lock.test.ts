// The lock of the daemon: one holder, told from a stranger with the same process id, and never in the way when it is dead.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'mocha';
import { isAlive, processStartTime, readRecord, takeLock } from '../../../daemon/base/lock.ts';
import { testFolder } from '../storage/open-storage.ts';

const contender = fileURLToPath(new URL('./peers/lock-contender.ts', import.meta.url));

describe('the lock', () => {
  it('is held by one; the other is told by whom; released, it can be taken again', () => {
    using folder = testFolder();
    const file = join(folder.path, 'lock');
    const first = takeLock(file, 'first');
    assert.ok('held' in first);
    const second = takeLock(file, 'second');
    assert.ok('heldBy' in second);
    assert.deepEqual([second.heldBy.pid, second.heldBy.build], [process.pid, 'first']);
    first.held.release();
    assert.ok('held' in takeLock(file, 'third'));
    first.held.release();
    assert.equal(readRecord(file)?.build, 'third', 'who let go cannot take it from the next');
    assert.deepEqual(readdirSync(folder.path), ['lock'], 'nothing is left beside it');
  });

  it('is taken over from a dead process, from a reused process id and from garbage', () => {
    using folder = testFolder();
    const file = join(folder.path, 'lock');
    const record = { pid: process.pid, startTime: processStartTime(process.pid) ?? '', nonce: 'n', build: 'b' };
    for (const stale of [
      { ...record, pid: 2 ** 22 + 1 },
      { ...record, pid: 0 },
      { ...record, pid: -1 },
      { ...record, startTime: 'long ago' },
      { pid: 'x' },
      5,
      null,
    ]) {
      writeFileSync(file, JSON.stringify(stale));
      const result = takeLock(file, 'new');
      assert.ok('held' in result, JSON.stringify(stale));
      result.held.release();
    }
    writeFileSync(file, '');
    assert.ok('held' in takeLock(file, 'new'));
  });

  it('is taken over though the process that began to remove the stale one has died', () => {
    using folder = testFolder();
    const file = join(folder.path, 'lock');
    const stale = JSON.stringify({ pid: 2 ** 22 + 1, startTime: '1', nonce: 'stale', build: 'old' });
    writeFileSync(file, stale);
    const digest = createHash('sha256').update(stale).digest('hex').slice(0, 32);
    writeFileSync(
      join(folder.path, `stale-${digest}.lock`),
      JSON.stringify({ pid: 0, startTime: '', nonce: 'remover' }),
    );
    assert.ok('held' in takeLock(file, 'new'));
    assert.deepEqual(readdirSync(folder.path), ['lock']);
  });

  it('has one winner when many processes find a stale one at the same moment, fifty times', async () => {
    using folder = testFolder();
    const stale = { pid: 2 ** 22 + 1, startTime: '1', nonce: 'stale', build: 'old' };
    const children = Array.from({ length: 8 }, () =>
      fork(contender, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
    );
    await Promise.all(children.map((child) => once(child, 'message')));
    let file = '';
    for (let round = 0; round < 50; round++) {
      file = join(folder.path, `lock-${round}`);
      writeFileSync(file, JSON.stringify(round % 2 ? stale : { garbage: round }));
      const answers = children.map((child) => once(child, 'message') as Promise<[{ held: boolean }]>);
      for (const child of children) child.send(file);
      const winners = (await Promise.all(answers)).flatMap(([{ held }], index) => (held ? [children[index]?.pid] : []));
      assert.deepEqual(winners, [readRecord(file)?.pid], `round ${round}`);
    }
    assert.equal(readdirSync(folder.path).length, 50, 'no process left anything beside the locks');
    for (const child of children) child.disconnect();
    await Promise.all(children.map((child) => once(child, 'exit')));
    const record = readRecord(file);
    assert.ok(record && !isAlive(record), 'its holder has ended');
  });
});
