// What an answer changes in files, on the terminal: shown as a diff, and written when the user says so.
import { lstat, mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ChangedFile, type ChangedHunk, ChatChanges, type RefusedEdit } from '../../../shared/protocol/chat.ts';
import { RouterOutcome } from '../../../shared/protocol/router.ts';
import { replaceFile } from '../../base/disk.ts';
import { UserError } from '../../base/errors.ts';
import { replaceIn, textIn } from '../../base/snippet.ts';
import { type Ask, isYes } from './ask-trust.ts';
import type { DaemonClient } from './client.ts';
import { clean, printHint, styled } from './terminal.ts';

interface AnswerInChat {
  chatId: string;
  messageId: string;
}

/** Without somebody to ask nothing is written. Throws UserError `document-moved` where a file has changed meanwhile. */
export async function applyChanges(
  client: Pick<DaemonClient, 'call'>,
  answer: AnswerInChat,
  ask: Ask | undefined,
): Promise<void> {
  const { files, refused, decisionId } = await client.call(ChatChanges, answer);
  for (const file of files) printChanges(file);
  for (const edit of refused) process.stderr.write(`${clean(reasonOf(edit))}\n`);
  if (files.length === 0) {
    if (refused.length === 0) process.stderr.write('The answer changes no file of this folder.\n');
    return;
  }
  if (!ask) {
    printHint('To write these changes, run this at a terminal, where it can ask.');
    return;
  }
  const count = files.length === 1 ? '1 file' : `${files.length} files`;
  const isWanted = isYes(await ask(`Write these changes to ${count}? [y/n] `));
  if (isWanted) {
    const written = await Promise.all(files.map(textAfter)); // all of them, before any is written
    for (const { file, text } of written) await writeText(file, text);
  }
  if (decisionId !== undefined) await client.call(RouterOutcome, { decisionId, keptEdit: isWanted }).catch(() => {});
}

/** `notes`: what is said of each hunk, behind its place. */
export function printChanges(
  { path, isNew, hunks }: Pick<ChangedFile, 'path' | 'isNew' | 'hunks'>,
  notes: readonly (readonly string[])[] = [],
): void {
  const line = (text: string, style: 'bold' | 'green' | 'red' | 'dim'): void => {
    process.stdout.write(`${styled(process.stdout, style, clean(text))}\n`);
  };
  line(isNew ? `${path} (new)` : path, 'bold');
  for (const [at, { range, oldText, newText }] of hunks.entries()) {
    line([`@@ line ${range.start.line + 1} @@`, ...(notes[at] ?? [])].join('  '), 'dim');
    for (const each of linesOf(oldText)) line(`-${each}`, 'red');
    for (const each of linesOf(newText)) line(`+${each}`, 'green');
  }
}

export function linesOf(text: string): string[] {
  return text.split(/\r\n|\r|\n/).filter((line, at, all) => line !== '' || at < all.length - 1);
}

function reasonOf({ path, why }: RefusedEdit): string {
  return path === undefined ? why : `${path}: ${why}`;
}

const byteOrderMark = '\uFEFF';

async function textAfter(file: ChangedFile): Promise<{ file: ChangedFile; text: string }> {
  const bytes = file.isNew ? Buffer.alloc(0) : await readFile(fileURLToPath(file.uri)).catch(() => undefined);
  const text = bytes && decoded(bytes);
  const mark = text?.startsWith(byteOrderMark) ? byteOrderMark : '';
  const before = text?.slice(mark.length);
  if (before === undefined || !file.hunks.every((hunk) => isAsRead(hunk, before)))
    throw new UserError('document-moved', `${file.path} changed in the meantime, so nothing was written. Ask again.`, {
      retryable: true,
    });
  return { file, text: mark + file.hunks.toReversed().reduce((each, hunk) => replaceIn(each, hunk), before) };
}

/** Undefined where it is not UTF-8: written again it would be another text. */
function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function isAsRead({ range, oldText }: ChangedHunk, text: string): boolean {
  return textIn(text, range) === oldText;
}

/** Follows no link: somebody may have put one there since the file was read. */
async function writeText({ uri, path, isNew }: ChangedFile, text: string): Promise<void> {
  const file = fileURLToPath(uri);
  const depth = path.split('/').length - 1;
  const root = join(dirname(file), ...Array.from({ length: depth }, () => '..'));
  if (isNew) await mkdir(dirname(file), { recursive: true });
  const isThere = (await realpath(dirname(file))) === join(await realpath(root), dirname(path));
  if (!isThere) throw throughLink(path);
  if (isNew) return writeFile(file, text, { flag: 'wx' });
  if ((await lstat(file)).isSymbolicLink()) throw throughLink(path);
  await replaceFile(file, text);
}

function throughLink(path: string): UserError {
  return new UserError('unsafe-path', `${path} goes through a symbolic link, so it wasn't written.`);
}
