// Converts what a transfer throws into the errors that every command of the extension shows.
import { TransferError } from '../../daemon/transfer/error.ts';
import { DaemonError } from '../daemon-client.ts';

/** Throws DaemonErrors: with the sentence for what is wrong with a file, or `cancelled`. */
export async function asDaemonErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TransferError) throw new DaemonError('transfer-failed', error.message);
    if ((error as { name?: unknown }).name === 'AbortError') throw new DaemonError('cancelled', 'Cancelled.');
    throw error;
  }
}
