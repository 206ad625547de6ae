// What an undo of single hunks writes: the file as it is, with what stood there before the run in place of those hunks.
import { join } from 'node:path';
import { bytesAt, decoded, textRevisions } from './changes.ts';
import { idOf } from './disk-state.ts';
import type { PathHistory } from './history.ts';
import { hunksBetween, withoutHunks } from './hunks.ts';
import { movedOn } from './kept-hunks.ts';
import type { UndoPlan } from './plan-undo.ts';
import type { Restoration } from './restore.ts';
import type { Shadow } from './shadow.ts';

export interface HunkPlan extends UndoPlan {
  /** What is written and was never there before, by its id. */
  contents: ReadonlyMap<string, Buffer>;
}

interface Rewrite {
  restoration: Restoration;
  content?: Buffer;
}

const alsoOthers =
  'Lines of this change were also changed by you or another program, so they stay as they are. Edit them in your editor.';
const notText = "It isn't text, so it can only be undone as a whole.";
const byteOrderMark = Buffer.from('\uFEFF');

/** A file of which one hunk can't be undone stays whole, and is a conflict. */
export async function planHunks(
  shadow: Shadow,
  histories: readonly PathHistory[],
  ids: readonly string[],
): Promise<HunkPlan> {
  const plan: UndoPlan = { restorations: [], conflicts: [] };
  const contents = new Map<string, Buffer>();
  for (const history of histories) {
    const { path } = history;
    const rewrite = await rewriteOf(shadow, history, new Set(ids));
    if (typeof rewrite === 'string') {
      plan.conflicts.push({ path, why: rewrite });
      continue;
    }
    const { restoration, content } = rewrite;
    plan.restorations.push(restoration);
    if (content && restoration.wanted) contents.set(restoration.wanted.id, content);
  }
  return { ...plan, contents };
}

/** Or why not, in a sentence. */
async function rewriteOf(shadow: Shadow, history: PathHistory, ids: ReadonlySet<string>): Promise<Rewrite | string> {
  const { path, before, after } = history;
  if (before?.kind === 'link' || after?.kind === 'link') return notText;
  const was = before ? (await shadow.blobs([before.id])).get(before.id) : Buffer.alloc(0);
  const is = after ? await bytesAt(join(shadow.place.workTree, path)) : Buffer.alloc(0);
  const [old, now] = [was && decoded(was), is && decoded(is)];
  if (old === undefined || now === undefined || !is) return notText;
  if (after && idOf(is) !== after.id) return movedOn; // it is being written
  const hunks = hunksBetween(old, now, await textRevisions(shadow, history, now));
  const chosen = hunks.filter(({ id }) => ids.has(id));
  if (chosen.length < ids.size) return movedOn;
  if (chosen.some(({ by }) => by !== 'agent')) return alsoOthers;
  if (!before || !after) return { restoration: { path, expected: after, wanted: before } }; // all of it is one hunk
  const mark = is.subarray(0, byteOrderMark.length).equals(byteOrderMark) ? byteOrderMark : Buffer.alloc(0);
  const content = Buffer.concat([mark, Buffer.from(withoutHunks(now, hunks, ({ id }) => ids.has(id)))]);
  return { restoration: { path, expected: after, wanted: { ...after, id: idOf(content) } }, content };
}
