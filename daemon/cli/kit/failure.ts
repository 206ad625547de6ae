// How a command fails: `error:` and `hint:` on stderr, a usage line last, one JSON document where --json was asked for.
import { CancelledError, UserError } from '../../base/errors.ts';
import { type ExitCode, isHinted, UsageError } from './command.ts';
import { clean, printJson } from './terminal.ts';

export interface FailureStyle {
  wantsJson: boolean;
  /** Of the command, where there is one. */
  usage?: string | undefined;
  /** What the JSON document tells beside the failure: what was done before. */
  done?: object;
}

interface Failure {
  /** Of a UserError its own. */
  code: string;
  message: string;
  hint?: string | undefined;
  exitCode: ExitCode;
  retryable: boolean;
  /** Of a mistake of ours: where it is. */
  stack?: string | undefined;
}

/** Prints what went wrong, and returns the code to exit with. */
export function reportFailure(error: unknown, { wantsJson, usage, done }: FailureStyle): ExitCode {
  const { stack, exitCode, ...failure } = failureOf(error);
  if (wantsJson) printJson({ ...done, error: { ...failure, exitCode } });
  const lines = [
    `error: ${failure.message}`,
    failure.hint && `hint: ${failure.hint}`,
    stack,
    exitCode === 2 && `Usage: switchyard ${usage ?? 'COMMAND [OPTIONS] (see `switchyard --help`)'}`,
  ].filter((line): line is string => typeof line === 'string');
  // After Ctrl+C nothing went wrong.
  const told = exitCode === 130 ? [failure.hint ?? ''].filter((line) => line !== '') : lines;
  for (const line of told) process.stderr.write(`${clean(line)}\n`);
  return exitCode;
}

function failureOf(error: unknown): Failure {
  const hint = isHinted(error) ? error.hint : undefined;
  if (error instanceof CancelledError || (error as { name?: unknown }).name === 'AbortError')
    return { code: 'cancelled', message: 'Stopped with Ctrl+C.', hint, exitCode: 130, retryable: true };
  if (error instanceof UsageError)
    return { code: 'usage', message: error.message, hint, exitCode: 2, retryable: false };
  if (error instanceof UserError)
    return { code: error.code, message: error.message, hint, exitCode: 3, retryable: error.retryable };
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return {
    code: 'internal',
    message: `Something went wrong inside Switchyard: ${message}`,
    hint: 'This is a bug. Please report it with the lines below.',
    exitCode: 3,
    retryable: false,
    stack: stack?.split('\n').slice(1).join('\n'),
  };
}
