// A list of problems quotes the files it is about. Lines about files that are kept from models don't go into a question, whoever made
// the list.
import { basename, dirname, isAbsolute, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { toPath } from '../../base/uri.ts';
import type { ModelGate } from '../../ignore/gate.ts';

interface ProblemsAttachment {
  kind: string;
  text: string;
}

interface ReadableAttachments<A> {
  attachments: A[];
  /** A sentence for the user where something was left out. */
  notes: string[];
}

/** Problems are a line each, `PATH:LINE:COLUMN: …` or `PATH:LINE: …`. Other attachments stay as they are. */
export async function withoutKeptProblems<A extends ProblemsAttachment>(
  attachments: readonly A[],
  roots: readonly string[],
  gate: Pick<ModelGate, 'refusal'>,
): Promise<ReadableAttachments<A>> {
  const readable: A[] = [];
  let left = 0;
  for (const attachment of attachments) {
    if (attachment.kind !== 'problems') {
      readable.push(attachment);
      continue;
    }
    const lines = attachment.text.split('\n');
    const kept = await keptLines(lines, roots, gate);
    left += kept.filter((isKept, i) => isKept && pathOf(lines[i]) !== undefined).length;
    const text = lines.filter((_, i) => !kept[i]).join('\n');
    if (text.trim() !== '') readable.push({ ...attachment, text });
  }
  const what = left === 1 ? '1 problem was' : `${left} problems were`;
  return {
    attachments: readable,
    notes: left === 0 ? [] : [`${what} left out because an ignore file or rule keeps the file from models.`],
  };
}

/** For each line whether it is about a file that is kept. One that names no file goes on with the one before it. */
async function keptLines(
  lines: readonly string[],
  roots: readonly string[],
  gate: Pick<ModelGate, 'refusal'>,
): Promise<boolean[]> {
  const known = new Map<string, boolean>();
  const kept: boolean[] = [];
  for (const line of lines) {
    const path = pathOf(line);
    if (path === undefined) {
      kept.push(kept.at(-1) ?? false);
      continue;
    }
    let isKept = known.get(path);
    if (isKept === undefined) {
      const refusals = await Promise.all(urisOf(path, roots).map((uri) => gate.refusal(uri, roots, "wasn't attached")));
      isKept = refusals.some((sentence) => sentence !== undefined);
      known.set(path, isKept);
    }
    kept.push(isKept);
  }
  return kept;
}

function pathOf(line: string | undefined): string | undefined {
  return /^(.+?):\d+(?::\d+)?: /.exec(line ?? '')?.[1];
}

/** Where the file may be. With several folders, editors begin a path with the folder's name. */
function urisOf(path: string, roots: readonly string[]): string[] {
  if (/^[a-z][a-z\d+.-]+:/i.test(path)) return [path];
  if (isAbsolute(path)) return [pathToFileURL(path).href];
  const folders = roots.flatMap((root) => toPath(root) ?? []);
  const first = path.split(/[\\/]/, 1)[0];
  const named = folders.filter((folder) => basename(folder) === first).map((folder) => dirname(folder));
  const found = [...folders, ...named].map((folder) => pathToFileURL(join(folder, path)).href);
  return found.length > 0 ? found : [`untitled:${path}`];
}
