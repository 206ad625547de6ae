// A disk that does not answer: the worker is blocked in a call to the system, as it is while a network disk has gone.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { before, describe, it } from 'mocha';
import { openStorage } from '../../../../daemon/storage/sqlite/client.ts';
import { SilenceWatch } from '../../../../daemon/storage/sqlite/safety/silence.ts';
import { silentLog, testFolder, withDefault } from '../open-storage.ts';

const stuckWorker = new URL('./peers/stuck-worker.ts', import.meta.url);
const isStuck = {
  name: 'UserError',
  code: 'disk-stuck',
  retryable: true,
  message: /hasn't answered for .*Check the disk/,
};

describe('a disk that does not answer', () => {
  before(function () {
    if (process.platform === 'win32') this.skip(); // no mkfifo there
  });

  it('is a sentence for each call that waits and at once for each that comes, and all goes on when it answers again', async () => {
    using folder = testFolder();
    const pipe = join(folder.path, 'disk.pipe');
    execFileSync('mkfifo', [pipe]);
    await using storage = withDefault(
      openStorage({ database: folder.database, workerPath: stuckWorker, log: silentLog, maxSilenceMs: 6000 }),
    );
    const { chats, search, backups } = storage;
    const first = await chats.createChat({ title: 'before' });
    const calls = [
      chats.createChat({ title: pipe }),
      chats.chat(first.id),
      chats.updateChat(first.id, { title: 'after' }),
      search.find({ query: 'before', limit: 1 } as Parameters<typeof search.find>[0]),
      backups.list(),
    ];
    for (const call of calls) await assert.rejects(call, isStuck);
    await assert.rejects(chats.chat(first.id), isStuck);
    const disk = await open(pipe, 'w'); // it answers again
    await disk.close();
    const answers = (): Promise<boolean> =>
      chats.listChats({}).then(
        () => true,
        () => false,
      );
    while (!(await answers())) await setImmediate();
    assert.equal((await chats.chat(first.id)).title, 'after', 'what waited was done');
  });
});

describe('the watch over the silence of the storage worker', () => {
  it('is quiet as long as the worker gives signs of life, however long a call takes', async () => {
    const asked = Promise.withResolvers<void>();
    const again = Promise.withResolvers<void>();
    let count = 0;
    const watch: SilenceWatch = new SilenceWatch({
      maxSilenceMs: 40,
      ask() {
        watch.heard({ isAwaited: true });
        if (++count === 1) asked.resolve();
        else again.resolve();
      },
      onSilent: () => assert.fail('it was not silent'),
    });
    watch.begin();
    await asked.promise;
    await again.promise;
    watch.heard({ isAwaited: false });
  });
});
