// A change set: what a chat answer would change in the files of the folders that are worked in, hunk by hunk, and why an edit of it is
// none. Nothing is written here.
import { editsIn, type SaidEdit } from '../../../shared/edits/answer-edits.ts';
import { languageOf } from '../../../shared/language.ts';
import { cleanMessage } from '../../base/clean-text.ts';
import { throwIfCancelled } from '../../base/errors.ts';
import type { Snippet } from '../../base/snippet.ts';
import { toPath } from '../../base/uri.ts';
import { readText } from '../../code-index/walk.ts';
import type { Ignore } from '../../ignore/ignore.ts';
import { type ConfinedFile, confine } from './confined-path.ts';
import { changesOf, type FileDeps } from './file-changes.ts';
import type { Hunk } from './text-lines.ts';

interface ChangeSetRequest {
  answer: string;
  /** The folders that are worked in, as URIs. */
  roots: readonly string[];
  /** Files that the model was shown, as URIs. */
  shown: readonly string[];
  /** A document as its editor has it. */
  openDocument(uri: string): Snippet | undefined;
  signal: AbortSignal;
}

interface ChangedFile {
  uri: string;
  /** From its folder. */
  path: string;
  /** The client's version; `null` where no editor has it open. */
  version: number | null;
  isNew: boolean;
  /** In the order of the lines; each can be used without the others. */
  hunks: Hunk[];
}

interface RefusedEdit {
  path?: string;
  /** A sentence. */
  why: string;
  /** The first of its lines. */
  excerpt?: string;
}

interface ChangeSet {
  files: ChangedFile[];
  refused: RefusedEdit[];
}

/** Lives as long as the daemon. */
export interface ChangeSets {
  /** Throws CancelledError. */
  read(request: ChangeSetRequest): Promise<ChangeSet>;
}

const maxFiles = 100;

export function createChangeSets({ ignore, ...deps }: FileDeps & { ignore: Ignore }): ChangeSets {
  return {
    async read({ answer, roots: folders, shown, openDocument, signal }) {
      const roots = folders.flatMap((root) => toPath(root) ?? []);
      const { edits, unusable } = editsIn(answer);
      const refused = unusable.map(({ path, why }) => refusal(path, why));
      const files = new Map<string, { file: ConfinedFile; said: SaidEdit[] }>();
      for (const [path, said] of Map.groupBy(edits, (edit) => edit.path)) {
        throwIfCancelled(signal);
        const place = await confine(path, { roots, shown, ignore });
        const why = 'why' in place ? place.why : undefined;
        const isTooMany = 'file' in place && files.size >= maxFiles && !files.has(place.file.uri);
        if (why !== undefined) refused.push(refusal(path, why));
        else if (isTooMany) refused.push(refusal(path, `is for one of more than ${maxFiles} files`));
        else if ('file' in place) {
          const known = files.get(place.file.uri);
          if (known) known.said.push(...said);
          else files.set(place.file.uri, { file: place.file, said: [...said] });
        }
      }
      const changed: ChangedFile[] = [];
      for (const { file, said } of files.values()) {
        const snippet = await snippetOf(file, openDocument);
        if (!snippet) {
          refused.push(refusal(file.path, "is for a file that isn't text, or is too large"));
          continue;
        }
        const { hunks, refused: unplaced } = await changesOf(said, snippet, { ...deps, signal });
        refused.push(...unplaced.map(({ edit, why }) => refusal(file.path, why, excerptOf(edit))));
        const { uri, path, isNew } = file;
        if (hunks.length > 0) changed.push({ uri, path, version: snippet.version, isNew, hunks });
      }
      return { files: changed, refused };
    },
  };
}

async function snippetOf(
  { uri, root, path, isNew }: ConfinedFile,
  openDocument: ChangeSetRequest['openDocument'],
): Promise<Snippet | undefined> {
  const open = openDocument(uri);
  if (open) return open;
  const text = isNew ? '' : await readText(root, path);
  return text === undefined ? undefined : { uri, languageId: languageOf(path, text), version: null, text };
}

const maxShownChars = 80;

function refusal(path: string | undefined, why: string, excerpt = ''): RefusedEdit {
  return {
    ...(path !== undefined && { path: cleanMessage(path, maxShownChars * 2) }),
    why: `The edit ${why}.`,
    ...(excerpt !== '' && { excerpt: cleanMessage(excerpt, maxShownChars) }),
  };
}

function excerptOf(edit: SaidEdit): string {
  const lines = edit.kind === 'code' ? edit.code.split('\n') : [...edit.new, ...edit.old];
  return lines.find((line) => /\w/.test(line)) ?? '';
}
