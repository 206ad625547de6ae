// The storage worker: a thread that owns the database, so that no query ever holds up the daemon's event loop.
// It answers calls one after another, in the order they were made; what takes seconds, such as a backup, when it is done.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { CallReply, CallRequest, CloseRequest, Notice, WorkerData } from './calls.ts';
import { createSlowThread, type SlowRequest, workSlowly } from './safety/slow-thread.ts';
import { Storage } from './storage.ts';
import { sendError } from './storage-errors.ts';

const port = parentPort;
if (!port) throw new Error('the storage worker runs only as a worker thread');

const given = workerData as WorkerData | SlowRequest;
if ('verify' in given || 'prepareRestore' in given) port.postMessage(workSlowly(given));
else serve(port, given);

function serve(port: MessagePort, { database }: WorkerData): void {
  const storage = new Storage(database, {
    slow: createSlowThread(new URL(import.meta.url)),
    onNotice: (notice) => port.postMessage({ notice } satisfies Notice),
  });
  port.on('message', (request: CallRequest | CloseRequest) => {
    if ('close' in request) {
      storage.close();
      port.close(); // the last thing that kept this thread alive
    } else if (request.part === 'backups') {
      void answerLater(storage, request).then((reply) => port.postMessage(reply));
    } else {
      port.postMessage(answer(storage, request));
    }
  });
  try {
    storage.open();
  } catch {
    // Each call tries again and says what is wrong.
  }
}

function answer(storage: Storage, { id, ...call }: CallRequest): CallReply {
  try {
    return { id, value: storage.call(call) };
  } catch (error) {
    return { id, error: sendError(error) };
  }
}

async function answerLater(storage: Storage, { id, ...call }: CallRequest): Promise<CallReply> {
  try {
    return { id, value: await storage.call(call) };
  } catch (error) {
    return { id, error: sendError(error) };
  }
}
