// Looks at the repository that is named in every way that the daemon does: its changes, staged and not, and by what it is known.
import { gitDiff } from '../../../../daemon/features/pipeline/changes/git-diff.ts';
import { folderOf } from '../../../../daemon/features/profiles/folder.ts';

const [root = '', env = ''] = process.argv.slice(2);
Object.assign(process.env, JSON.parse(env));
const { signal } = new AbortController();
for (const which of ['unstaged', 'staged'] as const) await gitDiff(which, { root }, signal).catch(() => {});
await folderOf(root);
