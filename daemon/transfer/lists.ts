// Reads a file that is a list of messages, or has a line for each: one after another, so that no more than one of them is held with its images. A file that
// ends in the middle is read up to there.
import { parseCut } from './cut-json.ts';
import { elementsOf } from './elements.ts';
import { UnreadableChat } from './error.ts';
import { maxChatLength, piecesOf, plainSize } from './files.ts';
import { parse } from './untrusted.ts';

export interface ReadList<T> {
  items: readonly T[];
  /** Whether the file ends in the middle. */
  isCut: boolean;
}

/** The messages of a list at the root, or under `messages`. Undefined where there is no such file. Throws what aborted the signal. */
export async function listIn<T>(
  path: string,
  read: (value: unknown, index: number) => T,
  signal: AbortSignal,
): Promise<ReadList<T> | undefined> {
  const items: T[] = [];
  try {
    await plainSize(path);
    let isCut = false;
    for await (const element of elementsOf(piecesOf(path, { signal }), { key: 'messages', maxLength: maxChatLength })) {
      if ('problem' in element) isCut = true;
      const text = 'beginning' in element ? element.beginning : 'text' in element && element.text;
      if (text) items.push(read(parseCut(text).value, items.length));
    }
    return { items, isCut };
  } catch (error) {
    if (error instanceof UnreadableChat) return items.length > 0 ? { items, isCut: true } : undefined;
    throw error;
  }
}

/** Hands each line of a file on as a value. Returns how many lines are no JSON, but for the last, and whether the last one is cut. */
export async function linesIn(
  path: string,
  add: (value: unknown) => void,
  signal: AbortSignal,
): Promise<{ unreadable: number; isCut: boolean }> {
  await plainSize(path);
  let unreadable = 0;
  let isCut = false;
  const read = (line: string): void => {
    if (line.trim() === '') return;
    unreadable += isCut ? 1 : 0;
    try {
      add(parse(line));
      isCut = false;
    } catch (error) {
      if (!(error instanceof UnreadableChat)) throw error;
      isCut = true;
    }
  };
  let rest: string[] = [];
  let length = 0;
  for await (const piece of piecesOf(path, { signal })) {
    const lines = piece.split('\n');
    for (const [index, line] of lines.entries()) {
      length += line.length;
      rest = length > maxChatLength ? ['too long to be JSON'] : [...rest, line];
      if (index === lines.length - 1) break;
      read(rest.join(''));
      [rest, length] = [[], 0];
    }
  }
  read(rest.join(''));
  return { unreadable, isCut };
}
