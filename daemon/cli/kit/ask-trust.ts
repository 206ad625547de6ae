// Asks at a terminal, once for each folder, whether the tools of a project may run; elsewhere a hint says how to allow it.
import { createInterface } from 'node:readline/promises';
import { TrustList, TrustSet } from '../../../shared/protocol/trust.ts';
import { CancelledError } from '../../base/errors.ts';
import { shellWord } from '../../base/paths.ts';
import { toPath } from '../../base/uri.ts';
import type { DaemonClient } from './client.ts';
import { clean, printHint } from './terminal.ts';

/** Puts a question to the user. Throws CancelledError where they leave, and when `signal` is aborted. */
export type Ask = (question: string, signal?: AbortSignal) => Promise<string>;

/**
 * Settles the trust of what is reviewed before it is. Without somebody to ask, a folder of which nothing was said stays untrusted.
 * Returns the folders of which nobody has said anything yet.
 */
export async function settleTrust(
  client: Pick<DaemonClient, 'call'>,
  uris: readonly string[],
  ask: Ask | undefined,
): Promise<string[]> {
  const undecided: string[] = [];
  const told = new Set<string>();
  for (const uri of uris) {
    const { asked } = await client.call(TrustList, { uri });
    if (!asked || asked.trusted !== undefined || told.has(asked.root)) continue;
    told.add(asked.root);
    const folder = toPath(asked.root) ?? asked.root;
    const answer = ask ? await ask(questionFor(folder)) : '';
    const trusted = isYes(answer);
    if (trusted || /^no?$/i.test(answer.trim())) await client.call(TrustSet, { root: asked.root, trusted });
    else undecided.push(folder);
  }
  return undecided;
}

export function isYes(answer: string): boolean {
  return /^y(es)?$/i.test(answer.trim());
}

/** Says how folders are trusted, when their review is over. */
export function hintAtTrust(folders: readonly string[]): void {
  for (const folder of folders)
    printHint(`To run this folder's own linters, trust it with \`switchyard trust ${shellWord(folder)}\`.`);
}

function questionFor(folder: string): string {
  return `Do you trust the files in ${clean(folder)}? Its linters and their configuration can run any code. [y/n] `;
}

/** Undefined where nobody is at a terminal. */
export function askAtTerminal(): Ask | undefined {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  return async (question, signal) => {
    const prompt = createInterface({ input: process.stdin, output: process.stderr });
    const ended = new AbortController();
    for (const event of ['SIGINT', 'close']) prompt.once(event, () => ended.abort());
    try {
      return await prompt.question(question, { signal: AbortSignal.any([ended.signal, ...(signal ? [signal] : [])]) });
    } catch {
      throw new CancelledError();
    } finally {
      prompt.close();
    }
  };
}
