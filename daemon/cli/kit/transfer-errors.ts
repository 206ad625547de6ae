// What a transfer throws, as the command line tells it.
import { CancelledError, UserError } from '../../base/errors.ts';
import { TransferError } from '../../transfer/error.ts';

/** Throws UserError for what is wrong with a file, and CancelledError for what Ctrl+C ended. */
export async function asUserErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TransferError) throw new UserError('transfer-failed', error.message, { cause: error });
    if ((error as { name?: unknown }).name === 'AbortError') throw new CancelledError();
    throw error;
  }
}
