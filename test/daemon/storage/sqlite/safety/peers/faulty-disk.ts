// What storage does when the Nth operation on its files fails, for N = 1, 2, … until none does. Run by disk-faults.test.ts as
// `faulty-disk.ts <ENOSPC | EIO | read> <folder> <control file>` with faults.c loaded; fails with the assertion that did not hold.
import assert from 'node:assert/strict';
import { cpSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../../../../../daemon/base/errors.ts';
import type { StoredChat } from '../../../../../../daemon/storage/chats.ts';
import type { StoredMessage } from '../../../../../../daemon/storage/messages.ts';
import { SqliteEngine } from '../../../../../../daemon/storage/sqlite/engine.ts';
import { verifyFile } from '../../../../../../daemon/storage/sqlite/safety/verify.ts';
import { callsOf } from '../filled.ts';

const [kind = '', folder = '', controlFile = ''] = process.argv.slice(2);
const maxOperations = 2000;
const codes = ['disk-full', 'disk-failed', 'storage-read-only', 'storage-cannot-open', 'storage-busy'];
const control = openSync(controlFile, 'r+');
const file = join(folder, 'live', 'switchyard.db');

const first = prepare();
let failing = 0;
for (let operation = 0; operation < maxOperations; operation++) {
  rmSync(join(folder, 'live'), { recursive: true, force: true });
  cpSync(join(folder, 'before'), join(folder, 'live'), { recursive: true });
  const failed = tryWithFault(operation);
  if (failed === 0) break;
  failing++;
}
assert.ok(failing > (kind === 'read' ? 3 : 10), `only ${failing} operations could fail`);
process.stdout.write(`${failing}\n`);

/** A database with one stored message, as a daemon that has ended left it. Returns the chat and the message. */
function prepare(): [chatId: string, messageId: string] {
  const storage = new SqliteEngine(join(folder, 'before', 'switchyard.db'));
  const call = callsOf(storage);
  const { id } = call<StoredChat>('chats', 'createChat', { title: 'before' });
  const message = call<StoredMessage>('chats', 'addUserMessage', id, { text: 'stored before the fault' });
  storage.close();
  return [id, message.id];
}

/** Returns how many operations failed. */
function tryWithFault(operation: number): number {
  const [chatId, messageId] = first;
  const acknowledged = [messageId];
  const storage = new SqliteEngine(file);
  const call = callsOf(storage);
  arm(operation);
  for (let i = 0; i < 4; i++) {
    attempt(operation, () =>
      acknowledged.push(
        call<StoredMessage>('chats', 'addUserMessage', chatId, {
          text: `during the fault ${'x'.repeat(i * 3000)}`,
        }).id,
      ),
    );
  }
  const read = (id: string): string => call<StoredMessage>('chats', 'message', id).id;
  if (kind === 'read') for (const id of acknowledged) attempt(operation, () => read(id));
  else for (const id of acknowledged) assert.equal(read(id), id, `operation ${operation}: what was stored can be read`);
  attempt(operation, () => storage.close());
  const failed = disarm();
  acknowledged.push(call<StoredMessage>('chats', 'addUserMessage', chatId, { text: 'after the fault' }).id);
  for (const id of acknowledged)
    assert.equal(read(id), id, `operation ${operation}: nothing that was acknowledged is lost`);
  storage.close();
  assert.deepEqual(verifyFile(file).problems, [], `operation ${operation}`);
  return failed;
}

function attempt(operation: number, work: () => unknown): void {
  try {
    work();
  } catch (error) {
    assert.ok(
      error instanceof UserError,
      `operation ${operation}: ${error instanceof Error ? error.stack : String(error)}`,
    );
    assert.ok(codes.includes(error.code) && error.retryable, `operation ${operation}: ${error.code}: ${error.message}`);
  }
}

function arm(operation: number): void {
  write([
    BigInt(operation),
    BigInt(kind === 'ENOSPC' ? constants.errno.ENOSPC : constants.errno.EIO),
    0n,
    kind === 'read' ? 1n : 0n,
  ]);
}

function disarm(): number {
  const numbers = new BigInt64Array(4);
  readSync(control, numbers, 0, 32, 0);
  write([-1n, 0n, 0n, 0n]);
  return Number(numbers[2]);
}

function write(numbers: bigint[]): void {
  writeSync(control, BigInt64Array.from(numbers), 0, 32, 0);
}
