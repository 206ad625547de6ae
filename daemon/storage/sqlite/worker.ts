// The storage worker: a thread that owns the database, so that no query ever holds up the daemon's event loop.
// It answers calls in the order they were made, those that came while it was at work together; what takes seconds, such as a
// backup, is answered when it is done.
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { answerCalls } from './answer-calls.ts';
import type { CallReply, CallRequest, IndexedNotice, Notice, PongNotice, WorkerData, WorkerRequest } from './calls.ts';
import { type CheckpointRequest, Checkpoints, makeCheckpoints } from './checkpoints.ts';
import { SqliteEngine } from './engine.ts';
import { Housekeeping } from './housekeeping.ts';
import { createSlowThread, type SlowRequest, workSlowly } from './safety/slow-thread.ts';

const port = parentPort;
if (!port) throw new Error('the storage worker runs only as a worker thread');

const given = workerData as WorkerData | SlowRequest | CheckpointRequest;
if ('checkpoint' in given) makeCheckpoints(given, port);
else if ('verify' in given || 'prepareRestore' in given) port.postMessage(workSlowly(given));
else serve(port, given);

function serve(port: MessagePort, { database }: WorkerData): void {
  const storage = new SqliteEngine(database, {
    checkpoints: new Checkpoints({
      program: new URL(import.meta.url),
      file: database,
      onDone: () => housekeeping.wake(),
    }),
    slow: createSlowThread(new URL(import.meta.url)),
    onNotice: (notice) => port.postMessage({ notice } satisfies Notice),
    onIndexed: () => port.postMessage({ indexed: true } satisfies IndexedNotice),
  });
  const housekeeping = new Housekeeping(() => storage.step());
  const reply = (replies: CallReply[]): void => {
    port.postMessage(replies);
    housekeeping.wake();
  };
  port.on('message', (first: WorkerRequest) => {
    const { calls, closes } = takeAll(port, first);
    answerCalls(storage, calls, reply);
    if (!closes) return;
    housekeeping.stop();
    storage.end();
    port.close(); // the last thing that kept this thread alive
  });
  try {
    storage.open();
    housekeeping.wake();
  } catch {
    // Each call tries again and says what is wrong.
  }
}

/** Everything that waits at the port, the first message included. */
function takeAll(port: MessagePort, first: WorkerRequest): { calls: CallRequest[]; closes: boolean } {
  const calls: CallRequest[] = [];
  let closes = false;
  for (
    let request: WorkerRequest | undefined = first;
    request;
    request = receiveMessageOnPort(port)?.message as WorkerRequest | undefined
  ) {
    if ('close' in request) closes = true;
    else if ('ping' in request) port.postMessage({ pong: true } satisfies PongNotice);
    else calls.push(...request.calls);
  }
  return { calls, closes };
}
