// Loaded into a process with `--import`: tells how late its event loop is and what it holds, a line of JSON a second, in a file.
// Usage: PROBE_FILE=FILE node --import probe.mjs PROGRAM. Threads of the process are not looked at.
import { appendFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const file = process.env.PROBE_FILE;
delete process.env.PROBE_FILE; // the processes that it starts are not looked at either
const startMs = 10_000; // what is loaded at the start delays nobody's work yet
if (isMainThread && file) {
  const [all, second] = [monitorEventLoopDelay({ resolution: 1 }), monitorEventLoopDelay({ resolution: 1 })];
  setTimeout(() => all.enable(), startMs).unref();
  second.enable();
  setInterval(() => {
    const { heapUsed, rss } = process.memoryUsage();
    const line = {
      atMs: Date.now(),
      p999Ms: all.percentile(99.9) / 1e6,
      maxMs: second.max / 1e6,
      heapMB: heapUsed / 2 ** 20,
      residentMB: rss / 2 ** 20,
    };
    second.reset();
    appendFileSync(file, `${JSON.stringify(line)}\n`);
  }, 1000).unref();
}
