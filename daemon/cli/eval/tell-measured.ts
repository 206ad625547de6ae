// The end of a measurement: its result, also where Ctrl+C or a failure ended it before its last task.
import type { ExitCode } from '../kit/command.ts';
import { reportFailure } from '../kit/failure.ts';
import { printJson, printLine } from '../kit/terminal.ts';

interface Measurement {
  json: boolean;
  /** How many were measured, of how many. */
  done(): number;
  of: number;
  /** The JSON document. */
  summary(): object;
  /** Prints it for people. */
  print(): void;
}

/** Awaits the work and tells what it measured; then, as any command does, why it ended early. */
export async function tellMeasured(work: Promise<void>, measured: Measurement): Promise<ExitCode> {
  let failure: unknown;
  const isWhole = await work.then(
    () => true,
    (error: unknown) => {
      failure = error;
      return false;
    },
  );
  if (measured.done() === 0 && !isWhole) throw failure;
  if (measured.json) {
    if (!isWhole) return reportFailure(failure, { wantsJson: true, done: measured.summary() });
    printJson(measured.summary());
    return 0;
  }
  if (!isWhole) printLine(`\nStopped after ${measured.done()} of ${measured.of}.`);
  measured.print();
  return isWhole ? 0 : reportFailure(failure, { wantsJson: false });
}
