// kill -9 at random moments while writing: every write that was acknowledged is there afterwards, and the database is whole.
// What a kill leaves is the state of the files at that moment. So that hundreds of moments cost seconds, a process that writes is
// stopped, its files are copied as they are, and it goes on; at its end it is killed indeed. SWITCHYARD_KILLS=5000 tries more.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'mocha';
import type { StoredChat } from '../../../../../daemon/storage/chats.ts';
import type { StoredMessage } from '../../../../../daemon/storage/messages.ts';
import { SqliteEngine } from '../../../../../daemon/storage/sqlite/engine.ts';
import { verifyFile } from '../../../../../daemon/storage/sqlite/safety/verify.ts';
import { folderInMemory } from '../../open-storage.ts';
import { type Call, callsOf } from './filled.ts';

const writers = fileURLToPath(new URL('./peers/writers.ts', import.meta.url));
const moments = Number(process.env['SWITCHYARD_KILLS'] ?? 200);
const databasesAtOnce = 4;
const stopsPerProcess = 24;
const maxLinesBetween = 120;
const importedMessages = 600; // as the writers do it

interface Acknowledged {
  what: string;
  id: string;
}

describe('kill -9 while writing', () => {
  it(`loses nothing that was acknowledged, at ${moments} moments`, async function () {
    this.timeout(60_000 + moments * 1000);
    for (let seen = 0; seen < moments; ) {
      using folder = folderInMemory();
      const writing = new Writing(folder.path);
      for (
        let stop = 0;
        stop < stopsPerProcess && seen + databasesAtOnce < moments && process.platform === 'linux';
        stop++
      ) {
        await writing.lines(1 + Math.floor(Math.random() * maxLinesBetween));
        seen += await writing.stopAndLook();
      }
      await writing.lines(1 + Math.floor(Math.random() * maxLinesBetween));
      seen += await writing.kill();
    }
  });
});

/** A process that writes, and what it has said was stored. */
class Writing {
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #databases: string[];
  readonly #acknowledged: Acknowledged[][];
  #rest = '';
  #lines = 0;

  constructor(folder: string) {
    this.#folder = folder;
    const names = Array.from({ length: databasesAtOnce }, (_, i) => join('live', `${i}`, 'switchyard.db'));
    this.#databases = names;
    this.#acknowledged = names.map(() => []);
    this.#child = spawn(process.execPath, [writers, ...names.map((name) => join(folder, name))], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#read(text));
  }

  async lines(count: number): Promise<void> {
    for (const wanted = this.#lines + count; this.#lines < wanted; )
      await once(this.#child.stdout as NodeJS.ReadableStream, 'data');
  }

  async stopAndLook(): Promise<number> {
    const pid = this.#child.pid ?? 0;
    this.#child.kill('SIGSTOP');
    while (!tasks(pid).every((state) => state === 'T')) await turn(); // its threads stop one after another
    const copy = join(this.#folder, 'copy');
    cpSync(join(this.#folder, 'live'), copy, { recursive: true });
    await turn(); // what it said before it stopped
    for (const [index, name] of this.#databases.entries())
      assertKept(join(copy, name.slice('live/'.length)), this.#acknowledged[index] ?? []);
    rmSync(copy, { recursive: true });
    this.#child.kill('SIGCONT');
    return this.#databases.length;
  }

  async kill(): Promise<number> {
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await closed;
    for (const [index, name] of this.#databases.entries())
      assertKept(join(this.#folder, name), this.#acknowledged[index] ?? []);
    return this.#databases.length;
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    this.#lines += lines.length;
    for (const line of lines) {
      const [index, what = '', id = ''] = line.split(' ');
      this.#acknowledged[Number(index)]?.push({ what, id });
    }
  }
}

/** The state of each thread of a process: T when it is stopped. */
function tasks(pid: number): string[] {
  const folder = `/proc/${pid}/task`;
  return readdirSync(folder).map(
    (task) => /^State:\s+(\w)/m.exec(readFileSync(join(folder, task, 'status'), 'utf8'))?.[1] ?? '',
  );
}

function assertKept(database: string, acknowledged: Acknowledged[]): void {
  const notices: string[] = [];
  const storage = new SqliteEngine(database, { onNotice: (notice) => notices.push(notice) });
  const call = callsOf(storage);
  const { items } = call<{ items: StoredChat[] }>('chats', 'listChats', { limit: 200 });
  for (const { title, messageCount } of items)
    if (title === 'imported') assert.equal(messageCount, importedMessages, 'what arrived is seen whole');
  for (const { what, id } of acknowledged) assertStored(call, what, id);
  storage.close();
  assert.deepEqual(notices, [], 'nothing was damaged');
  assert.deepEqual(verifyFile(database).problems, []);
}

function assertStored(call: Call, what: string, id: string): void {
  if (what === 'imported')
    return void assert.equal(call<StoredChat>('chats', 'chat', id).messageCount, importedMessages);
  if (what === 'chat') return void assert.equal(call<StoredChat>('chats', 'chat', id).id, id);
  const { status, text } = call<StoredMessage>('chats', 'message', id);
  if (what === 'finished') assert.deepEqual([status, text], ['complete', '0,1,2,3,4,5,']);
  if (what.startsWith('piece-'))
    assert.ok(
      text.startsWith(Array.from({ length: Number(what.slice(6)) + 1 }, (_, i) => `${i},`).join('')),
      `${what}: ${text}`,
    );
}
