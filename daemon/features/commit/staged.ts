// What a commit would take from the index: each file with the kind of its change and its diff. What isn't staged is in none of it.
import type { Ignore } from '../../ignore/ignore.ts';
import { diffBetween, shownDiffs } from '../pipeline/changes/git-diff.ts';
import { fileDiffsOf, pathsInFileDiff } from '../pipeline/changes/parse-diff.ts';

export type ChangeKind = 'added' | 'deleted' | 'renamed' | 'changed';

export interface StagedFile {
  /** In the repository, after the change. */
  path: string;
  formerPath?: string;
  kind: ChangeKind;
  addedLines: number;
  removedLines: number;
  /** What a model may read; of a file that is kept from models its name alone. */
  shown: string;
}

/** `root` is the repository's folder. Throws UserError `no-diff`; CancelledError. */
export async function stagedFiles(
  root: string,
  { ignore, signal }: { ignore: Ignore; signal: AbortSignal },
): Promise<StagedFile[]> {
  const diff = await diffBetween(['--cached'], root, signal);
  const shown = await shownDiffs(diff, root, ignore);
  return fileDiffsOf(diff).map((fileDiff, index) => stagedFile(fileDiff, shown[index] ?? ''));
}

function stagedFile(fileDiff: string, shown: string): StagedFile {
  const at = fileDiff.search(/^@@ /m);
  const head = at < 0 ? fileDiff : fileDiff.slice(0, at);
  const body = at < 0 ? '' : fileDiff.slice(at);
  const paths = pathsInFileDiff(fileDiff);
  const kind = kindOf(head);
  const formerPath = kind === 'renamed' ? paths.at(-2) : undefined;
  return {
    path: paths.at(-1) ?? '',
    ...(formerPath !== undefined && { formerPath }),
    kind,
    addedLines: body.match(/^\+/gm)?.length ?? 0,
    removedLines: body.match(/^-/gm)?.length ?? 0,
    shown,
  };
}

function kindOf(head: string): ChangeKind {
  if (/^new file mode /m.test(head)) return 'added';
  if (/^deleted file mode /m.test(head)) return 'deleted';
  return /^rename to /m.test(head) ? 'renamed' : 'changed';
}
