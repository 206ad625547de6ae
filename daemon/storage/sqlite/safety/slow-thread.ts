// What reads a whole file runs in a thread of its own for as long as it takes, so that calls to the storage do not wait for it.
// The thread runs the worker's own program, which does this instead of serving when it is told to.
import { Worker } from 'node:worker_threads';
import type { Verification } from '../../backups.ts';
import { receiveError, type SentError, sendError, toStorageError } from '../storage-errors.ts';
import { prepareRestore } from './restore.ts';
import type { SlowWork } from './safety.ts';
import { verifyFile } from './verify.ts';

export type SlowRequest = { verify: string } | { prepareRestore: string; database: string };
type SlowReply = { verified: Verification } | { error: SentError };

/** `program` is the worker's. */
export function createSlowThread(program: URL): SlowWork {
  return {
    verify: (file) => inThread(program, { verify: file }),
    prepareRestore: (source, database) => inThread(program, { prepareRestore: source, database }),
  };
}

/** The thread's side. */
export function workSlowly(request: SlowRequest): SlowReply {
  const file = 'verify' in request ? request.verify : request.prepareRestore;
  try {
    return { verified: 'verify' in request ? verifyFile(file) : prepareRestore(file, request.database) };
  } catch (error) {
    return { error: sendError(toStorageError(error, file)) };
  }
}

function inThread(program: URL, request: SlowRequest): Promise<Verification> {
  const { promise, resolve, reject } = Promise.withResolvers<Verification>();
  const thread = new Worker(program, { name: 'memory check', workerData: request, stdout: true });
  thread.stdout.resume(); // stdout belongs to the connection with the client
  thread.unref(); // the end of the storage is not held up
  thread.once('message', (reply: SlowReply) =>
    'error' in reply ? reject(receiveError(reply.error)) : resolve(reply.verified),
  );
  thread.once('error', reject);
  thread.once('exit', () => reject(new Error('the check ended without a result'))); // after a result this changes nothing
  return promise;
}
