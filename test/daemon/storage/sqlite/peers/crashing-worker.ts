// The storage worker, which dies without a word when it is asked to create a chat named "crash".
import { parentPort } from 'node:worker_threads';

parentPort?.on('message', ({ calls = [] }: { calls?: { args: { title?: string }[] }[] }) => {
  if (calls.some(({ args }) => args[0]?.title === 'crash')) process.exit(1); // ends the thread, not the process
});
await import('../../../../../daemon/storage/sqlite/worker.ts');
