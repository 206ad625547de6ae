// Makes a new master key in the folder it is given, and is killed at one of the steps on the disk. Prints `done` if it comes to its end.
import { open } from 'node:fs/promises';
import { Redactor } from '../../../../daemon/base/log.ts';
import { createKeystore } from '../../../../daemon/keys/keystore.ts';

const [folder = '', stepsLeft = '0'] = process.argv.slice(2);
let left = Number(stepsLeft);

const handle = await open(folder, 'r');
const prototype = Object.getPrototypeOf(handle) as Record<
  'writeFile' | 'sync',
  (...args: unknown[]) => Promise<unknown>
>;
await handle.close();
const { writeFile, sync } = prototype;
Object.assign(prototype, { writeFile: mortal(writeFile), sync: mortal(sync) });

const none = (): Promise<never> => Promise.reject(new Error('no keychain here'));
const log = { debug() {}, info() {}, warn() {}, error() {} };
await createKeystore({
  dataDir: folder,
  redactor: new Redactor(),
  log,
  keychain: { read: none, write: none, remove: none },
}).rotate();
process.stdout.write('done');

function mortal(work: (...args: unknown[]) => Promise<unknown>) {
  return async function (this: unknown, ...args: unknown[]): Promise<unknown> {
    if (left-- <= 0) process.kill(process.pid, 'SIGKILL');
    return work.apply(this, args);
  };
}
