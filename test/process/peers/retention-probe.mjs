// Loaded into a daemon with `--import`: for each line on its stdin it counts the objects that are alive, and writes that as a line.
import { queryObjects } from 'node:v8';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  process.stdin.on('data', () => {
    const counts = { objects: queryObjects(Object), signals: queryObjects(AbortSignal) }; // after a collection
    process.stdout.write(`${JSON.stringify(counts)}\n`);
  });
  process.stdin.unref();
}
