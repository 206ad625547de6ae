// Node's own aids for finding faults (reports, snapshots of the heap, the debugger) write down or show what a process remembers.
// A process that knows keys, prompts or chats has them off, whatever the environment it was started in asks for.

/** For a process's own start: what can be switched off while it runs. */
export function forbidReports(): void {
  if (process.platform !== 'win32') process.on('SIGUSR1', () => {}); // without a listener, Node opens a debugger's port
  if (!process.report) return;
  process.report.reportOnFatalError = false;
  process.report.reportOnSignal = false;
  process.report.reportOnUncaughtException = false;
}

const takesValue =
  /^--(diagnostic-dir|report-dir(ectory)?|report-filename|report-signal|heapsnapshot-signal|heapsnapshot-near-heap-limit)$/;
const forbidden =
  /^--(inspect|report|heapsnapshot|heap-prof|cpu-prof|diagnostic-dir|debug-port|abort-on-uncaught-exception)(-[-\w]*)?(=.*)?$/;

/** Options of Node for a daemon: without those that would write its memory into a file, or open it to a debugger. */
export function withoutDiagnostics(options: readonly string[]): string[] {
  return options.filter(
    (option, i) => !forbidden.test(option) && (option.startsWith('-') || !takesValue.test(options[i - 1] ?? '')),
  );
}
