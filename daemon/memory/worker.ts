// The storage worker: a thread that owns the database, so that no query ever holds up the daemon's event loop.
// It answers calls in the order they were made; those that came while it was at work are answered together.
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { answerCalls } from './answer-calls.ts';
import type { CallRequest, WorkerData, WorkerRequest } from './calls.ts';
import { Storage } from './storage.ts';

const port = parentPort;
if (!port) throw new Error('the storage worker runs only as a worker thread');

const storage = new Storage((workerData as WorkerData).database);

port.on('message', (first: WorkerRequest) => {
  const { calls, closes } = takeAll(first);
  for (const replies of answerCalls(storage, calls)) port.postMessage(replies);
  if (!closes) return;
  storage.close();
  port.close(); // the last thing that kept this thread alive
});

try {
  storage.open();
} catch {
  // Each call tries again and says what is wrong.
}

/** Everything that waits at the port, the first message included. */
function takeAll(first: WorkerRequest): { calls: CallRequest[]; closes: boolean } {
  const calls: CallRequest[] = [];
  let closes = false;
  for (let request: WorkerRequest | undefined = first; request; request = receiveMessageOnPort(parentPort as NonNullable<typeof parentPort>)?.message as WorkerRequest | undefined) {
    if ('close' in request) closes = true;
    else calls.push(...request.calls);
  }
  return { calls, closes };
}
