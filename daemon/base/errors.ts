// Two kinds of failure: what the user can act on, and our own mistakes.
import { withoutHidden } from '../../shared/hidden-characters.ts';

/** Shown to the user exactly as written: what happened, and what to do next. */
export class UserError extends Error {
  readonly code: string;
  readonly retryable: boolean;
  constructor(code: string, message: string, options: { retryable?: boolean; cause?: unknown } = {}) {
    super(withoutHidden(message), { cause: options.cause });
    this.name = 'UserError';
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/** Thrown through every layer when the user (or a closed connection) cancelled; the server turns it into -32800. */
export class CancelledError extends Error {
  constructor() {
    super('cancelled');
    this.name = 'CancelledError';
  }
}

/** Throws CancelledError when the signal is aborted. */
export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new CancelledError();
}

export interface BugLog {
  error(fields: Record<string, unknown>, message: string): void;
}

/** Records an unexpected error under a short id that the user can quote. */
export function recordBug(error: unknown, where: string, log: BugLog): string {
  const id = crypto.randomUUID().slice(0, 8);
  log.error({ bug: id, where, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }, 'bug');
  return id;
}

/** The system's code of an error (`ENOENT`, `ENOSPC`), if it has one. */
export function errnoCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
