// The storage worker: a thread that owns the database, so that no query ever holds up the daemon's event loop.
// It answers calls one after another, in the order they were made.
import { parentPort, workerData } from 'node:worker_threads';
import type { CallReply, CallRequest, CloseRequest, WorkerData } from './calls.ts';
import { Housekeeping } from './housekeeping.ts';
import { Storage } from './storage.ts';
import { sendError } from './storage-errors.ts';

const port = parentPort;
if (!port) throw new Error('the storage worker runs only as a worker thread');

const storage = new Storage((workerData as WorkerData).database);
const housekeeping = new Housekeeping(() => storage.step());

port.on('message', (request: CallRequest | CloseRequest) => {
  if ('close' in request) {
    housekeeping.stop();
    storage.close();
    port.close(); // the last thing that kept this thread alive
  } else {
    answer(request);
  }
});

try {
  storage.open();
  housekeeping.wake();
} catch {
  // Each call tries again and says what is wrong.
}

function answer({ id, part, name, args }: CallRequest): void {
  const reply = (value: CallReply): void => {
    port?.postMessage(value);
    housekeeping.wake();
  };
  try {
    const value = storage.call(part, name, args);
    if (value instanceof Promise) value.then((later: unknown) => reply({ id, value: later }), (error: unknown) => reply({ id, error: sendError(error) }));
    else reply({ id, value });
  } catch (error) {
    reply({ id, error: sendError(error) });
  }
}
