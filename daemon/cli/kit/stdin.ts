// What is piped or redirected into a command.
import { fstatSync } from 'node:fs';
import { addAbortSignal } from 'node:stream';
import { CancelledError, UserError } from '../../base/errors.ts';
import { Waiting } from './waiting.ts';

/** All of stdin as text. Undefined where nothing is piped in: a terminal, /dev/null, a closed stdin. */
export async function readPiped(maxCharacters: number): Promise<string | undefined> {
  return isPiped() ? await readStdin(maxCharacters) : undefined;
}

/** All of stdin as text. Throws UserError where it is too long or not a text, and CancelledError after Ctrl+C. */
export async function readStdin(maxCharacters: number): Promise<string> {
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort();
  process.once('SIGINT', interrupt);
  using _waiting = new Waiting('the end of standard input');
  try {
    return await readText(addAbortSignal(interrupted.signal, process.stdin), maxCharacters);
  } catch (error) {
    throw interrupted.signal.aborted ? new CancelledError() : error;
  } finally {
    process.off('SIGINT', interrupt);
  }
}

function isPiped(): boolean {
  if (process.stdin.isTTY) return false;
  try {
    return !fstatSync(0).isCharacterDevice();
  } catch {
    return false;
  }
}

async function readText(stream: NodeJS.ReadStream, maxCharacters: number): Promise<string> {
  let text = '';
  stream.setEncoding('utf8');
  for await (const piece of stream) {
    text += piece;
    if (text.length > maxCharacters)
      throw new UserError(
        'too-long',
        `Standard input has more than ${maxCharacters.toLocaleString('en-US')} characters. Pipe in only the part that matters.`,
      );
  }
  if (text.includes('\0')) throw new UserError('not-text', "Standard input isn't text.");
  return text.replace(/^\ufeff/, '');
}
