// The storage worker: a thread that owns the database, so that no query ever holds up the daemon's event loop.
// It answers calls one after another, in the order they were made.
import { parentPort, workerData } from 'node:worker_threads';
import type { CallReply, CallRequest, CloseRequest, WorkerData } from './calls.ts';
import { Storage } from './storage.ts';
import { sendError } from './storage-errors.ts';

const port = parentPort;
if (!port) throw new Error('the storage worker runs only as a worker thread');

const sweepEveryMs = 10 * 60_000;
const storage = new Storage((workerData as WorkerData).database);

port.on('message', (request: CallRequest | CloseRequest) => {
  if ('close' in request) {
    storage.close();
    port.close(); // the last thing that kept this thread alive
  } else {
    port.postMessage(answer(request));
  }
});

setInterval(() => storage.sweep(), sweepEveryMs).unref();

try {
  storage.open();
} catch {
  // Each call tries again and says what is wrong.
}

function answer({ id, ...call }: CallRequest): CallReply {
  try {
    return { id, value: storage.call(call) };
  } catch (error) {
    return { id, error: sendError(error) };
  }
}
