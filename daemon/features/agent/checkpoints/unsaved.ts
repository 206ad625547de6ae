// What an undo leaves alone: files of which an editor has a text that the disk never had during the run. That is the user's work, unsaved.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { plainText } from '../../../base/clean-text.ts';
import { decoded, textAt } from './changes.ts';
import type { PathDifference } from './differences.ts';
import type { UndoPlan } from './plan-undo.ts';
import type { Restoration } from './restore.ts';
import type { Shadow } from './shadow.ts';

/** The texts of a file in the editors that have it open. */
export type OpenTexts = (uri: string) => readonly string[];

interface UnsavedCheck {
  shadow: Shadow;
  /** What each step changed. An editor that hasn't read the file again still has a text of one of them. */
  steps: readonly (readonly PathDifference[])[];
  openTexts: OpenTexts;
}

const unsaved = 'It has unsaved changes in an editor, so it stays as it is. Discard them, and undo it again.';

/** The plan without files that somebody has unsaved: each of them is a conflict. */
export async function withoutUnsaved(plan: UndoPlan, check: UnsavedCheck): Promise<UndoPlan> {
  const left: UndoPlan = { restorations: [], conflicts: [...plan.conflicts] };
  for (const restoration of plan.restorations)
    if (await isUnsaved(restoration, check)) left.conflicts.push({ path: restoration.path, why: unsaved });
    else left.restorations.push(restoration);
  return left;
}

async function isUnsaved({ path }: Restoration, { shadow, steps, openTexts }: UnsavedCheck): Promise<boolean> {
  const full = join(shadow.place.workTree, path);
  const open = openTexts(pathToFileURL(full).href);
  if (open.length === 0) return false;
  const states = steps.flat().filter((each) => each.path === path);
  const ids = states.flatMap(({ before, after }) => [before, after].flatMap((state) => state?.id ?? []));
  const kept = [...(await shadow.blobs(ids)).values()].map(decoded);
  const known = new Set([...kept, await textAt(full), ''].map((text) => text && plainText(text)));
  return open.some((text) => !known.has(plainText(text)));
}
