// Which repository a folder is in, as far as files say. Git itself is not asked.
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The repository around a folder, since one package of it may be open alone; else the folder itself. */
export function repositoryOf(folder: string): string {
  for (let above = folder; ; above = dirname(above)) {
    const git = statSync(join(above, '.git'), { throwIfNoEntry: false });
    // A repository of another user does not count: a user who can write to a folder above ours could plant one there.
    if (git) return process.getuid === undefined || git.uid === process.getuid() ? above : folder;
    if (above === dirname(above)) return folder;
  }
}
