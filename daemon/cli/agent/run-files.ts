// What a run changed in files, on the terminal: with the id of each change, by which it's kept or undone.
import type { AgentChangedFile } from '../../../shared/protocol/agent.ts';
import { printChanges } from '../kit/answer-changes.ts';
import { shortIds } from '../kit/ids.ts';

export function printRunFiles(files: readonly AgentChangedFile[]): void {
  const ids = files.flatMap(({ hunks }) => hunks.map(({ id }) => id));
  const short = new Map(shortIds(ids).map((id, at) => [ids[at], id]));
  for (const file of files) {
    const notes = file.hunks.map(({ id, by, isKept }) => [
      short.get(id) ?? id,
      ...authors[by],
      ...(isKept ? ['kept'] : []),
    ]);
    printChanges({ ...file, path: file.isDeleted ? `${file.path} (deleted)` : file.path }, notes);
  }
}

const authors = { agent: [], others: ['not by this run'], both: ['by you or another program too'] } as const;

export function fileTitle({ path, isNew, isDeleted }: AgentChangedFile): string {
  const state = isNew ? ' (new)' : '';
  return `${path}${isDeleted ? ' (deleted)' : state}`;
}
