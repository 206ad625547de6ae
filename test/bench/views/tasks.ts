// The tasks of a page's main thread, from the browser's own trace: each by the clock, and how long the processor was at it. On a
// machine that does other things as well, the first is longer by what those took; the second is not.
import type { Browser } from 'playwright-core';

export interface LongestTasks {
  wallMs: number;
  processorMs: number;
}

/** An event of a trace, as far as it is of interest here; times in microseconds. */
interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  dur?: number;
  tdur?: number;
  args?: { name?: string };
}

/** The longest tasks, of either kind, while the work is done. */
export async function longestTasks(browser: Browser, work: () => Promise<void>): Promise<LongestTasks> {
  await browser.startTracing(undefined, { categories: ['toplevel'] });
  await work();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const tasks = tasksOfBusiest(traceEvents);
  return { wallMs: longest(tasks, 'dur'), processorMs: longest(tasks, 'tdur') };
}

/** Of several pages' main threads, the one that was at work. */
function tasksOfBusiest(events: readonly TraceEvent[]): readonly TraceEvent[] {
  const byThread = new Map<string, TraceEvent[]>();
  for (const { name, ph, pid, tid, args } of events)
    if (ph === 'M' && name === 'thread_name' && args?.name === 'CrRendererMain') byThread.set(`${pid} ${tid}`, []);
  for (const event of events)
    if (event.ph === 'X' && event.name.endsWith('RunTask')) byThread.get(`${event.pid} ${event.tid}`)?.push(event);
  const sum = (tasks: readonly TraceEvent[]): number => tasks.reduce((all, { tdur = 0 }) => all + tdur, 0);
  return [...byThread.values()].sort((one, other) => sum(other) - sum(one))[0] ?? [];
}

function longest(tasks: readonly TraceEvent[], of: 'dur' | 'tdur'): number {
  return tasks.reduce((most, task) => Math.max(most, task[of] ?? 0), 0) / 1000;
}
