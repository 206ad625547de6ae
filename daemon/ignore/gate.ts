// The one check of what leaves for a model: attachments, reviews, fixes and actions ask it by the URI of their text, before a prompt is made.
import { realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { posix } from 'node:path';
import { UserError } from '../base/errors.ts';
import { isInside } from '../base/paths.ts';
import { toPath } from '../base/uri.ts';
import type { Ignore } from './ignore.ts';

/** Lives as long as the daemon. */
export interface ModelGate {
  /**
   * The sentence that says why no model may see the text of a URI, given the folders (as URIs) that its client works in. Undefined where
   * a model may see it. `left` says what was not done: `was not attached`.
   */
  refusal(uri: string, roots: readonly string[], left: string): Promise<string | undefined>;
  /** Throws UserError `ignored-file` with that sentence. */
  refuseKept(uri: string, roots: readonly string[], left: string): Promise<void>;
}

export function createModelGate(ignore: Pick<Ignore, 'isIgnored'>): ModelGate {
  async function refusal(uri: string, roots: readonly string[], left: string): Promise<string | undefined> {
    const { path, isWhole } = namedBy(uri);
    const root = isWhole ? await rootOf(path, roots) : tmpdir(); // of a name alone only the name is judged
    const { ignored, by } = await ignore.isIgnored(path, root);
    if (!ignored) return undefined;
    return `${path} ${left}: ${by ?? 'an ignore file'} keeps it from models. Choose another file, or change that rule.`;
  }
  return {
    refusal,
    async refuseKept(uri, roots, left) {
      const sentence = await refusal(uri, roots, left);
      if (sentence !== undefined) throw new UserError('ignored-file', sentence);
    },
  };
}

/**
 * The path that a URI of any scheme names (`file:`, `git:`, a notebook's cell), however it is spelled. Of `dropped:` and `untitled:` only
 * a name is known, and then it is not whole.
 */
function namedBy(uri: string): { path: string; isWhole: boolean } {
  const asFile = toPath(uri);
  if (asFile !== undefined) return { path: asFile, isWhole: true };
  const written = URL.canParse(uri) ? new URL(uri).pathname : uri;
  const decoded = decode(written);
  const path = toPath(`file://${written}`);
  if (written.startsWith('/') && path !== undefined) return { path, isWhole: true };
  return { path: posix.basename(decoded.replaceAll('\\', '/')) || decoded, isWhole: false };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The outermost of the folders that hold the path, by name or behind links. Undefined where none does. */
async function rootOf(path: string, roots: readonly string[]): Promise<string | undefined> {
  const folders = roots.flatMap((root) => toPath(root) ?? []).toSorted((a, b) => a.length - b.length);
  const named = folders.find((folder) => isInside(path, folder));
  if (named !== undefined) return named;
  const real = await realOf(path);
  for (const folder of folders) if (isInside(real, await realOf(folder))) return folder;
  return undefined;
}

function realOf(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}
