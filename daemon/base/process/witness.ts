// Proof that a process still runs, for Windows: it reuses process ids within seconds, and its start times take a PowerShell to read.
// A process keeps one file open to itself alone. The system closes and deletes it when the process ends, however it ends.
import { closeSync, constants, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errnoCode } from '../errors.ts';

/** libuv's UV_FS_O_EXLOCK on Windows: no other open of the file succeeds. Node and its types name neither of these. */
const exclusive = 0x10000000;

/** UV_FS_O_TEMPORARY: deleted when its last handle closes. */
const temporary = 0x40;

const name = /^[a-z]:\\.*\\switchyard-[\da-f-]{36}\.alive$/i; // never a share of another machine

/** The file of this process, made when it is first asked for. Module state, since a process is what it stands for. */
let own: string | undefined;

/** The path of this process's witness; empty where none can be made. */
export function ownWitness(): string {
  own ??= makeWitness(join(tmpdir(), `switchyard-${crypto.randomUUID()}.alive`));
  return own;
}

/** Whether the process that made this witness still runs. */
export function isWitnessed(path: string): boolean {
  if (!name.test(path)) return false;
  try {
    closeSync(openSync(path, 'r'));
    return false; // left by a machine that lost its power
  } catch (error) {
    return errnoCode(error) !== 'ENOENT';
  }
}

function makeWitness(path: string): string {
  if (!name.test(path)) return '';
  try {
    openSync(path, constants.O_CREAT | constants.O_RDWR | temporary | exclusive, 0o600);
    return path;
  } catch {
    return '';
  }
}
