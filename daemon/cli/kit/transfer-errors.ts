// Errors of a transfer as the command line's errors.
import { CancelledError, UserError } from '../../base/errors.ts';
import { TransferError } from '../../transfer/error.ts';

/** Turns a TransferError into a UserError, and an abort by Ctrl+C into CancelledError. */
export async function asUserErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TransferError) throw new UserError('transfer-failed', error.message, { cause: error });
    if ((error as { name?: unknown }).name === 'AbortError') throw new CancelledError();
    throw error;
  }
}
