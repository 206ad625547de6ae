// The storage worker, which meets a disk that does not answer when it is asked to create a chat named after a pipe: it reads the pipe,
// and so waits until somebody opens its other end.
import { readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import threads, { type MessagePort, parentPort } from 'node:worker_threads';

interface Request {
  calls?: { args: { title?: string }[] }[];
}

function meetDisk({ calls = [] }: Request): void {
  for (const { args } of calls) if (args[0]?.title?.endsWith('.pipe')) readFileSync(args[0].title);
}

// The worker also takes what waits at its port, without an event.
const { receiveMessageOnPort } = threads;
threads.receiveMessageOnPort = (port: MessagePort) => {
  const received = receiveMessageOnPort(port);
  if (received) meetDisk(received.message as Request);
  return received;
};
syncBuiltinESMExports();
parentPort?.on('message', meetDisk);
await import('../../../../../daemon/storage/sqlite/worker.ts');
